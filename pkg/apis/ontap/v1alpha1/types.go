// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Protocol is how the nodes of a shoot reach their volumes. An SVM serves one.
type Protocol string

const (
	// ProtocolNVMe is NVMe over TCP.
	ProtocolNVMe Protocol = "NVMe"
	// ProtocolISCSI is iSCSI.
	ProtocolISCSI Protocol = "iSCSI"
	// ProtocolNFS is NFS.
	ProtocolNFS Protocol = "NFS"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// SVMConfig is the providerConfig of an Extension of type ontap: what the owner of a shoot wants of its SVM.
type SVMConfig struct {
	metav1.TypeMeta `json:",inline"`

	// ManagementLIF is the address, IPv4 or IPv6, under which the SVM's REST API answers.
	ManagementLIF string `json:"managementLIF"`
	// DataLIFs are the addresses under which the SVM serves volumes: a set of even number, since a volume is reached on its
	// node and on that node's HA partner; one only where a cluster without HA is configured. Taking an address away while
	// hosts are connected through it is refused.
	DataLIFs []string `json:"dataLIFs"`
	// Protocol is NVMe where it is empty. It cannot be changed.
	Protocol Protocol `json:"protocol,omitempty"`
	// Workers are the names of the worker pools whose nodes get the driver; all where it is empty. A pod with a volume has to be
	// kept on them by whoever writes it.
	Workers []string `json:"workers,omitempty"`
	// Limits bound what the SVM may use, within what the operator allows. The operator's defaults hold where they are empty.
	Limits Limits `json:"limits,omitempty"`
	// StorageClasses are those that the shoot gets: ontap-gold, and ontap-encrypted unless the protocol is NFS, where it is
	// empty.
	StorageClasses []StorageClass `json:"storageClasses,omitempty"`
	// SnapshotClass says whether the shoot gets a VolumeSnapshotClass. Where it is empty, it gets one if the extension of its
	// infrastructure provider brings the API for that.
	SnapshotClass *SnapshotClass `json:"snapshotClass,omitempty"`
}

// Limits bound what an SVM may use; an empty field is no limit.
type Limits struct {
	// Capacity bounds the size of all volumes together: a quantity of whole bytes such as 500Gi.
	Capacity string `json:"capacity,omitempty"`
	// Volumes bounds their number.
	Volumes int32 `json:"volumes,omitempty"`
	// IOPS bounds the operations per second.
	IOPS int32 `json:"iops,omitempty"`
	// MBps bounds the throughput in megabytes per second.
	MBps int32 `json:"mbps,omitempty"`
}

// FileSystem is what nodes format block devices with.
type FileSystem string

const (
	// FileSystemExt4 is ext4.
	FileSystemExt4 FileSystem = "ext4"
	// FileSystemXFS is XFS.
	FileSystemXFS FileSystem = "xfs"
)

// StorageClass is a storage class in the shoot. What is changed in it holds for volumes that are made afterwards: Kubernetes
// does not change a class, so it is deleted and made again, which no volume notices.
type StorageClass struct {
	// Name is unique in a providerConfig, and not longer than 200 characters.
	Name string `json:"name"`
	// Default makes it the class of claims that name none; of at most one class.
	Default bool `json:"default,omitempty"`
	// Encrypted has volumes encrypted on the nodes with LUKS; not with NFS. The passphrase is that of the Secret
	// ontap-luks-passphrase in the namespace of the claim.
	Encrypted bool `json:"encrypted,omitempty"`
	// FileSystem is ext4 or xfs, and ext4 where it is empty; not with NFS.
	FileSystem FileSystem `json:"fileSystem,omitempty"`
	// QoSPolicy is the name of one of the QoS policies that the operator offers on the ONTAP cluster. Each volume of the class
	// gets it; none where it is empty. Not where the throughput of the SVM is limited, by the operator's limits or the shoot's.
	QoSPolicy string `json:"qosPolicy,omitempty"`
	// ReclaimPolicy is Delete or Retain, and Delete where it is empty.
	ReclaimPolicy corev1.PersistentVolumeReclaimPolicy `json:"reclaimPolicy,omitempty"`
	// VolumeBindingMode is Immediate or WaitForFirstConsumer. Where it is empty, it is Immediate, unless the operator says that
	// only some zones reach the ONTAP cluster.
	VolumeBindingMode storagev1.VolumeBindingMode `json:"volumeBindingMode,omitempty"`
	// AllowVolumeExpansion lets claims grow; it is true where it is empty.
	AllowVolumeExpansion *bool `json:"allowVolumeExpansion,omitempty"`
	// MountOptions are those that nodes mount volumes with, one in each string.
	MountOptions []string `json:"mountOptions,omitempty"`
}

// SnapshotClass is the VolumeSnapshotClass in the shoot.
type SnapshotClass struct {
	// Enabled is whether there is one. The API snapshot.storage.k8s.io has to be there, which is not Gardener's own.
	Enabled bool `json:"enabled"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// SVMStatus is the providerStatus of an Extension of type ontap: what was decided and seen on ONTAP for this shoot.
type SVMStatus struct {
	metav1.TypeMeta `json:",inline"`

	// Cluster is the configured name of the ONTAP cluster on which the SVM lives. It is written before the SVM is
	// created there and never dropped afterwards; together with the key of that name in the seed secret it is the
	// placement record.
	Cluster string `json:"cluster,omitempty"`
	// SVMName is the name of the SVM.
	SVMName string `json:"svmName,omitempty"`
	// SVMUUID is the UUID of the SVM, once it has been seen.
	SVMUUID string `json:"svmUUID,omitempty"`
	// Account is the name of the SVM's account that the seed secret holds, once it works.
	Account string `json:"account,omitempty"`
	// ShootAccount is the account whose credentials were seen in the shoot.
	ShootAccount *ShootAccount `json:"shootAccount,omitempty"`
	// Protocol is the one that the SVM serves.
	Protocol Protocol `json:"protocol,omitempty"`
	// Aggregates are the names of those on which the SVM's volumes may lie: all of the HA pairs that it lives on.
	Aggregates []string `json:"aggregates,omitempty"`
	// LIFs are the data LIFs in the order of providerConfig, and then the management LIF.
	LIFs []LIFStatus `json:"lifs,omitempty"`
	// PendingApproval is a request that ONTAP's multi-admin verification has made of something that was to be written.
	PendingApproval *Approval `json:"pendingApproval,omitempty"`
}

// ShootAccount is an account of the SVM as the shoot knows it.
type ShootAccount struct {
	Name string `json:"name"`
	// Since is when its credentials were first seen in the shoot.
	Since metav1.Time `json:"since"`
}

// LIFStatus is a LIF of the SVM.
type LIFStatus struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	// HomeNode is the node where the LIF belongs.
	HomeNode string `json:"homeNode"`
}

// Approval is a multi-admin-verify request.
type Approval struct {
	Cluster string `json:"cluster"`
	// Index is what ONTAP calls the request by.
	Index int64 `json:"index"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// SVMState is the state of an Extension of type ontap, which Gardener carries over to another seed. It is written at the
// end of a Reconcile that succeeded, and holds no credentials.
type SVMState struct {
	metav1.TypeMeta `json:",inline"`

	// DesiredHash identifies what was applied: the shoot's wishes and the operator's settings.
	DesiredHash string `json:"desiredHash"`
	// Cluster, SVMName and SVMUUID are those of the status.
	Cluster string `json:"cluster"`
	SVMName string `json:"svmName"`
	SVMUUID string `json:"svmUUID"`
}
