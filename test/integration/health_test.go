// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

const (
	controlPlane     = "ControlPlaneHealthy"
	systemComponents = "SystemComponentsHealthy"
)

// check checks the health of the shoot once, which asks ONTAP nothing and tells nobody a password.
func (s *shoot) check(ctx context.Context) {
	GinkgoHelper()
	checks, err := s.world.NewHealthChecks()
	Expect(err).NotTo(HaveOccurred())
	_, before := s.since(ctx, 0)
	_, err = checks.Reconcile(ctx, reconcile.Request{NamespacedName: s.key()})
	Expect(err).NotTo(HaveOccurred())
	entries, _ := s.since(ctx, before)
	Expect(requests(entries)).To(BeEmpty())
	for _, condition := range s.extension(ctx).Status.Conditions {
		Expect(condition.Message).NotTo(ContainSubstring(s.sim.Cluster("a").Password()))
	}
}

// health is a condition after a check, as "Status message".
func (s *shoot) health(ctx context.Context, conditionType gardencorev1beta1.ConditionType) string {
	GinkgoHelper()
	s.check(ctx)
	condition := v1beta1helper.GetCondition(s.extension(ctx).Status.Conditions, conditionType)
	Expect(condition).NotTo(BeNil())
	return string(condition.Status) + " " + condition.Message
}

// holds lets a condition have been what it is for some time.
func (s *shoot) holds(ctx context.Context, conditionType gardencorev1beta1.ConditionType, status gardencorev1beta1.ConditionStatus, long time.Duration) {
	GinkgoHelper()
	extension := s.extension(ctx)
	condition := v1beta1helper.GetOrInitConditionWithClock(s.clock, extension.Status.Conditions, conditionType)
	condition.Status, condition.Reason, condition.LastTransitionTime = status, "Spec", metav1.NewTime(time.Now().Add(-long))
	extension.Status.Conditions = v1beta1helper.MergeConditions(extension.Status.Conditions, condition)
	Expect(s.seed.Status().Update(ctx, extension)).To(Succeed())
}

