// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package step

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/utils/clock"
)

const (
	maxRestarts = 2
	// reserve is kept at the end of the caller's context for what the caller has to write.
	reserve       = 20 * time.Second
	reportTimeout = 10 * time.Second
	reportAfter   = 5 * time.Second
)

var (
	errStepTimeout = fmt.Errorf("the step's time is over: %w", context.DeadlineExceeded)
	errRunTimeout  = fmt.Errorf("the run's time is over: %w", context.DeadlineExceeded)
)

// Options is what a Runner is made of; every field but LookOnce is required.
type Options[A any] struct {
	Guard Guard[A]
	// GuardName and GuardCondition name the guard's own result in a report.
	GuardName, GuardCondition string
	Reporter                  Reporter
	Clock                     clock.WithDelayedExecution
	// LookOnce makes a step that would go on waiting end in waiting at once.
	LookOnce bool
}

// Runner runs plans. There is no other way to run a step.
type Runner[A any] struct{ options Options[A] }

// NewRunner returns a Runner, or an error if an option is missing: without a guard nothing runs.
func NewRunner[A any](options Options[A]) (*Runner[A], error) {
	if options.Guard == nil || options.Reporter == nil || options.Clock == nil || options.GuardName == "" || options.GuardCondition == "" {
		return nil, errors.New("a runner needs a guard with name and condition, a reporter and a clock")
	}
	return &Runner[A]{options: options}, nil
}

// Run runs the plan:
//
//  1. The guard is asked before each step; a step gets exactly what was granted for it.
//  2. The first step that fails or waits ends the run; later steps stay pending.
//  3. When the epoch changes, plan is called again and the run starts over, at most twice.
//  4. The report goes to the Reporter, also when the caller's context is over.
//
// The run ends 20 seconds before the caller's deadline. The error is that of the guard or step that failed, or of the
// Reporter; waiting is not an error.
func (r *Runner[A]) Run(ctx context.Context, plan func() []Step[A]) (Report, error) {
	runCtx, cancel := r.withinDeadline(ctx)
	defer cancel()
	run := &run[A]{Options: r.options}
	err := run.attempts(runCtx, plan)
	run.report.Ended = true
	return run.report, errors.Join(err, run.send(ctx, run.report))
}

func (r *Runner[A]) withinDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return withTimeout(ctx, r.options.Clock, deadline.Sub(r.options.Clock.Now())-reserve, errRunTimeout)
}

type run[A any] struct {
	Options[A]
	report  Report
	granted bool
	healed  Outcome
}

func (r *run[A]) attempts(ctx context.Context, plan func() []Step[A]) error {
	for {
		steps := plan()
		if err := r.begin(steps); err != nil {
			return err
		}
		again, err := r.attempt(ctx, steps)
		if !again {
			return err
		}
		if r.report.Restarts == maxRestarts {
			return r.guardFailed(ErrUnstable)
		}
		r.report.Restarts++
	}
}

func (r *run[A]) begin(steps []Step[A]) error {
	r.report.Results = []Result{{Name: r.GuardName, Condition: r.GuardCondition, Outcome: Outcome{Kind: KindPending}}}
	for _, s := range steps {
		if slices.ContainsFunc(r.report.Results, func(result Result) bool { return result.Name == s.Name }) {
			return fmt.Errorf("the plan has two steps named %q", s.Name)
		}
		r.report.Results = append(r.report.Results, Result{Name: s.Name, Condition: s.Condition, Outcome: Outcome{Kind: KindPending}})
	}
	return nil
}

