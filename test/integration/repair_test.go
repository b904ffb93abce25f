// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/repair"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

// repairs is the repair controller of a world.
type repairs struct {
	*world
	*worlds.Repairs
}

func (w *world) newRepairs(ctx context.Context) *repairs {
	GinkgoHelper()
	started, err := w.NewRepairs(ctx)
	Expect(err).NotTo(HaveOccurred())
	return &repairs{w, started}
}

// look does what one request asks for.
func (r *repairs) look(ctx context.Context, request repair.Request) error {
	defer r.collectSecrets(context.WithoutCancel(ctx))
	return r.Look(ctx, request)
}

// settle lets some minutes pass.
func (r *repairs) settle(ctx context.Context) {
	GinkgoHelper()
	Expect(r.Settle(ctx, 4*time.Minute)).To(Succeed())
}

// shoots are those that are to be looked at.
func (r *repairs) shoots() []string {
	var namespaces []string
	for _, request := range r.Due(time.Hour) {
		if request.Namespace != "" {
			namespaces = append(namespaces, request.Namespace)
		}
	}
	return namespaces
}

// changed is what the watch of seed secrets asks for.
func (s *shoot) changed() repair.Request {
	return repair.Request{Namespace: s.namespace(), Cause: repair.CauseSecret}
}

var sweep = repair.Request{Cause: repair.CauseSweep}

