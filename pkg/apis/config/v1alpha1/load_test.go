// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
)

const configuration = `apiVersion: config.ontap.extensions.gardener.cloud/v1alpha1
kind: ControllerConfiguration
gardenIdentity: garden-1
clusters:
- name: metro-1
  endpoint: https://cluster-1.example.com
  credentialsDirectory: /clusters/metro-1
  caFile: /clusters/metro-1/ca.crt
- name: metro-2
  endpoint: https://[2001:db8::1]:8443
  credentialsDirectory: /clusters/metro-2
`

// valid is what configuration holds.
func valid() *configv1alpha1.ControllerConfiguration {
	return &configv1alpha1.ControllerConfiguration{
		GardenIdentity: "garden-1",
		Clusters: []configv1alpha1.ONTAPCluster{
			{
				Name: "metro-1", Endpoint: "https://cluster-1.example.com",
				CredentialsDirectory: "/clusters/metro-1", CAFile: "/clusters/metro-1/ca.crt",
			},
			{Name: "metro-2", Endpoint: "https://[2001:db8::1]:8443", CredentialsDirectory: "/clusters/metro-2"},
		},
	}
}

var _ = Describe("Configuration", func() {
	Describe("#Decode", func() {
		It("should read every field, into an object that is copied deeply", func() {
			decoded, err := configv1alpha1.Decode([]byte(configuration))
			Expect(err).NotTo(HaveOccurred())
			decoded.TypeMeta = valid().TypeMeta
			Expect(decoded).To(Equal(valid()))

			copied := decoded.DeepCopyObject().(*configv1alpha1.ControllerConfiguration)
			copied.Clusters[0].Name = "changed"
			Expect(decoded).To(Equal(valid()))
		})

		DescribeTable("should refuse what it does not understand, by name and without its value",
			func(old, replacement, message string) {
				Expect(configuration).To(ContainSubstring(old))
				_, err := configv1alpha1.Decode([]byte(strings.Replace(configuration, old, replacement, 1)))
				Expect(err).To(MatchError(And(ContainSubstring(message), Not(ContainSubstring("s3cret")))))
			},
			Entry("an unknown field", "gardenIdentity: garden-1", "gardenIdentity: garden-1\ngardenName: s3cret", `unknown field "gardenName"`),
			Entry("an unknown field of a cluster", "- name: metro-1", "- name: metro-1\n  password: s3cret", `unknown field "clusters[0].password"`),
			Entry("a field in other letters", "caFile:", "cafile:", `unknown field "clusters[0].cafile"`),
			Entry("a field twice", "- name: metro-1", "- name: metro-1\n  name: s3cret", `key "name" already set`),
			Entry("a value of another type", "gardenIdentity: garden-1", "gardenIdentity: {s3cret: s3cret}", "gardenIdentity"),
			Entry("another version", "gardener.cloud/v1alpha1", "gardener.cloud/v1", "config.ontap.extensions.gardener.cloud/v1"),
			Entry("another kind", "ControllerConfiguration", "SVMConfig", `"SVMConfig"`),
			Entry("what is valid for the decoder alone", "https://cluster-1.example.com", "https://admin:s3cret@cluster-1.example.com", "clusters[0].endpoint"),
		)

		It("should refuse an empty file", func() {
			_, err := configv1alpha1.Decode(nil)
			Expect(err).To(HaveOccurred())
		})
	})

	Describe("#Validate", func() {
		It("should accept a full configuration", func() {
			Expect(configv1alpha1.Validate(valid())).To(BeEmpty())
		})

		It("should name every error at once", func() {
			config := &configv1alpha1.ControllerConfiguration{Clusters: []configv1alpha1.ONTAPCluster{{}, {}}}
			var fields []string
			for _, err := range configv1alpha1.Validate(config) {
				fields = append(fields, err.Field)
			}
			Expect(fields).To(ContainElements(
				"gardenIdentity", "clusters[0].name", "clusters[0].endpoint", "clusters[0].credentialsDirectory",
				"clusters[1].name", "clusters[1].endpoint", "clusters[1].credentialsDirectory",
			))
		})

		DescribeTable("should name the field that is wrong, and what is allowed",
			func(damage func(*configv1alpha1.ControllerConfiguration), field, message string) {
				config := valid()
				damage(config)
				errs := configv1alpha1.Validate(config)
				Expect(errs).To(HaveLen(1))
				Expect(errs[0].Field).To(Equal(field))
				Expect(errs[0].Error()).To(And(HavePrefix(field+": "), ContainSubstring(message)))
			},
			Entry("no garden identity", func(c *configv1alpha1.ControllerConfiguration) { c.GardenIdentity = "" }, "gardenIdentity", "identity of the garden"),
			Entry("no clusters", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters = nil }, "clusters", "at least one"),
			Entry("a name that is no label", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Name = "Metro_2" }, "clusters[1].name", "lower case"),
			Entry("a name that is too long", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Name = strings.Repeat("x", 64) }, "clusters[1].name", "63"),
			Entry("a name twice", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Name = "metro-1" }, "clusters[1].name", "Duplicate"),
			Entry("an endpoint twice", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Endpoint = c.Clusters[0].Endpoint }, "clusters[1].endpoint", "Duplicate"),
			Entry("no credentials", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].CredentialsDirectory = "" }, "clusters[1].credentialsDirectory", "username and password"),
		)

		DescribeTable("should refuse an endpoint that is not a host alone, and never repeat it",
			func(endpoint string) {
				config := valid()
				config.Clusters[1].Endpoint = endpoint
				errs := configv1alpha1.Validate(config)
				Expect(errs).To(HaveLen(1))
				Expect(errs[0].Field).To(Equal("clusters[1].endpoint"))
				Expect(errs[0].Error()).To(And(ContainSubstring("https://<host>[:<port>]"), Not(ContainSubstring("s3cret"))))
			},
			Entry("which is missing", ""),
			Entry("without a scheme", "cluster-1.example.com"),
			Entry("without TLS", "http://cluster-9.example.com"),
			Entry("without a host", "https://"),
			Entry("with a port alone", "https://:443"),
			Entry("with an empty query", "https://cluster-9.example.com?"),
			Entry("with a login", "https://admin:s3cret@cluster-9.example.com"),
			Entry("with a login and a mistake", "https://admin:s3cret@cluster-9.example.com:port"),
			Entry("with a login and no scheme", "admin:s3cret@cluster-9.example.com"),
			Entry("with a user", "https://s3cret@cluster-9.example.com"),
			Entry("with a path", "https://cluster-9.example.com/s3cret"),
			Entry("with a query", "https://cluster-9.example.com?token=s3cret"),
			Entry("with a fragment", "https://cluster-9.example.com#s3cret"),
			Entry("with a control character", "https://cluster-9.example.com\n"),
		)
	})

	Describe("#Load", func() {
		It("should name the file in every error", func() {
			file := filepath.Join(GinkgoT().TempDir(), "config.yaml")
			_, err := configv1alpha1.Load(file)
			Expect(err).To(MatchError(And(HavePrefix("reading the configuration: "), ContainSubstring(file))))
			Expect(err).To(MatchError(os.ErrNotExist))

			Expect(os.WriteFile(file, []byte(strings.Replace(configuration, "garden-1", `""`, 1)), 0o600)).To(Succeed())
			_, err = configv1alpha1.Load(file)
			Expect(err).To(MatchError(And(HavePrefix("configuration "+file+": "), ContainSubstring("gardenIdentity"))))

			Expect(os.WriteFile(file, []byte(configuration), 0o600)).To(Succeed())
			Expect(configv1alpha1.Load(file)).To(HaveField("Clusters", valid().Clusters))
		})
	})

	It("should be known to a scheme under its group", func() {
		scheme := runtime.NewScheme()
		Expect(configv1alpha1.AddToScheme(scheme)).To(Succeed())
		kinds, _, err := scheme.ObjectKinds(&configv1alpha1.ControllerConfiguration{})
		Expect(err).NotTo(HaveOccurred())
		Expect(kinds).To(HaveLen(1))
		Expect(kinds[0].String()).To(Equal("config.ontap.extensions.gardener.cloud/v1alpha1, Kind=ControllerConfiguration"))
	})
})
