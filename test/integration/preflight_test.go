// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/cmd/gardener-extension-ontap/app"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// preflight checks the clusters as the command does, for shoots with NVMe. It fails the spec if a secret is shown, or something is
// written. It returns whether all is well, the table, and each check as "Name: result message".
func (w *world) preflight(ctx context.Context) (good bool, table string, checks []string) {
	GinkgoHelper()
	w.collectSecrets(ctx)
	_, before := w.since(ctx, 0)
	report, err := app.Preflight(ctx, w.config, []ontapv1alpha1.Protocol{ontapv1alpha1.ProtocolNVMe}, ontap.Options{Clock: w.clock})
	Expect(err).NotTo(HaveOccurred())
	entries, _ := w.since(ctx, before)
	Expect(entries).NotTo(ContainElement(Not(HaveField("Class", simulator.Read))))
	out := &bytes.Buffer{}
	Expect(report.WriteTable(out)).To(Succeed())
	data, err := json.Marshal(report)
	Expect(err).NotTo(HaveOccurred())
	found, _, err := secrets.Find(strings.NewReader(out.String() + string(data)))
	Expect(err).NotTo(HaveOccurred())
	Expect(found).To(BeEmpty())
	for _, cluster := range report.Clusters {
		for _, check := range cluster.Checks {
			checks = append(checks, strings.TrimSpace(check.Name+": "+string(check.Result)+" "+check.Message))
		}
	}
	return report.Good(), out.String(), checks
}

