// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const pausing = "ontap.extensions.gardener.cloud/paused"

// pause sets the annotation that pauses a shoot's Extension to a value, or takes it away where that is "null".
func (s *shoot) pause(ctx context.Context, value string) {
	GinkgoHelper()
	extension, err := s.Extension(ctx)
	Expect(err).NotTo(HaveOccurred())
	patch := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"annotations":{"`+pausing+`":`+value+`}}}`))
	Expect(s.seed.Patch(ctx, extension, patch)).To(Succeed())
}

// versions are the versions of all that the extension keeps for a shoot in the seed, besides the Extension itself.
func (s *shoot) versions(ctx context.Context) map[string]string {
	GinkgoHelper()
	secrets, resources := &corev1.SecretList{}, &resourcesv1alpha1.ManagedResourceList{}
	Expect(s.seed.List(ctx, secrets, client.InNamespace(s.namespace()))).To(Succeed())
	Expect(s.seed.List(ctx, resources, client.InNamespace(s.namespace()))).To(Succeed())
	versions := map[string]string{}
	for _, secret := range secrets.Items {
		versions["Secret "+secret.Name] = secret.ResourceVersion
	}
	for _, resource := range resources.Items {
		versions["ManagedResource "+resource.Name] = resource.ResourceVersion
	}
	return versions
}

var _ = Describe("A paused Extension", func() {
	var (
		w      *world
		s      *shoot
		seq    uint64
		before map[string]string
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
		s.perform(ctx, simulator.RemoveLIF, "datalif+0", "")
		s.pause(ctx, `"true"`)
		_, seq = w.since(ctx, 0)
		before = s.versions(ctx)
		w.takeEvents()
	})
	expectUntouched := func(ctx context.Context) {
		GinkgoHelper()
		entries, _ := w.since(ctx, seq)
		Expect(entries).To(BeEmpty(), "ONTAP is not even asked")
		Expect(s.versions(ctx)).To(Equal(before))
	}
	expectHealed := func(ctx context.Context) {
		GinkgoHelper()
		Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("True Ready"))
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("True Ready"))
		Expect(s.secret(ctx).Data).NotTo(BeEmpty())
		Expect(s.state(ctx).LIFs).To(HaveLen(3))
	}

	It("should let the maintenance of the shoot succeed, say that it looks at nothing, and heal when the pause is over", func(ctx SpecContext) {
		for range 6 {
			Expect(s.reconcile(ctx)).To(Succeed())
			expectUntouched(ctx)
			Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("Unknown Paused"))
		}
		Expect(w.takeEvents()).To(ConsistOf(And(HavePrefix("Warning Paused"), ContainSubstring(pausing))), "once, and no escalation")
		s.pause(ctx, `"false"`)
		Expect(s.reconcile(ctx)).To(Succeed())
		expectHealed(ctx)
	})

	It("should be left alone between two reconciles, and repaired by the first sweep after the pause", func(ctx SpecContext) {
		repairs := w.newRepairs(ctx)
		Expect(repairs.look(ctx, sweep)).To(Succeed())
		repairs.settle(ctx)
		Expect(s.seed.Get(ctx, client.ObjectKey{Namespace: s.namespace(), Name: "ontap-svm-credentials"}, &corev1.Secret{})).NotTo(Succeed())
		Expect(w.effects(ctx, seq)).To(BeEmpty(), "a sweep reads whole collections, for others")
		Expect(s.versions(ctx)).To(Equal(before))
		s.pause(ctx, `null`)
		Expect(repairs.look(ctx, sweep)).To(Succeed())
		repairs.settle(ctx)
		expectHealed(ctx)
	})

	It("should not succeed with what is new", func(ctx SpecContext) {
		config := s.providerConfig()
		config.Limits = ontapv1alpha1.Limits{Volumes: 7}
		s.configure(ctx, config)
		Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring(pausing)))
		expectUntouched(ctx)
		s.pause(ctx, `null`)
		Expect(s.reconcile(ctx)).To(Succeed())
		expectHealed(ctx)
	})

	DescribeTable("should be kept from", func(ctx SpecContext, operation func(context.Context) error) {
		Expect(operation(ctx)).To(MatchError(ContainSubstring(pausing)))
		expectUntouched(ctx)
		s.pause(ctx, `null`)
		Expect(s.run(ctx)).To(Succeed())
	},
		Entry("being deleted with its shoot", func(ctx context.Context) error { return s.delete(ctx) }),
		Entry("being migrated", func(ctx context.Context) error { return s.operate(ctx, "migrate") }),
		Entry("being restored", func(ctx context.Context) error { return s.operate(ctx, "restore") }),
	)

	It("should hold up no deletion by force, and leave all behind", func(ctx SpecContext) {
		s.force(ctx)
		Expect(s.delete(ctx)).To(Succeed())
		expectUntouched(ctx)
		Expect(s.state(ctx).State).To(Equal("running"))
	})
})
