// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"net/netip"

	volumesnapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v4/apis/volumesnapshot/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

var _ = Describe("Objects in the shoot", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	class := func(ctx context.Context, name string) *storagev1.StorageClass {
		GinkgoHelper()
		found := &storagev1.StorageClass{}
		w.get(ctx, found, "", name)
		return found
	}
	luks := []tridentv1.Pool{
		{Labels: map[string]string{"luks": "false"}, Defaults: map[string]string{"luksEncryption": "false"}},
		{Labels: map[string]string{"luks": "true"}, Defaults: map[string]string{"luksEncryption": "true"}},
	}

	DescribeTable("should be a backend of the protocol",
		func(ctx SpecContext, protocol v1alpha1.Protocol, change func(*svm.ShootContent), expected tridentv1.TridentBackendConfigSpec) {
			w.content.Protocol = protocol
			change(&w.content)
			w.settle(ctx)
			expected.Version, expected.BackendName, expected.UseREST = 1, "ontap", true
			expected.StoragePrefix, expected.DeletionPolicy, expected.Credentials.Name = "s0a1b2c3d_", "delete", "ontap-svm-credentials"
			Expect(w.backend(ctx).Spec).To(Equal(expected))
		},
		Entry("NVMe/TCP", v1alpha1.ProtocolNVMe, func(*svm.ShootContent) {},
			tridentv1.TridentBackendConfigSpec{StorageDriverName: "ontap-san", SANType: "nvme", ManagementLIF: "10.10.0.1", Storage: luks}),
		Entry("iSCSI, over IPv6", v1alpha1.ProtocolISCSI, func(c *svm.ShootContent) { c.ManagementLIF = netip.MustParseAddr("fd00::1") },
			tridentv1.TridentBackendConfigSpec{StorageDriverName: "ontap-san", SANType: "iscsi", ManagementLIF: "[fd00::1]", Storage: luks}),
		Entry("NFS", v1alpha1.ProtocolNFS, func(c *svm.ShootContent) { c.StorageClasses = c.StorageClasses[:1] },
			tridentv1.TridentBackendConfigSpec{StorageDriverName: "ontap-nas", ManagementLIF: "10.10.0.1", DataLIF: "10.11.0.1", AutoExportPolicy: true}),
		Entry("for the nodes of some zones", v1alpha1.ProtocolNVMe, func(c *svm.ShootContent) { c.ReachableFrom = []string{"a", "b"} },
			tridentv1.TridentBackendConfigSpec{
				StorageDriverName: "ontap-san", SANType: "nvme", ManagementLIF: "10.10.0.1", Storage: luks,
				SupportedTopologies: []map[string]string{
					{"topology.kubernetes.io/region": "region-1", "topology.kubernetes.io/zone": "a"},
					{"topology.kubernetes.io/region": "region-1", "topology.kubernetes.io/zone": "b"},
				},
			}),
	)

	It("should be storage classes of our backend alone, with and without LUKS", func(ctx SpecContext) {
		w.settle(ctx)
		gold, encrypted := class(ctx, "ontap-gold"), class(ctx, "ontap-encrypted")
		Expect(gold.Parameters).To(Equal(map[string]string{"backendType": "ontap-san", "storagePools": "^ontap$:.*", "selector": "luks=false"}))
		Expect(encrypted.Parameters).To(Equal(map[string]string{
			"backendType": "ontap-san", "storagePools": "^ontap$:.*", "selector": "luks=true",
			"csi.storage.k8s.io/node-stage-secret-name": "ontap-luks-passphrase", "csi.storage.k8s.io/node-stage-secret-namespace": "${pvc.namespace}",
			"csi.storage.k8s.io/node-expand-secret-name": "ontap-luks-passphrase", "csi.storage.k8s.io/node-expand-secret-namespace": "${pvc.namespace}",
		}))
		for _, found := range []*storagev1.StorageClass{gold, encrypted} {
			Expect(found.Provisioner).To(Equal("csi.trident.netapp.io"))
			Expect(found.AllowVolumeExpansion).To(gstruct.PointTo(BeTrue()))
			Expect(found.ReclaimPolicy).To(gstruct.PointTo(Equal(corev1.PersistentVolumeReclaimDelete)))
			Expect(found.VolumeBindingMode).To(gstruct.PointTo(Equal(storagev1.VolumeBindingImmediate)))
			Expect(found.Annotations).NotTo(HaveKey("storageclass.kubernetes.io/is-default-class"))
			Expect(found.Annotations).To(HaveKeyWithValue("resources.gardener.cloud/delete-on-invalid-update", "true"))
		}
	})

	It("should follow the owner: other names, a default, and none that is not wanted", func(ctx SpecContext) {
		w.settle(ctx)
		w.content.StorageClasses = []v1alpha1.StorageClass{{Name: "fast", Default: true}}
		w.settle(ctx)
		Expect(class(ctx, "fast").Annotations).To(HaveKeyWithValue("storageclass.kubernetes.io/is-default-class", "true"))
		all := &storagev1.StorageClassList{}
		Expect(w.inside.List(ctx, all)).To(Succeed())
		Expect(all.Items).To(HaveLen(1))
		w.content.StorageClasses[0].Default = false
		w.settle(ctx)
		Expect(class(ctx, "fast").Annotations).NotTo(HaveKey("storageclass.kubernetes.io/is-default-class"))
	})

	It("should wait for the scheduler where not every node reaches the SVM", func(ctx SpecContext) {
		w.content.ReachableFrom = []string{"a"}
		w.settle(ctx)
		Expect(class(ctx, "ontap-gold").VolumeBindingMode).To(gstruct.PointTo(Equal(storagev1.VolumeBindingWaitForFirstConsumer)))
	})

	It("should not choose among pools that NFS does not have", func(ctx SpecContext) {
		w.content.Protocol, w.content.StorageClasses = v1alpha1.ProtocolNFS, w.content.StorageClasses[:1]
		w.settle(ctx)
		Expect(class(ctx, "ontap-gold").Parameters).To(Equal(map[string]string{"backendType": "ontap-nas", "storagePools": "^ontap$:.*"}))
	})

	It("should be a VolumeSnapshotClass where it is wanted", func(ctx SpecContext) {
		w.content.SnapshotClass = true
		w.settle(ctx)
		Expect(w.manager.Pass(ctx)).To(Succeed())
		found := &volumesnapshotv1.VolumeSnapshotClass{}
		w.get(ctx, found, "", "ontap")
		Expect(found.Driver).To(Equal("csi.trident.netapp.io"))
		Expect(found.DeletionPolicy).To(Equal(volumesnapshotv1.VolumeSnapshotContentDelete))
		Expect(found.Annotations).To(HaveKeyWithValue("snapshot.storage.kubernetes.io/is-default-class", "true"))
	})
})
