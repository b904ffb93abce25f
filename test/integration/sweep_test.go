// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/repair"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// drift is something that is lost or changed on ONTAP.
type drift struct {
	kind        simulator.ActKind
	name, value string
}

func (d drift) happen(ctx context.Context, s *shoot) {
	GinkgoHelper()
	name := d.name
	if name == "account" {
		name = string(s.secret(ctx).Data["username"])
	}
	s.perform(ctx, d.kind, name, d.value)
}

var _ = Describe("The sweep", func() {
	var (
		w       *world
		s       *shoot
		repairs *repairs
	)

	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		repairs = w.newRepairs(ctx)
	})

	sweeping := func(ctx context.Context) {
		GinkgoHelper()
		Expect(repairs.look(ctx, sweep)).To(Succeed())
		repairs.settle(ctx)
	}

	// writes are the writes that reached ONTAP while something was done.
	writes := func(ctx context.Context, do func()) []string {
		GinkgoHelper()
		_, before := w.since(ctx, 0)
		do()
		entries, _ := w.since(ctx, before)
		lines := []string{}
		for _, entry := range entries {
			if entry.Class == simulator.Write {
				lines = append(lines, entry.Method+" "+entry.Template)
			}
		}
		return lines
	}

	DescribeTable("should have restored what is missing or changed on ONTAP", func(ctx SpecContext, lost drift, healed ...string) {
		lost.happen(ctx, s)
		Expect(writes(ctx, func() { sweeping(ctx) })).To(Equal(healed))
		Expect(writes(ctx, func() { sweeping(ctx) })).To(BeEmpty())
		s.expectConditions(ctx, "True Ready")
		Expect(repairs.look(ctx, sweep)).To(Succeed())
		Expect(repairs.shoots()).To(BeEmpty(), "the next sweep found nothing to look at")
	},
		Entry("a data LIF", drift{kind: simulator.RemoveLIF, name: "datalif+1"}, "POST /network/ip/interfaces"),
		Entry("the management LIF", drift{kind: simulator.RemoveLIF, name: "managementlif"}, "POST /network/ip/interfaces"),
		Entry("a service policy", drift{simulator.SetServicePolicy, "datalif+0", "default-management"}, "PATCH /network/ip/interfaces/{uuid}"),
		Entry("a limit", drift{kind: simulator.SetLimit, value: "1"}, "PATCH /svm/svms/{uuid}"),
		Entry("an allowed protocol", drift{kind: simulator.AllowProtocol, name: "nfs"}, "PATCH /svm/svms/{uuid}"),
	)

	DescribeTable("should have told of what a storage administrator has done, and have it undone only where that is wanted",
		func(ctx SpecContext, done drift, conditionType, reason, corrected string) {
			done.happen(ctx, s)
			Expect(writes(ctx, func() { sweeping(ctx) })).To(BeEmpty())
			Expect(s.condition(ctx, conditionType)).To(Equal("False " + reason))
			w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.DriftCorrection.AdminState = true })
			Expect(s.reconcile(ctx)).To(Succeed(), "what is corrected is new to the shoot")
			repairs = w.newRepairs(ctx)
			done.happen(ctx, s)
			Expect(writes(ctx, func() { sweeping(ctx) })).To(Equal([]string{corrected}))
			Expect(writes(ctx, func() { sweeping(ctx) })).To(BeEmpty(), "Trident has found out that it can log in again, which shows now")
			s.expectConditions(ctx, "True Ready")
		},
		Entry("a stopped SVM", drift{kind: simulator.StopSVM}, "SVMReady", "SVMStopped", "PATCH /svm/svms/{uuid}"),
		Entry("a LIF that is switched off", drift{kind: simulator.DisableLIF, name: "datalif+0"}, "NetworkReady", "LIFDisabled", "PATCH /network/ip/interfaces/{uuid}"),
		Entry("a locked account", drift{kind: simulator.LockAccount, name: "account"}, "CredentialsReady", "AccountLocked", "PATCH /security/accounts/{owner.uuid}/{name}"),
	)

	It("should write a lost owner mark again, since UUID and name are the recorded ones", func(ctx SpecContext) {
		s.perform(ctx, simulator.SetComment, "", "somebody else's words")
		Expect(writes(ctx, func() { sweeping(ctx) })).To(Equal([]string{"PATCH /svm/svms/{uuid}"}))
		Expect(s.svmState(ctx).Comment).To(Equal(s.mark() + " somebody else's words"))
		Expect(w.sim.TakeViolations()).To(ConsistOf(HaveField("Kind", simulator.Unmarked)))
	})

	It("should take back a condition whose cause has gone", func(ctx SpecContext) {
		s.perform(ctx, simulator.DisableLIF, "datalif+0", "")
		sweeping(ctx)
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("False LIFDisabled"))
		s.perform(ctx, simulator.RemoveLIF, "datalif+0", "")
		sweeping(ctx)
		s.expectConditions(ctx, "True Ready")
	})

	It("should make no SVM, and say that it is missing", func(ctx SpecContext) {
		s.removeSVM(ctx)
		Expect(writes(ctx, func() { sweeping(ctx) })).To(BeEmpty())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMMissing"))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.svms(ctx)).To(HaveLen(1))
	})

	It("should find a seed secret that is missing though no watch has told", func(ctx SpecContext) {
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		sweeping(ctx)
		Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
		s.expectConditions(ctx, "True Ready")
	})

	It("should say nothing about SVMs of a cluster that does not answer", func(ctx SpecContext) {
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		Expect(repairs.look(ctx, sweep)).To(Succeed())
		Expect(repairs.shoots()).To(BeEmpty())
		Expect(w.gauge("ontap_extension_swept_shoots", "Unknown")).To(BeEquivalentTo(1))
		s.expectConditions(ctx, "True Ready")
	})

	DescribeTable("should write nothing because of what is new", func(ctx SpecContext, change func(*configv1alpha1.ControllerConfiguration)) {
		w.reconfigure(change)
		repairs = w.newRepairs(ctx)
		before := s.extension(ctx).ResourceVersion
		Expect(writes(ctx, func() { sweeping(ctx); sweeping(ctx) })).To(BeEmpty())
		Expect(s.extension(ctx).ResourceVersion).To(Equal(before))
		Expect(w.gauge("ontap_extension_swept_shoots", "Pending")).To(BeEquivalentTo(1))
	},
		Entry("in a network", func(c *configv1alpha1.ControllerConfiguration) {
			c.Clusters[0].Networks.Management.IPv4PrefixLength = 24
		}),
		Entry("in the default limits", func(c *configv1alpha1.ControllerConfiguration) { c.Limits.Default.Volumes = 7 }),
		Entry("in the role of accounts", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].AccountRole = "vsadmin-volume" }),
	)
})

