// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/trident"
)

// metroCluster is a world whose clusters a and b are the halves of a MetroCluster.
func metroCluster() *world {
	GinkgoHelper()
	w := newWorldWith(func(o *simulator.Options) {
		o.Clusters[0].MetroClusterPartner, o.Clusters[1].MetroClusterPartner = "b", "a"
		o.QueueDuration, o.JobDuration, o.ReplicationDuration = time.Second, 5*time.Second, 3*time.Second
	}, "a", "b")
	w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.DriftCorrection.AdminState = true })
	return w
}

// home is the cluster on which the shoot's SVM was made, partner the other half.
func (s *shoot) home(ctx context.Context) string { return string(s.secret(ctx).Data["cluster"]) }

func (s *shoot) partner(ctx context.Context) string {
	return map[string]string{"a": "b", "b": "a"}[s.home(ctx)]
}

// act does something to a cluster.
func (w *world) act(ctx context.Context, cluster string, kind simulator.ActKind, value string) {
	GinkgoHelper()
	Expect(w.sim.Perform(ctx, cluster, simulator.Act{Kind: kind, Value: value})).To(Succeed())
}

// halves describe the shoot's SVM on both clusters, as cluster/name subtype state.
func (s *shoot) halves(ctx context.Context) []string {
	GinkgoHelper()
	s.clock.Step(time.Minute) // what was changed is replicated
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	found := []string{}
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name == s.svmName() || svm.Name == s.svmName()+"-mc" {
				found = append(found, cluster.Name+"/"+svm.Name+" "+svm.Subtype+" "+svm.State)
			}
		}
	}
	return found
}

func (s *shoot) expectOnBothHalves(ctx context.Context) {
	GinkgoHelper()
	Expect(s.halves(ctx)).To(ConsistOf(s.home(ctx)+"/"+s.svmName()+" sync_source running", s.partner(ctx)+"/"+s.svmName()+"-mc sync_destination stopped"))
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(state.EverCreated).To(And(HaveLen(1), HaveEach(1)))
	for _, conditionType := range []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady", "ShootResourcesReady"} {
		Expect(s.condition(ctx, conditionType)).To(Equal("True Ready"), conditionType)
	}
}

// expectOnlyLooked asserts that nothing had an effect on ONTAP since an entry but what ran there already.
func (w *world) expectOnlyLooked(ctx context.Context, seq uint64) {
	GinkgoHelper()
	entries, _ := w.since(ctx, seq)
	Expect(slices.DeleteFunc(entries, func(e simulator.Entry) bool { return e.Class == simulator.Progress })).To(HaveEach(HaveField("Effects", BeEmpty())))
}

// trouble is what may happen to a MetroCluster, and what ends it.
type trouble struct {
	begin, end func(ctx context.Context, w *world, home, partner string)
	reason     string
}

// back ends a switchover.
func back(ctx context.Context, w *world, home, partner string) {
	Expect(w.sim.SetUp(ctx, home)).To(Succeed())
	w.act(ctx, partner, simulator.SwitchBack, "")
}

var troubles = map[string]trouble{
	"an unplanned switchover": {func(ctx context.Context, w *world, _, partner string) {
		w.act(ctx, partner, simulator.SwitchOver, "")
	}, back, "MetroClusterNotNormal"},
	"an unplanned switchover, after which the lost half answers as if nothing had happened": {func(ctx context.Context, w *world, home, partner string) {
		w.act(ctx, partner, simulator.SwitchOver, "")
		Expect(w.sim.SetUp(ctx, home)).To(Succeed())
		w.act(ctx, home, simulator.SetMode, "normal")
	}, back, "MetroClusterNotNormal"},
	"a negotiated switchover": {func(ctx context.Context, w *world, _, partner string) {
		w.act(ctx, partner, simulator.NegotiateSwitchOver, "")
	}, back, "MetroClusterNotNormal"},
	"a switchover that is under way": {func(ctx context.Context, w *world, _, partner string) {
		w.act(ctx, partner, simulator.SetMode, "partial_switchover")
	}, func(ctx context.Context, w *world, _, partner string) {
		w.act(ctx, partner, simulator.SetMode, "normal")
	}, "MetroClusterNotNormal"},
	"the link between the halves cut": {func(ctx context.Context, w *world, home, _ string) {
		w.act(ctx, home, simulator.CutLink, "")
	}, func(ctx context.Context, w *world, home, _ string) { w.act(ctx, home, simulator.RestoreLink, "") }, "MetroClusterNotNormal"},
	"the SVM's own half down": {func(ctx context.Context, w *world, home, _ string) {
		Expect(w.sim.SetDown(ctx, home)).To(Succeed())
	}, func(ctx context.Context, w *world, home, _ string) { Expect(w.sim.SetUp(ctx, home)).To(Succeed()) }, "Unreachable"},
	"the other half down": {func(ctx context.Context, w *world, _, partner string) {
		Expect(w.sim.SetDown(ctx, partner)).To(Succeed())
	}, func(ctx context.Context, w *world, _, partner string) {
		Expect(w.sim.SetUp(ctx, partner)).To(Succeed())
	}, "MetroClusterNotNormal"},
}

