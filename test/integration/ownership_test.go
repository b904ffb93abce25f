// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	storagev1 "k8s.io/api/storage/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Ownership", func() {
	DescribeTable("should leave the decision to a human when the records of the placement differ",
		func(ctx SpecContext, records ...string) {
			w := newWorld("a", "b")
			s := w.newShoot(ctx, 1)
			Expect(s.reconcile(ctx)).To(Succeed())
			other := map[string]string{"a": "b", "b": "a"}[string(s.secret(ctx).Data["cluster"])]
			_, seq := w.since(ctx, 0)
			for _, record := range records {
				s.misplace(ctx, record, other)
			}
			Expect(s.reconcile(ctx)).NotTo(Succeed())
			Expect(s.condition(ctx, "SVMReady")).To(Equal("False PlacementConflict"))
			entries, _ := w.since(ctx, seq)
			Expect(entries).NotTo(ContainElement(HaveField("Effects", Not(BeEmpty()))))
		},
		Entry("the seed secret from providerStatus", "secret"),
		Entry("providerStatus from the seed secret", "status"),
		Entry("both from where the SVM is", "secret", "status"),
	)

	It("should leave an SVM without our mark alone", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		_, err := w.sim.AddSVM("a", s.svmName(), "somebody else's")
		Expect(err).NotTo(HaveOccurred())
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMForeign"))
		Expect(s.delete(ctx)).NotTo(Succeed())
		Expect(s.svms(ctx)).To(HaveLen(1))
		entries, _ := w.since(ctx, 0)
		Expect(entries).To(HaveEach(HaveField("Effects", BeEmpty())))
	})

	It("should take an SVM of another seed over in a restoration only", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.writeCluster(ctx, "seed-2")
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMOfOtherSeed"))
		Expect(s.operate(ctx, "restore")).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("True Ready"))
	})

	It("should not take the SVM of a shoot with the same UID in another garden for its own", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		_, err := w.sim.AddSVM("a", "of-another-garden", "gxo/v1 g=00000000 o="+s.UID+" s=00000000 st=active")
		Expect(err).NotTo(HaveOccurred())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.svms(ctx)).To(ConsistOf("a/of-another-garden", "a/"+s.svmName()))
	})

	It("should work on with its SVM under another name, and delete it", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		_, err := w.sim.AddSVM("a", "renamed", s.mark())
		Expect(err).NotTo(HaveOccurred())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("True Ready"))
		Expect(s.svms(ctx)).To(Equal([]string{"a/renamed"}), "it is not made again")
		Expect(s.delete(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should restore the mark of an SVM that has the recorded name and UUID, and of no other", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.writeComment(ctx, "a human's remark")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.svmState(ctx).Comment).To(And(HavePrefix("gxo/v1 g="), ContainSubstring("st=active"), HaveSuffix(" a human's remark")))
		Expect(w.sim.TakeViolations()).To(ConsistOf(HaveField("Kind", simulator.Unmarked)), "the one write to an SVM without a mark")

		s.writeComment(ctx, "gxo/v1 g=00000000 o=somebody s=00000000 st=active")
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMForeign"))
	})

	It("should not make an SVM again whose UUID is recorded, though neither its name nor its mark is left", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.removeSVM(ctx)
		uuid, err := w.sim.AddSVM("a", "renamed", "and its comment rewritten")
		Expect(err).NotTo(HaveOccurred())
		s.editStatus(ctx, func(status *ontapv1alpha1.SVMStatus) { status.SVMUUID = uuid })
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMUnrecognized"))
		Expect(s.svms(ctx)).To(BeEmpty())
	})

	It("should leave it to a human which of two SVMs is the shoot's", func(ctx SpecContext) {
		w := newWorld("a", "b")
		s := w.newShoot(ctx, 1)
		for _, cluster := range []string{"a", "b"} {
			_, err := w.sim.AddSVM(cluster, "twin", s.mark())
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMDuplicate"))
		Expect(s.delete(ctx)).NotTo(Succeed())
		Expect(s.svms(ctx)).To(HaveLen(2))
	})

	It("should get its SVM where its nodes reach it", func(ctx SpecContext) {
		w := newWorld("a", "b")
		w.reconfigure(func(config *configv1alpha1.ControllerConfiguration) {
			config.Clusters[0].Zones, config.Clusters[1].Zones = []string{"zone-1"}, []string{"zone-2", "zone-3"}
		})
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring("no worker of the shoot is in a zone of cluster")))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False NoEligibleCluster"))
		s.Zones = []string{"zone-3", "zone-4"}
		s.writeCluster(ctx, "seed-1")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.svms(ctx)).To(Equal([]string{"b/" + s.svmName()}))
		Expect(s.backend(ctx).Spec.SupportedTopologies).To(ContainElement(HaveKeyWithValue("topology.kubernetes.io/zone", "zone-3")))
		class := &storagev1.StorageClass{}
		Expect(s.inside().Get(ctx, client.ObjectKey{Name: "ontap-gold"}, class)).To(Succeed())
		Expect(*class.VolumeBindingMode).To(Equal(storagev1.VolumeBindingWaitForFirstConsumer))
	})
})
