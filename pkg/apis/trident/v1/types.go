// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// Driver is the name of Trident's CSI driver.
	Driver = "csi.trident.netapp.io"

	// PhaseBound is the phase of a backend that Trident works with.
	PhaseBound = "Bound"
	// OperationSuccess is the result of Trident's last attempt to make or change a backend, if it did not fail. A change that
	// failed leaves the phase as it is.
	OperationSuccess = "Success"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// TridentBackendConfig is what Trident makes a storage backend from.
type TridentBackendConfig struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   TridentBackendConfigSpec   `json:"spec"`
	Status TridentBackendConfigStatus `json:"status,omitzero"`
}

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// TridentBackendConfigList is a list of TridentBackendConfigs.
type TridentBackendConfigList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`

	Items []TridentBackendConfig `json:"items"`
}

// TridentBackendConfigSpec is the configuration of one of Trident's drivers for ONTAP. The API server does not look into it.
type TridentBackendConfigSpec struct {
	// Version is that of the format, 1.
	Version           int    `json:"version"`
	BackendName       string `json:"backendName"`
	StorageDriverName string `json:"storageDriverName"`
	// SANType is the protocol of the driver ontap-san.
	SANType       string `json:"sanType,omitempty"`
	ManagementLIF string `json:"managementLIF"`
	// DataLIF is for NFS alone: with block protocols the nodes use all data LIFs of the SVM.
	DataLIF string `json:"dataLIF,omitempty"`
	UseREST bool   `json:"useREST"`
	// StoragePrefix starts the names of all volumes. It cannot be changed.
	StoragePrefix string `json:"storagePrefix"`
	// AutoExportPolicy lets Trident admit the nodes to NFS volumes.
	AutoExportPolicy bool `json:"autoExportPolicy,omitempty"`
	// DeletionPolicy says what becomes of the backend when the TridentBackendConfig is deleted.
	DeletionPolicy string      `json:"deletionPolicy"`
	Credentials    Credentials `json:"credentials"`
	// SupportedTopologies are the labels of the nodes that reach the backend; all nodes where it is empty.
	SupportedTopologies []map[string]string `json:"supportedTopologies,omitempty"`
	// Storage are virtual pools, which storage classes choose from by label.
	Storage []Pool `json:"storage,omitempty"`
}

// Credentials names the Secret with username and password, in the namespace of the TridentBackendConfig.
type Credentials struct {
	Name string `json:"name"`
}

// Pool is a virtual pool.
type Pool struct {
	Labels   map[string]string `json:"labels"`
	Defaults map[string]string `json:"defaults,omitempty"`
}

// TridentBackendConfigStatus is written by Trident.
type TridentBackendConfigStatus struct {
	Message             string `json:"message,omitempty"`
	Phase               string `json:"phase,omitempty"`
	LastOperationStatus string `json:"lastOperationStatus,omitempty"`
}