var _ = Describe("MetroCluster", func() {
	It("should have the SVM on one half, its standby on the other, and only what both halves have", func(ctx SpecContext) {
		w := metroCluster()
		for _, half := range []string{"a", "b"} {
			for _, node := range []string{"01", "02", "03", "04"} {
				Expect(w.sim.Perform(ctx, half, simulator.Act{Kind: simulator.SetMirrored, Name: half + "_" + node + "_aggr2", Value: "false"})).To(Succeed())
			}
		}
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectOnBothHalves(ctx)
		Expect(s.state(ctx).Aggregates).To(And(HaveLen(2), HaveEach(HaveSuffix("_aggr1"))))
	})

	It("should cost one request more in a steady run, and one more and the count of SVMs in a create", func(ctx SpecContext) {
		w := metroCluster()
		s := w.newShoot(ctx, 1)
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).To(Succeed())
		entries, seq := w.since(ctx, seq)
		Expect(len(requests(entries))).To(BeNumerically("<=", 20), "%v", requests(entries))
		Expect(s.reconcile(ctx)).To(Succeed())
		entries, _ = w.since(ctx, seq)
		home := s.home(ctx)
		Expect(requests(entries)).To(Equal([]string{
			"a GET /svm/svms", "b GET /svm/svms", home + " GET /cluster/metrocluster", home + " GET /network/ip/interfaces", home + " GET /security/accounts",
		}))
	})

	for _, name := range slices.Sorted(maps.Keys(troubles)) {
		trouble := troubles[name]
		Context("with "+name, func() {
			It("should only look, let the shoot's maintenance pass, and go on afterwards", func(ctx SpecContext) {
				w := metroCluster()
				s := w.newShoot(ctx, 1)
				Expect(s.reconcile(ctx)).To(Succeed())
				home, partner := s.home(ctx), s.partner(ctx)
				s.expectOnBothHalves(ctx)
				trouble.begin(ctx, w, home, partner)
				before, seq := s.halves(ctx), uint64(0)
				_, seq = w.since(ctx, seq)

				Expect(s.reconcile(ctx)).To(Succeed(), "nothing new is to be done")
				Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown " + trouble.reason))
				config := s.providerConfig()
				config.Limits.Capacity = "500Gi"
				s.configure(ctx, config)
				Expect(s.reconcile(ctx)).NotTo(Succeed(), "a wish is not granted")
				Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorRetryableInfraDependencies))
				Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
				Expect(s.reconcile(ctx)).NotTo(Succeed(), "a fresh account is not made")
				Expect(s.home(ctx)).To(Equal(home))
				w.expectOnlyLooked(ctx, seq)
				Expect(s.halves(ctx)).To(Equal(before), "nothing was started or made")

				trouble.end(ctx, w, home, partner)
				Expect(s.reconcile(ctx)).To(Succeed())
				s.expectOnBothHalves(ctx)
				Expect(s.state(ctx).Limits.StorageBytes).To(Equal(int64(500 << 30)))
			})

			It("should not begin with another shoot, and not end with one", func(ctx SpecContext) {
				w := metroCluster()
				s, other := w.newShoot(ctx, 1), w.newShoot(ctx, 2)
				Expect(s.reconcile(ctx)).To(Succeed())
				home, partner := s.home(ctx), s.partner(ctx)
				s.expectOnBothHalves(ctx)
				trouble.begin(ctx, w, home, partner)
				_, seq := w.since(ctx, 0)

				Expect(other.reconcile(ctx)).NotTo(Succeed())
				Expect(other.condition(ctx, "SVMReady")).To(Or(Equal("Unknown MetroClusterNotNormal"), Equal("Unknown Unreachable")))
				Expect(s.delete(ctx)).NotTo(Succeed())
				Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown " + trouble.reason))
				w.expectOnlyLooked(ctx, seq)
				Expect(other.halves(ctx)).To(BeEmpty())

				trouble.end(ctx, w, home, partner)
				Expect(other.reconcile(ctx)).To(Succeed())
				Expect(s.run(ctx)).To(Succeed())
				Expect(s.halves(ctx)).To(BeEmpty())
				Expect(w.seed.Get(ctx, s.key(), s.emptyExtension())).NotTo(Succeed())
			})
		})
	}

	It("should never make a twin when the half is lost on which an SVM is being made", func(ctx SpecContext) {
		w := metroCluster()
		s := w.newShoot(ctx, 1)
		lost := false
		w.clock.Meanwhile = func() {
			w.othersWork()
			if entries, _ := w.sim.Journal(ctx, 0); !lost && slices.ContainsFunc(entries, func(e simulator.Entry) bool { return e.Method == http.MethodPost }) {
				lost = true
				w.act(ctx, s.partner(ctx), simulator.SwitchOver, "")
			}
		}
		for range 3 {
			Expect(s.reconcile(ctx)).NotTo(Succeed())
			w.restart()
		}
		Expect(lost).To(BeTrue())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown Unreachable"))
		back(ctx, w, s.home(ctx), s.partner(ctx))
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectOnBothHalves(ctx)
	})

	It("should wait in a deletion until the standby has gone, too, and ask nothing of it meanwhile", func(ctx SpecContext) {
		w := metroCluster()
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectOnBothHalves(ctx)
		home, partner := s.home(ctx), s.partner(ctx)
		w.act(ctx, home, simulator.PauseReplication, "")
		Expect(s.delete(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Progressing SVMDeleting"))
		_, seq := w.since(ctx, 0)
		Expect(s.run(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Progressing SVMDeleting"))
		Expect(s.svms(ctx)).To(Equal([]string{partner + "/" + s.svmName() + "-mc"}))
		entries, _ := w.since(ctx, seq)
		Expect(entries).To(HaveEach(HaveField("Class", simulator.Read)))
		Expect(requests(entries)).To(ContainElement(partner+" GET /cluster/metrocluster"), "whether it may serve has been looked at")
		w.act(ctx, home, simulator.ResumeReplication, "")
		Expect(s.run(ctx)).To(Succeed())
		Expect(s.halves(ctx)).To(BeEmpty())
	})

	It("should not take an SVM that is seen for one that was never begun, though no record of it is left", func(ctx SpecContext) {
		w := metroCluster()
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectOnBothHalves(ctx)
		w.act(ctx, s.partner(ctx), simulator.NegotiateSwitchOver, "")
		secret, extension := s.secret(ctx), s.extension(ctx)
		delete(secret.Data, "cluster")
		Expect(w.seed.Update(ctx, secret)).To(Succeed())
		extension.Status.ProviderStatus, extension.Status.State = nil, nil
		Expect(w.seed.Status().Update(ctx, extension)).To(Succeed())
		Expect(s.delete(ctx)).NotTo(Succeed())
		Expect(s.svms(ctx)).To(HaveLen(2))
		Expect(s.secret(ctx)).NotTo(BeNil())
	})

	It("should not make an SVM again while there is a standby of it", func(ctx SpecContext) {
		w := metroCluster()
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Hold = true })
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectOnBothHalves(ctx)
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Hold = false })
		w.act(ctx, "a", simulator.PauseReplication, "")
		human, uuid := s.emptySVM(ctx)
		Expect(human.SVMs.Delete(ctx, uuid)).Error().NotTo(HaveOccurred())
		w.clock.Step(time.Minute)
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Progressing SVMNotRunning"))
		Expect(s.svms(ctx)).To(Equal([]string{"b/" + s.svmName() + "-mc"}))
		w.act(ctx, "a", simulator.ResumeReplication, "")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.halves(ctx)).To(ConsistOf("a/"+s.svmName()+" sync_source running", "b/"+s.svmName()+"-mc sync_destination stopped"))
	})

	It("should let the shoot's driver work on, on the half that serves, with the same credentials", func(ctx SpecContext) {
		w := metroCluster()
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		home, partner := s.home(ctx), s.partner(ctx)
		s.expectOnBothHalves(ctx)
		driver := s.driverOn(ctx, home)
		Expect(driver.Initialise(ctx)).To(Succeed())
		first, err := driver.Create(ctx, "trident_pvc_1", 1<<30)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.driverOn(ctx, partner).Initialise(ctx)).To(MatchError(ContainSubstring("status 401")), "the standby does not serve")

		w.act(ctx, partner, simulator.SwitchOver, "")
		Expect(s.backend(ctx).Spec.ManagementLIF).To(Equal(s.providerConfig().ManagementLIF), "it names nothing else of the SVM")
		driver = s.driverOn(ctx, partner)
		Expect(driver.Initialise(ctx)).To(Succeed())
		Expect(driver.SVM()).To(Equal(s.svmName() + "-mc"))
		_, err = driver.Publish(ctx, first, trident.Node{Name: "node-1", NQN: "nqn.2014-08.org.nvmexpress:uuid:1", TridentUUID: "7f8c5a5e"})
		Expect(err).NotTo(HaveOccurred())
		_, err = driver.Create(ctx, "trident_pvc_2", 1<<30)
		Expect(err).NotTo(HaveOccurred())

		back(ctx, w, home, partner)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.driverOn(ctx, home).Initialise(ctx)).To(Succeed())
		Expect(s.state(ctx)).To(And(HaveField("Volumes", []string{"trident_pvc_1", "trident_pvc_2"}), HaveField("HostGroups", HaveLen(1))))
	})

	It("should not take an SVM for its own that only has the name of a standby", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		_, err := w.sim.AddSVM("a", s.svmName()+"-mc", "somebody else's")
		Expect(err).NotTo(HaveOccurred())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("True Ready"))
	})

	It("should have no more SVMs on a half than NetApp supports", func(ctx SpecContext) {
		w := metroCluster()
		Expect(w.sim.AddSVMs(ctx, "a", 64)).To(Succeed())
		for number := range 3 {
			s := w.newShoot(ctx, number+1)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.home(ctx)).To(Equal("b"))
		}
		Expect(w.sim.AddSVMs(ctx, "b", 61)).To(Succeed())
		s := w.newShoot(ctx, 4)
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False " + ontapv1alpha1.ReasonNoEligibleCluster))
	})
})
