// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"
	vpaautoscalingv1 "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// become is what the shoot's owner and Gardener make of it.
func (s *shoot) become(ctx context.Context, provider string, autoscaled bool) {
	GinkgoHelper()
	s.Provider, s.Autoscaled = provider, autoscaled
	s.writeCluster(ctx, "seed-1")
}

var _ = Describe("What only some shoots have the API for", func() {
	var (
		w *world
		s *shoot
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a")
		s = w.newShoot(ctx, 1)
	})

	DescribeTable("should stop nothing where the API is missing, whatever is wanted", func(ctx SpecContext, provider string, wanted bool, missing ...string) {
		refused := sets.New[string]()
		w.RefuseInside = func(object client.Object) error {
			kind, err := apiutil.GVKForObject(object, s.inside().Scheme())
			if err == nil && slices.Contains([]string{"snapshot.storage.k8s.io", "autoscaling.k8s.io", "metal-stack.io"}, kind.Group) {
				refused.Insert(kind.Kind)
				return &meta.NoKindMatchError{GroupKind: kind.GroupKind()}
			}
			return err
		}
		config := s.providerConfig()
		config.SnapshotClass = &ontapv1alpha1.SnapshotClass{Enabled: wanted}
		s.configure(ctx, config)
		s.become(ctx, provider, wanted)
		s.furnish(ctx)
		Expect(s.reconcile(ctx)).To(Succeed())
		w.othersWork()
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectInPlace(ctx)
		Expect(s.managedResources(ctx)).To(HaveLen(4 + len(missing)))
		Expect(sets.List(refused)).To(ConsistOf(missing))
		Expect(s.remove(ctx)).To(Succeed())
		s.expectGone(ctx)
		Expect(s.managedResources(ctx)).To(BeEmpty())
	},
		Entry("wanted", "metal", true, "ClusterwideNetworkPolicy", "VerticalPodAutoscaler", "VolumeSnapshotClass"),
		Entry("not wanted", "local", false),
	)

	It("should be there as long as it is wanted, with the same desired hash and without a write of ours in a steady run", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		hash := s.desiredHash(ctx)
		Expect(s.inside().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "firewall"}})).To(Succeed())
		s.become(ctx, "metal", true)
		Expect(s.reconcile(ctx)).To(Succeed())
		w.othersWork()
		Expect(s.desiredHash(ctx)).To(Equal(hash))
		policy := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "metal-stack.io/v1", "kind": "ClusterwideNetworkPolicy"}}
		Expect(s.inside().Get(ctx, client.ObjectKey{Namespace: "firewall", Name: "ontap"}, policy)).To(Succeed())
		Expect(s.inside().Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: "trident-controller"}, &vpaautoscalingv1.VerticalPodAutoscaler{})).To(Succeed())

		count, _, writes := counted()
		w.inject(count)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(*writes).To(Equal(gardeners - gardenersReads - 1))
		w.inject(interceptor.Funcs{})
		s.become(ctx, "local", false)
		Expect(s.reconcile(ctx)).To(Succeed())
		w.othersWork()
		w.othersWork()
		Expect(s.managedResources(ctx)).To(HaveLen(4))
		Expect(s.inside().Get(ctx, client.ObjectKeyFromObject(policy), policy)).To(MatchError(apierrors.IsNotFound, "not found"))
	})
})
