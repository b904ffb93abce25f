// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"net/netip"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

var _ = Describe("IPInterfaces", func() {
	const one = `{"uuid":"l-1","name":"datalif+0","svm":{"uuid":"u-1","name":"s1"},"ip":{"address":"10.0.0.1","netmask":"16"},
		"enabled":true,"state":"up","service_policy":{"name":"default-data-nvme-tcp"},"services":["data_core"],
		"location":{"home_node":{"name":"n1"},"node":{"name":"n2"}},"vip":true}`
	lif := ontap.IPInterface{
		UUID: "l-1", Name: "datalif+0", SVMUUID: "u-1", SVMName: "s1", Address: netip.MustParseAddr("10.0.0.1"),
		Enabled: true, ServicePolicy: "default-data-nvme-tcp", HomeNode: "n1",
	}
	create := ontap.IPInterfaceCreate{
		SVMUUID: "u-1", Name: "datalif+0", Address: netip.MustParsePrefix("10.0.0.1/16"), ServicePolicy: "default-data-nvme-tcp", HomeNode: "n1",
	}

	It("should list those of one SVM, whatever else is answered", func(ctx SpecContext) {
		cluster, client, _ := setup(records("", one, `{"uuid":"l-2","name":"x","svm":{"uuid":"u-2"}}`))
		Expect(client.IPInterfaces.List(ctx, "u-1")).To(Equal([]ontap.IPInterface{lif}))
		Expect(cluster.requests[0].Query).To(HaveKeyWithValue("svm.uuid", []string{"u-1"}))
		Expect(client.IPInterfaces.List(ctx, "")).Error().To(MatchError(ontap.IsInvalid, "IsInvalid"))
	})

	It("should ask for all addresses at once, and for none not at all", func(ctx SpecContext) {
		cluster, client, _ := setup(records("", one))
		Expect(client.IPInterfaces.ListByAddress(ctx, []netip.Addr{lif.Address, netip.MustParseAddr("fd00::1")})).To(Equal([]ontap.IPInterface{lif}))
		Expect(cluster.requests[0].Query).To(HaveKeyWithValue("ip.address", []string{"10.0.0.1|fd00::1"}))
		Expect(client.IPInterfaces.ListByAddress(ctx, nil)).To(BeEmpty())
		Expect(cluster.requests).To(HaveLen(1))
	})

	DescribeTable("should say where a new one belongs", func(ctx SpecContext, change func(*ontap.IPInterfaceCreate), location, more string) {
		cluster, client, _ := setup(answer{status: 201, body: `{"num_records":1,"records":[` + one + `]}`})
		wanted := create
		change(&wanted)
		Expect(client.IPInterfaces.Create(ctx, wanted)).To(Equal(lif))
		Expect(cluster.requests[0].Body).To(MatchJSON(`{"svm":{"uuid":"u-1"},"name":"datalif+0","ip":{"address":"10.0.0.1","netmask":"16"},
			"service_policy":{"name":"default-data-nvme-tcp"},"location":{"home_node":{"name":"n1"}` + location + `}` + more + `}`))
		Expect(cluster.requests[0].Query).To(Equal(map[string][]string{"return_records": {"true"}}))
	},
		Entry("by its port", func(c *ontap.IPInterfaceCreate) { c.HomePort = "e0d" }, `,"home_port":{"name":"e0d","node":{"name":"n1"}}`, ""),
		Entry("by its broadcast domain", func(c *ontap.IPInterfaceCreate) { c.BroadcastDomain = "Default" }, `,"broadcast_domain":{"name":"Default"}`, ""),
		Entry("as a VIP", func(c *ontap.IPInterfaceCreate) { c.VIP = true }, "", `,"vip":true`),
		Entry("in a subnet of ONTAP", func(c *ontap.IPInterfaceCreate) { c.WithinSubnet = true }, "", `,"fail_if_subnet_conflicts":false`),
	)

	DescribeTable("should not take an answer for the new LIF that is not about it", func(ctx SpecContext, body string) {
		_, client, _ := setup(answer{status: 201, body: body})
		Expect(client.IPInterfaces.Create(ctx, create)).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
	},
		Entry("nothing", ``), Entry("no records", `{}`), Entry("an empty list", `{"records":[]}`),
		Entry("another address", `{"records":[{"uuid":"l-1","ip":{"address":"10.0.0.2","netmask":"16"}}]}`),
		Entry("an unreadable netmask", `{"records":[{"uuid":"l-1","ip":{"address":"10.0.0.1","netmask":"?"}}]}`),
	)

	It("should refuse to make what would be the cluster's own", func(ctx SpecContext) {
		cluster, client, _ := setup()
		orphan := create
		orphan.SVMUUID = ""
		Expect(client.IPInterfaces.Create(ctx, orphan)).Error().To(MatchError(ontap.IsInvalid, "IsInvalid"))
		Expect(client.Routes.Create(ctx, "", ontap.Route{})).To(MatchError(ontap.IsInvalid, "IsInvalid"))
		Expect(cluster.requests).To(BeEmpty())
	})

	It("should change one thing at a time", func(ctx SpecContext) {
		cluster, client, _ := setup(ok("{}"), ok("{}"), ok("{}"), ok("{}"), ok("{}"))
		Expect(client.IPInterfaces.Modify(ctx, "l-1", ontap.IPInterfaceChange{Enabled: new(false)})).To(Succeed())
		Expect(client.IPInterfaces.Modify(ctx, "l-1", ontap.IPInterfaceChange{Address: new(netip.MustParsePrefix("fd00::1/64"))})).To(Succeed())
		Expect(client.IPInterfaces.Modify(ctx, "l-1", ontap.IPInterfaceChange{ServicePolicy: "p"})).To(Succeed())
		Expect(client.IPInterfaces.Delete(ctx, "l-1")).To(Succeed())
		Expect(client.IPInterfaces.Modify(ctx, "l-1", ontap.IPInterfaceChange{Address: new(netip.MustParsePrefix("10.0.0.1/16")), WithinSubnet: true})).To(Succeed())
		Expect(cluster.requests[0].Body).To(MatchJSON(`{"enabled":false}`))
		Expect(cluster.requests[1].Body).To(MatchJSON(`{"ip":{"address":"fd00::1","netmask":"64"}}`))
		Expect(cluster.requests[2].Body).To(MatchJSON(`{"service_policy":{"name":"p"}}`))
		Expect(cluster.requests[3].Method + " " + cluster.requests[3].Path).To(Equal("DELETE /api/network/ip/interfaces/l-1"))
		Expect(cluster.requests[4].Body).To(MatchJSON(`{"ip":{"address":"10.0.0.1","netmask":"16"},"fail_if_subnet_conflicts":false}`))
	})
})

