// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

const configuration = `apiVersion: config.ontap.extensions.gardener.cloud/v1alpha1
kind: ControllerConfiguration
gardenIdentity: garden-1
clusters:
- name: metro-1
  endpoint: https://cluster-1.example.com
  credentialsDirectory: /clusters/metro-1
  caFile: /clusters/metro-1/ca.crt
  hold: true
  maxSVMs: 64
  maxJobs: 5
  accountRole: vsadmin-volume
  ipspace: Storage
  qosPolicies: [{name: gold}, {name: extreme, adaptive: true}]
  networks:
    management: {mode: HomePort, homePort: e0m, ipv4PrefixLength: 24}
    data:
    - mode: BroadcastDomain
      broadcastDomain: nvme-a
      ipv4PrefixLength: 16
      ipv6PrefixLength: 64
      allowedCIDRs: [10.11.0.0/16, "fd00:11::/64"]
      routes:
      - gateway: 10.11.255.254
      - {destination: "fd00::/8", gateway: "fd00:11::1"}
    - {mode: Subnet, subnet: nvme-b}
- name: metro-2
  endpoint: https://[2001:db8::1]:8443
  credentialsDirectory: /clusters/metro-2
  insecureSkipVerify: true
  withoutHA: true
  networks:
    management: {mode: VIP}
    data: [{mode: VIP}]
limits:
  default: {capacity: 500Gi, volumes: 100}
  maximum: {capacity: 2Ti, volumes: 200, iops: 10000, mbps: 500}
driftCorrection: {adminState: true}
recoveryQueue: Wait
repairInterval: 5m
healthCheckSyncPeriod: 1m
`

