// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
)

// expectShootLogsIn asserts that the account exists whose credentials the shoot holds at this moment.
func (s *shoot) expectShootLogsIn(ctx context.Context) {
	GinkgoHelper()
	secret := &corev1.Secret{}
	err := s.inside().Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: "ontap-svm-credentials"}, secret)
	if apierrors.IsNotFound(err) {
		return
	}
	Expect(err).NotTo(HaveOccurred())
	Expect(s.accounts(ctx)).To(ContainElement(string(secret.Data["username"])))
}

// watchLogins asserts at each pause of the extension that the shoot can log in.
func (s *shoot) watchLogins(ctx context.Context) (looks *int) {
	looks = new(0)
	s.clock.Meanwhile = func() {
		defer GinkgoRecover()
		s.expectShootLogsIn(ctx)
		s.othersWork()
		s.expectShootLogsIn(ctx)
		*looks++
	}
	return looks
}

func (s *shoot) managedResources(ctx context.Context) []string {
	GinkgoHelper()
	all := &resourcesv1alpha1.ManagedResourceList{}
	Expect(s.seed.List(ctx, all, client.InNamespace(s.namespace()))).To(Succeed())
	names := []string{}
	for _, resource := range all.Items {
		names = append(names, resource.Name)
	}
	return names
}

func (s *shoot) backend(ctx context.Context) *tridentv1.TridentBackendConfig {
	GinkgoHelper()
	backend := &tridentv1.TridentBackendConfig{}
	Expect(s.inside().Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: "ontap"}, backend)).To(Succeed())
	return backend
}

// hibernate is what the shoot's owner and Gardener do to it.
func (s *shoot) hibernate(ctx context.Context, asleep bool) {
	GinkgoHelper()
	s.Hibernated, s.inside().Asleep = asleep, asleep
	s.writeCluster(ctx, "seed-1")
}

