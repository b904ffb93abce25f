// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"errors"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// expectGone asserts that nothing of the shoot is left, on ONTAP and in the seed.
func (s *shoot) expectGone(ctx context.Context) {
	GinkgoHelper()
	Expect(s.svms(ctx)).To(BeEmpty())
	Expect(s.accounts(ctx)).To(BeEmpty())
	Expect(s.secretNames(ctx)).To(BeEmpty())
	Expect(apierrors.IsNotFound(s.seed.Get(ctx, s.key(), s.emptyExtension()))).To(BeTrue())
}

var _ = Describe("Delete", func() {
	It("should take everything away, the seed secret last", func(ctx SpecContext) {
		w := newWorld("a", "b")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.delete(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should not start an SVM that an administrator has stopped, unless that is wanted, and say why it does not go on", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.perform(ctx, simulator.StopSVM, "", "")
		Expect(s.delete(ctx)).To(MatchError(ContainSubstring("is stopped")))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMStopped"))
		Expect(s.state(ctx).State).To(Equal("stopped"))
		w.reconfigure(func(config *configv1alpha1.ControllerConfiguration) { config.DriftCorrection.AdminState = true })
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should go on without a seed secret, and not make one", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		Expect(s.delete(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should not say that an SVM runs which it has deleted, though it could not go on to see it gone", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		w.inject(interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			if _, ok := object.(*corev1.Secret); ok && len(s.svms(ctx)) == 0 {
				return errors.New("injected")
			}
			return c.Get(ctx, key, object, options...)
		}})
		Expect(s.delete(ctx)).NotTo(Succeed())
		Expect(s.svms(ctx)).To(BeEmpty())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Progressing SVMDeleting"))
		Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("Unknown SeedSecretUnreadable"))
		w.inject(interceptor.Funcs{})
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should stop at a seed secret of another shoot", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		secret := s.secret(ctx)
		secret.Labels["ontap.extensions.gardener.cloud/shoot-uid"] = "other"
		Expect(w.seed.Update(ctx, secret)).To(Succeed())
		_, seq := w.since(ctx, 0)
		Expect(s.delete(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("False SeedSecretForeign"))
		entries, _ := w.since(ctx, seq)
		Expect(entries).To(BeEmpty())
	})

	It("should wait for a creation that was begun and cannot be seen yet", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(w.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.svms(ctx)).To(BeEmpty())
		w.restart()
		Expect(s.delete(ctx)).To(MatchError(errWaiting))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMCreating"))
		Expect(w.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should not take an unanswering cluster for an empty one", func(ctx SpecContext) {
		w := newWorld("a", "b")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.sim.SetDown(ctx, string(s.secret(ctx).Data["cluster"]))).To(Succeed())
		Expect(s.delete(ctx)).NotTo(Succeed())
		Expect(s.secret(ctx)).NotTo(BeNil())
		Expect(w.sim.SetUp(ctx, string(s.secret(ctx).Data["cluster"]))).To(Succeed())
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should wait for an SVM that somebody else is deleting", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.sim.HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		human, uuid := s.emptySVM(ctx)
		_, err := human.SVMs.Delete(ctx, uuid)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.delete(ctx)).To(MatchError(errWaiting))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Progressing SVMDeleting"))
		Expect(s.secret(ctx)).NotTo(BeNil())
		Expect(w.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	DescribeTable("should go on after a lost answer",
		func(ctx SpecContext, method, path string, kind simulator.FaultKind) {
			w := newWorld("a")
			s := w.newShoot(ctx, 1)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(w.sim.FailNext(ctx, simulator.Fault{Method: method, Path: path, Kind: kind})).To(Succeed())
			Expect(s.delete(ctx)).NotTo(Succeed())
			w.restart()
			Expect(s.run(ctx)).To(Succeed())
			s.expectGone(ctx)
		},
		Entry("to the mark", "PATCH", "/svm/svms/{uuid}", simulator.DropAfterEffect),
		Entry("to the deletion of the account", "DELETE", "/security/accounts/{owner.uuid}/{name}", simulator.DropAfterEffect),
		Entry("to the deletion of the SVM", "DELETE", "/svm/svms/{uuid}", simulator.DropAfterEffect),
		Entry("to the deletion of the SVM, before it", "DELETE", "/svm/svms/{uuid}", simulator.DropBefore),
	)

	It("should end when it is forced although ONTAP does not answer, and leave the seed secret as the record", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		s.force(ctx)
		Expect(s.delete(ctx)).To(Succeed())
		Expect(apierrors.IsNotFound(s.seed.Get(ctx, s.key(), s.emptyExtension()))).To(BeTrue())
		Expect(s.secret(ctx)).NotTo(BeNil())
	})

	It("should leave ONTAP and the seed secret alone in a migration", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		secret := s.secret(ctx)
		_, seq := w.since(ctx, 0)
		Expect(s.operate(ctx, "migrate")).To(Succeed())
		entries, _ := w.since(ctx, seq)
		Expect(entries).To(BeEmpty())
		Expect(s.secret(ctx)).To(Equal(secret))
	})

	It("should park an SVM with volumes when its shoot is deleted, say so, and delete it once they are gone", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.perform(ctx, simulator.AddVolume, "trident_pvc_1", "")
		s.perform(ctx, simulator.Connect, "nqn.node-1", "datalif+0")
		w.takeEvents()
		Expect(s.delete(ctx)).To(Succeed())
		parked := s.state(ctx)
		Expect(parked.Comment).To(ContainSubstring("st=parked@" + w.clock.Now().UTC().Format(time.DateOnly)))
		Expect(parked.Volumes).To(Equal([]string{"trident_pvc_1"}))
		Expect(parked.LIFs).To(BeEmpty())
		Expect(s.accounts(ctx)).To(BeEmpty())
		Expect(w.takeEvents()).To(ContainElement(And(HavePrefix("Warning SVMParked"), ContainSubstring("trident_pvc_1"))))
		Expect(s.secretNames(ctx)).To(BeEmpty())
	})

	It("should park it too when a volume shows up after the accounts and LIFs have gone", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		looks := 0
		w.inject(interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			if _, ok := object.(*corev1.Secret); ok {
				if looks++; looks == 8 {
					By("making a volume right before CheckVolumesAgain")
					s.perform(ctx, simulator.AddVolume, "late", "")
				}
			}
			return c.Get(ctx, key, object, options...)
		}})
		Expect(s.delete(ctx)).To(Succeed())
		Expect(s.state(ctx).Comment).To(ContainSubstring("st=parked@"))
		Expect(s.state(ctx).Volumes).To(Equal([]string{"late"}))
	})

	It("should not take an SVM with volumes from a shoot that lives on, and keep it working", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.perform(ctx, simulator.AddVolume, "trident_pvc_1", "")
		s.perform(ctx, simulator.RemoveLIF, "datalif+0", "")
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		Expect(s.remove(ctx)).To(MatchError(ContainSubstring("trident_pvc_1")))
		Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorCleanupClusterResources))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False InUse"))
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("True Ready"))
		Expect(s.state(ctx).LIFs).To(HaveLen(3))
		Expect(s.accounts(ctx)).To(ContainElement(string(s.secret(ctx).Data["username"])))
		s.perform(ctx, simulator.RemoveVolume, "trident_pvc_1", "purged")
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should remove what vanished nodes left, and never what is mapped", func(ctx SpecContext) {
		w := newWorld("a")
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.RecoveryQueue = configv1alpha1.RecoveryQueueDiscard })
		left, mapped := w.newShoot(ctx, 1), w.newShoot(ctx, 2)
		Expect(left.reconcile(ctx)).To(Succeed())
		Expect(mapped.reconcile(ctx)).To(Succeed())
		left.perform(ctx, simulator.AddHostGroup, "node-1", "")
		mapped.perform(ctx, simulator.AddHostGroup, "node-2", "mapped")
		Expect(left.delete(ctx)).To(Succeed())
		left.expectGone(ctx)
		Expect(mapped.delete(ctx)).NotTo(Succeed())
		Expect(mapped.condition(ctx, "SVMReady")).To(Equal("False InUse"))
		Expect(mapped.state(ctx).HostGroups).To(Equal([]string{"node-2"}))
	})

	DescribeTable("should not mind that something has just vanished", func(ctx SpecContext, protocol, path, code string) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		s.misconfigure(ctx, set("protocol", protocol))
		Expect(s.reconcile(ctx)).To(Succeed())
		s.perform(ctx, simulator.AddHostGroup, "node-1", "")
		Expect(w.sim.FailNext(ctx, simulator.Fault{Method: "DELETE", Path: path, Kind: simulator.ErrorAfterEffect, Status: 400, Code: code})).To(Succeed())
		Expect(s.delete(ctx)).To(Succeed())
		s.expectGone(ctx)
	},
		Entry("a subsystem", "NVMe", "/protocols/nvme/subsystems/{uuid}", "72090001"),
		Entry("an igroup", "iSCSI", "/protocols/san/igroups/{uuid}", "5374852"),
		Entry("the service of NVMe", "NVMe", "/protocols/nvme/services/{svm.uuid}", "72089651"),
		Entry("the service of iSCSI", "iSCSI", "/protocols/san/iscsi/services/{svm.uuid}", "5374078"),
	)
})
