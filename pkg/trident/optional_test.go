// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"fmt"
	"net/netip"

	volumesnapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v4/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	vpaautoscalingv1 "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// wantAll makes the shoot one that gets everything there is.
func (w *world) wantAll(ctx context.Context) {
	GinkgoHelper()
	w.content.SnapshotClass, w.content.VerticalPodAutoscaler = true, true
	w.onMetal(ctx)
}

// onMetal makes the shoot one behind a firewall of metal-stack.
func (w *world) onMetal(ctx context.Context) {
	GinkgoHelper()
	w.content.Provider = "metal"
	Expect(w.inside.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "firewall"}})).To(Succeed())
}

// firewall returns what the firewall lets through, an address and its ports in each line.
func (w *world) firewall(ctx context.Context) []string {
	GinkgoHelper()
	policy := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "metal-stack.io/v1", "kind": "ClusterwideNetworkPolicy"}}
	w.get(ctx, policy, "firewall", "ontap")
	Expect(policy.Object["spec"]).To(And(HaveLen(2), HaveKey("description")))
	egress, _, err := unstructured.NestedSlice(policy.Object, "spec", "egress")
	Expect(err).NotTo(HaveOccurred())
	var lines []string
	for _, rule := range egress {
		fields := rule.(map[string]any)
		Expect(fields).To(And(HaveLen(2), HaveKeyWithValue("to", HaveLen(1))), "one address in each rule, and some ports")
		line := fields["to"].([]any)[0].(map[string]any)["cidr"].(string)
		for _, port := range fields["ports"].([]any) {
			line += fmt.Sprintf(" %v/%v", port.(map[string]any)["protocol"], port.(map[string]any)["port"])
		}
		lines = append(lines, line)
	}
	return lines
}