var _ = Describe("The shoot's side", func() {
	var (
		w *world
		s *shoot
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a")
		s = w.newShoot(ctx, 1)
	})

	It("should have the seed secret's credentials, the backend of the SVM and the classes after a create", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("True Ready"))
		seedSecret := s.secret(ctx)
		Expect(s.shootSecret(ctx).Data).To(Equal(map[string][]byte{"username": seedSecret.Data["username"], "password": seedSecret.Data["password"]}))
		Expect(s.backend(ctx).Spec).To(And(HaveField("ManagementLIF", "10.10.0.1"), HaveField("StoragePrefix", "s0a1b2c3d_")))
		for _, name := range []string{"ontap-gold", "ontap-encrypted"} {
			Expect(s.inside().Get(ctx, client.ObjectKey{Name: name}, &storagev1.StorageClass{})).To(Succeed())
		}
		Expect(s.managedResources(ctx)).To(ConsistOf("extension-ontap-crds", "extension-ontap-credentials", "extension-ontap-driver", "extension-ontap-classes"))
	})

	It("should not keep a create from succeeding while no node runs Trident, and say so", func(ctx SpecContext) {
		s.inside().Driverless = true
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("False BackendNotBound"))
		s.inside().Driverless = false
		w.othersWork()
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("True Ready"))
		Expect(w.takeEvents()).NotTo(ContainElement(ContainSubstring("BackendNotBound")))
	})

	It("should succeed with nodes that lack NVMe, and name them until they do not", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "trident-1", Labels: map[string]string{"app": "node.csi.trident.netapp.io"}},
			Spec:       corev1.PodSpec{NodeName: "node-1"},
		}
		Expect(s.inside().Create(ctx, pod)).To(Succeed())
		pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{
			Name: "prepare-node", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Message: "the program nvme\n"}},
		}}
		Expect(s.inside().Status().Update(ctx, pod)).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("Progressing NodesUnprepared"))
		Expect(w.takeEvents()).To(ContainElement(ContainSubstring(`node node-1 of worker pool "" lacks the program nvme`)))

		Expect(s.inside().Delete(ctx, pod)).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("True Ready"))
	})

	It("should log in at every moment while a lost seed secret is healed, and turn to the new account before the old one goes", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		lost := s.secret(ctx)
		Expect(w.seed.Delete(ctx, lost.DeepCopy())).To(Succeed())
		looks, begun := s.watchLogins(ctx), w.clock.Now()
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(*looks).To(BeNumerically(">=", 3))
		Expect(w.clock.Since(begun)).To(BeNumerically(">=", 30*time.Second), "Trident is given time")
		fresh := s.secret(ctx)
		Expect(s.shootSecret(ctx).Data["username"]).To(Equal(fresh.Data["username"]))
		Expect(s.accounts(ctx)).To(Equal([]string{string(fresh.Data["username"])}))
	})

	// A shoot that has got the credentials of a new account, and in which no Trident runs that could use them.
	rotatedWithoutDriver := func(ctx context.Context) (old, fresh string) {
		GinkgoHelper()
		Expect(s.reconcile(ctx)).To(Succeed())
		s.inside().Driverless = true
		backend := s.backend(ctx)
		backend.Status.LastOperationStatus = "Failed"
		Expect(s.inside().Status().Update(ctx, backend)).To(Succeed())
		old = string(s.secret(ctx).Data["username"])
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
		fresh = string(s.secret(ctx).Data["username"])
		Expect(s.accounts(ctx)).To(ConsistOf(old, fresh))
		return old, fresh
	}

	DescribeTable("should lose no account while nobody can see it, however long that takes",
		func(ctx SpecContext, hide func(context.Context), show func(context.Context)) {
			old, fresh := rotatedWithoutDriver(ctx)
			hide(ctx)
			w.clock.Step(time.Hour)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.accounts(ctx)).To(ConsistOf(old, fresh))
			show(ctx)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.accounts(ctx)).To(ConsistOf(fresh))
		},
		Entry("because it hibernates, also if it would answer",
			func(ctx context.Context) { s.hibernate(ctx, true); s.inside().Asleep = false }, func(ctx context.Context) { s.hibernate(ctx, false) }),
		Entry("because it does not answer",
			func(context.Context) { s.inside().Asleep = true }, func(context.Context) { s.inside().Asleep = false }),
	)

	It("should keep the old account as long as Trident does not work with the new one, for a quarter of an hour", func(ctx SpecContext) {
		old, fresh := rotatedWithoutDriver(ctx)
		Expect(s.condition(ctx, "CredentialsReady")).To(Equal("Progressing AccountsRetained"))
		w.clock.Step(14 * time.Minute)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.accounts(ctx)).To(ConsistOf(old, fresh))
		w.clock.Step(time.Minute)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.accounts(ctx)).To(ConsistOf(fresh))
		Expect(s.condition(ctx, "CredentialsReady")).To(Equal("True Ready"))
	})

	It("should wait for nothing in a shoot that hibernates, keep what it logs in with, and catch up when it wakes", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		s.hibernate(ctx, true)
		old := string(s.secret(ctx).Data["username"])
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		begun := w.clock.Now()
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.clock.Since(begun)).To(BeZero())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("Unknown Hibernated"))
		Expect(s.condition(ctx, "CredentialsReady")).To(Equal("Progressing AccountsRetained"))
		w.clock.Step(time.Hour)
		Expect(s.reconcile(ctx)).To(Succeed())
		fresh := string(s.secret(ctx).Data["username"])
		Expect(s.accounts(ctx)).To(ConsistOf(old, fresh), "it will log in with the old one first")
		Expect(s.shootSecret(ctx).Data["username"]).To(BeEquivalentTo(old))

		s.hibernate(ctx, false)
		s.watchLogins(ctx)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("True Ready"))
		Expect(s.shootSecret(ctx).Data["username"]).To(BeEquivalentTo(fresh))
		Expect(s.accounts(ctx)).To(ConsistOf(fresh))
	})

	It("should not fail because the shoot's API server does not answer, nor believe anything of it", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		old := string(s.secret(ctx).Data["username"])
		w.FaultsInside = interceptor.Funcs{Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return errors.New("connection refused")
		}}
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		w.clock.Step(time.Hour)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("Unknown ShootUnreachable"))
		Expect(s.accounts(ctx)).To(ConsistOf(old, string(s.secret(ctx).Data["username"])))
		w.FaultsInside = interceptor.Funcs{}
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectInPlace(ctx)
	})

	DescribeTable("should not fail because somebody in the shoot changes what it has all the time, and lose no account by that", func(ctx SpecContext, interrupted int) {
		old, fresh := rotatedWithoutDriver(ctx)
		looks := 0
		w.inject(interceptor.Funcs{List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			if looks++; looks == interrupted {
				w.clock.Step(2 * time.Minute)
			}
			return c.List(ctx, list, options...)
		}})
		s.clock.Meanwhile = func() {
			s.othersWork()
			secret := s.shootSecret(ctx)
			secret.Data["password"] = []byte("mine")
			Expect(s.inside().Update(ctx, secret)).To(Succeed())
		}
		s.clock.Meanwhile()
		w.clock.Step(time.Hour)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("Progressing ShootResourcesAltered"))
		Expect(s.accounts(ctx)).To(ConsistOf(old, fresh))
		s.clock.Meanwhile = w.othersWork
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.shootSecret(ctx).Data).To(HaveKeyWithValue("password", s.secret(ctx).Data["password"]))
		Expect(s.accounts(ctx)).To(ConsistOf(fresh))
	},
		Entry("until the step's time is over between two looks", 0),
		Entry("until the step's time is over in the middle of a look", 3),
	)

	It("should say that nothing is applied in the shoot, and go on by itself when it is", func(ctx SpecContext) {
		s.inside().Asleep = true
		Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring("ManagedResource extension-ontap-crds")))
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("False ShootResourcesPending"))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("True Ready"))
		s.inside().Asleep = false
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectInPlace(ctx)
	})

	It("should be told of a LIF that moves, since Trident looks for LIFs only when its Secret changes", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		before := s.shootSecret(ctx)
		config := s.providerConfig()
		config.DataLIFs[1] = "10.12.0.99"
		s.configure(ctx, config)
		Expect(s.reconcile(ctx)).To(Succeed())
		after := s.shootSecret(ctx)
		Expect(after.UID).To(Equal(before.UID))
		Expect(after.Data).To(Equal(before.Data))
		Expect(after.Annotations["ontap.extensions.gardener.cloud/lifs"]).NotTo(Equal(before.Annotations["ontap.extensions.gardener.cloud/lifs"]))
	})

	Describe("when the extension is removed from it", func() {
		volume := &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pv-1"}, Spec: corev1.PersistentVolumeSpec{
			PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: "csi.trident.netapp.io", VolumeHandle: "v"}},
		}}

		It("should be refused while it has a volume of the driver, and go in order when that is gone", func(ctx SpecContext) {
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.inside().Create(ctx, volume.DeepCopy())).To(Succeed())
			Expect(s.remove(ctx)).To(MatchError(ContainSubstring("PersistentVolume pv-1")))
			Expect(s.condition(ctx, "SVMReady")).To(Equal("False InUse"))
			Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorCleanupClusterResources))
			Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("True Ready"), "it is kept")
			Expect(s.managedResources(ctx)).To(HaveLen(4))

			Expect(s.inside().Delete(ctx, volume.DeepCopy())).To(Succeed())
			order := []string{}
			w.clock.Meanwhile = func() {
				w.othersWork()
				order = append(order, s.managedResources(ctx)...)
			}
			Expect(s.run(ctx)).To(Succeed())
			s.expectGone(ctx)
			Expect(firstOf(order)).To(Equal([]string{"extension-ontap-credentials", "extension-ontap-crds", "extension-ontap-driver", "extension-ontap-classes"}),
				"how long each was there, the longest first")
			Expect(s.managedResources(ctx)).To(BeEmpty())
			for _, list := range []client.ObjectList{&storagev1.StorageClassList{}, &tridentv1.TridentBackendConfigList{}, &corev1.SecretList{}} {
				Expect(s.inside().List(ctx, list)).To(Succeed())
				Expect(list).To(HaveField("Items", BeEmpty()))
			}
		})

		It("should wait for Trident, without which nobody lets go of the backend", func(ctx SpecContext) {
			Expect(s.reconcile(ctx)).To(Succeed())
			s.inside().Driverless = true
			Expect(s.remove(ctx)).To(MatchError(errWaiting))
			Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("Progressing ShootResourcesRemaining"))
			Expect(s.svms(ctx)).To(HaveLen(1))
			s.expectShootLogsIn(ctx)
			s.inside().Driverless = false
			Expect(s.run(ctx)).To(Succeed())
			s.expectGone(ctx)
		})

		It("should wait until it wakes up, since nobody can see what it uses", func(ctx SpecContext) {
			Expect(s.reconcile(ctx)).To(Succeed())
			s.hibernate(ctx, true)
			Expect(s.remove(ctx)).To(MatchError(errWaiting))
			Expect(s.condition(ctx, "SVMReady")).To(Equal("Progressing WaitingForWakeUp"))
			Expect(s.managedResources(ctx)).To(HaveLen(4))
			Expect(s.svms(ctx)).To(HaveLen(1))
			s.hibernate(ctx, false)
			Expect(s.run(ctx)).To(Succeed())
			s.expectGone(ctx)
		})
	})

	It("should keep what it has when it is being deleted, though nobody runs Trident any more", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		s.inside().Driverless = true
		Expect(s.delete(ctx)).To(Succeed())
		s.expectGone(ctx)
		Expect(s.managedResources(ctx)).To(BeEmpty())
		Expect(s.backend(ctx).DeletionTimestamp).To(BeNil())
	})

	It("should hold up no deletion by force, dead as it is", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		s.inside().Asleep = true
		s.force(ctx)
		begun := w.clock.Now()
		Expect(s.remove(ctx)).To(Succeed())
		Expect(w.clock.Since(begun)).To(BeNumerically("<", time.Minute))
		Expect(s.svms(ctx)).To(BeEmpty())
	})

	It("should be let go of by one seed and taken over by another, and log in all the time", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		held := s.shootSecret(ctx)
		s.watchLogins(ctx)
		Expect(s.operate(ctx, "migrate")).To(Succeed())
		Expect(s.managedResources(ctx)).To(BeEmpty())
		Expect(s.shootSecret(ctx).ResourceVersion).To(Equal(held.ResourceVersion))
		s.writeCluster(ctx, "seed-2")
		Expect(s.operate(ctx, "restore")).To(Succeed())
		Expect(s.shootSecret(ctx).UID).To(Equal(held.UID))
		Expect(s.shootSecret(ctx).Data).To(Equal(held.Data))
		s.expectInPlace(ctx)
	})
})

// firstOf orders names by how often they were seen, the most frequent first.
func firstOf(seen []string) []string {
	counts := map[string]int{}
	for _, name := range seen {
		counts[name]++
	}
	names := slices.Collect(maps.Keys(counts))
	slices.SortFunc(names, func(a, b string) int { return counts[b] - counts[a] })
	return names
}
