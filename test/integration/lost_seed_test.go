// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"slices"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

// loseSeed takes from the seed all that there is of the shoot, which nobody of the extension sees, and makes its Extension again, with
// the Secrets and the state that there is a backup of.
func (s *shoot) loseSeed(ctx context.Context, seedName string, state *runtime.RawExtension, backup ...corev1.Secret) {
	GinkgoHelper()
	lost := s.extension(ctx)
	spec := lost.Spec
	s.vanish(ctx, lost)
	secrets, resources := &corev1.SecretList{}, &resourcesv1alpha1.ManagedResourceList{}
	Expect(s.seed.List(ctx, secrets, client.InNamespace(s.namespace()))).To(Succeed())
	for _, secret := range secrets.Items {
		s.vanish(ctx, &secret)
	}
	Expect(s.seed.List(ctx, resources, client.InNamespace(s.namespace()))).To(Succeed())
	for _, resource := range resources.Items {
		s.vanish(ctx, &resource)
	}
	s.restart()
	s.writeCluster(ctx, seedName)
	for _, secret := range backup {
		Expect(s.seed.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: secret.Namespace, Name: secret.Name, Labels: secret.Labels}, Data: secret.Data, Type: secret.Type,
		})).To(Succeed())
	}
	anew := &extensionsv1alpha1.Extension{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace(), Name: lost.Name}, Spec: spec}
	Expect(s.seed.Create(ctx, anew)).To(Succeed())
	if state != nil {
		anew.Status.State = state
		Expect(s.seed.Status().Update(ctx, anew)).To(Succeed())
	}
}

func (s *shoot) vanish(ctx context.Context, object client.Object) {
	GinkgoHelper()
	if len(object.GetFinalizers()) > 0 {
		object.SetFinalizers(nil)
		Expect(s.seed.Update(ctx, object)).To(Succeed())
	}
	Expect(s.seed.Delete(ctx, object)).To(Succeed())
}

var _ = Describe("A shoot of which the seed has lost everything", func() {
	var (
		w       *world
		s       *shoot
		svm     simulator.SVMState
		account string
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a", "b")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		svm = s.state(ctx)
		account = string(s.secret(ctx).Data["username"])
	})
	// expectWhole sees that the shoot has the SVM that it had, and one account on it, which it holds.
	expectWhole := func(ctx context.Context) {
		GinkgoHelper()
		state, err := w.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.EverCreated).To(And(HaveLen(1), HaveEach(1)), "no twin, not even for a moment")
		Expect(s.state(ctx).UUID).To(Equal(svm.UUID))
		Expect(s.state(ctx).LIFs).To(Equal(svm.LIFs))
		Expect(s.accounts(ctx)).To(ConsistOf(string(s.secret(ctx).Data["username"])))
		Expect(s.shootSecret(ctx).Data["password"]).To(Equal(s.secret(ctx).Data["password"]))
		for _, conditionType := range []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady", "ShootResourcesReady"} {
			Expect(s.condition(ctx, conditionType)).To(Equal("True Ready"), conditionType)
		}
	}

	It("should get its SVM back with fresh credentials, and key and classes as they were", func(ctx SpecContext) {
		key := &corev1.Secret{}
		read := func() []byte {
			Expect(s.seed.Get(ctx, client.ObjectKey{Namespace: s.namespace(), Name: "trident-encryption-keys"}, key)).To(Succeed())
			return key.Data["aesKey"]
		}
		before := read()
		s.loseSeed(ctx, worlds.SeedName, nil)
		Expect(s.reconcile(ctx)).To(Succeed())
		expectWhole(ctx)
		Expect(string(s.secret(ctx).Data["username"])).NotTo(Equal(account))
		Expect(s.secret(ctx).Data["cluster"]).NotTo(BeEmpty())
		Expect(read()).To(Equal(before))
	})

	It("should wait for a cluster that may have its SVM, and make nothing meanwhile", func(ctx SpecContext) {
		cluster := string(s.secret(ctx).Data["cluster"])
		s.loseSeed(ctx, worlds.SeedName, nil)
		hold := func(held bool) { // so that the other one would be chosen
			w.reconfigure(func(config *configv1alpha1.ControllerConfiguration) {
				config.Clusters[slices.Index([]string{"a", "b"}, cluster)].Hold = held
			})
		}
		hold(true)
		Expect(w.sim.SetDown(ctx, cluster)).To(Succeed())
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown Unreachable"))
		Expect(w.effects(ctx, seq)).To(BeEmpty())
		Expect(w.sim.SetUp(ctx, cluster)).To(Succeed())
		hold(false)
		Expect(s.reconcile(ctx)).To(Succeed())
		expectWhole(ctx)
	})

	It("should go on with credentials from a backup that is older than their rotation", func(ctx SpecContext) {
		old, state := *s.secret(ctx), s.extension(ctx).Status.State
		Expect(s.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.accounts(ctx)).NotTo(ContainElement(account))
		s.loseSeed(ctx, worlds.SeedName, state, old)
		Expect(s.operate(ctx, "restore")).To(Succeed())
		expectWhole(ctx)
		Expect(s.secret(ctx).Data).To(Equal(old.Data))
	})

	It("should be taken over by another seed that has nothing of it, in a restoration", func(ctx SpecContext) {
		s.loseSeed(ctx, "seed-2", nil)
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMOfOtherSeed"))
		Expect(s.operate(ctx, "restore")).To(Succeed())
		expectWhole(ctx)
	})
})
