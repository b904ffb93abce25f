// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package metrics_test

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/metrics"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// sweep tells of a sweep with two clusters, of which one did not answer, and three shoots.
func sweep(collectors *metrics.Collectors) {
	collectors.BeginSweeps(time.Unix(1000, 0), 10*time.Minute)
	collectors.ObserveSweep(time.Unix(1600, 0),
		map[string]svm.ClusterState{
			"a": {Answered: true, Marked: map[string]int{"active": 2, "parked": 1}, Aggregates: []svm.AggregateState{{Name: "aggr1", Size: 100, Available: 7}}},
			"b": {},
		},
		map[string]svm.State{
			"shoot--p--one": {
				Cluster: "a", SVM: "running", LIFsDown: 2, AccountLocked: true, Held: true, AllocatedBytes: 5, LimitBytes: 6, SecretCreated: time.Unix(900, 0),
			},
			"shoot--p--two":   {Cluster: "a", SVM: "stopped"},
			"shoot--p--three": {Cluster: "b", SVM: "unknown"},
		})
}

var _ = Describe("Sweeps", func() {
	var (
		registry   *prometheus.Registry
		collectors *metrics.Collectors
	)
	BeforeEach(func() {
		registry = prometheus.NewPedanticRegistry()
		collectors = must(metrics.New(registry))
	})

	// shown are all series of these metrics, without their comments.
	shown := func(names ...string) []string {
		GinkgoHelper()
		full := make([]string, 0, len(names))
		for _, name := range names {
			full = append(full, "ontap_extension_"+name)
		}
		text, err := testutil.CollectAndFormat(registry, expfmt.TypeTextPlain, full...)
		Expect(err).NotTo(HaveOccurred())
		var lines []string
		for line := range strings.Lines(string(text)) {
			if !strings.HasPrefix(line, "#") {
				lines = append(lines, strings.TrimSpace(strings.TrimPrefix(line, "ontap_extension_")))
			}
		}
		return lines
	}
	ofShoots := []string{
		"svm_state", "svm_lifs_down", "svm_account_locked", "svm_held", "svm_allocated_bytes", "svm_limit_bytes", "seed_secret_created_timestamp_seconds",
	}
	ofClusters := []string{"swept_clusters", "marked_svms", "aggregate_size_bytes", "aggregate_available_bytes"}
	clocks := []string{"last_sweep_timestamp_seconds", "sweep_interval_seconds"}

	It("should show nothing where nobody sweeps, as in a replica that does not lead", func() {
		Expect(shown(append(append(ofShoots, ofClusters...), clocks...)...)).To(BeEmpty())
	})

	It("should show when sweeps began before there was one", func() {
		collectors.BeginSweeps(time.Unix(1000, 0), 10*time.Minute)
		Expect(shown(clocks...)).To(ConsistOf("last_sweep_timestamp_seconds 1000", "sweep_interval_seconds 600"))
		Expect(shown(ofShoots...)).To(BeEmpty())
	})

	It("should show what was seen of clusters, and no more than that one did not answer", func() {
		sweep(collectors)
		Expect(shown(clocks...)).To(ContainElement("last_sweep_timestamp_seconds 1600"))
		Expect(shown(ofClusters...)).To(ConsistOf(
			`swept_clusters{cluster="a"} 1`, `swept_clusters{cluster="b"} 0`,
			`marked_svms{cluster="a",mark="active"} 2`, `marked_svms{cluster="a",mark="parked"} 1`,
			`aggregate_size_bytes{aggregate="aggr1",cluster="a"} 100`, `aggregate_available_bytes{aggregate="aggr1",cluster="a"} 7`,
		))
	})

	It("should show what was seen of SVMs by the shoot's namespace and the cluster, and nothing that was not", func() {
		sweep(collectors)
		Expect(shown(ofShoots...)).To(ConsistOf(
			`svm_state{cluster="a",shoot_namespace="shoot--p--one",state="running"} 1`,
			`svm_lifs_down{cluster="a",shoot_namespace="shoot--p--one"} 2`,
			`svm_account_locked{cluster="a",shoot_namespace="shoot--p--one"} 1`,
			`svm_held{cluster="a",shoot_namespace="shoot--p--one"} 1`,
			`svm_allocated_bytes{cluster="a",shoot_namespace="shoot--p--one"} 5`,
			`svm_limit_bytes{cluster="a",shoot_namespace="shoot--p--one"} 6`,
			`seed_secret_created_timestamp_seconds{cluster="a",shoot_namespace="shoot--p--one"} 900`,
			`svm_state{cluster="a",shoot_namespace="shoot--p--two",state="stopped"} 1`,
			`svm_lifs_down{cluster="a",shoot_namespace="shoot--p--two"} 0`,
			`svm_account_locked{cluster="a",shoot_namespace="shoot--p--two"} 0`,
			`svm_held{cluster="a",shoot_namespace="shoot--p--two"} 0`,
			`svm_state{cluster="b",shoot_namespace="shoot--p--three",state="unknown"} 1`,
		))
	})

	It("should show nothing more of a shoot whose Extension goes", func() {
		sweep(collectors)
		collectors.ForgetShoot("shoot--p--one")
		Expect(shown(ofShoots...)).NotTo(ContainElement(ContainSubstring("shoot--p--one")))
		Expect(shown("svm_state")).To(HaveLen(2))
	})
})