var _ = Describe("Repair", func() {
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

	// asked is what reached ONTAP while something was done.
	asked := func(ctx context.Context, do func()) []string {
		GinkgoHelper()
		_, before := w.since(ctx, 0)
		do()
		entries, _ := w.since(ctx, before)
		return requests(entries)
	}

	DescribeTable("should heal the seed secret, the account and what the shoot logs in with, without Gardener",
		func(ctx SpecContext, harm func(context.Context, *shoot)) {
			before := s.secret(ctx).Data
			harm(ctx, s)
			Expect(repairs.look(ctx, s.changed())).To(Succeed())
			Expect(s.accounts(ctx)).To(ContainElement(string(s.secret(ctx).Data["username"])), "the account is there after the first look")
			repairs.settle(ctx)
			after := s.secret(ctx).Data
			Expect(after["username"]).NotTo(Equal(before["username"]))
			Expect(after["cluster"]).To(Equal(before["cluster"]))
			Expect(s.shootSecret(ctx).Data).To(HaveKeyWithValue("password", after["password"]))
			Expect(s.accounts(ctx)).To(Equal([]string{string(after["username"])}), "the old one is retired")
			s.expectConditions(ctx, "True Ready")
			Expect(w.takeEvents()).To(ContainElement(HavePrefix("Warning SeedSecretRecreated")))
		},
		Entry("deleted", func(ctx context.Context, s *shoot) { Expect(s.seed.Delete(ctx, s.secret(ctx))).To(Succeed()) }),
		Entry("emptied", func(ctx context.Context, s *shoot) {
			secret := s.secret(ctx)
			secret.Data = nil
			Expect(s.seed.Update(ctx, secret)).To(Succeed())
		}),
		Entry("without a password", func(ctx context.Context, s *shoot) {
			secret := s.secret(ctx)
			delete(secret.Data, "password")
			Expect(s.seed.Update(ctx, secret)).To(Succeed())
		}),
	)

	It("should follow a seed secret with another password", func(ctx SpecContext) {
		secret := s.secret(ctx)
		secret.Data["password"] = []byte("Edited-by-hand-0123456789-abcDEF")
		Expect(s.seed.Update(ctx, secret)).To(Succeed())
		Expect(repairs.look(ctx, s.changed())).To(Succeed())
		repairs.settle(ctx)
		Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
		Expect(s.shootSecret(ctx).Data).To(HaveKeyWithValue("password", s.secret(ctx).Data["password"]))
		s.expectConditions(ctx, "True Ready")
	})

	It("should not ask ONTAP because of what it has written itself", func(ctx SpecContext) {
		Expect(asked(ctx, func() { Expect(repairs.look(ctx, s.changed())).To(Succeed()) })).To(BeEmpty())
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		Expect(repairs.look(ctx, s.changed())).To(Succeed())
		Expect(asked(ctx, func() { Expect(repairs.look(ctx, s.changed())).To(Succeed()) })).To(BeEmpty(), "the guard has written the secret")
		repairs.settle(ctx)
		Expect(asked(ctx, func() { Expect(repairs.look(ctx, s.changed())).To(Succeed()) })).To(BeEmpty())
	})

	It("should leave everything in the shoot but the credentials to Gardener's next reconcile", func(ctx SpecContext) {
		before := map[string]*resourcesv1alpha1.ManagedResource{}
		for _, name := range []string{"extension-ontap-crds", "extension-ontap-driver", "extension-ontap-classes"} {
			before[name] = s.managedResource(ctx, name)
			before[name].Spec.InjectLabels["of"] = "another-version"
			Expect(w.seed.Update(ctx, before[name])).To(Succeed())
		}
		w.OthersWork()
		backends := &tridentv1.TridentBackendConfigList{}
		Expect(s.inside().List(ctx, backends)).To(Succeed())
		backends.Items[0].Spec.StoragePrefix = "of-another-version"
		Expect(s.inside().Update(ctx, &backends.Items[0])).To(Succeed())
		credentials := s.managedResource(ctx, "extension-ontap-credentials").Spec
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		Expect(repairs.look(ctx, s.changed())).To(Succeed())
		repairs.settle(ctx)
		for name, resource := range before {
			Expect(s.managedResource(ctx, name).Spec).To(Equal(resource.Spec))
			Expect(s.managedResource(ctx, name).Annotations).To(Equal(resource.Annotations), "nobody is asked to apply it again")
		}
		s.expectConditions(ctx, "True Ready")
		Expect(s.managedResource(ctx, "extension-ontap-credentials").Spec).NotTo(Equal(credentials))
	})

	It("should restore labels and the placement without asking ONTAP", func(ctx SpecContext) {
		secret := s.secret(ctx)
		secret.Labels = nil
		delete(secret.Data, "cluster")
		Expect(s.seed.Update(ctx, secret)).To(Succeed())
		Expect(asked(ctx, func() { Expect(repairs.look(ctx, s.changed())).To(Succeed()) })).To(BeEmpty())
		Expect(s.secret(ctx).Labels).To(HaveKeyWithValue("ontap.extensions.gardener.cloud/shoot-uid", s.UID))
		Expect(s.secret(ctx).Data).To(HaveKeyWithValue("cluster", []byte("a")))
		Expect(w.takeEvents()).To(ContainElement(HavePrefix("Warning SeedSecretCompleted")))
	})

	It("should leave a foreign seed secret alone, and say so", func(ctx SpecContext) {
		secret := s.secret(ctx)
		secret.Labels["ontap.extensions.gardener.cloud/shoot-uid"] = "another"
		Expect(s.seed.Update(ctx, secret)).To(Succeed())
		Expect(asked(ctx, func() { Expect(repairs.look(ctx, s.changed())).To(Succeed()) })).To(BeEmpty())
		Expect(s.secret(ctx).ResourceVersion).To(Equal(secret.ResourceVersion))
		Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("False SeedSecretForeign"))
	})

	It("should try again with growing pauses while ONTAP is away", func(ctx SpecContext) {
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		Expect(repairs.look(ctx, s.changed())).To(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown Unreachable"))
		Expect(w.sim.SetUp(ctx, "a")).To(Succeed())
		repairs.settle(ctx)
		Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
		s.expectConditions(ctx, "True Ready")
	})

	It("should leave what only a human can mend to the next sweep, also when it shows in a retry", func(ctx SpecContext) {
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		Expect(repairs.look(ctx, s.changed())).To(Succeed())
		Expect(repairs.shoots()).NotTo(BeEmpty(), "it waits for what is applied in the shoot")
		s.perform(ctx, simulator.DisableLIF, "datalif+0", "")
		repairs.settle(ctx)
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("False LIFDisabled"))
		Expect(repairs.shoots()).To(BeEmpty())
	})

	It("should heal a secret that is deleted again and again", func(ctx SpecContext) {
		for range 20 {
			Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
			Expect(repairs.look(ctx, s.changed())).To(Succeed())
		}
		repairs.settle(ctx)
		Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
		s.expectConditions(ctx, "True Ready")
	})

	DescribeTable("should leave a shoot alone",
		func(ctx SpecContext, exclude func(context.Context, *shoot)) {
			exclude(ctx, s)
			Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
			s.perform(ctx, simulator.RemoveLIF, "managementlif", "")
			before := s.extension(ctx)
			Expect(asked(ctx, func() { Expect(repairs.look(ctx, s.changed())).To(Succeed()) })).To(BeEmpty())
			Expect(repairs.look(ctx, sweep)).To(Succeed())
			Expect(repairs.shoots()).To(BeEmpty())
			Expect(asked(ctx, func() {
				Expect(repairs.look(ctx, repair.Request{Namespace: s.namespace(), Cause: repair.CauseRetry})).To(Succeed())
			})).To(BeEmpty())
			Expect(s.secretNames(ctx)).NotTo(ContainElement("ontap-svm-credentials"))
			Expect(s.extension(ctx)).To(Equal(before))
		},
		Entry("that gardenlet is about to have reconciled", func(ctx context.Context, s *shoot) { Expect(s.annotate(ctx, "reconcile")).To(Succeed()) }),
		Entry("that waits for its state", func(ctx context.Context, s *shoot) { Expect(s.annotate(ctx, "wait-for-state")).To(Succeed()) }),
		Entry("that is to be migrated", func(ctx context.Context, s *shoot) { Expect(s.annotate(ctx, "migrate")).To(Succeed()) }),
		Entry("that is to be restored", func(ctx context.Context, s *shoot) { Expect(s.annotate(ctx, "restore")).To(Succeed()) }),
		Entry("whose Extension is being deleted", func(ctx context.Context, s *shoot) { Expect(s.seed.Delete(ctx, s.extension(ctx))).To(Succeed()) }),
		Entry("whose Extension has not our finalizer", func(ctx context.Context, s *shoot) {
			s.editExtension(ctx, func(e *extensionsv1alpha1.Extension) { e.Finalizers = []string{"example.org/other"} })
		}),
		Entry("whose owner wants something new", func(ctx context.Context, s *shoot) {
			config := s.providerConfig()
			config.ManagementLIF = "10.10.0.99"
			s.configure(ctx, config)
		}),
		Entry("whose owner has written the same anew", func(ctx context.Context, s *shoot) {
			config := s.providerConfig()
			config.Protocol = "NVMe"
			s.configure(ctx, config)
		}),
		Entry("that is paused", func(ctx context.Context, s *shoot) { s.pause(ctx, `"true"`) }),
		Entry("whose last operation failed", func(ctx context.Context, s *shoot) { s.lastOperation(ctx, "Reconcile", "Error") }),
		Entry("whose last operation goes on", func(ctx context.Context, s *shoot) { s.lastOperation(ctx, "Reconcile", "Processing") }),
		Entry("that was migrated away", func(ctx context.Context, s *shoot) { s.lastOperation(ctx, "Migrate", "Succeeded") }),
		Entry("that was deleted", func(ctx context.Context, s *shoot) { s.lastOperation(ctx, "Delete", "Succeeded") }),
		Entry("that is being deleted", func(ctx context.Context, s *shoot) { s.Dying = true; s.writeCluster(ctx, "seed-1") }),
		Entry("that has failed", func(ctx context.Context, s *shoot) { s.shootOperation(ctx, "Reconcile", "Failed") }),
		Entry("whose control plane migrates", func(ctx context.Context, s *shoot) { s.shootOperation(ctx, "Migrate", "Processing") }),
		Entry("whose control plane is being restored", func(ctx context.Context, s *shoot) { s.shootOperation(ctx, "Restore", "Processing") }),
		Entry("that Gardener deletes", func(ctx context.Context, s *shoot) { s.shootOperation(ctx, "Delete", "Processing") }),
		Entry("that is to be deleted by force", func(ctx context.Context, s *shoot) { s.Dying = true; s.force(ctx) }),
		Entry("for which the operator has changed a default", func(ctx context.Context, s *shoot) {
			s.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Networks.Data[0].IPv4PrefixLength = 24 })
			repairs = s.newRepairs(ctx)
		}),
	)

	It("should leave a shoot whose namespace is being deleted alone", func(ctx SpecContext) {
		Expect(w.seed.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.namespace()}})).To(Succeed())
		s.perform(ctx, simulator.RemoveLIF, "managementlif", "")
		Expect(asked(ctx, func() {
			Expect(repairs.look(ctx, repair.Request{Namespace: s.namespace(), Cause: repair.CauseRetry})).To(Succeed())
		})).To(BeEmpty())
	})

	It("should come back to a shoot that another run is at", func(ctx SpecContext) {
		Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		ours := w.clock.Meanwhile
		w.clock.Meanwhile = func() {
			w.clock.Meanwhile = ours
			Expect(asked(ctx, func() { Expect(repairs.look(ctx, s.changed())).To(Succeed()) })).To(BeEmpty())
			ours()
		}
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(repairs.Due(2*time.Second)).To(Equal([]repair.Request{s.changed()}), "it is looked at again")
		Expect(asked(ctx, func() { repairs.settle(ctx) })).To(BeEmpty(), "the other run has healed it")
	})
})

