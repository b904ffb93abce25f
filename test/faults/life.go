// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"errors"
	"fmt"
	"time"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"

	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

const (
	// patience is how many runs gardenlet asks for after the last fault, and quiet how many it asks for after that.
	patience = 3
	quiet    = 2
	// pause is what passes between two runs.
	pause = time.Minute
)

// life is one shoot's life through a scenario.
type life struct {
	scenario Scenario
	shoot    *world.Shoot
	tape     *tape
	ontap    *transport
	// began is the last entry of ONTAP's journal before the life, asked the number of points when its purpose was reached.
	began uint64
	asked int
	// converged is the number of runs that it took after the last fault.
	converged int
	contents  map[string]bool
	problems  []string
}

// problem notes what an oracle has found; not more of it than anybody reads.
func (l *life) problem(format string, arguments ...any) {
	if len(l.problems) < 20 {
		l.problems = append(l.problems, fmt.Sprintf(format, arguments...))
	}
}

// newLife prepares a life in a world: from then on the tape is on the way of all requests.
func newLife(ctx context.Context, scenario Scenario, shoot *world.Shoot, faults []Fault) (*life, error) {
	w := shoot.World
	l := &life{scenario: scenario, shoot: shoot, contents: map[string]bool{}}
	l.tape = newTape(faults, func(where string) { l.judgeMoment(ctx, where) })
	l.ontap = &transport{tape: l.tape, sim: w.Sim, to: w.Sim.Transport(), held: map[string]bool{}}
	entries, err := w.Sim.Journal(ctx, 0)
	if err != nil {
		return nil, err
	}
	l.began = uint64(len(entries))
	_, _ = l.seedSecret(ctx) // there need not be one
	cached := l.tape.kubernetes(Seed, true)
	w.Faults, w.FaultsCached, w.FaultsInside = l.tape.kubernetes(Seed, false), &cached, l.tape.kubernetes(Shoot, false)
	w.Transport = l.ontap
	w.Clock.Leap = func(d time.Duration) time.Duration {
		if l.tape.dead {
			return -1
		}
		return leap(d)
	}
	w.Clock.Meanwhile = func() {
		w.OthersWork()
		l.judgeMoment(ctx, "a pause")
	}
	return l, w.Restart()
}

// leap takes the jitter out of the pauses of the extension.
func leap(d time.Duration) time.Duration {
	switch {
	case d < 1500*time.Millisecond:
		return 500 * time.Millisecond
	case d < 6*time.Second:
		return 4 * time.Second
	}
	return d
}

// live lives the life, with all oracles.
func (l *life) live(ctx context.Context) error {
	for _, phase := range l.scenario.phases {
		if phase.begin != nil {
			if err := phase.begin(ctx, l.shoot); err != nil {
				return fmt.Errorf("beginning a phase: %w", err)
			}
		}
		if err := l.await(ctx, phase); err != nil {
			return err
		}
	}
	l.asked = len(l.tape.points)
	if err := l.rest(ctx); err != nil {
		return err
	}
	l.judgeCounts(ctx)
	return errors.Join(l.shoot.FaultsOfOthers...)
}

// await is gardenlet, which asks until the phase is reached, or has no patience any more.
func (l *life) await(ctx context.Context, phase phase) error {
	began := l.tape.run + 1
	for runs := 0; ; runs++ {
		if err := l.ask(ctx, phase); err != nil {
			return err
		}
		if err := l.run(ctx, phase); err != nil {
			return err
		}
		reached, err := phase.reaches(ctx, l.shoot)
		if err != nil {
			return err
		}
		reached = reached && (phase.repair != nil || l.tape.ended(began))
		if len(l.tape.fired) > 0 && l.tape.over() {
			l.converged = l.tape.run - l.tape.lastFault()
		}
		switch {
		case reached && len(l.tape.late) == 0:
			return nil
		case reached && runs > 0 && phase.operation == "":
			return nil
		case l.tape.over() && l.tape.run-l.tape.lastFault() >= patience, runs > 20:
			l.problem("CONVERGENCE: not reached %d runs after the last fault: %s", l.tape.run-l.tape.lastFault(), l.lastError(ctx))
			return nil
		}
		if l.scenario.between != nil {
			if err := l.scenario.between(ctx, l.shoot); err != nil {
				return err
			}
		}
		l.pass()
	}
}

// pass lets time pass between two runs, in which others work.
func (l *life) pass() {
	l.shoot.OthersWork()
	l.shoot.Clock.Step(pause)
	l.shoot.OthersWork()
}

func (l *life) ask(ctx context.Context, phase phase) error {
	if phase.operation == "" {
		return nil
	}
	return l.shoot.Annotate(ctx, phase.operation)
}

// run is one run of the extension, and the start of a new image where it was the last of its process.
func (l *life) run(ctx context.Context, phase phase) error {
	l.tape.run++
	before, _ := l.observe(ctx)
	image, kill := context.WithCancel(ctx)
	l.tape.kill = kill
	var err error
	if phase.repair != nil {
		err = phase.repair(image, l.shoot)
	} else {
		err = l.shoot.Run(image)
	}
	kill()
	l.tape.land()
	crashed := l.tape.dead
	l.tape.dead = false
	if err := l.ontap.release(ctx); err != nil {
		return err
	}
	if crashed {
		return l.shoot.Restart()
	}
	if phase.repair == nil { // whose conditions are judged by what the phase has to reach
		l.judgeStop(ctx, err, before)
	}
	return nil
}

// rest is two runs more, in which there is nothing to do, the last of them of a new image.
func (l *life) rest(ctx context.Context) error {
	last := l.scenario.phases[len(l.scenario.phases)-1]
	again := phase{operation: v1beta1constants.GardenerOperationReconcile}
	if last.operation == "" {
		again.operation = ""
	}
	for i := range quiet {
		l.pass()
		if i == quiet-1 {
			if err := l.shoot.Restart(); err != nil {
				return err
			}
		}
		if err := l.ask(ctx, again); err != nil {
			return err
		}
		entries, err := l.shoot.Sim.Journal(ctx, 0)
		if err != nil {
			return err
		}
		if err := l.run(ctx, again); err != nil {
			return err
		}
		l.judgeQuiet(ctx, uint64(len(entries)))
	}
	return nil
}

// lastError is why gardenlet still waits.
func (l *life) lastError(ctx context.Context) string {
	extension, err := l.shoot.Extension(ctx)
	switch {
	case err != nil:
		return err.Error()
	case extension.Status.LastError != nil:
		return extension.Status.LastError.Description
	case extension.Status.LastOperation != nil:
		return string(extension.Status.LastOperation.State) + " " + extension.Status.LastOperation.Description
	}
	return "nothing was ever done"
}