var _ = Describe("Reading the cluster", func() {
	It("should know nodes, aggregates, sessions, subnets, routes and licences", func(ctx SpecContext) {
		_, client, _ := setup(
			records("", `{"uuid":"1","name":"n1","state":"up","version":{"generation":9,"major":16,"minor":1},"ha":{"partners":[{"name":"n2"}]}}`, `{"name":"n3"}`),
			records("", `{"uuid":"1","name":"a1","state":"online","home_node":{"name":"n1"},"snaplock_type":"non_snaplock","space":{"block_storage":{"available":7}}}`,
				`{"name":"worm","snaplock_type":"compliance"}`),
			records("", `{"name":"g","state":"up","local":{"port":{"node":{"name":"n1"}}}}`),
			records("", `{"name":"s","subnet":{"address":"10.0.0.0","netmask":"24"},"ip_ranges":[{"start":"10.0.0.5","end":"10.0.0.9"}]}`),
			records("", `{"uuid":"r","svm":{"uuid":"u-1"},"destination":{"address":"0.0.0.0","netmask":"0"},"gateway":"10.0.0.1"}`,
				`{"uuid":"r2","svm":{"uuid":"u-2"},"gateway":"10.0.0.1"}`),
			records("", `{"name":"NVMe_oF","state":"compliant"}`, `{"name":"nfs","state":"unlicensed"}`),
		)
		Expect(client.Nodes.List(ctx)).To(Equal([]ontap.Node{
			{UUID: "1", Name: "n1", State: "up", Version: ontap.Version{Generation: 9, Major: 16, Minor: 1}, Partners: []string{"n2"}}, {Name: "n3"},
		}))
		Expect(client.Aggregates.List(ctx)).To(Equal([]ontap.Aggregate{{UUID: "1", Name: "a1", State: "online", HomeNode: "n1", Available: 7}}))
		Expect(client.BGPPeerGroups.List(ctx, "Default")).To(Equal([]ontap.BGPPeerGroup{{Name: "g", State: "up", Node: "n1"}}))
		subnet, err := client.Subnets.Find(ctx, "s", "Default")
		Expect(err).NotTo(HaveOccurred())
		Expect(subnet.Prefix).To(Equal(netip.MustParsePrefix("10.0.0.0/24")))
		Expect(subnet.Contains(netip.MustParseAddr("10.0.0.9"))).To(BeTrue())
		Expect(subnet.Contains(netip.MustParseAddr("10.0.0.10"))).To(BeFalse())
		Expect(client.Routes.List(ctx, "u-1")).To(Equal([]ontap.Route{{
			UUID: "r", SVMUUID: "u-1", Destination: netip.MustParsePrefix("0.0.0.0/0"), Gateway: netip.MustParseAddr("10.0.0.1"),
		}}))
		licences, err := client.Licenses.List(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(licences[0]).To(And(HaveField("Name", "nvme_of"), HaveField("Usable()", true)))
		Expect(licences[1].Usable()).To(BeFalse())
	})

	It("should know volumes and host groups of an SVM, whatever else is answered", func(ctx SpecContext) {
		const ours, theirs, nobodys = `{"uuid":"1","name":"n","svm":{"uuid":"u-1"}}`, `{"uuid":"2","name":"n","svm":{"uuid":"u-2"}}`, `{"uuid":"3","name":"n"}`
		own, mixed := records("", theirs, ours), records("", ours, nobodys)
		_, client, _ := setup(own, own, own, mixed, mixed, mixed)
		Expect(client.Volumes.ListData(ctx, "u-1")).To(Equal([]ontap.Volume{{UUID: "1", Name: "n"}}))
		Expect(client.Subsystems.List(ctx, "u-1")).To(Equal([]ontap.HostGroup{{UUID: "1", Name: "n"}}))
		Expect(client.Igroups.List(ctx, "u-1")).To(Equal([]ontap.HostGroup{{UUID: "1", Name: "n"}}))
		Expect(client.Volumes.ListData(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Subsystems.List(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Igroups.List(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
	})

	DescribeTable("should not take an address or a netmask that it cannot read for none", func(ctx SpecContext, ip string) {
		_, client, _ := setup(
			records("", `{"uuid":"l-1","svm":{"uuid":"u-1"},"ip":`+ip+`}`), records("", `{"uuid":"l-1","svm":{"uuid":"u-1"},"ip":`+ip+`}`),
			records("", `{"name":"s","subnet":`+ip+`}`),
			records("", `{"uuid":"r","svm":{"uuid":"u-1"},"gateway":"10.0.0.1","destination":`+ip+`}`),
		)
		Expect(client.IPInterfaces.List(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.IPInterfaces.ListByAddress(ctx, []netip.Addr{netip.MustParseAddr("10.0.0.1")})).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Subnets.Find(ctx, "s", "Default")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Routes.List(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
	},
		Entry("no netmask", `{"address":"10.0.0.0"}`), Entry("words", `{"address":"10.0.0.0","netmask":"class A"}`),
		Entry("too many bits", `{"address":"10.0.0.0","netmask":"33"}`), Entry("too few", `{"address":"fd00::","netmask":"-1"}`),
		Entry("no address", `{"address":"localhost","netmask":"8"}`),
	)

	It("should count SVMs without reading them", func(ctx SpecContext) {
		cluster, client, _ := setup(ok(`{"num_records":512}`), ok(`{}`))
		Expect(client.SVMs.Count(ctx)).To(Equal(512))
		Expect(cluster.requests[0].Query).To(HaveKeyWithValue("return_records", []string{"false"}))
		Expect(client.SVMs.Count(ctx)).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
	})

	DescribeTable("should know who is connected, and through which LIF", func(ctx SpecContext, protocol, record string, want ontap.Connection) {
		of := func(svm string) string { return strings.Replace(record, "{", `{"svm":{"uuid":"`+svm+`"},`, 1) }
		_, client, _ := setup(records("", of("u-1"), of("u-2")), records("", of("u-1"), record))
		Expect(client.Protocols.Connections(ctx, protocol, "u-1")).To(Equal([]ontap.Connection{want}))
		Expect(client.Protocols.Connections(ctx, protocol, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
	},
		Entry("by NVMe", "nvme", `{"host":{"nqn":"nqn.1"},"interface":{"name":"datalif+0","transport_address":"10.0.0.1"}}`,
			ontap.Connection{Host: "nqn.1", LIF: "datalif+0", Address: netip.MustParseAddr("10.0.0.1")}),
		Entry("by iSCSI", "iscsi", `{"initiator":{"name":"iqn.1"},"connections":[{"interface":{"name":"datalif+0","ip":{"address":"10.0.0.1"}}}]}`,
			ontap.Connection{Host: "iqn.1", LIF: "datalif+0", Address: netip.MustParseAddr("10.0.0.1")}),
		Entry("by NFS", "nfs", `{"client_ip":"10.9.9.9","server_ip":"10.0.0.1"}`, ontap.Connection{Host: "10.9.9.9", Address: netip.MustParseAddr("10.0.0.1")}),
	)
})

var _ = Describe("Limits of an SVM", func() {
	limits := ontap.Limits{StorageBytes: 5, Volumes: 7, MaxIOPS: 3, MaxMBps: 4}

	It("should be read", func(ctx SpecContext) {
		_, client, _ := setup(records("",
			`{"uuid":"u-1","name":"s1","max_volumes":"7","storage":{"limit":5},"qos_policy":{"max_throughput_iops":3,"max_throughput_mbps":4}}`))
		Expect(client.SVMs.Find(ctx, "s1")).To(HaveField("Limits", limits))
	})

	It("should be written into a new SVM but for the throughput, which ONTAP takes for an SVM that there is", func(ctx SpecContext) {
		cluster, client, _ := setup(accepted("j-1"))
		Expect(client.SVMs.Create(ctx, ontap.SVMCreate{Name: "s1", Limits: limits})).Error().NotTo(HaveOccurred())
		Expect(cluster.requests[0].Body).To(MatchJSON(`{"name":"s1","comment":"","max_volumes":"7","storage":{"limit":5}}`))
	})

	DescribeTable("should be written where they change", func(ctx SpecContext, from, to ontap.Limits, body string) {
		cluster, client, _ := setup(ok("{}"))
		Expect(client.SVMs.Modify(ctx, "u-1", ontap.SVMChange{Limits: &ontap.LimitsChange{From: from, To: to}})).Error().NotTo(HaveOccurred())
		Expect(cluster.requests[0].Body).To(MatchJSON(body))
	},
		Entry("all", ontap.Limits{}, limits, `{"max_volumes":"7","storage":{"limit":5},"qos_policy":{"max_throughput_iops":3,"max_throughput_mbps":4}}`),
		Entry("all, to none", limits, ontap.Limits{},
			`{"max_volumes":"unlimited","storage":{"limit":0},"qos_policy":{"max_throughput_iops":0,"max_throughput_mbps":0}}`),
		Entry("the capacity, where a QoS policy group may be", ontap.Limits{}, ontap.Limits{StorageBytes: 5}, `{"storage":{"limit":5}}`),
		Entry("one of the throughput, together with the other", limits, ontap.Limits{StorageBytes: 5, Volumes: 7, MaxIOPS: 3},
			`{"qos_policy":{"max_throughput_iops":3,"max_throughput_mbps":0}}`),
	)
})

var _ = Describe("A client that only reads", func() {
	It("should read, and not send a single write", func(ctx SpecContext) {
		cluster, client, _ := setup(ok(aboutPartner))
		held := client.ReadOnly()
		Expect(held.MetroCluster.Get(ctx)).Error().NotTo(HaveOccurred())
		Expect(held.SVMs.Delete(ctx, "u-1")).Error().To(MatchError(ontap.IsHeld, "IsHeld"))
		Expect(held.Accounts.Delete(ctx, "u-1", "a")).To(MatchError(ontap.IsHeld, "IsHeld"))
		Expect(cluster.requests).To(HaveLen(1))
	})
})

var _ = Describe("A write that has to be approved", func() {
	const link = `{"_links":{"multi_admin_verify_request":{"href":"/api/security/multi-admin-verify/requests/7"}}}`
	DescribeTable("should be known wherever ONTAP links to the request, and not be sent again", func(ctx SpecContext, one answer) {
		cluster, client, _ := setup(one)
		_, err := client.SVMs.Delete(ctx, "u-1")
		Expect(err).To(MatchError(ontap.IsApproval, "IsApproval"))
		Expect(err).To(HaveField("ApprovalIndex", int64(7)))
		Expect(cluster.requests).To(HaveLen(1))
	},
		Entry("in the body of a 202", answer{status: 202, body: link}),
		Entry("in an error", answer{status: 403, body: `{"error":{"code":"6","message":"m"},"records":[` + link + `]}`}),
		Entry("in a header", answer{status: 202, header: map[string]string{"Location": "/api/security/multi-admin-verify/requests/7"}, body: "{}"}),
	)

	It("should not be seen in a link to anything else", func(ctx SpecContext) {
		_, client, _ := setup(answer{status: 202, body: `{"job":{"uuid":"j-1"},"_links":{"self":{"href":"/api/security/multi-admin-verify/requests"}}}`})
		Expect(client.SVMs.Delete(ctx, "u-1")).To(HaveField("UUID", "j-1"))
	})
})
