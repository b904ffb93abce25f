// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"os"
	"slices"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"github.com/gardener/gardener/pkg/utils/kubernetes/health"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

var _ = Describe("The driver on nodes, with kube-controller-manager, kube-scheduler and kwok", Ordered, func() {
	var shoot *landscape.Shoot
	BeforeAll(func() {
		if os.Getenv("NODES") == "" {
			Skip("building these three takes minutes: make nodes")
		}
	})

	It("should not keep a shoot waiting that has no node yet", func(ctx SpecContext) {
		shoot = startShoot(ctx, "nodes")
		Expect(shoot.EmployNodes(ctx)).To(Succeed())
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Eventually(driverPods).WithContext(ctx).WithArguments(shoot).WithTimeout(timeout).Should(ConsistOf(HaveSuffix(" Pending")))
		Expect(condition(ctx, shoot, "ShootResourcesReady")).To(Equal("False BackendNotBound"))
	})

	It("should start where nothing else may yet, and let the rest on a node once the driver has registered there", func(ctx SpecContext) {
		join(ctx, shoot, "node-1", "node-2")
		Expect(shoot.BindBackend(ctx)).To(Succeed())
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Expect(condition(ctx, shoot, "ShootResourcesReady")).To(Equal("True Ready"))
		Eventually(driverHealth).WithContext(ctx).WithArguments(shoot).WithTimeout(timeout).Should(Succeed())
		for _, told := range []gardencorev1beta1.ConditionType{"ControlPlaneHealthy", "SystemComponentsHealthy"} {
			Eventually(condition).WithContext(ctx).WithArguments(shoot, told).WithTimeout(timeout).Should(HavePrefix("True "))
		}
	})

	It("should come back after a hibernation on nodes that are all new", func(ctx SpecContext) {
		for _, name := range []string{"node-1", "node-2"} {
			node := &corev1.Node{}
			Expect(shoot.Inside(ctx, "", name, node)).To(Succeed())
			Expect(shoot.ControlPlane.Client.Delete(ctx, node)).To(Succeed())
		}
		Expect(shoot.Hibernate(ctx)).To(Succeed())
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Expect(shoot.WakeUp(ctx)).To(Succeed())
		join(ctx, shoot, "node-3", "node-4")
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Expect(condition(ctx, shoot, "ShootResourcesReady")).To(Equal("True Ready"))
	})

	It("should be deleted with the shoot, without a wait for what only a running Trident lets go of", func(ctx SpecContext) {
		backend := &unstructured.Unstructured{}
		backend.SetGroupVersionKind(tridentv1.SchemeGroupVersion.WithKind("TridentBackendConfig"))
		Expect(shoot.Inside(ctx, "kube-system", "ontap", backend)).To(Succeed())
		Expect(shoot.ControlPlane.Client.Patch(ctx, backend,
			client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":["trident.netapp.io"]}}`)))).To(Succeed())
		Expect(shoot.Destroy(ctx)).To(Succeed())
		Expect(shoot.WaitCleanup(ctx)).To(Succeed())
		Expect(shoot.Inside(ctx, "kube-system", "ontap", backend)).To(Succeed())
		Expect(backend.GetDeletionTimestamp()).To(BeNil())
		expectForgotten(ctx, shoot)
		Expect(shoot.Remove(ctx)).To(Succeed())
	})
})

// join adds nodes, each of a pool of its own, and sees that the driver lets the rest in.
func join(ctx context.Context, shoot *landscape.Shoot, names ...string) {
	GinkgoHelper()
	for _, name := range names {
		Expect(shoot.Join(ctx, name, "pool-of-"+name)).To(Succeed())
	}
	Eventually(driverPods).WithContext(ctx).WithArguments(shoot).WithTimeout(timeout).Should(And(HaveLen(1+len(names)), HaveEach(HaveSuffix(" Running, ready"))))
	for _, name := range names {
		Expect(reserved(ctx, shoot, name)).To(BeTrue(), "the kubelet does not know the driver yet")
		Expect(shoot.RegisterDriver(ctx, name, tridentv1.Driver)).To(Succeed())
		Eventually(reserved).WithContext(ctx).WithArguments(shoot, name).WithTimeout(timeout).Should(BeFalse())
	}
}

// driverPods are those of the controller and of the nodes, by name, and how they are.
func driverPods(ctx context.Context, shoot *landscape.Shoot) ([]string, error) {
	pods := &corev1.PodList{}
	err := shoot.ControlPlane.Client.List(ctx, pods, client.InNamespace("kube-system"))
	var found []string
	for _, pod := range pods.Items {
		state := pod.Name + " " + string(pod.Status.Phase)
		if slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue }) {
			state += ", ready"
		}
		found = append(found, state)
	}
	return found, err
}

// reserved tells whether nothing may be on a node but what is critical to it.
func reserved(ctx context.Context, shoot *landscape.Shoot, name string) (bool, error) {
	node := &corev1.Node{}
	err := shoot.Inside(ctx, "", name, node)
	return slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool { return t.Key == v1beta1constants.TaintNodeCriticalComponentsNotReady }), err
}

// driverHealth is what gardener-resource-manager finds of the driver, and what it is found from.
func driverHealth(ctx context.Context, shoot *landscape.Shoot) error {
	deployment, set, resource := &appsv1.Deployment{}, &appsv1.DaemonSet{}, &resourcesv1alpha1.ManagedResource{}
	if err := shoot.Inside(ctx, "kube-system", "trident-controller", deployment); err != nil {
		return err
	}
	if err := shoot.Inside(ctx, "kube-system", "trident-node-linux", set); err != nil {
		return err
	}
	if err := admin.Get(ctx, client.ObjectKey{Namespace: shoot.Namespace, Name: trident.Driver}, resource); err != nil {
		return err
	}
	for _, err := range []error{health.CheckDeployment(deployment), health.CheckDaemonSet(set), health.CheckManagedResource(resource)} {
		if err != nil {
			return err
		}
	}
	return nil
}
