// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"cmp"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	volumesnapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v4/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	// luksPassphraseName is the name of the Secret with the passphrase of encrypted volumes. It lies in the namespace of their
	// claims and belongs to whoever owns that: who loses it loses the data.
	luksPassphraseName = "ontap-luks-passphrase"
	// snapshotClassName is the name of the VolumeSnapshotClass.
	snapshotClassName = "ontap"

	defaultClass         = "storageclass.kubernetes.io/is-default-class"
	defaultSnapshotClass = "snapshot.storage.kubernetes.io/is-default-class"
	claimNamespace       = "${pvc.namespace}"
)

func storageClass(content svm.ShootContent, class v1alpha1.StorageClass) *storagev1.StorageClass {
	object := &storagev1.StorageClass{
		TypeMeta: metav1.TypeMeta{APIVersion: storagev1.SchemeGroupVersion.String(), Kind: "StorageClass"},
		ObjectMeta: metav1.ObjectMeta{
			Name: class.Name,
			// What a class consists of cannot be changed.
			Annotations: map[string]string{resourcesv1alpha1.DeleteOnInvalidUpdate: "true"},
		},
		Provisioner:          tridentv1.Driver,
		Parameters:           parameters(content, class),
		MountOptions:         class.MountOptions,
		ReclaimPolicy:        new(cmp.Or(class.ReclaimPolicy, corev1.PersistentVolumeReclaimDelete)),
		AllowVolumeExpansion: new(class.AllowVolumeExpansion == nil || *class.AllowVolumeExpansion),
		VolumeBindingMode:    new(cmp.Or(class.VolumeBindingMode, bindingMode(content))),
	}
	if class.Default {
		object.Annotations[defaultClass] = "true"
	}
	return object
}

// parameters choose our backend alone, whatever other backends the shoot's owner has. Trident ignores a class with a parameter
// that it does not know.
func parameters(content svm.ShootContent, class v1alpha1.StorageClass) map[string]string {
	all := map[string]string{
		"backendType":  drivers[content.Protocol].name,
		"storagePools": "^" + backendName + "$:.*",
	}
	if pool := selector(content, class); pool != "" {
		all["selector"] = pool
	}
	if content.Protocol != v1alpha1.ProtocolNFS {
		// Where none is said, Kubernetes does not heed the fsGroup of pods.
		all["csi.storage.k8s.io/fstype"] = string(cmp.Or(class.FileSystem, v1alpha1.FileSystemExt4))
	}
	if class.Encrypted {
		for _, operation := range []string{"node-stage", "node-expand"} {
			all["csi.storage.k8s.io/"+operation+"-secret-name"] = luksPassphraseName
			all["csi.storage.k8s.io/"+operation+"-secret-namespace"] = claimNamespace
		}
	}
	return all
}

// bindingMode lets the scheduler choose the node first if not every node reaches the SVM.
func bindingMode(content svm.ShootContent) storagev1.VolumeBindingMode {
	if len(content.ReachableFrom) > 0 {
		return storagev1.VolumeBindingWaitForFirstConsumer
	}
	return storagev1.VolumeBindingImmediate
}

func snapshotClass() *volumesnapshotv1.VolumeSnapshotClass {
	return &volumesnapshotv1.VolumeSnapshotClass{
		TypeMeta:       metav1.TypeMeta{APIVersion: volumesnapshotv1.SchemeGroupVersion.String(), Kind: "VolumeSnapshotClass"},
		ObjectMeta:     metav1.ObjectMeta{Name: snapshotClassName, Annotations: map[string]string{defaultSnapshotClass: "true"}},
		Driver:         tridentv1.Driver,
		DeletionPolicy: volumesnapshotv1.VolumeSnapshotContentDelete,
	}
}
