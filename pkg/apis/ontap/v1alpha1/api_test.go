// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

var _ = Describe("API", func() {
	It("should be known to a scheme under its group", func() {
		scheme := runtime.NewScheme()
		Expect(ontapv1alpha1.AddToScheme(scheme)).To(Succeed())
		for want, object := range map[string]runtime.Object{"SVMConfig": &ontapv1alpha1.SVMConfig{}, "SVMStatus": &ontapv1alpha1.SVMStatus{}} {
			kinds, _, err := scheme.ObjectKinds(object)
			Expect(err).NotTo(HaveOccurred())
			Expect(kinds).To(HaveLen(1))
			Expect(kinds[0].String()).To(Equal("ontap.extensions.gardener.cloud/v1alpha1, Kind=" + want))
		}
	})

	It("should keep these names in providerStatus, which outlive every release", func() {
		status := ontapv1alpha1.SVMStatus{Cluster: "a", SVMName: "s1", SVMUUID: "uuid-1", Account: "demo-1"}
		Expect(json.Marshal(status)).To(MatchJSON(`{"cluster":"a","svmName":"s1","svmUUID":"uuid-1","account":"demo-1"}`))
		Expect(json.Marshal(ontapv1alpha1.SVMStatus{})).To(MatchJSON(`{}`))
		Expect(status.DeepCopyObject()).To(Equal(&status))
	})

	DescribeTable("should have the storage classes that the protocol allows for, unless there are others",
		func(fields string, expected ...ontapv1alpha1.StorageClass) {
			config, err := ontapv1alpha1.DecodeSVMConfig([]byte(`{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMConfig",` +
				`"managementLIF":"10.10.0.1","dataLIFs":["10.11.0.1","10.11.0.2"]` + fields + `}`))
			Expect(err).NotTo(HaveOccurred())
			Expect(config.StorageClasses).To(Equal(expected))
			Expect(ontapv1alpha1.ValidateSVMConfig(config, nil)).To(BeEmpty())
		},
		Entry("NVMe", ``, ontapv1alpha1.StorageClass{Name: "ontap-gold"}, ontapv1alpha1.StorageClass{Name: "ontap-encrypted", Encrypted: true}),
		Entry("iSCSI", `,"protocol":"iSCSI"`, ontapv1alpha1.StorageClass{Name: "ontap-gold"}, ontapv1alpha1.StorageClass{Name: "ontap-encrypted", Encrypted: true}),
		Entry("NFS", `,"protocol":"NFS"`, ontapv1alpha1.StorageClass{Name: "ontap-gold"}),
		Entry("others", `,"storageClasses":[{"name":"fast","default":true}]`, ontapv1alpha1.StorageClass{Name: "fast", Default: true}),
	)

	It("should have conditions and reasons that Kubernetes takes, each once", func() {
		parsed, err := parser.ParseFile(token.NewFileSet(), "conditions.go", nil, parser.SkipObjectResolution)
		Expect(err).NotTo(HaveOccurred())
		seen := map[string]string{}
		ast.Inspect(parsed, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok {
				return true
			}
			name := spec.Names[0].Name
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			Expect(err).NotTo(HaveOccurred())
			Expect(value).To(MatchRegexp(`^[A-Z][A-Za-z]{2,63}$`), name)
			Expect(seen).NotTo(HaveKey(value), name)
			Expect(strings.TrimPrefix(strings.TrimPrefix(name, "Condition"), "Reason")).To(Equal(value))
			seen[value] = name
			return false
		})
		Expect(seen).To(HaveKeyWithValue("SVMReady", "ConditionSVMReady"))
		Expect(len(seen)).To(BeNumerically(">", 20))
	})
})
