// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Beside an administrator", func() {
	var (
		w *world
		s *shoot
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		w.takeEvents()
	})
	username := func(ctx context.Context) string { return string(s.secret(ctx).Data["username"]) }
	correcting := func(c *configv1alpha1.ControllerConfiguration) { c.DriftCorrection.AdminState = true }

	DescribeTable("an administrative state should be reported, and corrected where that is configured",
		func(ctx SpecContext, disturb func(context.Context), conditionType, reason string) {
			disturb(ctx)
			_, seq := w.since(ctx, 0)
			Expect(s.reconcile(ctx)).NotTo(Succeed())
			Expect(s.condition(ctx, conditionType)).To(Equal("False " + reason))
			Expect(w.takeEvents()).To(ContainElement(HavePrefix("Warning " + reason)))
			Expect(w.effects(ctx, seq)).To(BeEmpty())
			w.reconfigure(correcting)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.condition(ctx, conditionType)).To(Equal("True Ready"))
			svm := s.state(ctx)
			Expect(svm.State).To(Equal("running"))
			Expect(svm.LIFs).To(HaveEach(HaveField("Enabled", true)))
			Expect(svm.Protocols["nvme"].Enabled).To(BeTrue())
		},
		Entry("an SVM that is stopped", func(ctx context.Context) { s.perform(ctx, simulator.StopSVM, "", "") }, "SVMReady", "SVMStopped"),
		Entry("a data LIF that is switched off", func(ctx context.Context) { s.perform(ctx, simulator.DisableLIF, "datalif+0", "") }, "NetworkReady", "LIFDisabled"),
		Entry("a management LIF that is switched off", func(ctx context.Context) { s.perform(ctx, simulator.DisableLIF, "managementlif", "") }, "NetworkReady", "LIFDisabled"),
		Entry("a protocol that is switched off", func(ctx context.Context) { s.perform(ctx, simulator.DisableProtocol, "nvme", "") }, "SVMReady", "ProtocolDisabled"),
		Entry("an account that is locked", func(ctx context.Context) { s.perform(ctx, simulator.LockAccount, username(ctx), "") }, "CredentialsReady", "AccountLocked"),
	)

	It("should not start an SVM unless every cluster has answered", func(ctx SpecContext) {
		w = newWorld("a", "b")
		w.reconfigure(correcting)
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		here := string(s.secret(ctx).Data["cluster"])
		other := map[string]string{"a": "b", "b": "a"}[here]
		Expect(w.sim.Perform(ctx, here, simulator.Act{Kind: simulator.StopSVM, SVM: s.svmName()})).To(Succeed())
		Expect(w.sim.SetDown(ctx, other)).To(Succeed())
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).To(Succeed(), "an outage, and nothing new")
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown Unreachable"))
		Expect(w.effects(ctx, seq)).To(BeEmpty())
		Expect(w.sim.SetUp(ctx, other)).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).State).To(Equal("running"))
	})

	It("should correct a limit beside a storage administrator's QoS policy group", func(ctx SpecContext) {
		s.perform(ctx, simulator.SetQoSPolicy, "", "gold")
		s.perform(ctx, simulator.SetLimit, "", "4096")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).Limits).To(Equal(simulator.LimitsState{MaxVolumes: "unlimited", QoSPolicy: "gold"}))
	})

	DescribeTable("what has changed should be corrected", func(ctx SpecContext, disturb func(context.Context)) {
		before := s.state(ctx)
		disturb(ctx)
		Expect(s.state(ctx)).NotTo(Equal(before))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx)).To(Equal(before))
	},
		Entry("an aggregate that is missing", func(ctx context.Context) {
			s.perform(ctx, simulator.SetAggregates, "", s.state(ctx).Aggregates[0])
		}),
		Entry("a limit that nobody asked for", func(ctx context.Context) { s.perform(ctx, simulator.SetLimit, "", "4096") }),
		Entry("a protocol that is allowed", func(ctx context.Context) { s.perform(ctx, simulator.AllowProtocol, "nfs", "") }),
	)

	DescribeTable("a hold should let everything only look, and nothing be placed", func(ctx SpecContext, hold, release func(context.Context)) {
		hold(ctx)
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).To(Succeed(), "there is nothing to do")
		s.perform(ctx, simulator.RemoveLIF, "datalif+0", "")
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("False HeldByAdministrator"))
		Expect(s.delete(ctx)).NotTo(Succeed())
		Expect(w.effects(ctx, seq)).To(BeEmpty())
		release(ctx)
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	},
		Entry("in the configuration",
			func(context.Context) {
				w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Hold = true })
			},
			func(context.Context) {
				w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Hold = false })
			}),
		Entry("in the SVM's comment",
			func(ctx context.Context) {
				s.perform(ctx, simulator.SetComment, "", s.mark()+" please Hold, incident 7")
			},
			func(ctx context.Context) { s.perform(ctx, simulator.SetComment, "", s.mark()+" incident 7 is over") }),
	)

	It("should write a lost mark again, once, and say so", func(ctx SpecContext) {
		s.perform(ctx, simulator.SetComment, "", "tidied up")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).Comment).To(Equal(s.mark() + " tidied up"))
		Expect(w.takeEvents()).To(ContainElement(HavePrefix("Warning SVMRemarked")))
		Expect(w.sim.TakeViolations()).To(HaveLen(1), "the one write to something unmarked that there may be")
	})

	It("should wait for an approval without repeating the write, and go on when it is given", func(ctx SpecContext) {
		w = newWorldWith(func(o *simulator.Options) { o.Clusters[0].ApprovalRules = []string{"DELETE /svm/svms/{uuid}"} }, "a")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.delete(ctx)).To(MatchError(errWaiting))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Progressing ApprovalPending"))
		w.restart()
		for range 3 {
			Expect(s.run(ctx)).To(MatchError(errWaiting), "a second POST would be a violation that fails this spec")
		}
		Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.DecideApproval, Name: "1", Value: "approved"})).To(Succeed())
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should say that an approval was refused", func(ctx SpecContext) {
		w = newWorldWith(func(o *simulator.Options) { o.Clusters[0].ApprovalRules = []string{"POST /svm/svms"} }, "a")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False ApprovalPending"))
		Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.DecideApproval, Name: "1", Value: "vetoed"})).To(Succeed())
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False ApprovalVetoed"))
	})

	Describe("limits", func() {
		policy := func(c *configv1alpha1.ControllerConfiguration) {
			c.Limits.Default = ontapv1alpha1.Limits{Capacity: "1Ti", Volumes: 100}
			c.Limits.Maximum = ontapv1alpha1.Limits{Capacity: "2Ti", IOPS: 5000}
		}

		It("should be the shoot's, else the default, else the maximum, and follow a change", func(ctx SpecContext) {
			w.reconfigure(policy)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.state(ctx).Limits).To(Equal(simulator.LimitsState{StorageBytes: 1 << 40, MaxVolumes: "100", IOPS: 5000}))
			s.misconfigure(ctx, set("limits", map[string]any{"capacity": "100Gi", "volumes": 10, "mbps": 50}))
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.state(ctx).Limits).To(Equal(simulator.LimitsState{StorageBytes: 100 << 30, MaxVolumes: "10", IOPS: 5000, MBps: 50}))
			w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Limits = configv1alpha1.LimitsPolicy{} })
			s.misconfigure(ctx, without("limits"))
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.state(ctx).Limits).To(Equal(simulator.LimitsState{MaxVolumes: "unlimited"}))
		})

		It("should be refused below what is in use", func(ctx SpecContext) {
			s.perform(ctx, simulator.AddVolume, "one", "")
			s.perform(ctx, simulator.AddVolume, "two", "")
			s.misconfigure(ctx, set("limits", map[string]any{"volumes": 1}))
			Expect(s.reconcile(ctx)).NotTo(Succeed())
			Expect(s.condition(ctx, "SVMReady")).To(Equal("False LimitsRejected"))
			Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorRetryableConfigurationProblem))
		})
	})

	DescribeTable("should not place an SVM where none may be", func(ctx SpecContext, disturb func(*world), condition string, codes ...gardencorev1beta1.ErrorCode) {
		w = newWorld("a")
		disturb(w)
		s = w.newShoot(ctx, 1)
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal(condition))
		Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(codes))
		Expect(w.effects(ctx, seq)).To(BeEmpty())
	},
		Entry("on a held cluster", func(w *world) {
			w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Hold = true })
		}, "False NoEligibleCluster"),
		Entry("on a full cluster", func(w *world) {
			Expect(w.sim.AddSVMs(context.Background(), "a", 3)).To(Succeed())
			w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].MaxSVMs = 3 })
		}, "False NoEligibleCluster"),
		Entry("without room", func(w *world) {
			for _, name := range []string{"a_01_aggr1", "a_01_aggr2", "a_02_aggr1", "a_02_aggr2", "a_03_aggr1", "a_03_aggr2"} {
				Expect(w.sim.Perform(context.Background(), "a", simulator.Act{Kind: simulator.SetAvailable, Name: name, Value: "1000"})).To(Succeed())
			}
			for _, name := range []string{"a_04_aggr1", "a_04_aggr2"} {
				Expect(w.sim.Perform(context.Background(), "a", simulator.Act{Kind: simulator.SetAggregateState, Name: name, Value: "offline"})).To(Succeed())
			}
		}, "False CapacityExhausted", gardencorev1beta1.ErrorInfraResourcesDepleted),
	)

	It("should make a half-made SVM again that is provably the shoot's, and no other", func(ctx SpecContext) {
		w = newWorld("a")
		s = w.newShoot(ctx, 1)
		Expect(w.sim.FailNext(ctx, simulator.Fault{Method: "POST", Path: "/svm/svms", Kind: simulator.StickInitializing})).To(Succeed())
		Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring("made again")))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).State).To(Equal("running"))

		w = newWorldWith(func(o *simulator.Options) { o.HideCommentUntilRunning = true }, "a")
		s = w.newShoot(ctx, 1)
		Expect(w.sim.FailNext(ctx, simulator.Fault{Method: "POST", Path: "/svm/svms", Kind: simulator.StickInitializing})).To(Succeed())
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMIncomplete"))
		Expect(s.svms(ctx)).To(HaveLen(1))
	})
})