// valid is what configuration holds.
func valid() *configv1alpha1.ControllerConfiguration {
	return &configv1alpha1.ControllerConfiguration{
		GardenIdentity: "garden-1",
		Clusters: []configv1alpha1.ONTAPCluster{
			{
				Name: "metro-1", Endpoint: "https://cluster-1.example.com",
				CredentialsDirectory: "/clusters/metro-1", CAFile: "/clusters/metro-1/ca.crt",
				Hold: true, MaxSVMs: 64, MaxJobs: 5, AccountRole: "vsadmin-volume", IPspace: "Storage",
				QoSPolicies: []configv1alpha1.QoSPolicy{{Name: "gold"}, {Name: "extreme", Adaptive: true}},
				Networks: configv1alpha1.Networks{
					Management: configv1alpha1.Network{Mode: "HomePort", HomePort: "e0m", IPv4PrefixLength: 24},
					Data: []configv1alpha1.Network{
						{
							Mode: "BroadcastDomain", BroadcastDomain: "nvme-a", IPv4PrefixLength: 16, IPv6PrefixLength: 64,
							AllowedCIDRs: []string{"10.11.0.0/16", "fd00:11::/64"},
							Routes:       []configv1alpha1.Route{{Gateway: "10.11.255.254"}, {Destination: "fd00::/8", Gateway: "fd00:11::1"}},
						},
						{Mode: "Subnet", Subnet: "nvme-b"},
					},
				},
			},
			{
				Name: "metro-2", Endpoint: "https://[2001:db8::1]:8443", CredentialsDirectory: "/clusters/metro-2",
				InsecureSkipVerify: true, WithoutHA: true, MaxJobs: 3, AccountRole: "vsadmin", IPspace: "Default",
				Networks: configv1alpha1.Networks{
					Management: configv1alpha1.Network{Mode: "VIP"}, Data: []configv1alpha1.Network{{Mode: "VIP"}},
				},
			},
		},
		Limits: configv1alpha1.LimitsPolicy{
			Default: ontapv1alpha1.Limits{Capacity: "500Gi", Volumes: 100},
			Maximum: ontapv1alpha1.Limits{Capacity: "2Ti", Volumes: 200, IOPS: 10000, MBps: 500},
		},
		DriftCorrection:       configv1alpha1.DriftCorrection{AdminState: true},
		RecoveryQueue:         configv1alpha1.RecoveryQueueWait,
		RepairInterval:        metav1.Duration{Duration: 5 * time.Minute},
		HealthCheckSyncPeriod: metav1.Duration{Duration: time.Minute},
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
			Entry("a CA bundle that is not heeded", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].InsecureSkipVerify = true }, "clusters[0].insecureSkipVerify", "caFile"),
			Entry("a negative ceiling", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].MaxSVMs = -1 }, "clusters[0].maxSVMs", "positive"),
			Entry("more jobs than ONTAP has", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].MaxJobs = 6 }, "clusters[0].maxJobs", "1 to 5"),
			Entry("a zone without a name", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Zones = []string{"a", ""} }, "clusters[0].zones[1]", "name of a zone"),
			Entry("a zone twice", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Zones = []string{"a", "a"} }, "clusters[0].zones[1]", "Duplicate"),
			Entry("a QoS policy without a name", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].QoSPolicies[1].Name = "" }, "clusters[0].qosPolicies[1].name", "QoS policy group"),
			Entry("a QoS policy twice", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].QoSPolicies[1].Name = "gold" }, "clusters[0].qosPolicies[1].name", "Duplicate"),
			Entry("a negative interval", func(c *configv1alpha1.ControllerConfiguration) { c.RepairInterval.Duration = -1 }, "repairInterval", "positive"),
			Entry("a policy for the recovery queue that there is not", func(c *configv1alpha1.ControllerConfiguration) { c.RecoveryQueue = "Keep" }, "recoveryQueue", `"Park", "Wait", "Discard"`),
			Entry("a negative period", func(c *configv1alpha1.ControllerConfiguration) { c.HealthCheckSyncPeriod.Duration = -1 }, "healthCheckSyncPeriod", "positive"),
			Entry("a limit that is no quantity", func(c *configv1alpha1.ControllerConfiguration) { c.Limits.Maximum.Capacity = "much" }, "limits.maximum.capacity", "500Gi"),
			Entry("a default above the maximum", func(c *configv1alpha1.ControllerConfiguration) { c.Limits.Default.Volumes = 201 }, "limits.default.volumes", "at most 200"),
			Entry("no data network", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Networks.Data = nil }, "clusters[0].networks.data", "at least one"),
			Entry("no mode", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Networks.Management.Mode = "" }, "clusters[1].networks.management.mode", `"VIP"`),
			Entry("no broadcast domain", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Networks.Data[0].BroadcastDomain = "" }, "clusters[0].networks.data[0].broadcastDomain", "needs it"),
			Entry("no home port", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Networks.Management.HomePort = "" }, "clusters[0].networks.management.homePort", "needs it"),
			Entry("no subnet", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Networks.Data[1].Subnet = "" }, "clusters[0].networks.data[1].subnet", "needs it"),
			Entry("a name that the mode does not heed", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Networks.Data[0].Subnet = "x" }, "clusters[1].networks.data[0].subnet", "does not heed"),
			Entry("a prefix length that the mode does not heed", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[1].Networks.Data[0].IPv4PrefixLength = 32 }, "clusters[1].networks.data[0].ipv4PrefixLength", "does not heed"),
			Entry("no prefix length", func(c *configv1alpha1.ControllerConfiguration) {
				c.Clusters[0].Networks.Management.IPv4PrefixLength = 0
			}, "clusters[0].networks.management.ipv4PrefixLength", "needs it"),
			Entry("a prefix length that is too long", func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Networks.Data[0].IPv4PrefixLength = 33 }, "clusters[0].networks.data[0].ipv4PrefixLength", "1 to 32"),
			Entry("a CIDR with host bits", func(c *configv1alpha1.ControllerConfiguration) {
				c.Clusters[0].Networks.Data[0].AllowedCIDRs[0] = "10.11.0.1/16"
			}, "clusters[0].networks.data[0].allowedCIDRs[0]", "without host bits"),
			Entry("a gateway that is none", func(c *configv1alpha1.ControllerConfiguration) {
				c.Clusters[0].Networks.Data[0].Routes[0].Gateway = "gateway"
			}, "clusters[0].networks.data[0].routes[0]", "IPv4 or IPv6 address"),
			Entry("a route between families", func(c *configv1alpha1.ControllerConfiguration) {
				c.Clusters[0].Networks.Data[0].Routes[1].Gateway = "10.11.0.1"
			}, "clusters[0].networks.data[0].routes[1]", "one family"),
			Entry("a gateway of a family that the network does not have", func(c *configv1alpha1.ControllerConfiguration) {
				c.Clusters[0].Networks.Data[0].IPv6PrefixLength = 0
			}, "clusters[0].networks.data[0].routes[1]", "no prefix length"),
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
