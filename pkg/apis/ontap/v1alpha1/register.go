// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// ExtensionType is the spec.type of the Extension resources that this extension works on.
const ExtensionType = "ontap"

// AnnotationPaused, set to true on an Extension, keeps the extension from looking at, and from changing, anything for its shoot:
// on ONTAP, in the seed and in the shoot. The status of the Extension alone is written, to say so.
const AnnotationPaused = "ontap.extensions.gardener.cloud/paused"

// SchemeGroupVersion is the group and version of providerConfig and providerStatus.
var SchemeGroupVersion = schema.GroupVersion{Group: "ontap.extensions.gardener.cloud", Version: "v1alpha1"}

// AddToScheme adds the types of this package to a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(SchemeGroupVersion, &SVMConfig{}, &SVMStatus{}, &SVMState{})
	metav1.AddToGroupVersion(scheme, SchemeGroupVersion)
	return nil
}
