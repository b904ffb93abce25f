// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gardener-community/gardener-extension-ontap/charts"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

var _ = Describe("Another version of Trident", func() {
	// fixed is what Kubernetes lets nobody change, or what nobody may lose, by what it is of.
	fixed := func(ctx context.Context, w *world) map[string]any {
		GinkgoHelper()
		deployment, set, driver, service := &appsv1.Deployment{}, &appsv1.DaemonSet{}, &storagev1.CSIDriver{}, &corev1.Service{}
		w.get(ctx, deployment, "kube-system", "trident-controller")
		w.get(ctx, set, "kube-system", "trident-node-linux")
		w.get(ctx, driver, "", "csi.trident.netapp.io")
		w.get(ctx, service, "kube-system", "trident-csi")
		all := map[string]any{
			"the selector of the controller": deployment.Spec.Selector, "the selector of the nodes": set.Spec.Selector,
			"whether volumes are attached": driver.Spec.AttachRequired,
			"objects":                      []types.UID{deployment.UID, set.UID, driver.UID, service.UID},
		}
		bindings, crds := &rbacv1.ClusterRoleBindingList{}, &apiextensionsv1.CustomResourceDefinitionList{}
		Expect(w.inside.List(ctx, bindings)).To(Succeed())
		Expect(w.inside.List(ctx, crds)).To(Succeed())
		for _, binding := range bindings.Items {
			all["the role of "+binding.Name] = binding.RoleRef
		}
		for _, crd := range crds.Items {
			all[crd.Name] = []any{crd.UID, crd.Spec.Group, crd.Spec.Names.Kind, crd.Spec.Scope, crd.Spec.Versions[0].Name}
		}
		return all
	}

	It("should change images and nothing that cannot be changed, and take no kind of the API away", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.settle(ctx)
		before, mounted := fixed(ctx, w), w.start(ctx)
		vector, err := charts.Images()
		Expect(err).NotTo(HaveOccurred())
		vector = slices.Clone(vector)
		for i, source := range vector {
			other := *source
			other.Tag = new("another")
			vector[i] = &other
		}
		w.resources = trident.NewShootResources(w.seed, w.client, vector, w.clock)
		w.settle(ctx)
		Expect(fixed(ctx, w)).To(Equal(before))
		Expect(w.start(ctx)).To(Equal(mounted))
		set := &appsv1.DaemonSet{}
		w.get(ctx, set, "kube-system", "trident-node-linux")
		for _, container := range append(set.Spec.Template.Spec.Containers, set.Spec.Template.Spec.InitContainers...) {
			Expect(container.Image).To(HaveSuffix(":another"))
		}
	})
})
