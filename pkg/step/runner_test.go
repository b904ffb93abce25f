// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package step_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	testclock "k8s.io/utils/clock/testing"

	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// world counts what the guard saw and what the steps did, so that specs assert the order of things and nothing else.
type world struct {
	clock   *testclock.FakeClock
	epochs  []string // what the guard sees, one look after the other; the last one stays
	healed  string
	failure error
	looks   int
	trace   []string

	mutex   sync.Mutex
	reports []step.Report
}

func newWorld(epochs ...string) *world {
	return &world{clock: testclock.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), epochs: epochs}
}

func (w *world) guard(context.Context) (step.Grant[string], error) {
	epoch := w.epochs[min(w.looks, len(w.epochs)-1)]
	w.looks++
	w.trace = append(w.trace, "guard")
	if w.failure != nil {
		return step.Grant[string]{}, w.failure
	}
	return step.Grant[string]{Access: "access " + epoch, Epoch: epoch, Healed: w.healed}, nil
}

func (w *world) Report(_ context.Context, report step.Report) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.reports = append(w.reports, report)
	return nil
}

func (w *world) reported() []step.Report {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.reports
}

func (w *world) runner() *step.Runner[string] {
	GinkgoHelper()
	runner, err := step.NewRunner(step.Options[string]{
		Guard: w.guard, GuardName: "Guard", GuardCondition: "Guarded", Reporter: w, Clock: w.clock,
	})
	Expect(err).NotTo(HaveOccurred())
	return runner
}

// does returns a step that notes with what it was granted that it ran.
func (w *world) does(name string, outcome step.Outcome, err error) step.Step[string] {
	return step.Step[string]{Name: name, Condition: name + "Ready", Timeout: time.Minute, Run: func(_ context.Context, access string) (step.Outcome, error) {
		w.trace = append(w.trace, name+" with "+access)
		return outcome, err
	}}
}

func plan(steps ...step.Step[string]) func() []step.Step[string] {
	return func() []step.Step[string] { return steps }
}

func kinds(report step.Report) []string {
	var all []string
	for _, result := range report.Results {
		all = append(all, fmt.Sprintf("%s %s", result.Name, result.Outcome.Kind))
	}
	return all
}

func waiting(report step.Report) step.Outcome {
	GinkgoHelper()
	outcome, ok := report.Waiting()
	Expect(ok).To(BeTrue())
	return outcome
}