var _ = Describe("What only some shoots have the API for", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	DescribeTable("should be waited for by nobody, applied or not, and taken away when it is no longer wanted",
		func(ctx SpecContext, name string, wanted func(*svm.ShootContent)) {
			plain := w.content
			wanted(&w.content)
			_, view := w.settle(ctx)
			Expect(view.Pending).To(BeEmpty())
			Expect(w.names(ctx)).To(ConsistOf(name, "extension-ontap-crds", "extension-ontap-credentials", "extension-ontap-driver", "extension-ontap-classes"))
			Expect(w.resource(ctx, name).Labels).To(HaveKeyWithValue("origin", "extension-ontap"))
			for range 2 {
				Expect(w.manager.Pass(ctx)).To(Succeed())
				before := w.resource(ctx, name).Spec
				_, view = w.settle(ctx)
				Expect(view.Pending).To(BeEmpty())
				Expect(w.resource(ctx, name).Spec).To(Equal(before))
			}
			w.content = plain
			w.content.CredentialsOnly = true
			w.settle(ctx)
			Expect(w.resource(ctx, name).DeletionTimestamp).To(BeNil(), "it is for Gardener's next reconcile")
			w.content.CredentialsOnly = false
			w.settle(ctx)
			for range 2 {
				Expect(w.manager.Pass(ctx)).To(Succeed())
			}
			Expect(w.names(ctx)).To(ConsistOf("extension-ontap-crds", "extension-ontap-credentials", "extension-ontap-driver", "extension-ontap-classes"))
		},
		Entry("the VolumeSnapshotClass", "extension-ontap-snapshots", func(c *svm.ShootContent) { c.SnapshotClass = true }),
		Entry("the VerticalPodAutoscalers", "extension-ontap-autoscalers", func(c *svm.ShootContent) { c.VerticalPodAutoscaler = true }),
		Entry("the ClusterwideNetworkPolicy, without the namespace that it lies in", "extension-ontap-firewall", func(c *svm.ShootContent) { c.Provider = "metal" }),
	)

	It("should be a VolumeSnapshotClass", func(ctx SpecContext) {
		w.content.SnapshotClass = true
		w.settle(ctx)
		Expect(w.manager.Pass(ctx)).To(Succeed())
		found := &volumesnapshotv1.VolumeSnapshotClass{}
		w.get(ctx, found, "", "ontap")
		Expect(found.Driver).To(Equal("csi.trident.netapp.io"))
		Expect(found.DeletionPolicy).To(Equal(volumesnapshotv1.VolumeSnapshotContentDelete))
		Expect(found.Annotations).To(HaveKeyWithValue("snapshot.storage.kubernetes.io/is-default-class", "true"))
	})

	DescribeTable("should be an autoscaler of all containers of a workload, which changes requests alone and lowers none below what they are without it",
		func(ctx SpecContext, name, kind string, memory map[string]string) {
			w.content.VerticalPodAutoscaler = true
			w.settle(ctx)
			Expect(w.manager.Pass(ctx)).To(Succeed())
			found := &vpaautoscalingv1.VerticalPodAutoscaler{}
			w.get(ctx, found, "kube-system", name)
			Expect(found.Spec.TargetRef).To(gstruct.PointTo(And(HaveField("APIVersion", "apps/v1"), HaveField("Kind", kind), HaveField("Name", name))))
			Expect(found.Spec.UpdatePolicy.UpdateMode).To(gstruct.PointTo(Equal(vpaautoscalingv1.UpdateModeInPlaceOrRecreate)))
			least := map[string]string{}
			for _, policy := range found.Spec.ResourcePolicy.ContainerPolicies {
				Expect(policy.ControlledValues).To(gstruct.PointTo(Equal(vpaautoscalingv1.ContainerControlledValuesRequestsOnly)))
				Expect(policy.MinAllowed).To(HaveLen(1))
				least[policy.ContainerName] = policy.MinAllowed.Memory().String()
			}
			Expect(least).To(Equal(memory))
		},
		Entry("the controller", "trident-controller", "Deployment",
			map[string]string{"trident-main": "80Mi", "csi-provisioner": "20Mi", "csi-attacher": "20Mi", "csi-resizer": "20Mi", "csi-snapshotter": "20Mi"}),
		Entry("the nodes", "trident-node-linux", "DaemonSet", map[string]string{"trident-main": "60Mi", "node-driver-registrar": "10Mi"}),
	)

	DescribeTable("should be a way through metal-stack's firewall to the SVM and nowhere else",
		func(ctx SpecContext, protocol v1alpha1.Protocol, ports string) {
			w.content.Protocol, w.content.StorageClasses = protocol, w.content.StorageClasses[:1]
			w.onMetal(ctx)
			w.settle(ctx)
			Expect(w.manager.Pass(ctx)).To(Succeed())
			Expect(w.firewall(ctx)).To(Equal([]string{"10.10.0.1/32 TCP/443", "10.11.0.1/32 " + ports, "10.12.0.1/32 " + ports}))
		},
		Entry("with NVMe", v1alpha1.ProtocolNVMe, "TCP/4420"),
		Entry("with iSCSI", v1alpha1.ProtocolISCSI, "TCP/3260"),
		Entry("with NFS", v1alpha1.ProtocolNFS, "TCP/2049 TCP/111 TCP/635 TCP/4045 TCP/4046"),
	)

	It("should be a way that follows the SVM, with IPv6, too, and does not change with the order of its LIFs", func(ctx SpecContext) {
		w.onMetal(ctx)
		w.settle(ctx)
		Expect(w.manager.Pass(ctx)).To(Succeed())
		before := w.resource(ctx, "extension-ontap-firewall")
		w.content.DataLIFs[0], w.content.DataLIFs[1] = w.content.DataLIFs[1], w.content.DataLIFs[0]
		w.settle(ctx)
		Expect(w.resource(ctx, "extension-ontap-firewall")).To(Equal(before))
		w.content.ManagementLIF, w.content.DataLIFs = netip.MustParseAddr("fd00::1"), []netip.Addr{netip.MustParseAddr("fd00::2")}
		w.settle(ctx)
		Expect(w.manager.Pass(ctx)).To(Succeed())
		Expect(w.firewall(ctx)).To(Equal([]string{"fd00::1/128 TCP/443", "fd00::2/128 TCP/4420"}))
	})
})
