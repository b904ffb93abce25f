// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
)

// kind is one of the kinds of Trident's API.
type kind struct {
	name string
	// owners is whether the owner of the shoot makes such objects; of the other kinds nobody but Trident does.
	owners bool
	// plural is only given where it is not the name with an s.
	plural     string
	shortNames []string
	categories []string
	cluster    bool
	status     bool
	columns    []column
	// properties are nil for a kind whose schema takes everything.
	properties map[string]property
	required   []string
	rules      []apiextensionsv1.ValidationRule
}

type (
	column   = apiextensionsv1.CustomResourceColumnDefinition
	property = apiextensionsv1.JSONSchemaProps
)

var (
	internal = []string{"trident", "trident-internal"}
	external = []string{"trident", "trident-external"}
	both     = []string{"trident", "trident-internal", "trident-external"}
)

// kinds are those of Trident 26.06 without that of its operator, in the order of their names. Scopes, names, subresources and
// schemas are part of the contract with Trident's code; the columns are what kubectl shows.
var kinds = []kind{
	{name: "TridentActionMirrorUpdate", owners: true, shortNames: []string{"tamu", "tamupdate", "tamirrorupdate"}, categories: external, columns: []column{
		text("Namespace", ".metadata.namespace"), text("State", ".status.state"), date("CompletionTime", ".status.completionTime"),
		wide(text("Message", ".status.message")), wide(text("LocalVolumeHandle", ".status.localVolumeHandle")),
		wide(text("RemoteVolumeHandle", ".status.remoteVolumeHandle")),
	}},
	{name: "TridentActionSnapshotRestore", owners: true, shortNames: []string{"tasr"}, categories: external, columns: []column{
		text("Namespace", ".metadata.namespace"), text("PVC", ".spec.pvcName"), text("Snapshot", ".spec.volumeSnapshotName"),
		text("State", ".status.state"), date("CompletionTime", ".status.completionTime"), wide(text("Message", ".status.message")),
	}},
	autogrowPolicy,
	autogrowRequest,
	{name: "TridentBackend", shortNames: []string{"tbe", "tbackend"}, categories: internal, columns: []column{
		text("Backend", ".backendName"), text("Backend UUID", ".backendUUID"),
	}},
	{name: "TridentBackendConfig", owners: true, shortNames: []string{"tbc", "tbconfig", "tbackendconfig"}, categories: both, status: true, columns: []column{
		text("Backend Name", ".status.backendInfo.backendName"), text("Backend UUID", ".status.backendInfo.backendUUID"),
		text("Phase", ".status.phase"), text("Status", ".status.lastOperationStatus"),
		wide(text("Storage Driver", ".spec.storageDriverName")), wide(text("Deletion Policy", ".status.deletionPolicy")),
	}},
	{name: "TridentConfigurator", owners: true, cluster: true, shortNames: []string{"tconf", "tconfigurator"}, categories: both, status: true, columns: []column{
		text("Phase", ".status.phase"), text("Status", ".status.lastOperationStatus"), text("Cloud Provider", ".status.cloudProvider"),
		wide(text("Storage Driver", ".spec.storageDriverName")), wide(text("Deletion Policy", ".status.deletionPolicy")),
	}},
	{name: "TridentGroupSnapshot", shortNames: []string{"tgroupsnapshot", "tgroupsnap", "tgsnapshot", "tgsnap", "tgss"}, categories: internal, columns: []column{
		date("Created", ".dateCreated"),
	}},
	mirrorRelationship,
	{name: "TridentNode", shortNames: []string{"tnode"}, categories: internal},
	nodeRemediation,
	nodeRemediationTemplate,
	{name: "TridentSnapshot", shortNames: []string{"tss", "tsnap", "tsnapshot"}, categories: internal, columns: []column{wide(text("State", ".state"))}},
	snapshotInfo,
	{name: "TridentStorageClass", plural: "tridentstorageclasses", shortNames: []string{"tsc", "tstorageclass"}, categories: internal},
	{name: "TridentTransaction", shortNames: []string{"ttx", "ttransaction"}, categories: []string{"trident-internal"}},
	{name: "TridentVersion", shortNames: []string{"tver", "tversion"}, categories: internal, columns: []column{text("Version", ".trident_version")}},
	{name: "TridentVolume", shortNames: []string{"tvol", "tvolume"}, categories: internal, columns: []column{
		date("Age", ".metadata.creationTimestamp"), wide(text("Size", ".config.size")), wide(text("Storage Class", ".config.storageClass")),
		wide(text("State", ".state")), wide(text("Protocol", ".config.protocol")), wide(text("Backend UUID", ".backendUUID")), wide(text("Pool", ".pool")),
	}},
	volumeMove,
	volumePublication,
	volumeReference,
}

func text(name, path string) column { return column{Name: name, Type: "string", JSONPath: path} }

func date(name, path string) column { return column{Name: name, Type: "date", JSONPath: path} }

// wide makes a column one that is shown only when asked for.
func wide(c column) column {
	c.Priority = 1
	return c
}

func (k kind) version() schema.GroupVersionKind {
	return tridentv1.SchemeGroupVersion.WithKind(k.name)
}

func (k kind) resource() string {
	if k.plural != "" {
		return k.plural
	}
	return strings.ToLower(k.name) + "s"
}

func (k kind) schema() *property {
	if k.properties == nil {
		return &property{Type: "object", XPreserveUnknownFields: new(true)}
	}
	return &property{Type: "object", Properties: k.properties, Required: k.required, XValidations: k.rules}
}

// crd is without the finalizer that NetApp's operator puts on it: nobody would remove it.
func (k kind) crd() *apiextensionsv1.CustomResourceDefinition {
	crd := &apiextensionsv1.CustomResourceDefinition{
		TypeMeta:   metav1.TypeMeta{APIVersion: apiextensionsv1.SchemeGroupVersion.String(), Kind: "CustomResourceDefinition"},
		ObjectMeta: metav1.ObjectMeta{Name: k.resource() + "." + tridentv1.SchemeGroupVersion.Group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: tridentv1.SchemeGroupVersion.Group,
			Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{
				Plural: k.resource(), Singular: strings.ToLower(k.name), Kind: k.name, ListKind: k.name + "List",
				ShortNames: k.shortNames, Categories: k.categories,
			},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: tridentv1.SchemeGroupVersion.Version, Served: true, Storage: true,
				Schema:                   &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: k.schema()},
				AdditionalPrinterColumns: k.columns,
			}},
		},
	}
	if k.cluster {
		crd.Spec.Scope = apiextensionsv1.ClusterScoped
	}
	if k.status {
		crd.Spec.Versions[0].Subresources = &apiextensionsv1.CustomResourceSubresources{Status: &apiextensionsv1.CustomResourceSubresourceStatus{}}
	}
	return crd
}

// crds are Trident's API.
func crds() []client.Object {
	objects := make([]client.Object, 0, len(kinds))
	for _, k := range kinds {
		objects = append(objects, k.crd())
	}
	return objects
}
