// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	storagev1 "k8s.io/api/storage/v1"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// classes are the shoot's storage classes by name.
func (s *shoot) classes(ctx context.Context) map[string]storagev1.StorageClass {
	GinkgoHelper()
	all := &storagev1.StorageClassList{}
	Expect(s.inside().List(ctx, all)).To(Succeed())
	byName := map[string]storagev1.StorageClass{}
	for _, class := range all.Items {
		byName[class.Name] = class
	}
	return byName
}

// wantClasses has the owner ask for these storage classes.
func (s *shoot) wantClasses(ctx context.Context, classes ...ontapv1alpha1.StorageClass) {
	GinkgoHelper()
	config := s.providerConfig()
	config.StorageClasses = classes
	s.configure(ctx, config)
}

// desiredHash is what repair compares.
func (s *shoot) desiredHash(ctx context.Context) string {
	GinkgoHelper()
	state := &ontapv1alpha1.SVMState{}
	Expect(s.extension(ctx).Status.State).NotTo(BeNil())
	Expect(json.Unmarshal(s.extension(ctx).Status.State.Raw, state)).To(Succeed())
	return state.DesiredHash
}

func offer(name string, policies ...configv1alpha1.QoSPolicy) func(*configv1alpha1.ControllerConfiguration) {
	return func(config *configv1alpha1.ControllerConfiguration) {
		for i := range config.Clusters {
			if config.Clusters[i].Name == name {
				config.Clusters[i].QoSPolicies = policies
			}
		}
	}
}

var _ = Describe("Storage classes", func() {
	It("should be replaced when their owner wants them otherwise, and all is not in place before", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		before, hash := s.classes(ctx), s.desiredHash(ctx)
		Expect(before).To(And(HaveLen(2), HaveKey("ontap-gold"), HaveKey("ontap-encrypted")))

		s.wantClasses(ctx, ontapv1alpha1.StorageClass{Name: "ontap-gold", FileSystem: "xfs", ReclaimPolicy: "Retain"}, ontapv1alpha1.StorageClass{Name: "more", Default: true})
		s.inside().Asleep = true
		Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring("ManagedResource extension-ontap-classes")))
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("Progressing ShootResourcesPending"))
		Expect(s.desiredHash(ctx)).To(Equal(hash), "it is not applied")
		s.inside().Asleep = false

		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("True Ready"))
		Expect(s.desiredHash(ctx)).NotTo(Equal(hash))
		after := s.classes(ctx)
		Expect(slices.Sorted(maps.Keys(after))).To(Equal([]string{"more", "ontap-gold"}))
		Expect(after["ontap-gold"].UID).NotTo(Equal(before["ontap-gold"].UID))
		Expect(after["ontap-gold"].Parameters).To(HaveKeyWithValue("csi.storage.k8s.io/fstype", "xfs"))
		Expect(after["more"].Annotations).To(HaveKeyWithValue("storageclass.kubernetes.io/is-default-class", "true"))

		s.wantClasses(ctx)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(slices.Sorted(maps.Keys(s.classes(ctx)))).To(Equal([]string{"ontap-encrypted", "ontap-gold"}), "nothing said is what it was")
		Expect(s.desiredHash(ctx)).To(Equal(hash))
	})

	It("should bring a shoot to a cluster that offers the QoS policies, and its backend a pool with each", func(ctx SpecContext) {
		w := newWorld("a", "b")
		wanted := []ontapv1alpha1.StorageClass{{Name: "plain"}, {Name: "fast", QoSPolicy: "extreme"}}
		for i, name := range []string{"a", "b"} {
			other := map[string]string{"a": "b", "b": "a"}[name]
			w.reconfigure(offer(name, configv1alpha1.QoSPolicy{Name: "gold"}, configv1alpha1.QoSPolicy{Name: "extreme", Adaptive: true}))
			w.reconfigure(offer(other))
			s := w.newShoot(ctx, i+1)
			s.wantClasses(ctx, wanted...)
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.secret(ctx).Data["cluster"]).To(BeEquivalentTo(name))
			Expect(s.backend(ctx).Spec.Storage).To(ContainElement(HaveField("Defaults", HaveKeyWithValue("adaptiveQosPolicy", "extreme"))))
			Expect(s.backend(ctx).Spec.Storage).To(HaveLen(3))
			Expect(s.condition(ctx, "ShootResourcesReady")).To(Equal("True Ready"))
		}
	})

	It("should follow the operator in what a QoS policy is, and not heed those that they do not name", func(ctx SpecContext) {
		w := newWorld("a")
		w.reconfigure(offer("a", configv1alpha1.QoSPolicy{Name: "gold"}))
		s := w.newShoot(ctx, 1)
		s.wantClasses(ctx, ontapv1alpha1.StorageClass{Name: "fast", QoSPolicy: "gold"})
		Expect(s.reconcile(ctx)).To(Succeed())
		hash := s.desiredHash(ctx)
		w.reconfigure(offer("a", configv1alpha1.QoSPolicy{Name: "gold"}, configv1alpha1.QoSPolicy{Name: "extreme", Adaptive: true}))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.desiredHash(ctx)).To(Equal(hash))
		w.reconfigure(offer("a", configv1alpha1.QoSPolicy{Name: "gold", Adaptive: true}))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.desiredHash(ctx)).NotTo(Equal(hash))
		Expect(s.backend(ctx).Spec.Storage).To(ContainElement(HaveField("Defaults", Equal(map[string]string{"luksEncryption": "false", "adaptiveQosPolicy": "gold"}))))
	})

	DescribeTable("should be refused with a QoS policy that nobody offers, before anything is made or changed",
		func(ctx SpecContext, offered []configv1alpha1.QoSPolicy, allowed string) {
			w := newWorld("a")
			w.reconfigure(offer("a", offered...))
			old, fresh := w.newShoot(ctx, 1), w.newShoot(ctx, 2)
			Expect(old.reconcile(ctx)).To(Succeed())
			classes, resource := old.classes(ctx), old.managedResources(ctx)
			_, seq := w.since(ctx, 0)
			for _, s := range []*shoot{fresh, old} {
				s.wantClasses(ctx, ontapv1alpha1.StorageClass{Name: "fast", QoSPolicy: "golden"})
				Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring(
					`spec.providerConfig.storageClasses[0].qosPolicy: Invalid value: "golden": cluster a allows the QoS policies ` + allowed)))
				Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorConfigurationProblem))
			}
			entries, _ := w.since(ctx, seq)
			Expect(entries).To(BeEmpty(), "the journal")
			Expect(fresh.secretNames(ctx)).To(BeEmpty())
			Expect(old.classes(ctx)).To(Equal(classes))
			Expect(old.managedResources(ctx)).To(Equal(resource))
		},
		Entry("because it is another one", []configv1alpha1.QoSPolicy{{Name: "gold"}}, `["gold"]`),
		Entry("because there is none", nil, `[]`),
	)
})
