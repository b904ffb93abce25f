// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// SVMConfig is the providerConfig of an Extension of type ontap. This version has no fields of its own: it may be left
// out, and a field in it is refused by name.
type SVMConfig struct {
	metav1.TypeMeta `json:",inline"`
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
}
