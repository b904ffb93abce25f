// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"net/netip"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/util/sets"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
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
		Expect(gold.Parameters).To(Equal(map[string]string{
			"backendType": "ontap-san", "storagePools": "^ontap$:.*", "selector": "luks=false", "csi.storage.k8s.io/fstype": "ext4",
		}))
		Expect(encrypted.Parameters).To(Equal(map[string]string{
			"backendType": "ontap-san", "storagePools": "^ontap$:.*", "selector": "luks=true", "csi.storage.k8s.io/fstype": "ext4",
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

	It("should be classes as their owner wants them", func(ctx SpecContext) {
		w.content.StorageClasses = []v1alpha1.StorageClass{{
			Name: "kept", Encrypted: true, FileSystem: "xfs", ReclaimPolicy: "Retain", VolumeBindingMode: "WaitForFirstConsumer",
			AllowVolumeExpansion: new(false), MountOptions: []string{"noatime", "discard"},
		}}
		w.settle(ctx)
		kept := class(ctx, "kept")
		Expect(kept.Parameters).To(And(HaveLen(8), HaveKeyWithValue("selector", "luks=true"), HaveKeyWithValue("csi.storage.k8s.io/fstype", "xfs")))
		Expect(kept.ReclaimPolicy).To(gstruct.PointTo(Equal(corev1.PersistentVolumeReclaimRetain)))
		Expect(kept.VolumeBindingMode).To(gstruct.PointTo(Equal(storagev1.VolumeBindingWaitForFirstConsumer)))
		Expect(kept.AllowVolumeExpansion).To(gstruct.PointTo(BeFalse()))
		Expect(kept.MountOptions).To(Equal([]string{"noatime", "discard"}))
	})

	DescribeTable("should be a pool for each class with a QoS policy, which no other class chooses",
		func(ctx SpecContext, protocol v1alpha1.Protocol, plain []tridentv1.Pool, gold, extreme map[string]string, parameters int) {
			w.content.Protocol = protocol
			w.content.StorageClasses = []v1alpha1.StorageClass{
				{Name: "ontap-gold"}, {Name: "gold.fixed", QoSPolicy: "gold"}, {Name: "extreme", QoSPolicy: "extreme", Encrypted: protocol != "NFS"},
			}
			w.content.QoSPolicies = []configv1alpha1.QoSPolicy{{Name: "gold"}, {Name: "extreme", Adaptive: true}}
			w.settle(ctx)
			pools := w.backend(ctx).Spec.Storage
			Expect(pools).To(HaveLen(len(plain) + 2))
			Expect(pools[:len(plain)]).To(Equal(plain), "volumes remember pools by their place")
			own := pools[len(plain):]
			Expect(own[0].Defaults).To(Equal(gold))
			Expect(own[1].Defaults).To(Equal(extreme))
			Expect(class(ctx, "ontap-gold").Parameters).To(HaveKeyWithValue("selector", "luks=false"))
			for i, name := range []string{"gold.fixed", "extreme"} {
				Expect(own[i].Labels).To(HaveLen(1))
				Expect(own[i].Labels["class"]).To(MatchRegexp(`^\w{16}$`), "all that Trident's selectors know")
				Expect(class(ctx, name).Parameters).To(HaveKeyWithValue("selector", "class="+own[i].Labels["class"]))
			}
			Expect(own[0].Labels).NotTo(Equal(own[1].Labels))
			Expect(class(ctx, "extreme").Parameters).To(HaveLen(parameters))
		},
		Entry("with NVMe/TCP", v1alpha1.ProtocolNVMe, luks,
			map[string]string{"luksEncryption": "false", "qosPolicy": "gold"}, map[string]string{"luksEncryption": "true", "adaptiveQosPolicy": "extreme"}, 8),
		Entry("with iSCSI", v1alpha1.ProtocolISCSI, luks,
			map[string]string{"luksEncryption": "false", "qosPolicy": "gold"}, map[string]string{"luksEncryption": "true", "adaptiveQosPolicy": "extreme"}, 8),
		Entry("with NFS, where the others need one, too", v1alpha1.ProtocolNFS, []tridentv1.Pool{{Labels: map[string]string{"luks": "false"}}},
			map[string]string{"qosPolicy": "gold"}, map[string]string{"adaptiveQosPolicy": "extreme"}, 3),
	)

	DescribeTable("should be made again where Kubernetes does not let a class be changed, and pending until then",
		func(ctx SpecContext, change func(*v1alpha1.StorageClass), uids int) {
			w.settle(ctx)
			before, generation := class(ctx, "ontap-gold"), w.resource(ctx, "extension-ontap-classes").Generation
			other := class(ctx, "ontap-encrypted")
			change(&w.content.StorageClasses[0])
			view, err := w.resources.Ensure(w.content)(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(view.Pending).To(ContainSubstring("extension-ontap-classes"))
			Expect(w.resource(ctx, "extension-ontap-classes").Generation).To(BeNumerically(">", generation))
			w.settle(ctx)
			after := class(ctx, "ontap-gold")
			Expect(after.ResourceVersion).NotTo(Equal(before.ResourceVersion))
			Expect(sets.New(before.UID, after.UID)).To(HaveLen(uids))
			Expect(class(ctx, "ontap-encrypted")).To(Equal(other))
		},
		Entry("another file system", func(c *v1alpha1.StorageClass) { c.FileSystem = "xfs" }, 2),
		Entry("another reclaim policy", func(c *v1alpha1.StorageClass) { c.ReclaimPolicy = "Retain" }, 2),
		Entry("another binding mode", func(c *v1alpha1.StorageClass) { c.VolumeBindingMode = "WaitForFirstConsumer" }, 2),
		Entry("a QoS policy", func(c *v1alpha1.StorageClass) { c.QoSPolicy = "gold" }, 2),
		Entry("other mount options, which can be changed", func(c *v1alpha1.StorageClass) { c.MountOptions = []string{"noatime"} }, 1),
		Entry("no expansion any more, which can be changed", func(c *v1alpha1.StorageClass) { c.AllowVolumeExpansion = new(false) }, 1),
	)

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
})
