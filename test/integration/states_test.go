// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"slices"
	"strings"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// shown are the series of metrics whose names begin so, without the namespace of the extension, the labels in braces.
func (w *world) shown(prefixes ...string) map[string]float64 {
	GinkgoHelper()
	families, err := w.Metrics.Gather()
	Expect(err).NotTo(HaveOccurred())
	series := map[string]float64{}
	for _, family := range families {
		name := strings.TrimPrefix(family.GetName(), "ontap_extension_")
		if !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
			continue
		}
		for _, metric := range family.Metric {
			var labels []string
			for _, label := range metric.Label {
				labels = append(labels, label.GetValue())
			}
			series[name+"{"+strings.Join(labels, ",")+"}"] = metric.GetGauge().GetValue()
		}
	}
	return series
}

var _ = Describe("What a sweep shows of SVMs", func() {
	const gigabyte = 1 << 30
	var (
		w       *world
		s       *shoot
		repairs *repairs
		of      string
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a")
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Limits.Default.Capacity = "10Gi" })
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		repairs = w.newRepairs(ctx)
		of = "{a," + s.key().Namespace
	})
	swept := func(ctx context.Context, prefixes ...string) map[string]float64 {
		GinkgoHelper()
		Expect(repairs.look(ctx, sweep)).To(Succeed())
		return w.shown(prefixes...)
	}

	It("should be nothing before the first one", func() {
		Expect(w.shown("svm_", "seed_secret_created", "aggregate_", "marked_", "swept_clusters")).To(BeEmpty())
	})

	It("should be the state, what is free, and when the seed secret was created", func(ctx SpecContext) {
		s.perform(ctx, simulator.AddVolume, "v", "")
		Expect(swept(ctx, "svm_", "seed_secret_created", "marked_", "swept_clusters")).To(Equal(map[string]float64{
			"svm_state" + of + ",running}":                     1,
			"svm_lifs_down" + of + "}":                         0,
			"svm_account_locked" + of + "}":                    0,
			"svm_held" + of + "}":                              0,
			"svm_allocated_bytes" + of + "}":                   gigabyte,
			"svm_limit_bytes" + of + "}":                       10 * gigabyte,
			"seed_secret_created_timestamp_seconds" + of + "}": float64(s.secret(ctx).CreationTimestamp.Unix()),
			"marked_svms{a,active}":                            1,
			"marked_svms{a,deleting}":                          0,
			"marked_svms{a,parked}":                            0,
			"marked_svms{a,other}":                             0,
			"swept_clusters{a}":                                1,
		}))
		Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetAvailable, Name: "a_01_aggr1", Value: "7"})).To(Succeed())
		Expect(swept(ctx, "aggregate_")).To(And(
			HaveKeyWithValue("aggregate_available_bytes{a_01_aggr1,a}", 7.0), HaveKeyWithValue("aggregate_size_bytes{a_01_aggr1,a}", float64(1<<40)),
		))
	})

	It("should be what has happened to it", func(ctx SpecContext) {
		s.perform(ctx, simulator.DisableLIF, "datalif+0", "")
		s.perform(ctx, simulator.LockAccount, string(s.secret(ctx).Data["username"]), "")
		s.perform(ctx, simulator.SetComment, "", s.mark()+" hold, please")
		Expect(swept(ctx, "svm_lifs", "svm_account", "svm_held")).To(Equal(map[string]float64{
			"svm_lifs_down" + of + "}": 1, "svm_account_locked" + of + "}": 1, "svm_held" + of + "}": 1,
		}))
		s.perform(ctx, simulator.StopSVM, "", "")
		Expect(swept(ctx, "svm_state", "svm_lifs")).To(Equal(map[string]float64{"svm_state" + of + ",stopped}": 1, "svm_lifs_down" + of + "}": 0}))
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		Expect(swept(ctx, "svm_", "swept_clusters", "marked_", "aggregate_")).To(Equal(map[string]float64{
			"svm_state" + of + ",unknown}": 1, "swept_clusters{a}": 0,
		}))
		Expect(w.sim.SetUp(ctx, "a")).To(Succeed())
		s.perform(ctx, simulator.RemoveSVM, "", "")
		Expect(swept(ctx, "svm_")).To(Equal(map[string]float64{"svm_state" + of + ",missing}": 1}))
	})

	It("should be nothing of a shoot that is paused, so that nobody is called for it", func(ctx SpecContext) {
		s.perform(ctx, simulator.StopSVM, "", "")
		s.pause(ctx, `"true"`)
		Expect(swept(ctx, "svm_", "seed_secret_created")).To(BeEmpty())
		s.pause(ctx, `null`)
		Expect(swept(ctx, "svm_state")).To(Equal(map[string]float64{"svm_state" + of + ",stopped}": 1}))
	})

	It("should be there for a shoot whose reconcile fails, but not for one that was never made or goes", func(ctx SpecContext) {
		other := w.newShoot(ctx, 2)
		Expect(swept(ctx, "svm_state")).To(HaveLen(1))
		extension := s.extension(ctx)
		extension.Status.LastOperation.State = gardencorev1beta1.LastOperationStateError
		Expect(w.seed.Status().Update(ctx, extension)).To(Succeed())
		Expect(swept(ctx, "svm_state")).To(HaveKey("svm_state" + of + ",running}"))
		Expect(other.reconcile(ctx)).To(Succeed())
		Expect(swept(ctx, "svm_state")).To(HaveLen(2))
		Expect(s.delete(ctx)).To(Succeed())
		Expect(w.shown("svm_state")).To(HaveLen(1), "it goes at once")
		Expect(swept(ctx, "svm_state")).To(HaveLen(1))
	})

	It("should count what is parked", func(ctx SpecContext) {
		s.perform(ctx, simulator.AddVolume, "v", "")
		Expect(s.delete(ctx)).To(Succeed())
		Expect(swept(ctx, "marked_")).To(And(HaveKeyWithValue("marked_svms{a,parked}", 1.0), HaveKeyWithValue("marked_svms{a,active}", 0.0)))
	})
})
