// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
)

// backendConfigCRD is that of Trident 26.06, whose schema takes everything, without the finalizer that NetApp's operator puts
// on it: nobody would remove it.
func backendConfigCRD() *apiextensionsv1.CustomResourceDefinition {
	column := func(name, path string, priority int32) apiextensionsv1.CustomResourceColumnDefinition {
		return apiextensionsv1.CustomResourceColumnDefinition{Name: name, Type: "string", JSONPath: path, Priority: priority}
	}
	return &apiextensionsv1.CustomResourceDefinition{
		TypeMeta:   metav1.TypeMeta{APIVersion: apiextensionsv1.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
		ObjectMeta: metav1.ObjectMeta{Name: "tridentbackendconfigs." + tridentv1.SchemeGroupVersion.Group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: tridentv1.SchemeGroupVersion.Group,
			Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{
				Plural: "tridentbackendconfigs", Singular: "tridentbackendconfig", Kind: "TridentBackendConfig", ListKind: "TridentBackendConfigList",
				ShortNames: []string{"tbc", "tbconfig", "tbackendconfig"}, Categories: []string{"trident", "trident-internal", "trident-external"},
			},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: tridentv1.SchemeGroupVersion.Version, Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", XPreserveUnknownFields: new(true),
				}},
				Subresources: &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}},
				AdditionalPrinterColumns: []apiextensionsv1.CustomResourceColumnDefinition{
					column("Backend Name", ".status.backendInfo.backendName", 0),
					column("Backend UUID", ".status.backendInfo.backendUUID", 0),
					column("Phase", ".status.phase", 0),
					column("Status", ".status.lastOperationStatus", 0),
					column("Storage Driver", ".spec.storageDriverName", 1),
					column("Deletion Policy", ".status.deletionPolicy", 1),
				},
			}},
		},
	}
}