var _ = Describe("Health", func() {
	const (
		good = "True All health checks successful"
		seen = ` \(seen at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)\.?$`
	)
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
	}

	It("should be good of a shoot that is in order, beside our own conditions", func(ctx SpecContext) {
		sweeping(ctx)
		Expect(s.health(ctx, controlPlane)).To(Equal(good))
		Expect(s.health(ctx, systemComponents)).To(Equal(good))
		s.expectConditions(ctx, "True Ready")
		Expect(s.extension(ctx).Status.Conditions).To(HaveLen(7))
		before := s.extension(ctx).ResourceVersion
		s.check(ctx)
		Expect(s.extension(ctx).ResourceVersion).To(Equal(before), "a check that finds nothing new changes nothing")
	})

	DescribeTable("should be as a sweep has seen the SVM, and good again after the next one that sees it in order",
		func(ctx SpecContext, expected string, done ...drift) {
			for _, one := range done {
				one.happen(ctx, s)
			}
			Expect(s.health(ctx, controlPlane)).To(HavePrefix("Progressing "), "no sweep has looked yet")
			sweeping(ctx)
			Expect(s.health(ctx, controlPlane)).To(MatchRegexp("^" + expected))
			w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.DriftCorrection.AdminState = true })
			Expect(s.reconcile(ctx)).To(Succeed())
			repairs = w.newRepairs(ctx)
			sweeping(ctx)
			Expect(s.health(ctx, controlPlane)).To(Equal(good))
			w.sim.TakeViolations()
		},
		Entry("a stopped SVM", `False SVM s\w+ on cluster "a" is stopped: find out why, and start it`+seen, drift{kind: simulator.StopSVM}),
		Entry("an SVM that is gone", `False no cluster has SVM s\w+: `, drift{kind: simulator.RemoveSVM}),
		Entry("LIFs that are switched off", `False no data LIF of SVM s\w+ on cluster "a" is up: datalif\+0 \(10.11.0.1\) is switched off, .*; datalif\+1 \(10.12.0.1\)`,
			drift{kind: simulator.DisableLIF, name: "datalif+0"}, drift{kind: simulator.DisableLIF, name: "datalif+1"}),
		Entry("LIFs that are gone", `False no data LIF of SVM s\w+ on cluster "a" is up: there is none`,
			drift{kind: simulator.RemoveLIF, name: "datalif+0"}, drift{kind: simulator.RemoveLIF, name: "datalif+1"}),
		Entry("a locked account", `False account \S+ of SVM s\w+ on cluster "a" is locked: `, drift{kind: simulator.LockAccount, name: "account"}),
		Entry("a LIF that is not the last one", good, drift{kind: simulator.DisableLIF, name: "datalif+0"}),
		Entry("limits, which are no matter of health", good, drift{kind: simulator.SetLimit, value: "1"}),
		Entry("a mark that is lost, with the SVM at work", good, drift{kind: simulator.SetComment, value: "somebody else's words"}),
		Entry("another name", good, drift{kind: simulator.RenameSVM, value: "renamed"}),
	)

	It("should be bad when all nodes are down on which data LIFs lie", func(ctx SpecContext) {
		for _, node := range []string{"a-01", "a-02", "a-03", "a-04"} {
			Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetNodeState, Name: node, Value: "down"})).To(Succeed())
		}
		sweeping(ctx)
		Expect(s.health(ctx, controlPlane)).To(And(HavePrefix("False no data LIF"), ContainSubstring("datalif+0 (10.11.0.1) is down, look at its ports and node")))
	})

	It("should be in doubt while the cluster does not answer, and bad when that lasts", func(ctx SpecContext) {
		sweeping(ctx)
		Expect(s.health(ctx, controlPlane)).To(Equal(good))
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		sweeping(ctx)
		inDoubt := And(ContainSubstring("nothing is known of SVM "+s.svmName()), ContainSubstring(`cluster "a"`))
		Expect(s.health(ctx, controlPlane)).To(And(HavePrefix("Progressing "), inDoubt))
		s.holds(ctx, controlPlane, "Progressing", 12*time.Minute)
		Expect(s.health(ctx, controlPlane)).To(HavePrefix("Progressing "), "only one sweep has seen it")
		s.holds(ctx, controlPlane, "Progressing", 13*time.Minute)
		Expect(s.health(ctx, controlPlane)).To(And(HavePrefix("False "), inDoubt))
		Expect(w.sim.SetUp(ctx, "a")).To(Succeed())
		w.clock.Step(time.Minute)
		sweeping(ctx)
		Expect(s.health(ctx, controlPlane)).To(Equal(good))
	})

	It("should be good while another cluster does not answer", func(ctx SpecContext) {
		w = newWorld("a", "b")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		repairs = w.newRepairs(ctx)
		Expect(w.sim.SetDown(ctx, s.partner(ctx))).To(Succeed())
		sweeping(ctx)
		Expect(s.health(ctx, controlPlane)).To(Equal(good))
	})

	DescribeTable("should be in doubt during a switchover of a MetroCluster",
		func(ctx SpecContext, name, expected string) {
			w = metroCluster()
			s = w.newShoot(ctx, 1)
			Expect(s.reconcile(ctx)).To(Succeed())
			repairs = w.newRepairs(ctx)
			s.halves(ctx)
			sweeping(ctx)
			Expect(s.health(ctx, controlPlane)).To(Equal(good))
			troubles[name].begin(ctx, w, s.home(ctx), s.partner(ctx))
			s.halves(ctx)
			sweeping(ctx)
			Expect(s.health(ctx, controlPlane)).To(ContainSubstring(expected))
			troubles[name].end(ctx, w, s.home(ctx), s.partner(ctx))
			s.halves(ctx)
			sweeping(ctx)
			Expect(s.health(ctx, controlPlane)).To(Equal(good))
		},
		Entry("unplanned", "an unplanned switchover", "which serves for its MetroCluster partner"),
		Entry("negotiated", "a negotiated switchover", "which serves for its MetroCluster partner"),
		Entry("not done, with the SVM's half down", "the SVM's own half down", "Progressing nothing is known of SVM"),
	)

	Describe("without a fresh sweep", func() {
		It("should be unknown, with the age, and not before two intervals are over", func(ctx SpecContext) {
			sweeping(ctx)
			w.clock.Step(20 * time.Minute)
			Expect(s.health(ctx, controlPlane)).To(Equal(good))
			w.clock.Step(11 * time.Minute)
			Expect(s.health(ctx, controlPlane)).To(MatchRegexp(`^Unknown .*nothing was found out about the SVM since \S+Z, more than 30m0s ago`))
			Expect(s.health(ctx, systemComponents)).To(Equal(good))
		})

		DescribeTable("should be what a start of the extension makes of what it was before",
			func(ctx SpecContext, before gardencorev1beta1.ConditionStatus, after string) {
				sweeping(ctx)
				s.holds(ctx, controlPlane, before, time.Hour)
				w.restart()
				Expect(s.health(ctx, controlPlane)).To(HavePrefix(after+" the extension has been started"), "nothing sweeps yet")
				s.holds(ctx, controlPlane, before, time.Hour)
				repairs = w.newRepairs(ctx)
				Expect(s.health(ctx, controlPlane)).To(HavePrefix(after + " the extension has been started"))
				w.clock.Step(21 * time.Minute)
				Expect(s.health(ctx, controlPlane)).To(HavePrefix("Unknown "), "the first sweep should have ended long ago")
			},
			Entry("good", gardencorev1beta1.ConditionTrue, "Progressing"),
			Entry("unknown", gardencorev1beta1.ConditionUnknown, "Progressing"),
			Entry("bad", gardencorev1beta1.ConditionFalse, "False"),
		)

		It("should not be replaced by what a sweep has seen that ran out of time", func(ctx SpecContext) {
			cancel := func() {}
			w.inject(interceptor.Funcs{List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				if _, last := list.(*corev1.SecretList); last {
					defer cancel() // before ONTAP is asked
				}
				return c.List(ctx, list, options...)
			}})
			repairs = w.newRepairs(ctx)
			sweeping(ctx)
			ended, end := context.WithCancel(ctx)
			DeferCleanup(end)
			cancel = end
			Expect(repairs.Look(ended, sweep)).To(MatchError(context.Canceled))
			Expect(s.health(ctx, controlPlane)).To(Equal(good))
		})
	})

	DescribeTable("should not turn bad for a shoot that sweeps leave to Gardener, and say what its last run has seen",
		func(ctx SpecContext, leave func(context.Context, *shoot), expected string) {
			sweeping(ctx)
			Expect(s.health(ctx, controlPlane)).To(Equal(good))
			leave(ctx, s)
			s.perform(ctx, simulator.StopSVM, "", "")
			sweeping(ctx)
			Expect(w.gauge("ontap_extension_swept_shoots", "Excluded")).To(BeEquivalentTo(1))
			Expect(s.health(ctx, controlPlane)).To(HavePrefix(expected))
			Expect(s.health(ctx, systemComponents)).To(HavePrefix("True"))
		},
		Entry("which Gardener is about to reconcile", func(ctx context.Context, s *shoot) {
			Expect(s.annotate(ctx, "reconcile")).To(Succeed())
		}, good),
		Entry("whose last reconcile has failed", func(ctx context.Context, s *shoot) {
			s.perform(ctx, simulator.StopSVM, "", "")
			Expect(s.reconcile(ctx)).NotTo(Succeed())
		}, "Progressing sweeps leave the shoot to Gardener's reconcile, which has not brought SVMReady yet"),
		Entry("which has failed", func(ctx context.Context, s *shoot) {
			s.Operation = &gardencorev1beta1.LastOperation{Type: gardencorev1beta1.LastOperationTypeReconcile, State: gardencorev1beta1.LastOperationStateFailed}
			s.writeCluster(ctx, "seed-1")
		}, good),
		Entry("which is to go", func(ctx context.Context, s *shoot) { Expect(s.Doom(ctx)).To(Succeed()) }, good),
		Entry("which is to migrate", func(ctx context.Context, s *shoot) { Expect(s.annotate(ctx, "migrate")).To(Succeed()) }, good),
		Entry("whose Extension goes", func(ctx context.Context, s *shoot) { Expect(s.DeleteExtension(ctx)).To(Succeed()) }, good),
	)

	It("should be told only when no operation is on the Extension, since that would be carried out twice", func(ctx SpecContext) {
		Expect(s.annotate(ctx, "reconcile")).To(Succeed())
		before := s.extension(ctx)
		sweeping(ctx)
		s.check(ctx)
		Expect(s.extension(ctx)).To(Equal(before))
		Expect(s.run(ctx)).To(Succeed())
		Expect(s.health(ctx, systemComponents)).To(Equal(good))
	})

	It("should be that of the first run for a shoot that is younger than the last sweep", func(ctx SpecContext) {
		sweeping(ctx)
		s = w.newShoot(ctx, 2)
		Expect(s.health(ctx, controlPlane)).To(HavePrefix("Progressing sweeps leave the shoot to Gardener's reconcile, which has not brought SVMReady yet"))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.health(ctx, controlPlane)).To(Equal(good))
	})

	It("should be good while the shoot hibernates", func(ctx SpecContext) {
		s.hibernate(ctx, true)
		s.perform(ctx, simulator.StopSVM, "", "")
		sweeping(ctx)
		Expect(s.health(ctx, controlPlane)).To(Equal("True Shoot is hibernated"))
		Expect(s.health(ctx, systemComponents)).To(Equal("True Shoot is hibernated"))
		s.hibernate(ctx, false)
		Expect(s.health(ctx, controlPlane)).To(HavePrefix("False SVM"), "sweeps have gone on")
	})

	DescribeTable("should be as seen, though something is to be left as it is, or to be applied first",
		func(ctx SpecContext, change func(*configv1alpha1.ControllerConfiguration)) {
			w.reconfigure(change)
			repairs = w.newRepairs(ctx)
			sweeping(ctx)
			Expect(s.health(ctx, controlPlane)).To(Equal(good))
			s.perform(ctx, simulator.StopSVM, "", "")
			sweeping(ctx)
			Expect(s.health(ctx, controlPlane)).To(HavePrefix("False SVM"))
		},
		Entry("a hold", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Hold = true }),
		Entry("a default", func(c *configv1alpha1.ControllerConfiguration) { c.Limits.Default.Volumes = 7 }),
	)

	It("should never overwrite conditions of ours that have changed meanwhile", func(ctx SpecContext) {
		sweeping(ctx)
		meanwhile := func() {
			s.perform(ctx, simulator.StopSVM, "", "")
			Expect(s.reconcile(ctx)).NotTo(Succeed())
		}
		seed := interceptor.NewClient(w.seed, interceptor.Funcs{SubResourceUpdate: func(
			ctx context.Context, c client.Client, name string, object client.Object, options ...client.SubResourceUpdateOption,
		) error {
			meanwhile()
			return c.SubResource(name).Update(ctx, object, options...)
		}})
		checks, err := worlds.NewHealthChecks(seed, w.config, w.Observations, w.clock)
		Expect(err).NotTo(HaveOccurred())
		_, err = checks.Reconcile(ctx, reconcile.Request{NamespacedName: s.key()})
		Expect(err).To(MatchError(apierrors.IsConflict, "a conflict, after which it is checked again"))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMStopped"))
		Expect(s.health(ctx, controlPlane)).To(Equal(good))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMStopped"))
		Expect(s.extension(ctx).Status.Conditions).To(HaveLen(7))
	})

	DescribeTable("should be that of the ManagedResources without which the shoot is not healthy",
		func(ctx SpecContext, name, expected string) {
			config := s.providerConfig()
			config.SnapshotClass = &ontapv1alpha1.SnapshotClass{Enabled: true}
			s.configure(ctx, config)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.health(ctx, systemComponents)).To(Equal(good))
			resource := &resourcesv1alpha1.ManagedResource{}
			Expect(w.seed.Get(ctx, client.ObjectKey{Namespace: s.namespace(), Name: name}, resource)).To(Succeed())
			condition := v1beta1helper.GetOrInitConditionWithClock(w.clock, resource.Status.Conditions, resourcesv1alpha1.ResourcesHealthy)
			condition.Status, condition.Message = gardencorev1beta1.ConditionFalse, "no pod runs"
			resource.Status.Conditions = v1beta1helper.MergeConditions(resource.Status.Conditions, condition)
			Expect(w.seed.Status().Update(ctx, resource)).To(Succeed())
			Expect(s.health(ctx, systemComponents)).To(MatchRegexp("^" + expected))
		},
		Entry("CRDs", "extension-ontap-crds", `False managed resource "extension-ontap-crds" .* no pod runs`),
		Entry("credentials", "extension-ontap-credentials", `False managed resource "extension-ontap-credentials"`),
		Entry("driver", "extension-ontap-driver", `False managed resource "extension-ontap-driver"`),
		Entry("classes", "extension-ontap-classes", `False managed resource "extension-ontap-classes"`),
		Entry("snapshots, whose API is not everywhere", "extension-ontap-snapshots", good),
	)

	It("should be bad where a ManagedResource is missing", func(ctx SpecContext) {
		Expect(s.health(ctx, systemComponents)).To(Equal(good))
		resource := &resourcesv1alpha1.ManagedResource{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace(), Name: "extension-ontap-driver"}}
		Expect(w.seed.Delete(ctx, resource)).To(Succeed())
		w.othersWork()
		Expect(s.health(ctx, systemComponents)).To(And(HavePrefix("False"), ContainSubstring(`"extension-ontap-driver"`)))
	})

})
