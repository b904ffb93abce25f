// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"strings"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("A step that fails again and again", func() {
	// gauge is the value of a metric, 0 where it has no series.
	gauge := func(w *world, name string) float64 {
		GinkgoHelper()
		families, err := w.Metrics.Gather()
		Expect(err).NotTo(HaveOccurred())
		sum := 0.0
		for _, family := range families {
			if family.GetName() == name {
				for _, metric := range family.GetMetric() {
					sum += metric.GetGauge().GetValue()
				}
			}
		}
		return sum
	}

	DescribeTable("should be told of in the condition, once in an event and in metrics, and no more when it is over",
		func(ctx SpecContext, steady bool) {
			w := newWorld("a", "b")
			s := w.newShoot(ctx, 1)
			if steady {
				Expect(s.reconcile(ctx)).To(Succeed())
			}
			for _, cluster := range []string{"a", "b"} {
				Expect(w.sim.SetDown(ctx, cluster)).To(Succeed())
			}
			w.takeEvents()
			first := w.clock.Now()
			told, messages := []string{}, []string{}
			message := func(ctx context.Context) string {
				return v1beta1helper.GetCondition(s.extension(ctx).Status.Conditions, "SVMReady").Message
			}
			for run := range 8 {
				Expect(s.reconcile(ctx) == nil).To(Equal(steady), "an outage fails only what is new")
				Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown Unreachable"))
				if run < 4 {
					Expect(message(ctx)).NotTo(ContainSubstring("failed"))
					Expect(gauge(w, "ontap_extension_shoots_failing_repeatedly")).To(BeZero())
				} else {
					Expect(message(ctx)).To(MatchRegexp("(?s)^LocateSVM: .*; failed %d times since ", run+1))
					Expect(gauge(w, "ontap_extension_shoots_failing_repeatedly")).To(Equal(1.0))
				}
				for _, event := range w.takeEvents() {
					if strings.HasPrefix(event, "Warning StepFailsRepeatedly LocateSVM: ") {
						told = append(told, event)
					}
				}
				messages = append(messages, message(ctx))
				w.clock.Step(time.Second)
			}
			Expect(told).To(ConsistOf(ContainSubstring("; failed 5 times since ")))
			since, err := time.Parse(time.RFC3339, message(ctx)[strings.LastIndex(message(ctx), " ")+1:])
			Expect(err).NotTo(HaveOccurred())
			Expect(since).To(BeTemporally("~", first, 10*time.Second))
			Expect(messages).To(ContainElement(ContainSubstring("not sent, as nothing was answered since ")))
			Expect(gauge(w, "ontap_extension_silent_clusters")).To(Equal(2.0))

			for _, cluster := range []string{"a", "b"} {
				Expect(w.sim.SetUp(ctx, cluster)).To(Succeed())
			}
			w.clock.Step(10 * time.Second)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.condition(ctx, "SVMReady")).To(Equal("True Ready"))
			Expect(message(ctx)).NotTo(ContainSubstring("failed"))
			Expect(gauge(w, "ontap_extension_shoots_failing_repeatedly")).To(BeZero())
			Expect(gauge(w, "ontap_extension_silent_clusters")).To(BeZero())
		},
		Entry("where a shoot is new", false),
		Entry("where nothing is to be done, and the outage is tolerated", true),
	)
})