// shootOperation writes what Gardener last did to the shoot itself.
func (s *shoot) shootOperation(ctx context.Context, operation, state string) {
	GinkgoHelper()
	s.Operation = &gardencorev1beta1.LastOperation{
		Type: gardencorev1beta1.LastOperationType(operation), State: gardencorev1beta1.LastOperationState(state),
	}
	s.writeCluster(ctx, "seed-1")
}

// lastOperation writes what was last done to the Extension.
func (s *shoot) lastOperation(ctx context.Context, operation, state string) {
	GinkgoHelper()
	extension := s.extension(ctx)
	extension.Status.LastOperation = &gardencorev1beta1.LastOperation{
		Type: gardencorev1beta1.LastOperationType(operation), State: gardencorev1beta1.LastOperationState(state), LastUpdateTime: metav1.NewTime(s.clock.Now()),
	}
	Expect(s.seed.Status().Update(ctx, extension)).To(Succeed())
}

func (s *shoot) managedResource(ctx context.Context, name string) *resourcesv1alpha1.ManagedResource {
	GinkgoHelper()
	resource := &resourcesv1alpha1.ManagedResource{}
	Expect(s.seed.Get(ctx, client.ObjectKey{Namespace: s.namespace(), Name: name}, resource)).To(Succeed())
	return resource
}

func (s *shoot) editExtension(ctx context.Context, edit func(*extensionsv1alpha1.Extension)) {
	GinkgoHelper()
	extension := s.extension(ctx)
	edit(extension)
	Expect(s.seed.Update(ctx, extension)).To(Succeed())
}

func (s *shoot) expectConditions(ctx context.Context, want string) {
	GinkgoHelper()
	for _, conditionType := range []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady", "ShootResourcesReady"} {
		Expect(s.condition(ctx, conditionType)).To(Equal(want), conditionType)
	}
}