// scale is what make test divides 1,000 shoots and the 1,000 records of a page by, which gives the same number of requests.
func scale() int {
	if os.Getenv("FULL_SIZE") != "" {
		return 1
	}
	return 10
}

var _ = Describe("A seed with 1,000 shoots", func() {
	It("should be swept in 12 requests a cluster, be restarted without any, and be left alone while it is in step", func(ctx SpecContext) {
		if testing.Short() {
			Skip("many shoots are for make test, not for the inner loop")
		}
		w := newWorldWith(func(o *simulator.Options) { o.PageSize = 1000 / scale() }, "a", "b")
		for number := 1; number <= 1000/scale(); number++ {
			s := w.newShoot(ctx, number)
			s.hibernate(ctx, true) // what goes on inside costs nothing on ONTAP, and most of the time of this spec
			Expect(s.Run(ctx)).To(Succeed())
			w.takeEvents()
		}
		w.restart()
		repairs := w.newRepairs(ctx)
		_, before := w.since(ctx, 0)
		Expect(repairs.Settle(ctx, time.Minute)).To(Succeed())
		entries, before := w.since(ctx, before)
		Expect(requests(entries)).To(BeEmpty(), "in the first minute after a restart, of which at most 20 may be")

		Expect(repairs.Due(10 * time.Minute)).To(Equal([]repair.Request{sweep}))
		Expect(repairs.look(ctx, sweep)).To(Succeed())
		entries, _ = w.since(ctx, before)
		asked := requests(entries)
		AddReportEntry("requests of a sweep", strings.Join(asked, "\n"))
		for _, cluster := range []string{"a", "b"} {
			count := 0
			for _, line := range asked {
				if strings.HasPrefix(line, cluster+" ") {
					count++
				}
			}
			Expect(count).To(BeNumerically("<=", 12), fmt.Sprintf("requests to cluster %s", cluster))
		}
		Expect(repairs.shoots()).To(BeEmpty(), "nobody is looked at by itself")
		Expect(w.gauge("ontap_extension_swept_shoots", "InStep")).To(BeEquivalentTo(1000 / scale()))
	})
})

// gauge is the value of a gauge with one label.
func (w *world) gauge(name, label string) float64 {
	GinkgoHelper()
	families, err := w.Metrics.Gather()
	Expect(err).NotTo(HaveOccurred())
	for _, family := range families {
		for _, metric := range family.Metric {
			if family.GetName() == name && len(metric.Label) == 1 && metric.Label[0].GetValue() == label {
				return metric.Gauge.GetValue()
			}
		}
	}
	Fail("there is no gauge " + name + " of " + label)
	return 0
}