// attempt runs the steps once. It reports true if the epoch changed and the run has to start again.
func (r *run[A]) attempt(ctx context.Context, steps []Step[A]) (bool, error) {
	for i, s := range steps {
		result := &r.report.Results[i+1]
		if err := context.Cause(ctx); err != nil {
			result.Outcome, result.Err = Outcome{Kind: KindFailed}, err
			return false, fmt.Errorf("step %s: not begun: %w", s.Name, err)
		}
		grant, err := r.ask(ctx)
		if err != nil {
			return false, r.guardFailed(err)
		}
		changed := r.granted && grant.Epoch != r.report.Epoch
		r.granted, r.report.Epoch = true, grant.Epoch
		if changed {
			return true, nil
		}
		r.runStep(ctx, s, grant.Access, i+1)
		if result.Err != nil {
			return false, fmt.Errorf("step %s: %w", s.Name, result.Err)
		}
		if result.Outcome.Kind == KindWaiting {
			return false, nil
		}
	}
	return false, nil
}

func (r *run[A]) ask(ctx context.Context) (grant Grant[A], err error) {
	guard := &r.report.Results[0]
	defer func(start time.Time) { guard.Duration += r.Clock.Since(start) }(r.Clock.Now())
	defer recoverTo(ctx, &err)
	if grant, err = r.Guard(ctx); err != nil {
		return grant, err
	}
	if grant.Healed != "" {
		r.healed = Outcome{Kind: KindDone, Reason: grant.Healed}
	}
	guard.Outcome = Done()
	if r.healed.Kind != "" {
		guard.Outcome = r.healed
	}
	return grant, nil
}

func (r *run[A]) guardFailed(err error) error {
	r.report.Results[0].Outcome = Outcome{Kind: KindFailed}
	r.report.Results[0].Err = err
	return fmt.Errorf("%s: %w", r.GuardName, err)
}

func (r *run[A]) runStep(ctx context.Context, s Step[A], access A, position int) {
	result, start := &r.report.Results[position], r.Clock.Now()
	stepCtx, cancel := withTimeout(ctx, r.Clock, s.Timeout, errStepTimeout)
	defer cancel()
	log := logr.FromContextOrDiscard(ctx).WithValues("step", s.Name)
	stepCtx = logr.NewContext(withPatience(stepCtx, patience{once: r.LookOnce, progress: r.progress(ctx, position, start)}), log)
	result.Outcome, result.Err = runSafely(stepCtx, s, access)
	result.Duration = r.Clock.Since(start)
	if result.Err != nil {
		result.Outcome = Outcome{Kind: KindFailed}
	}
	log.V(1).Info("Step ended", "outcome", result.Outcome.Kind, "reason", result.Outcome.Reason, "duration", result.Duration.String())
}

// progress returns the function that Poll calls whenever the step at the given position goes on waiting.
func (r *run[A]) progress(ctx context.Context, position int, start time.Time) func(Outcome) {
	reported := false
	return func(outcome Outcome) {
		if reported || r.Clock.Since(start) < reportAfter {
			return
		}
		reported = true
		report := r.report
		report.Results = slices.Clone(r.report.Results)
		report.Results[position].Outcome = outcome
		if err := r.send(ctx, report); err != nil {
			logr.FromContextOrDiscard(ctx).Error(err, "Could not report that a step is waiting", "step", report.Results[position].Name)
		}
	}
}

func (r *run[A]) send(ctx context.Context, report Report) error {
	ctx, cancel := withTimeout(context.WithoutCancel(ctx), r.Clock, reportTimeout, context.DeadlineExceeded)
	defer cancel()
	if err := r.Reporter.Report(ctx, report); err != nil {
		return fmt.Errorf("reporting the run: %w", err)
	}
	return nil
}

func runSafely[A any](ctx context.Context, s Step[A], access A) (outcome Outcome, err error) {
	defer recoverTo(ctx, &err)
	return s.Run(ctx, access)
}

func recoverTo(ctx context.Context, err *error) {
	if cause := recover(); cause != nil {
		logr.FromContextOrDiscard(ctx).Info("Recovered from a panic", "stack", string(debug.Stack()))
		*err = fmt.Errorf("panic: %v", cause)
	}
}

// withTimeout is context.WithTimeout by the given clock, so that a fake clock can end a step.
func withTimeout(ctx context.Context, c clock.WithDelayedExecution, timeout time.Duration, cause error) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := c.AfterFunc(timeout, func() { cancel(cause) })
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}
