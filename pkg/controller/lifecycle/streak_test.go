// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

var _ = Describe("Failures of one step in a row", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	located := result("LocateSVM", "SVMReady", step.Done())
	// fails reports so many runs, a minute each, that end with a failure of EnsureSVM.
	fails := func(ctx context.Context, times int) {
		GinkgoHelper()
		for range times {
			w.clock.Step(time.Minute)
			Expect(w.report(ctx, located, failed("EnsureSVM", "SVMReady", errors.New("no room")), pending("EnsureAccount", "CredentialsReady"))).To(Succeed())
		}
	}
	message := func(ctx context.Context) string { return w.condition(ctx, "SVMReady").Message }

	It("should be told of from the fifth on: with each in the condition, once in an event, and in a metric", func(ctx SpecContext) {
		fails(ctx, 4)
		Expect(message(ctx)).To(Equal("EnsureSVM: no room"))
		Expect(w.takeEvents()).To(ConsistOf(HavePrefix("Warning InternalError ")))
		Expect(w.metrics.failing).To(BeEmpty())

		fails(ctx, 1)
		Expect(message(ctx)).To(Equal("EnsureSVM: no room; failed 5 times since 2026-02-03T04:06:06Z"))
		Expect(w.takeEvents()).To(Equal([]string{"Warning StepFailsRepeatedly EnsureSVM: no room; failed 5 times since 2026-02-03T04:06:06Z"}))
		Expect(w.metrics.failing).To(Equal(map[string]float64{"EnsureSVM": 1}))

		fails(ctx, 2)
		Expect(message(ctx)).To(Equal("EnsureSVM: no room; failed 7 times since 2026-02-03T04:06:06Z"))
		Expect(w.takeEvents()).To(BeEmpty())
		Expect(w.metrics.failing).To(Equal(map[string]float64{"EnsureSVM": 1}))
		Expect(w.condition(ctx, "CredentialsReady").Status).To(BeEquivalentTo("absent"))
	})

	It("should be told of at the end of a message that is cut", func(ctx SpecContext) {
		for range 5 {
			Expect(w.report(ctx, failed("EnsureSVM", "SVMReady", errors.New(strings.Repeat("é", 300))))).To(Succeed())
		}
		Expect(message(ctx)).To(HaveSuffix("é...; failed 5 times since 2026-02-03T04:05:06Z"))
		Expect(len(message(ctx))).To(BeElementOf(299, 300))
		Expect(w.takeEvents()).To(ContainElement(HaveSuffix("é...; failed 5 times since 2026-02-03T04:05:06Z")))
	})

	DescribeTable("should end", func(ctx SpecContext, end func(context.Context) error) {
		fails(ctx, 6)
		w.takeEvents()
		Expect(end(ctx)).To(Succeed())
		Expect(w.metrics.failing["EnsureSVM"]).To(BeZero())
		Expect(message(ctx)).NotTo(MatchRegexp("EnsureAccount.*failed|SVMCreating.*failed"))
		w.takeEvents()
		fails(ctx, 4)
		Expect(message(ctx)).To(Equal("EnsureSVM: no room"))
		fails(ctx, 1)
		Expect(message(ctx)).To(HaveSuffix("; failed 5 times since 2026-02-03T04:12:06Z"))
		Expect(w.takeEvents()).To(ContainElement(HavePrefix("Warning StepFailsRepeatedly ")), "once for each transition")
		Expect(w.metrics.failing["EnsureSVM"]).To(Equal(1.0))
	},
		Entry("when the step is done", func(ctx context.Context) error {
			return w.report(ctx, located, result("EnsureSVM", "SVMReady", step.Done()))
		}),
		Entry("when the step waits, which is no failure", func(ctx context.Context) error { return w.report(ctx, located, waiting()) }),
		Entry("when a later step fails", func(ctx context.Context) error {
			return w.report(ctx, result("EnsureSVM", "SVMReady", step.Done()), failed("EnsureAccount", "CredentialsReady", errors.New("broken")))
		}),
		Entry("when the guard fails", func(ctx context.Context) error {
			report := ended(step.Outcome{Kind: step.KindFailed}, pending("EnsureSVM", "SVMReady"))
			report.Results[0].Err = errors.New("no secret")
			return w.status.Report(ctx, namespace, report)
		}),
		Entry("when another plan is run", func(ctx context.Context) error { return w.report(ctx, result("DeleteSVM", "SVMReady", step.Done())) }),
		Entry("when the Extension goes", func(context.Context) error { w.status.Forget(namespace); return nil }),
		Entry("when the extension is restarted", func(context.Context) error {
			w.inject(interceptor.Funcs{})
			w.metrics.failing = nil
			return nil
		}),
	)

	It("should go on after a run that does not come as far, and not count what is said while a step still waits", func(ctx SpecContext) {
		fails(ctx, 5)
		w.takeEvents()
		Expect(w.report(ctx, result("LocateSVM", "SVMReady", step.Wait(time.Minute, "SVMDeleting", "not yet")), pending("EnsureSVM", "SVMReady"))).To(Succeed())
		Expect(message(ctx)).To(Equal("LocateSVM: not yet"))
		Expect(w.takeEvents()).To(BeEmpty())
		unended := ended(step.Done(), located, waiting())
		unended.Ended = false
		Expect(w.status.Report(ctx, namespace, unended)).To(Succeed())
		Expect(message(ctx)).NotTo(ContainSubstring("failed"))
		Expect(w.metrics.failing).To(Equal(map[string]float64{"EnsureSVM": 1}))
		fails(ctx, 1)
		Expect(message(ctx)).To(HaveSuffix("; failed 6 times since 2026-02-03T04:06:06Z"))
		Expect(w.takeEvents()).NotTo(ContainElement(ContainSubstring("StepFailsRepeatedly")))
	})

	It("should not count a run whose report could not be written", func(ctx SpecContext) {
		fails(ctx, 4)
		status := w.status
		broken := true
		w.inject(interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			if broken {
				return errors.New("no answer from the seed")
			}
			return c.SubResource(sub).Patch(ctx, object, patch, options...)
		}})
		status.Client, w.status = w.status.Client, status
		w.takeEvents()
		for range 3 {
			Expect(w.report(ctx, failed("EnsureSVM", "SVMReady", errors.New("no space")))).NotTo(Succeed())
		}
		Expect(w.metrics.failing).To(BeEmpty())
		broken = false
		fails(ctx, 1)
		Expect(message(ctx)).To(HaveSuffix("; failed 5 times since 2026-02-03T04:06:06Z"))
		Expect(w.takeEvents()).To(ConsistOf(HavePrefix("Warning StepFailsRepeatedly ")))
	})

	It("should be counted for each shoot by itself", func(ctx SpecContext) {
		w.newExtension(ctx, "shoot--local--other")
		for range 3 {
			fails(ctx, 1)
			Expect(w.status.Report(ctx, "shoot--local--other", ended(step.Done(), failed("EnsureSVM", "SVMReady", errors.New("no room"))))).To(Succeed())
		}
		Expect(w.metrics.failing).To(BeEmpty())
		fails(ctx, 2)
		Expect(w.metrics.failing).To(Equal(map[string]float64{"EnsureSVM": 1}))
		for range 2 {
			Expect(w.status.Report(ctx, "shoot--local--other", ended(step.Done(), failed("EnsureSVM", "SVMReady", errors.New("no room"))))).To(Succeed())
		}
		Expect(w.metrics.failing).To(Equal(map[string]float64{"EnsureSVM": 2}))
		w.status.Forget("shoot--local--other")
		w.status.Forget("shoot--local--unknown")
		Expect(w.metrics.failing).To(Equal(map[string]float64{"EnsureSVM": 1}))
	})
})
