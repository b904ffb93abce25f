// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// Broken lives a scenario in which somebody does what must not be: when it has been prepared, when its purpose has been
// reached, and during the rest, at each stop. It returns what the oracles found.
type Broken struct {
	Scenario               string
	Begin, Reached, Rested func(context.Context, *world.Shoot) error
	Faults                 []Fault
}

// Live returns the problems and the end state.
func (b Broken) Live(ctx context.Context, r *Runner) (problems []string, end string, err error) {
	scenario := scenarioNamed(b.Scenario)
	prepared, err := r.Prepare(ctx, scenario)
	if err != nil {
		return nil, "", err
	}
	shoot, err := prepared.Fork()
	if err != nil {
		return nil, "", err
	}
	l, err := newLife(ctx, scenario, shoot, b.Faults)
	if err != nil {
		return nil, "", err
	}
	if b.Begin != nil {
		l.scenario.phases[0].begin = b.Begin
	}
	for _, phase := range l.scenario.phases {
		if phase.begin != nil {
			if err := phase.begin(ctx, shoot); err != nil {
				return nil, "", err
			}
		}
		if err := l.await(ctx, phase); err != nil {
			return nil, "", err
		}
	}
	if b.Reached != nil {
		if err := b.Reached(ctx, shoot); err != nil {
			return nil, "", err
		}
		l.judgeStop(ctx, nil, truth{})
	}
	l.judgeMoment(ctx, "what somebody did")
	if err := l.rest(ctx); err != nil {
		return nil, "", err
	}
	if b.Rested != nil {
		if err := b.Rested(ctx, shoot); err != nil {
			return nil, "", err
		}
	}
	l.judgeCounts(ctx)
	end, err = l.endState(ctx)
	return l.problems, end, err
}

// Difference is what tells two end states apart.
var Difference = difference

func scenarioNamed(name string) Scenario {
	for _, scenario := range Scenarios() {
		if scenario.Name == name {
			return scenario
		}
	}
	return Scenario{}
}

// Unsteady is a scenario that is another one each time.
func Unsteady() Scenario {
	times := 0
	return Scenario{Name: "unsteady", phases: []phase{reconciling(func(ctx context.Context, s *world.Shoot) error {
		times++
		if times%2 == 0 {
			return nil
		}
		return wantDataLIFs("10.11.0.1", "10.12.0.1", "10.11.0.101", "10.12.0.101")(ctx, s)
	})}}
}
