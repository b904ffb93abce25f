// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/repair"
	"github.com/gardener-community/gardener-extension-ontap/pkg/metrics"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

var (
	_ ontap.Observer    = &metrics.Collectors{}
	_ lifecycle.Metrics = &metrics.Collectors{}
	_ repair.Metrics    = &metrics.Collectors{}
)

func must[T any](value T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return value
}

var _ = Describe("Collectors", func() {
	var (
		registry   *prometheus.Registry
		collectors *metrics.Collectors
	)
	BeforeEach(func() {
		registry = prometheus.NewPedanticRegistry()
		collectors = must(metrics.New(registry))
	})

	// series are those of a metric, as their labels and the number of observations or the count.
	series := func(name string) (lines []string) {
		GinkgoHelper()
		for _, family := range must(registry.Gather()) {
			if family.GetName() != name {
				continue
			}
			for _, metric := range family.GetMetric() {
				line := ""
				for _, label := range metric.GetLabel() {
					line += label.GetName() + "=" + label.GetValue() + " "
				}
				count := metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
				lines = append(lines, line+fmt.Sprint(count))
			}
		}
		return lines
	}

	family := func(name string) *dto.MetricFamily {
		GinkgoHelper()
		for _, family := range must(registry.Gather()) {
			if family.GetName() == name {
				return family
			}
		}
		Fail("there is no metric " + name)
		return nil
	}

	It("should be registered once", func() {
		_, err := metrics.New(registry)
		Expect(err).To(BeAssignableToTypeOf(prometheus.AlreadyRegisteredError{}))
		_, err = metrics.New(prometheus.NewRegistry())
		Expect(err).NotTo(HaveOccurred(), "nothing is kept in the package")
	})

	It("should count requests by cluster, method, path template and code", func() {
		collectors.ObserveRequest("a", "GET", "/svm/svms", "200", 30*time.Millisecond)
		collectors.ObserveRequest("a", "GET", "/svm/svms", "200", 30*time.Millisecond)
		collectors.ObserveRequest("a", "DELETE", "/svm/svms/{uuid}", "error", time.Hour)
		Expect(series("ontap_extension_ontap_request_duration_seconds")).To(ConsistOf(
			"cluster=a code=200 method=GET path=/svm/svms 2", "cluster=a code=error method=DELETE path=/svm/svms/{uuid} 1",
		))
	})

	It("should count steps by name and outcome, in seconds", func() {
		collectors.ObserveStep("EnsureSVM", "Done", 90*time.Second)
		collectors.ObserveStep("EnsureSVM", "Waiting", 500*time.Millisecond)
		Expect(series("ontap_extension_step_duration_seconds")).To(ConsistOf("outcome=Done step=EnsureSVM 1", "outcome=Waiting step=EnsureSVM 1"))
		Expect(family("ontap_extension_step_duration_seconds").GetMetric()[0].GetHistogram().GetSampleSum()).To(Equal(90.0))
	})

	It("should count what guards have found, and show what they may find from the beginning", func() {
		Expect(series("ontap_extension_seed_secret_checks_total")).To(ContainElements("result=SeedSecretNotWritten 0", "result=SeedSecretForeign 0"))
		collectors.CountGuard("SeedSecretInOrder")
		collectors.CountGuard("SeedSecretNotWritten")
		collectors.CountGuard("SeedSecretNotWritten")
		Expect(series("ontap_extension_seed_secret_checks_total")).To(ContainElements(
			"result=SeedSecretInOrder 1", "result=SeedSecretNotWritten 2", "result=SeedSecretRecreated 0"))
	})

	It("should tell who is inside of gates and before them, which jobs have ended, and who refuses the credentials", func() {
		collectors.ObserveGate("a", "jobs", "inside", 1)
		collectors.ObserveGate("a", "jobs", "inside", 1)
		collectors.ObserveGate("a", "jobs", "inside", -1)
		collectors.ObserveJob("a", "failure")
		collectors.ObserveRefusal("a", true)
		Expect(family("ontap_extension_gate_callers").GetMetric()[0].GetGauge().GetValue()).To(Equal(1.0))
		Expect(series("ontap_extension_ontap_jobs_total")).To(Equal([]string{"cluster=a state=failure 1"}))
		Expect(family("ontap_extension_refused_clusters").GetMetric()[0].GetGauge().GetValue()).To(Equal(1.0))
	})

	It("should tell which clusters are silent now, and at which steps how many shoots fail repeatedly", func() {
		value := func(name string) float64 { return family(name).GetMetric()[0].GetGauge().GetValue() }
		for i, silent := range []bool{true, true, false, true} {
			collectors.ObserveSilence("a", silent)
			Expect(value("ontap_extension_silent_clusters")).To(Equal([]float64{1, 1, 0, 1}[i]))
		}
		for i, more := range []float64{1, 1, -1} {
			collectors.CountFailing("EnsureSVM", more)
			Expect(value("ontap_extension_shoots_failing_repeatedly")).To(Equal([]float64{1, 2, 1}[i]))
		}
	})

	It("should declare nothing else, and follow Prometheus' conventions", func() {
		collectors.ObserveRequest("a", "GET", "/svm/svms", "200", time.Second)
		collectors.ObserveStep("EnsureSVM", "Done", time.Second)
		collectors.ObserveGate("a", "jobs", "inside", 1)
		collectors.ObserveJob("a", "success")
		collectors.ObserveRefusal("a", true)
		collectors.CountTolerated("Unreachable")
		collectors.CountParked()
		collectors.SetInsecure("a")
		collectors.SetHeld("a")
		collectors.ObserveSilence("a", true)
		collectors.CountFailing("EnsureSVM", 1)
		collectors.CountRepair("Sweep", "Run")
		collectors.SetSwept("InStep", 1)
		Expect(series("ontap_extension_outages_tolerated_total")).To(ConsistOf("reason=Unreachable 1"))
		Expect(family("ontap_extension_parked_svms_total").GetMetric()[0].GetCounter().GetValue()).To(Equal(1.0))
		Expect(family("ontap_extension_insecure_clusters").GetMetric()[0].GetGauge().GetValue()).To(Equal(1.0))
		Expect(family("ontap_extension_held_clusters").GetMetric()[0].GetGauge().GetValue()).To(Equal(1.0))
		Expect(must(registry.Gather())).To(HaveLen(14))
		sweep(collectors)
		Expect(must(registry.Gather())).To(HaveLen(14 + 13))
		Expect(promlint.NewWithMetricFamilies(must(registry.Gather())).Lint()).To(BeEmpty())
	})
})
