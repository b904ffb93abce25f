// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// ControllerConfiguration is the operator's configuration of the extension in one seed.
type ControllerConfiguration struct {
	metav1.TypeMeta `json:",inline"`

	// GardenIdentity is the identity of the garden cluster. It goes into the owner mark of every object made on
	// ONTAP, so that two gardens that share a storage cluster never touch each other's SVMs.
	GardenIdentity string `json:"gardenIdentity"`
	// Clusters are the ONTAP clusters on which SVMs may live. At least one; names are unique.
	Clusters []ONTAPCluster `json:"clusters"`
}

// ONTAPCluster says how to reach one ONTAP cluster.
type ONTAPCluster struct {
	// Name is this configuration's name for the cluster. It is written into seed secrets as the placement of an SVM,
	// so it must never be given to another cluster.
	Name string `json:"name"`
	// Endpoint is the URL of the cluster management LIF, https only, without a path.
	Endpoint string `json:"endpoint"`
	// CredentialsDirectory holds the files username and password of a cluster account. They are read again when they
	// change, as a mounted Secret does.
	CredentialsDirectory string `json:"credentialsDirectory"`
	// CAFile is a PEM bundle that the cluster's certificate is verified against. The system's roots where it is empty.
	CAFile string `json:"caFile,omitempty"`
}
