// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// maxFailures is after how many failures a scenario is given up.
const maxFailures = 25

// Exploration is a scenario, and what has been lived of it.
type Exploration struct {
	Row Row

	runner   *Runner
	scenario Scenario
	prepared *world.Shoot
	wanted   Verdict
	// singles are the verdicts of cases of one fault, with their traces.
	singles []Verdict
}

// Explore lives a scenario without a fault, and then with each fault at each of its points.
func (r *Runner) Explore(ctx context.Context, scenario Scenario) (*Exploration, error) {
	e := &Exploration{Row: Row{Scenario: scenario.Name}, runner: r, scenario: scenario}
	began := clock.RealClock{}.Now()
	defer func() { e.Row.Took += clock.RealClock{}.Since(began) }()
	var err error
	if e.prepared, err = r.Prepare(ctx, scenario); err != nil {
		return nil, fmt.Errorf("preparing %s: %w", scenario.Name, err)
	}
	if e.wanted, err = r.Reference(ctx, scenario, e.prepared); err != nil {
		return nil, fmt.Errorf("living %s without a fault: %w", scenario.Name, err)
	}
	e.Row.Points = len(e.wanted.Trace)
	e.Row.Singles += e.live(ctx, singles(scenario.Name, e.wanted.Trace), func(v *Verdict) { e.singles = append(e.singles, *v) })
	// As they come, their order is that of the workers.
	slices.SortFunc(e.singles, func(a, b Verdict) int {
		return compareFaults(a.Case.Faults[0], b.Case.Faults[0])
	})
	return e, nil
}

// Crash lives each pair of lost answers and ends of the process at writes. Their exchanges with ONTAP are those that cases of one
// fault have had: to hold them against NetApp's document again would take a quarter of the time.
func (e *Exploration) Crash(ctx context.Context) error {
	began := clock.RealClock{}.Now()
	defer func() { e.Row.Took += clock.RealClock{}.Since(began) }()
	var err error
	if e.prepared, err = e.runner.prepare(ctx, e.scenario, unchecked); err != nil {
		return fmt.Errorf("preparing %s once more: %w", e.scenario.Name, err)
	}
	var crashes []Case
	for _, v := range e.singles {
		crashes = append(crashes, pairs(v.Case, v.Trace, bothCrash)...)
	}
	e.Row.Crashes += e.live(ctx, crashes, func(*Verdict) {})
	return nil
}

// live lives cases, until too many have failed, shows each verdict before it counts, and counts those it has lived.
func (e *Exploration) live(ctx context.Context, cases []Case, show func(*Verdict)) int {
	lived := 0
	e.runner.LiveAll(ctx, e.scenario, e.prepared, cases, e.wanted.End, func(v Verdict) bool {
		lived++
		show(&v)
		if v.Fired {
			e.Row.Fired++
		}
		e.Row.Worst = max(e.Row.Worst, v.Converged)
		if len(v.Problems) > 0 {
			e.Row.Failures = append(e.Row.Failures, v)
		}
		return len(e.Row.Failures) < maxFailures
	})
	return lived
}

// Draw lives as many pairs of all explorations as are asked for, drawn by a seed from those that have not been lived.
func Draw(ctx context.Context, explorations []*Exploration, count int, seed uint64) {
	source := rand.New(rand.NewPCG(seed, 0))
	type first struct {
		of *Exploration
		Verdict
	}
	var firsts []first
	for _, e := range explorations {
		for _, v := range e.singles {
			firsts = append(firsts, first{e, v})
		}
	}
	drawn := map[*Exploration][]Case{}
	known := map[string]bool{}
	for len(known) < count {
		one := firsts[source.IntN(len(firsts))]
		seconds := pairs(one.Case, one.Trace, func(a, b Kind) bool { return !bothCrash(a, b) })
		if len(seconds) == 0 {
			continue
		}
		c := seconds[source.IntN(len(seconds))]
		if !known[c.String()] {
			known[c.String()] = true
			drawn[one.of] = append(drawn[one.of], c)
		}
	}
	for _, e := range explorations {
		began := clock.RealClock{}.Now()
		e.Row.Others += e.live(ctx, drawn[e], func(*Verdict) {})
		e.Row.Took += clock.RealClock{}.Since(began)
	}
}