var _ = Describe("preflight", func() {
	// of makes a cluster a with these options, as the operator has configured it.
	of := func(options func(*simulator.ClusterOptions), config func(*configv1alpha1.ONTAPCluster)) *world {
		GinkgoHelper()
		w := newWorldWith(func(o *simulator.Options) {
			if options != nil {
				options(&o.Clusters[0])
			}
		}, "a")
		if config != nil {
			w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { config(&c.Clusters[0]) })
		}
		return w
	}
	without := func(path string) func(*simulator.ClusterOptions) {
		return func(o *simulator.ClusterOptions) {
			o.Privileges = slices.DeleteFunc(o.Privileges, func(p simulator.PrivilegeOptions) bool { return p.Path == path })
		}
	}
	networks := func(network configv1alpha1.Network) func(*configv1alpha1.ONTAPCluster) {
		return func(c *configv1alpha1.ONTAPCluster) { c.Networks.Data[1] = network }
	}

	It("should find nothing missing where nothing is, with the least role", func(ctx SpecContext) {
		good, table, checks := of(nil, nil).preflight(ctx)
		Expect(checks).To(HaveExactElements(
			HavePrefix("Reachable: ok https://"), Equal("TLS: ok"), Equal("Credentials: ok"), Equal("Rights: ok role gardener grants all that is needed"),
			Equal("Multi-admin rules: ok multi-admin verification is off"),
			Equal("Licence for NVMe: ok"), Equal("Licence for iSCSI: ok"), Equal("Licence for NFS: ok"), Equal("Version: ok ONTAP 9.16.1"),
			Equal("Aggregates: ok on a-01 and a-02, a-03 and a-04"), HavePrefix("Management network: ok "), HavePrefix("Data network 0: ok "),
			Equal(`Data network 1: ok broadcast domain "Default" in IPspace "Default"`),
		))
		Expect(good).To(BeTrue())
		Expect(table).To(MatchRegexp(`(?m)^a +Version +ok +ONTAP 9\.16\.1$`))
	})

	It("should read a role that comes in many pages", func(ctx SpecContext) {
		good, _, checks := newWorldWith(func(o *simulator.Options) { o.PageSize = 1 }, "a").preflight(ctx)
		Expect(good).To(BeTrue())
		Expect(checks).To(ContainElement("Rights: ok role gardener grants all that is needed"))
	})

	It("should be content with the role admin", func(ctx SpecContext) {
		good, _, checks := of(func(o *simulator.ClusterOptions) { o.Privileges = nil }, nil).preflight(ctx)
		Expect(good).To(BeTrue())
		Expect(checks).To(ContainElement("Rights: ok role admin grants all that is needed"))
	})

	DescribeTable("should name what is missing", func(ctx SpecContext, options func(*simulator.ClusterOptions), config func(*configv1alpha1.ONTAPCluster), expected string) {
		good, _, checks := of(options, config).preflight(ctx)
		Expect(good).To(BeFalse())
		Expect(checks).To(ContainElement(HavePrefix(expected)))
	},
		Entry("a licence", func(o *simulator.ClusterOptions) { o.Unlicensed = []string{"nvme"} }, nil, "Licence for NVMe: missing there is no usable licence nvme_of"),
		Entry("a new release", func(o *simulator.ClusterOptions) { o.Version = "9.14.1" }, nil, "Version: missing a node runs ONTAP 9.14.1, which is older than 9.15.1"),
		Entry("a right", without("/api/svm/svms"), nil, "Right /api/svm/svms: missing role gardener grants none, not all"),
		Entry("a right to do more than read", func(o *simulator.ClusterOptions) {
			for i := range o.Privileges {
				o.Privileges[i].Access = "readonly"
			}
		}, nil, "Right /api/network/ip/routes: missing role gardener grants readonly, not read_create"),
		Entry("the right to see the licences", without("/api/cluster/licensing/licenses"), nil, "Licence for NVMe: unknown "),
		Entry("the right to see the nodes", without("/api/cluster/nodes"), nil, "Version: unknown "),
		Entry("the right to see multi-admin rules", func(o *simulator.ClusterOptions) {
			without("/api/security/multi-admin-verify/rules")(o)
			without("/api/security/multi-admin-verify")(o)
		}, nil, "Multi-admin rules: unknown "),
		Entry("the right to see its own role", without("/api/security/roles"), nil, "Rights: unknown "),
		Entry("a good certificate", func(o *simulator.ClusterOptions) { o.Certificate = "untrusted" }, nil, "TLS: missing "),
		Entry("a CA bundle", nil, func(c *configv1alpha1.ONTAPCluster) { c.CAFile = "/nowhere/ca.crt" }, "TLS: missing "),
		Entry("credentials", nil, func(c *configv1alpha1.ONTAPCluster) { c.CredentialsDirectory = "/nowhere" }, "Credentials: missing "),
		Entry("an HA partner", func(o *simulator.ClusterOptions) { o.Nodes = 1 }, nil, "HA: missing a-01 has no HA partner"),
		Entry("a broadcast domain", nil, networks(configv1alpha1.Network{Mode: "BroadcastDomain", BroadcastDomain: "Moon", IPv4PrefixLength: 16}),
			`Data network 1: missing broadcast domain "Moon" in IPspace "Default" is missing on a-01, a-02, a-03, a-04`),
		Entry("a port", nil, networks(configv1alpha1.Network{Mode: "HomePort", HomePort: "e9z", IPv4PrefixLength: 16}), `Data network 1: missing port "e9z" is missing on a-01`),
		Entry("a subnet", nil, networks(configv1alpha1.Network{Mode: "Subnet", Subnet: "Moon"}), `Data network 1: missing subnet "Moon" in IPspace "Default" is not there`),
		Entry("BGP sessions of some nodes", func(o *simulator.ClusterOptions) { o.BGPPeersUp = []string{"a-01", "a-02"} }, networks(configv1alpha1.Network{Mode: "VIP"}),
			`Data network 1: missing a BGP session in IPspace "Default" that is up is missing on a-03, a-04`),
	)

	It("should tell a wrong password, once and without it", func(ctx SpecContext) {
		w := of(nil, nil)
		Expect(os.WriteFile(filepath.Join(w.config.Clusters[0].CredentialsDirectory, "password"), []byte("Wr0ng-Passw0rd"), 0o600)).To(Succeed())
		good, table, checks := w.preflight(ctx)
		Expect(good).To(BeFalse())
		Expect(checks).To(HaveExactElements(HavePrefix("Reachable: ok"), Equal("TLS: ok"), HavePrefix("Credentials: missing"), Equal("Everything else: unknown not looked at")))
		Expect(table).NotTo(ContainSubstring("Wr0ng"))
		entries, _ := w.since(ctx, 0)
		Expect(entries).To(HaveLen(1), "five refused logins lock the account")
	})

	It("should say of a cluster that does not answer that nothing is known, and go on with the others", func(ctx SpecContext) {
		w := newWorld("a", "b")
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		good, table, checks := w.preflight(ctx)
		Expect(good).To(BeFalse())
		Expect(checks[:2]).To(HaveExactElements(HavePrefix("Reachable: missing"), Equal("Everything else: unknown not looked at")))
		Expect(table).To(MatchRegexp(`(?m)^b +Rights +ok `))
	})

	It("should warn of the multi-admin rules that its writes would wait for, and of no others", func(ctx SpecContext) {
		good, _, checks := of(func(o *simulator.ClusterOptions) {
			o.ApprovalRules = []string{"DELETE /svm/svms/{uuid}", "DELETE /storage/volumes/{uuid}", "POST /security/accounts"}
		}, nil).preflight(ctx)
		Expect(good).To(BeTrue())
		Expect(checks).To(ContainElement(HavePrefix("Multi-admin rules: warning there are some for security login create, vserver delete: ")))
		good, _, checks = of(func(o *simulator.ClusterOptions) { o.ApprovalRules = []string{"DELETE /storage/volumes/{uuid}"} }, nil).preflight(ctx)
		Expect(good).To(BeTrue())
		Expect(checks).To(ContainElement("Multi-admin rules: ok none is for what the extension writes"))
	})

	It("should only warn of what not everybody needs", func(ctx SpecContext) {
		w := of(func(o *simulator.ClusterOptions) { o.Unlicensed = []string{"iscsi"} }, nil)
		Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetAggregateState, Name: "a_01_aggr1", Value: "offline"})).To(Succeed())
		Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetAggregateState, Name: "a_01_aggr2", Value: "offline"})).To(Succeed())
		for _, name := range []string{"a_02_aggr1", "a_02_aggr2"} {
			Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetAvailable, Name: name, Value: "1000"})).To(Succeed())
		}
		good, _, checks := w.preflight(ctx)
		Expect(good).To(BeTrue())
		Expect(checks).To(ContainElements(
			HavePrefix("Licence for iSCSI: warning"), HavePrefix("Aggregates: warning no online aggregate with room on a-01 and a-02: SVMs are placed on a-03 and a-04"),
		))
		for _, name := range []string{"a_03_aggr1", "a_03_aggr2", "a_04_aggr1", "a_04_aggr2"} {
			Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetAggregateState, Name: name, Value: "offline"})).To(Succeed())
		}
		good, _, checks = w.preflight(ctx)
		Expect(good).To(BeFalse())
		Expect(checks).To(ContainElement("Aggregates: missing no node has an online aggregate with room"))
	})
})
