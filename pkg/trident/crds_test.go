// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/util/sets"
)

var _ = Describe("Trident's API in the shoot", func() {
	var crds []apiextensionsv1.CustomResourceDefinition

	BeforeEach(func(ctx SpecContext) {
		w := newWorld(ctx)
		w.settle(ctx)
		found := &apiextensionsv1.CustomResourceDefinitionList{}
		Expect(w.inside.List(ctx, found)).To(Succeed())
		crds = found.Items
	})

	find := func(plural string) apiextensionsv1.CustomResourceDefinition {
		GinkgoHelper()
		for _, crd := range crds {
			if crd.Spec.Names.Plural == plural {
				return crd
			}
		}
		Fail("there is no " + plural)
		return apiextensionsv1.CustomResourceDefinition{}
	}

	It("should be all kinds of 26.06 but that of the operator", func() {
		var plurals []string
		for _, crd := range crds {
			plurals = append(plurals, crd.Spec.Names.Plural)
			Expect(crd.Name).To(Equal(crd.Spec.Names.Plural + ".trident.netapp.io"))
			Expect(crd.Spec.Versions).To(ConsistOf(And(HaveField("Name", "v1"), HaveField("Served", true), HaveField("Storage", true))))
		}
		Expect(plurals).To(ConsistOf(
			"tridentversions", "tridentbackends", "tridentbackendconfigs", "tridentstorageclasses", "tridentvolumes", "tridentvolumepublications",
			"tridentvolumereferences", "tridentnodes", "tridentnoderemediations", "tridentnoderemediationtemplates", "tridenttransactions",
			"tridentsnapshots", "tridentsnapshotinfos", "tridentgroupsnapshots", "tridentmirrorrelationships", "tridentactionmirrorupdates",
			"tridentactionsnapshotrestores", "tridentvolumemoves", "tridentconfigurators", "tridentautogrowpolicies", "tridentautogrowrequestinternals",
		))
	})

	It("should be kept from Gardener's clean-up, without a finalizer that nobody removes, and with names that do not collide", func() {
		names := sets.New[string]()
		for _, crd := range crds {
			Expect(crd.Finalizers).To(BeEmpty())
			Expect(crd.Labels).To(HaveKeyWithValue("shoot.gardener.cloud/no-cleanup", "true"))
			for _, name := range append([]string{crd.Spec.Names.Singular, crd.Spec.Names.Plural}, crd.Spec.Names.ShortNames...) {
				Expect(names.Has(name)).To(BeFalse(), name)
				names.Insert(name)
			}
		}
	})

	It("should have structural schemas", func() {
		for _, crd := range crds {
			props := &apiextensions.JSONSchemaProps{}
			Expect(apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, props, nil)).To(Succeed())
			structural, err := schema.NewStructural(props)
			Expect(err).NotTo(HaveOccurred(), crd.Name)
			Expect(schema.ValidateStructural(nil, structural)).To(BeEmpty(), crd.Name)
		}
	})

	It("should have the scopes and status subresources that Trident's code asks for", func() {
		var cluster, status, open []string
		for _, crd := range crds {
			name := strings.TrimPrefix(crd.Spec.Names.Plural, "trident")
			if crd.Spec.Scope == apiextensionsv1.ClusterScoped {
				cluster = append(cluster, name)
			}
			if crd.Spec.Versions[0].Subresources != nil {
				status = append(status, name)
			}
			if crd.Spec.Versions[0].Schema.OpenAPIV3Schema.XPreserveUnknownFields != nil {
				open = append(open, name)
			}
		}
		Expect(cluster).To(ConsistOf("configurators", "autogrowpolicies"))
		Expect(status).To(ConsistOf("backendconfigs", "configurators", "mirrorrelationships", "snapshotinfos", "autogrowpolicies",
			"autogrowrequestinternals", "volumemoves"))
		Expect(open).To(ConsistOf("versions", "backends", "backendconfigs", "storageclasses", "volumes", "nodes", "transactions", "snapshots",
			"groupsnapshots", "actionmirrorupdates", "actionsnapshotrestores", "configurators"))
	})

	It("should say what is required and what is valid where 26.06 does", func() {
		publication := find("tridentvolumepublications").Spec.Versions[0].Schema.OpenAPIV3Schema
		Expect(publication.Required).To(ConsistOf("volumeID", "nodeID", "readOnly"))
		policy := find("tridentautogrowpolicies").Spec.Versions[0].Schema.OpenAPIV3Schema
		Expect(policy.Properties["spec"].Properties["growthAmount"].Default.Raw).To(BeEquivalentTo(`"10%"`))
		Expect(policy.XValidations).To(HaveLen(1))
		Expect(find("tridentbackendconfigs").Spec.Names.ShortNames).To(ContainElement("tbc"))
	})
})
