// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// Verdict is what came of a life.
type Verdict struct {
	Case Case
	// There is whether it was lived on the API server of a Runner, and not on one in this process.
	There bool
	// Problems are what the oracles found, or why the life could not be lived.
	Problems []string
	// Fired is whether everything that was to go wrong did, once.
	Fired bool
	// Converged is the number of runs after the last fault.
	Converged int
	// Trace are the points until the purpose was reached, End is the end state.
	Trace []Point
	End   string
}

// Runner lives lives.
type Runner struct {
	// Directory is where files of worlds lie.
	Directory string
	// Began is the time at which each world begins. Nothing that Seed dates may be in a world's future.
	Began time.Time
	// Workers is how many lives are lived at once.
	Workers int
	// Seed is the API server on which lives are lived, each in a namespace of its own; one in this process for each where nil. The
	// shoot's own side and ONTAP are always copies in this process: what the extension leaves in a shoot belongs to no namespace.
	Seed client.WithWatch

	lives atomic.Int64
}

// Prepare prepares a scenario once for all of its lives.
func (r *Runner) Prepare(ctx context.Context, scenario Scenario) (*world.Shoot, error) {
	return r.prepare(ctx, scenario, nil)
}

// unchecked is for lives whose exchanges with ONTAP are those of other lives.
func unchecked(simulator.Exchange) []string { return nil }

func (r *Runner) prepare(ctx context.Context, scenario Scenario, inspect func(simulator.Exchange) []string) (*world.Shoot, error) {
	// The credentials of one world's ONTAP are not those of another's, and lives in it may be lived when there are others.
	directory, err := os.MkdirTemp(r.Directory, "world-")
	if err != nil {
		return nil, err
	}
	w, err := world.New(world.Options{
		Clusters: []string{"a", "b"}, Directory: directory, Began: r.Began,
		Storage: func(o *simulator.Options) {
			o.QueueDuration, o.JobDuration, o.Unserved = 700*time.Millisecond, 700*time.Millisecond, true
			o.Inspect = inspect
			o.Worsen()
		},
	})
	if err != nil {
		return nil, err
	}
	w.Transport, w.Clock.Leap = w.Sim.Transport(), leap
	if err := w.Restart(); err != nil {
		return nil, err
	}
	shoot, err := w.NewShoot(ctx, 1)
	if err == nil && scenario.prepare != nil {
		err = scenario.prepare(ctx, shoot)
	}
	return shoot, err
}

// fork begins a life where it is to be lived.
func (r *Runner) fork(ctx context.Context, prepared *world.Shoot) (*world.Shoot, error) {
	if r.Seed == nil {
		return prepared.Fork()
	}
	return prepared.ForkOnto(ctx, r.Seed, fmt.Sprintf("case-%d", r.lives.Add(1)))
}

// Live lives one life. What it should come to is the end state of one without a fault; nothing is compared where it is empty.
func (r *Runner) Live(ctx context.Context, scenario Scenario, prepared *world.Shoot, c Case, wanted string) Verdict {
	verdict := Verdict{Case: c, There: r.Seed != nil}
	shoot, err := r.fork(ctx, prepared)
	if err != nil {
		verdict.Problems = []string{fmt.Sprintf("preparing: %v", err)}
		return verdict
	}
	l, err := newLife(ctx, scenario, shoot, c.Faults)
	if err == nil {
		err = l.live(ctx)
	}
	if err == nil {
		verdict.End, err = l.endState(ctx)
	}
	if err != nil {
		verdict.Problems = []string{fmt.Sprintf("living: %v", err)}
		return verdict
	}
	verdict.Converged, verdict.Trace, verdict.Problems = l.converged, l.tape.points[:l.asked], l.problems
	if verdict.Fired = l.tape.over(); !verdict.Fired {
		verdict.Problems = append(verdict.Problems, fmt.Sprintf("NOT FIRED: %d of %d faults at %d points", len(l.tape.fired), len(c.Faults), len(l.tape.points)))
		verdict.Problems = append(verdict.Problems, l.tape.strayed...)
	}
	if text := difference(wanted, verdict.End); wanted != "" && text != "" {
		verdict.Problems = append(verdict.Problems, "END STATE: "+text)
	}
	return verdict
}

// Reference lives a scenario twice without a fault: both lives have to be the same, and blameless.
func (r *Runner) Reference(ctx context.Context, scenario Scenario, prepared *world.Shoot) (Verdict, error) {
	first := r.Live(ctx, scenario, prepared, Case{Scenario: scenario.Name}, "")
	second := r.Live(ctx, scenario, prepared, Case{Scenario: scenario.Name}, first.End)
	switch {
	case len(first.Problems) > 0:
		return first, errors.New(first.Problems[0])
	case len(second.Problems) > 0:
		return first, errors.New(second.Problems[0])
	case !slices.Equal(first.Trace, second.Trace):
		return first, errors.New("two lives without a fault have different points")
	}
	return first, nil
}

// LiveAll lives many cases of a scenario, and hands each verdict to a judge, one at a time, until he has had enough.
func (r *Runner) LiveAll(ctx context.Context, scenario Scenario, prepared *world.Shoot, cases []Case, wanted string, judge func(Verdict) bool) {
	var workers sync.WaitGroup
	var mutex sync.Mutex
	enough := false
	next := make(chan Case)
	for range r.Workers {
		workers.Go(func() {
			for c := range next {
				verdict := r.Live(ctx, scenario, prepared, c, wanted)
				verdict.End = ""
				mutex.Lock()
				enough = !judge(verdict) || enough
				mutex.Unlock()
			}
		})
	}
	for _, c := range cases {
		mutex.Lock()
		stop := enough || ctx.Err() != nil
		mutex.Unlock()
		if stop {
			break
		}
		next <- c
	}
	close(next)
	workers.Wait()
}