var _ = Describe("Outage", func() {
	var (
		w *world
		s *shoot
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a", "b")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
	})
	down := func(ctx context.Context) {
		GinkgoHelper()
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		Expect(w.sim.SetDown(ctx, "b")).To(Succeed())
	}

	It("should not fail a reconcile in which nothing new is to be done, and be told", func(ctx SpecContext) {
		w.restart()
		down(ctx)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.extension(ctx).Status.LastError).To(BeNil())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown Unreachable"))
		Expect(w.takeEvents()).To(ContainElement(HavePrefix("Warning Unreachable")))
	})

	It("should not fail it either when the login is refused", func(ctx SpecContext) {
		for _, c := range w.config.Clusters {
			Expect(simulator.WriteFile(c.CredentialsDirectory+"/password", []byte("wrong"))).To(Succeed())
		}
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False AccessDenied"))
	})

	DescribeTable("should fail what is new", func(ctx SpecContext, change func(context.Context)) {
		change(ctx)
		down(ctx)
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.reconcile(ctx)).NotTo(Succeed(), "also in the next run")
		Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorRetryableInfraDependencies))
	},
		Entry("another wish of the shoot", func(ctx context.Context) { s.misconfigure(ctx, set("managementLIF", "10.10.0.99")) }),
		Entry("another setting of the operator", func(context.Context) { w.reconfigure(withRoutes) }),
		Entry("fresh credentials", func(ctx context.Context) { Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed()) }),
	)

	It("should fail a deletion", func(ctx SpecContext) {
		down(ctx)
		Expect(s.delete(ctx)).NotTo(Succeed())
	})
})
