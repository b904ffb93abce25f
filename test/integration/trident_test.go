// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/trident"
)

// driver is Trident with nothing but what the seed secret holds, the address of ONTAP and the CA certificate.
func (s *shoot) driver(ctx context.Context) *trident.Driver {
	GinkgoHelper()
	return s.driverOn(ctx, string(s.secret(ctx).Data["cluster"]))
}

func (s *shoot) driverOn(ctx context.Context, name string) *trident.Driver {
	GinkgoHelper()
	secret, cluster := s.secret(ctx), s.sim.Cluster(name)
	return trident.New(trident.Config{
		Endpoint: cluster.Endpoint(), CA: cluster.CAPEM(), Clock: s.clock,
		Username: string(secret.Data["username"]), Password: string(secret.Data["password"]),
	})
}

var _ = Describe("Trident", func() {
	var (
		w      *world
		s      *shoot
		driver *trident.Driver
		node   = trident.Node{
			Name: "shoot--local--shoot1-pool-1-z1-5c9d8-abcde", NQN: "nqn.2014-08.org.nvmexpress:uuid:3f1b1c2e-0000-4000-8000-000000000001",
			TridentUUID: "7f8c5a5e-4f0b",
		}
	)

	BeforeEach(func(ctx SpecContext) {
		w = newWorldWith(func(o *simulator.Options) { o.QueueDuration, o.JobDuration = time.Second, 2*time.Second }, "a")
		Expect(w.sim.AddSVMs(ctx, "a", 3)).To(Succeed())
		other := w.newShoot(ctx, 2)
		Expect(other.reconcile(ctx)).To(Succeed())
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		driver = s.driver(ctx)
		Expect(driver.Initialise(ctx)).To(Succeed())
	})

	It("should see only the SVM that the extension made, although there are others", func(ctx SpecContext) {
		Expect(driver.SVM()).To(Equal(s.svmName()))
		Expect(driver.Addresses()).To(ConsistOf(s.providerConfig().DataLIFs))
		Expect(driver.State(ctx)).To(Succeed())
		Expect(driver.Heartbeat(ctx)).To(Succeed())
	})

	It("should take two volumes through their whole life, after which the shoot's deletion leaves nothing", func(ctx SpecContext) {
		first, err := driver.Create(ctx, "trident_pvc_1", 1<<30)
		Expect(err).NotTo(HaveOccurred())
		second, err := driver.Create(ctx, "trident_pvc_2", 2<<30)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.state(ctx).Volumes).To(Equal([]string{"trident_pvc_1", "trident_pvc_2"}))

		By("publishing both to one node, through its one subsystem")
		nqn, err := driver.Publish(ctx, first, node)
		Expect(err).NotTo(HaveOccurred())
		Expect(driver.Publish(ctx, second, node)).To(Equal(nqn))
		Expect(s.state(ctx).HostGroups).To(HaveLen(1))

		By("using them")
		Expect(driver.Resize(ctx, first, 4<<30)).To(Succeed())
		taken, err := driver.Snapshot(ctx, first, "snapshot-1")
		Expect(err).NotTo(HaveOccurred())
		Expect(taken).To(BeTemporally("~", w.clock.Now(), time.Minute))
		clone, err := driver.Clone(ctx, first, "snapshot-1", "trident_pvc_3")
		Expect(err).NotTo(HaveOccurred())
		Expect(driver.DeleteSnapshot(ctx, first, "snapshot-1")).To(MatchError(ContainSubstring("1638555")))
		Expect(s.state(ctx).Volumes).To(HaveLen(3))

		By("reconciling the shoot meanwhile")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(driver.State(ctx)).To(Succeed())

		By("taking them away again")
		Expect(driver.Unpublish(ctx, first, node)).To(Succeed())
		Expect(s.state(ctx).HostGroups).To(HaveLen(1), "the node still uses the second volume")
		Expect(driver.Unpublish(ctx, second, node)).To(Succeed())
		Expect(s.state(ctx).HostGroups).To(BeEmpty())
		Expect(driver.Delete(ctx, first)).To(MatchError(ContainSubstring("524615")), "it has a clone")
		for _, volume := range []*trident.Volume{clone, second} {
			Expect(driver.Delete(ctx, volume)).To(Succeed())
		}
		Expect(driver.DeleteSnapshot(ctx, first, "snapshot-1")).To(Succeed())
		Expect(driver.Delete(ctx, first)).To(Succeed())
		Expect(driver.Delete(ctx, first)).To(Succeed(), "it is gone already")
		Expect(s.state(ctx)).To(And(HaveField("Volumes", BeEmpty()), HaveField("RecoveryQueue", 3)))

		By("deleting the shoot, which the recovery queue does not keep from it")
		_, seq := w.since(ctx, 0)
		Expect(s.delete(ctx)).To(Succeed())
		s.expectGone(ctx)
		entries, _ := w.since(ctx, seq)
		Expect(requests(entries)).To(ContainElement("a DELETE /svm/svms/{uuid}"))
	})

	It("should keep what it has made when its shoot goes: the SVM is parked, and the login with it gone", func(ctx SpecContext) {
		volume, err := driver.Create(ctx, "trident_pvc_1", 1<<30)
		Expect(err).NotTo(HaveOccurred())
		_, err = driver.PublishRaw(ctx, volume, node)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.delete(ctx)).To(Succeed())
		parked := s.state(ctx)
		Expect(parked.Comment).To(ContainSubstring("st=parked@"))
		Expect(parked.Volumes).To(Equal([]string{"trident_pvc_1"}))
		Expect(parked.HostGroups).To(Equal([]string{"trident_subsystem_" + node.TridentUUID + "_1"}))
		Expect(driver.State(ctx)).To(MatchError(ContainSubstring("status 401")))
		Expect(apierrors.IsNotFound(w.seed.Get(ctx, s.key(), s.emptyExtension()))).To(BeTrue())
	})

	It("should be kept within the limits of its SVM", func(ctx SpecContext) {
		s.misconfigure(ctx, set("limits", map[string]any{"capacity": "4Gi", "volumes": 2}))
		Expect(s.reconcile(ctx)).To(Succeed())
		_, err := driver.Create(ctx, "trident_pvc_1", 2<<30)
		Expect(err).NotTo(HaveOccurred())
		_, err = driver.Create(ctx, "trident_pvc_2", 2<<30)
		Expect(err).To(MatchError(ContainSubstring("bytes")))
		_, err = driver.Create(ctx, "trident_pvc_2", 1<<30)
		Expect(err).NotTo(HaveOccurred())
		_, err = driver.Create(ctx, "trident_pvc_3", 100<<20)
		Expect(err).To(MatchError(ContainSubstring("volumes")))
		Expect(s.state(ctx).Volumes).To(Equal([]string{"trident_pvc_1", "trident_pvc_2"}))
	})
})