var _ = Describe("Runner", func() {
	It("should ask the guard before every step and hand over exactly what it granted", func(ctx SpecContext) {
		w := newWorld("1")
		report, err := w.runner().Run(ctx, plan(w.does("A", step.Done(), nil), w.does("B", step.Skipped("Why"), nil)))
		Expect(err).NotTo(HaveOccurred())
		Expect(w.trace).To(Equal([]string{"guard", "A with access 1", "guard", "B with access 1"}))
		Expect(kinds(report)).To(Equal([]string{"Guard Done", "A Done", "B Skipped"}))
		Expect(report.Epoch).To(Equal("1"))
		Expect(w.reported()).To(HaveLen(1))
		Expect(w.reported()[0].Ended).To(BeTrue())
	})

	It("should go on after a step that was postponed", func(ctx SpecContext) {
		w := newWorld("1")
		report, err := w.runner().Run(ctx, plan(w.does("A", step.Postpone("Later", "others are at it"), nil), w.does("B", step.Done(), nil)))
		Expect(err).NotTo(HaveOccurred())
		Expect(kinds(report)).To(Equal([]string{"Guard Done", "A Postponed", "B Done"}))
		_, waiting := report.Waiting()
		Expect(waiting).To(BeFalse())
	})

	It("should run no step when the guard fails", func(ctx SpecContext) {
		w := newWorld("1")
		w.failure = errors.New("no secret")
		report, err := w.runner().Run(ctx, plan(w.does("A", step.Done(), nil)))
		Expect(err).To(MatchError(w.failure))
		Expect(w.trace).To(Equal([]string{"guard"}))
		Expect(kinds(report)).To(Equal([]string{"Guard Failed", "A Pending"}))
		Expect(w.reported()).To(HaveLen(1))
	})

	It("should refuse to exist without a guard", func() {
		_, err := step.NewRunner(step.Options[string]{GuardName: "Guard", GuardCondition: "Guarded", Reporter: newWorld("1"), Clock: newWorld("1").clock})
		Expect(err).To(MatchError(ContainSubstring("needs a guard")))
	})

	It("should refuse a plan with two steps of one name", func(ctx SpecContext) {
		w := newWorld("1")
		_, err := w.runner().Run(ctx, plan(w.does("A", step.Done(), nil), w.does("A", step.Done(), nil)))
		Expect(err).To(MatchError(ContainSubstring(`two steps named "A"`)))
		Expect(w.trace).To(BeEmpty())
	})

	DescribeTable("should end with the first step that does not finish",
		func(ctx SpecContext, outcome step.Outcome, failure error, kind string) {
			w := newWorld("1")
			report, err := w.runner().Run(ctx, plan(w.does("A", outcome, failure), w.does("B", step.Done(), nil)))
			Expect(kinds(report)).To(Equal([]string{"Guard Done", "A " + kind, "B Pending"}))
			if failure != nil {
				Expect(err).To(MatchError(failure))
				Expect(err).To(MatchError(ContainSubstring("step A")))
			} else {
				Expect(err).NotTo(HaveOccurred())
				Expect(waiting(report)).To(Equal(outcome))
			}
		},
		Entry("because it failed", step.Outcome{}, errors.New("broken"), "Failed"),
		Entry("because it waits", step.Wait(time.Second, "Later", "not yet"), nil, "Waiting"),
	)

	It("should start again with a new plan when the epoch changes", func(ctx SpecContext) {
		w := newWorld("1", "1", "2")
		plans := 0
		report, err := w.runner().Run(ctx, func() []step.Step[string] {
			plans++
			return []step.Step[string]{w.does("A", step.Done(), nil), w.does("B", step.Done(), nil), w.does("C", step.Done(), nil)}
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.trace).To(Equal([]string{
			"guard", "A with access 1", "guard", "B with access 1", "guard",
			"guard", "A with access 2", "guard", "B with access 2", "guard", "C with access 2",
		}))
		Expect(plans).To(Equal(2))
		Expect(report.Restarts).To(Equal(1))
		Expect(report.Epoch).To(Equal("2"))
	})

	It("should give up when the epoch keeps changing", func(ctx SpecContext) {
		w := newWorld("1", "2", "2", "3", "3", "4", "4", "5")
		report, err := w.runner().Run(ctx, plan(w.does("A", step.Done(), nil), w.does("B", step.Done(), nil)))
		Expect(err).To(MatchError(step.ErrUnstable))
		Expect(report.Restarts).To(Equal(2))
		Expect(report.Results[0].Err).To(MatchError(step.ErrUnstable))
	})

	It("should tell that the guard healed something, also when later looks found nothing to do", func(ctx SpecContext) {
		w := newWorld("1")
		w.healed = "Recreated"
		forget := w.does("A", step.Done(), nil)
		forget.Run = func(context.Context, string) (step.Outcome, error) { w.healed = ""; return step.Done(), nil }
		report, err := w.runner().Run(ctx, plan(forget, w.does("B", step.Done(), nil)))
		Expect(err).NotTo(HaveOccurred())
		Expect(report.Results[0].Outcome).To(Equal(step.Outcome{Kind: step.KindDone, Reason: "Recreated"}))
	})

	It("should turn a panic into an error that names the step", func(ctx SpecContext) {
		w := newWorld("1")
		broken := w.does("A", step.Done(), nil)
		broken.Run = func(context.Context, string) (step.Outcome, error) { panic("ouch") }
		report, err := w.runner().Run(ctx, plan(broken))
		Expect(err).To(MatchError(And(ContainSubstring("step A"), ContainSubstring("panic: ouch"))))
		Expect(kinds(report)).To(Equal([]string{"Guard Done", "A Failed"}))
	})

	It("should end a step by the clock", func(ctx SpecContext) {
		w := newWorld("1")
		slow := w.does("A", step.Done(), nil)
		slow.Run = func(ctx context.Context, _ string) (step.Outcome, error) {
			w.clock.Step(time.Minute)
			<-ctx.Done()
			return step.Outcome{}, context.Cause(ctx)
		}
		_, err := w.runner().Run(ctx, plan(slow))
		Expect(err).To(MatchError(ContainSubstring("the step's time is over")))
	})

	It("should begin no step in the last 20 seconds of the caller's context, and report all the same", func(ctx SpecContext) {
		w := newWorld("1")
		limited, cancel := context.WithDeadline(context.WithoutCancel(ctx), time.Now().Add(time.Hour))
		defer cancel()
		deadline, _ := limited.Deadline()
		w.clock.SetTime(deadline.Add(-25 * time.Second))
		long := w.does("A", step.Done(), nil)
		long.Run = func(ctx context.Context, _ string) (step.Outcome, error) {
			w.clock.Step(5 * time.Second)
			<-ctx.Done()
			return step.Done(), nil
		}
		report, err := w.runner().Run(limited, plan(long, w.does("B", step.Done(), nil)))
		Expect(err).To(MatchError(ContainSubstring("step B: not begun: the run's time is over")))
		Expect(kinds(report)).To(Equal([]string{"Guard Done", "A Done", "B Failed"}))
		Expect(w.reported()).To(HaveLen(1))
	})

	It("should return the Reporter's error", func(ctx SpecContext) {
		w := newWorld("1")
		runner, err := step.NewRunner(step.Options[string]{
			Guard: w.guard, GuardName: "Guard", GuardCondition: "Guarded", Reporter: mute{}, Clock: w.clock,
		})
		Expect(err).NotTo(HaveOccurred())
		_, err = runner.Run(ctx, plan(w.does("A", step.Done(), nil)))
		Expect(err).To(MatchError(ContainSubstring("nobody listens")))
	})
})

type mute struct{}

func (mute) Report(context.Context, step.Report) error { return errors.New("nobody listens") }

var _ = Describe("#Poll", func() {
	It("should look again until it is done, report once after five seconds, and not wait for real", func(ctx SpecContext) {
		w := newWorld("1")
		looks := 0
		polling := w.does("A", step.Done(), nil)
		polling.Run = func(ctx context.Context, _ string) (step.Outcome, error) {
			return step.Poll(ctx, w.clock, func(context.Context) (step.Outcome, error) {
				if looks++; looks < 20 {
					return step.Wait(time.Second, "Later", "not yet"), nil
				}
				return step.Done(), nil
			})
		}
		stop := w.keepTicking()
		report, err := w.runner().Run(ctx, plan(polling))
		stop()
		Expect(err).NotTo(HaveOccurred())
		Expect(looks).To(Equal(20))
		Expect(kinds(report)).To(Equal([]string{"Guard Done", "A Done"}))
		Expect(w.reported()).To(HaveLen(2))
		Expect(kinds(w.reported()[0])).To(Equal([]string{"Guard Done", "A Waiting"}))
		Expect(w.reported()[0].Ended).To(BeFalse())
	})

	It("should end in waiting, not in failure, when the step's time is over", func(ctx SpecContext) {
		w := newWorld("1")
		polling := w.does("A", step.Done(), nil)
		polling.Run = func(ctx context.Context, _ string) (step.Outcome, error) {
			return step.Poll(ctx, w.clock, func(context.Context) (step.Outcome, error) {
				return step.Wait(time.Second, "Later", "not yet"), nil
			})
		}
		stop := w.keepTicking()
		report, err := w.runner().Run(ctx, plan(polling))
		stop()
		Expect(err).NotTo(HaveOccurred())
		Expect(waiting(report)).To(Equal(step.Wait(time.Second, "Later", "not yet")))
	})

	It("should look once where the run does not wait", func(ctx SpecContext) {
		w := newWorld("1")
		runner, err := step.NewRunner(step.Options[string]{
			Guard: w.guard, GuardName: "Guard", GuardCondition: "Guarded", Reporter: w, Clock: w.clock, LookOnce: true,
		})
		Expect(err).NotTo(HaveOccurred())
		looks := 0
		polling := w.does("A", step.Done(), nil)
		polling.Run = func(ctx context.Context, _ string) (step.Outcome, error) {
			return step.Poll(ctx, w.clock, func(context.Context) (step.Outcome, error) {
				if looks++; looks > 1 {
					return step.Done(), nil
				}
				return step.Wait(time.Second, "Later", "not yet"), nil
			})
		}
		report, err := runner.Run(ctx, plan(polling, w.does("B", step.Done(), nil)))
		Expect(err).NotTo(HaveOccurred())
		Expect(kinds(report)).To(Equal([]string{"Guard Done", "A Waiting", "B Pending"}))
		Expect(w.reported()).To(HaveLen(1))
	}, SpecTimeout(20*time.Second))

	It("should end with the first error", func(ctx SpecContext) {
		w := newWorld("1")
		_, err := step.Poll(ctx, w.clock, func(context.Context) (step.Outcome, error) { return step.Outcome{}, errors.New("broken") })
		Expect(err).To(MatchError("broken"))
	})
})

// keepTicking moves the clock whenever a step waits for it; the other waiter is the step's own timeout.
func (w *world) keepTicking() (stop func()) {
	done := make(chan struct{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			default:
				if w.clock.Waiters() > 1 {
					w.clock.Step(250 * time.Millisecond)
				}
			}
		}
	}()
	return func() { close(done); <-ended }
}
