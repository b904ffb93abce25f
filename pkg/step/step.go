// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package step

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Kind says how a step ended.
type Kind string

const (
	// KindPending is the kind of a step that the run did not reach.
	KindPending Kind = "Pending"
	// KindDone is the kind of a step whose goal is reached.
	KindDone Kind = "Done"
	// KindSkipped is the kind of a step that had nothing to do here; Reason says why.
	KindSkipped Kind = "Skipped"
	// KindPostponed is the kind of a step that has done all it can for now, and whose goal is reached, or can be seen, later
	// than in this run. The run goes on.
	KindPostponed Kind = "Postponed"
	// KindWaiting is the kind of a step whose goal is not reached yet though nothing failed. It ends the run.
	KindWaiting Kind = "Waiting"
	// KindFailed is the kind of a step that returned an error. It ends the run.
	KindFailed Kind = "Failed"
)

// Outcome is how a step ended, if it did not fail. Make one with Done, Skipped, Postpone or Wait.
type Outcome struct {
	Kind Kind
	// Reason is a CamelCase word, Message a sentence for a human. Both are empty for a plain Done.
	Reason, Message string
	// After is when to look again, for KindWaiting.
	After time.Duration
}

// Done is the outcome of a step whose goal is reached.
func Done() Outcome { return Outcome{Kind: KindDone} }

// Skipped is the outcome of a step that had nothing to do.
func Skipped(reason string) Outcome { return Outcome{Kind: KindSkipped, Reason: reason} }

// Postpone is the outcome of a step that has done its part, and whose goal depends on others who need not hurry.
func Postpone(reason, message string) Outcome {
	return Outcome{Kind: KindPostponed, Reason: reason, Message: message}
}

// Wait is the outcome of a step that has to be run again after the given time.
func Wait(after time.Duration, reason, message string) Outcome {
	return Outcome{Kind: KindWaiting, Reason: reason, Message: message, After: after}
}

// Step is one step of a plan. A is what its guard grants.
type Step[A any] struct {
	// Name is log key, metric label and part of messages at once; unique in a plan.
	Name string
	// Condition is the condition that the step contributes to.
	Condition string
	// Timeout bounds one call of Run, by the runner's clock.
	Timeout time.Duration
	// Run looks, compares and acts. It must be safe to call again at any time, and must look at the world instead of
	// trusting what an earlier run reported.
	Run func(context.Context, A) (Outcome, error)
}

// Grant is what a guard hands out for one step.
type Grant[A any] struct {
	Access A
	// Epoch identifies what the guard saw. A run belongs to one epoch and starts again when another one shows up.
	Epoch string
	// Healed is the reason, a CamelCase word, if the guard had to restore what it guards; else empty.
	Healed string
}

// Guard checks what every step depends on, restores it where that is safe, and grants the means to run one step.
type Guard[A any] func(context.Context) (Grant[A], error)

// Result is what became of the guard or of one step.
type Result struct {
	Name, Condition string
	Outcome         Outcome
	// Err is set if and only if Outcome.Kind is KindFailed.
	Err      error
	Duration time.Duration
}

// Report is what became of a run: the guard's result first, then one for each step in plan order.
type Report struct {
	Results []Result
	// Restarts counts how often the run started again because the epoch had changed.
	Restarts int
	// Epoch is the last one that the guard granted.
	Epoch string
	// Ended is false only in what the Reporter gets while a step is still waiting.
	Ended bool
}

// Waiting returns the outcome that ended the run in waiting, if one did.
func (r Report) Waiting() (Outcome, bool) {
	for _, result := range r.Results {
		if result.Outcome.Kind == KindWaiting {
			return result.Outcome, true
		}
	}
	return Outcome{}, false
}

// Failed returns the result that ended the run in failure, if one did.
func (r Report) Failed() (Result, bool) {
	if i := slices.IndexFunc(r.Results, func(result Result) bool { return result.Err != nil }); i >= 0 {
		return r.Results[i], true
	}
	return Result{}, false
}

// Reporter makes a report known. The Runner calls it at the end of each run, and once when a step has waited for five
// seconds, then with that step's result as KindWaiting.
type Reporter interface {
	Report(context.Context, Report) error
}

// ErrUnstable ends a run in which the epoch kept changing.
var ErrUnstable = errors.New("what every step depends on was changed again and again during the run")
