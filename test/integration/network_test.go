// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"fmt"
	"net/http"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// lifs are the LIFs of the shoot's SVM as "name address home".
func (s *shoot) lifs(ctx context.Context) []string {
	GinkgoHelper()
	lines := []string{}
	for _, lif := range s.state(ctx).LIFs {
		lines = append(lines, fmt.Sprintf("%s %s %s", lif.Name, lif.Address, lif.HomeNode))
	}
	return lines
}

var _ = Describe("Network", func() {
	var (
		w *world
		s *shoot
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a")
		s = w.newShoot(ctx, 1)
	})

	// withDataLIFs gives the shoot these data LIFs.
	withDataLIFs := func(ctx context.Context, addresses ...string) {
		GinkgoHelper()
		config := s.providerConfig()
		config.DataLIFs = addresses
		s.configure(ctx, config)
	}

	It("should put the data LIFs on the two nodes of an HA pair, whose aggregates the SVM gets", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		svm := s.state(ctx)
		Expect(svm.LIFs).To(HaveLen(3))
		Expect([]string{svm.LIFs[0].HomeNode, svm.LIFs[1].HomeNode}).To(Or(Equal([]string{"a-01", "a-02"}), Equal([]string{"a-03", "a-04"})))
		Expect(svm.LIFs[2]).To(And(HaveField("Name", "managementlif"), HaveField("HomeNode", svm.LIFs[0].HomeNode), HaveField("ServicePolicy", "default-management")))
		Expect(svm.LIFs[:2]).To(HaveEach(And(HaveField("ServicePolicy", "default-data-nvme-tcp"), HaveField("PrefixLength", 16), HaveField("Enabled", true))))
		pair := map[string][]string{"a-01": {"a_01", "a_02"}, "a-03": {"a_03", "a_04"}}[svm.LIFs[0].HomeNode]
		Expect(svm.Aggregates).To(Equal([]string{pair[0] + "_aggr1", pair[0] + "_aggr2", pair[1] + "_aggr1", pair[1] + "_aggr2"}))
		Expect(svm.Protocols).To(HaveKeyWithValue("nvme", simulator.ProtocolState{Allowed: true, Service: true, Enabled: true}))
		Expect(svm.Protocols).To(HaveKeyWithValue("iscsi", simulator.ProtocolState{}))
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("True Ready"))
	})

	It("should let every volume that the SVM may have be reached, on each of its aggregates", func(ctx SpecContext) {
		withDataLIFs(ctx, "10.11.0.1", "10.12.0.1", "10.11.0.2", "10.12.0.2")
		Expect(s.reconcile(ctx)).To(Succeed())
		s.perform(ctx, simulator.AddHostGroup, "node-1", "")
		for i, aggregate := range s.state(ctx).Aggregates {
			volume := fmt.Sprintf("volume%d", i)
			s.perform(ctx, simulator.AddVolume, volume, aggregate)
			account := s.secret(ctx).Data // what Trident logs in with
			status, _ := w.send(ctx, "a", string(account["username"]), string(account["password"]), http.MethodPost, "/protocols/nvme/subsystem-maps", fmt.Sprintf(
				`{"svm":{"uuid":%q},"subsystem":{"name":"node-1"},"namespace":{"name":"/vol/%s/namespace0"}}`, s.state(ctx).UUID, volume))
			Expect(status).To(Equal(201))
		}
		Expect(s.state(ctx).Aggregates).To(HaveLen(8))
	})

	DescribeTable("should serve another protocol where the shoot wants it", func(ctx SpecContext, protocol, key, policy string) {
		config := s.providerConfig()
		Expect(config.Protocol).To(BeEmpty())
		s.misconfigure(ctx, set("protocol", protocol))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).Protocols).To(HaveKeyWithValue(key, simulator.ProtocolState{Allowed: true, Service: true, Enabled: true}))
		Expect(s.state(ctx).Protocols).To(HaveKeyWithValue("nvme", simulator.ProtocolState{}))
		Expect(s.state(ctx).LIFs[:2]).To(HaveEach(HaveField("ServicePolicy", policy)))
		if protocol == "iSCSI" {
			s.perform(ctx, simulator.AddHostGroup, "left-by-a-node", "")
		}
		s.perform(ctx, simulator.DisableProtocol, key, "")
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False ProtocolDisabled"), "a service that exists")
		Expect(s.delete(ctx)).To(Succeed())
		s.expectGone(ctx)
	},
		Entry("iSCSI", "iSCSI", "iscsi", "default-data-iscsi"),
		Entry("NFS", "NFS", "nfs", "default-data-files"),
	)

	It("should spread four data LIFs over two pairs, and put two on each node for eight", func(ctx SpecContext) {
		withDataLIFs(ctx, "10.11.0.1", "10.12.0.1", "10.11.0.2", "10.12.0.2")
		Expect(s.reconcile(ctx)).To(Succeed())
		homes := map[string]int{}
		for _, lif := range s.state(ctx).LIFs[:4] {
			homes[lif.HomeNode]++
		}
		Expect(homes).To(Equal(map[string]int{"a-01": 1, "a-02": 1, "a-03": 1, "a-04": 1}))
		Expect(s.state(ctx).Aggregates).To(HaveLen(8))
		withDataLIFs(ctx, "10.11.0.1", "10.12.0.1", "10.11.0.2", "10.12.0.2", "10.11.0.3", "10.12.0.3", "10.11.0.4", "10.12.0.4")
		Expect(s.reconcile(ctx)).To(Succeed())
		for _, lif := range s.state(ctx).LIFs[4:8] {
			homes[lif.HomeNode]++
		}
		Expect(homes).To(Equal(map[string]int{"a-01": 2, "a-02": 2, "a-03": 2, "a-04": 2}))
	})

	It("should give an SVM that comes to a second pair the aggregates of that, too, and once", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).Aggregates).To(HaveLen(4))
		withDataLIFs(ctx, "10.11.0.1", "10.12.0.1", "10.11.0.2", "10.12.0.2")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).Aggregates).To(HaveLen(8))
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.effects(ctx, seq)).To(BeEmpty())
	})

	It("should have one data LIF on a cluster without HA", func(ctx SpecContext) {
		w = newWorldWith(func(o *simulator.Options) { o.Clusters[0].Nodes = 1 }, "a")
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].WithoutHA = true })
		s = w.newShoot(ctx, 1)
		withDataLIFs(ctx, "10.11.0.1")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.lifs(ctx)).To(Equal([]string{"datalif+0 10.11.0.1 a-01", "managementlif 10.10.0.1 a-01"}))
	})

	It("should give an SVM addresses and routes of both families", func(ctx SpecContext) {
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) {
			c.Clusters[0].Networks.Data[0].Routes = []configv1alpha1.Route{{Gateway: "10.11.255.254"}, {Destination: "fd00::/8", Gateway: "fd00:11::1"}}
			c.Clusters[0].Networks.Data[1].Routes = []configv1alpha1.Route{{Gateway: "fd00:12::1"}}
		})
		withDataLIFs(ctx, "fd00:11::9", "10.12.0.9")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).LIFs[0]).To(And(HaveField("Address", "fd00:11::9"), HaveField("PrefixLength", 64)))
		Expect(s.state(ctx).Routes).To(ConsistOf(simulator.RouteState{Destination: "fd00::/8", Gateway: "fd00:11::1"}), "those of families in use")
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.effects(ctx, seq)).To(BeEmpty())
	})

	DescribeTable("should find the port as the network says", func(ctx SpecContext, network configv1alpha1.Network, address, port string, prefixLength int) {
		w = newWorldWith(func(o *simulator.Options) {
			o.Clusters[0].BGPPeersUp = []string{"*"}
			o.Clusters[0].Subnets = []simulator.SubnetOptions{{Name: "nvme", Prefix: "10.13.0.0/20", First: "10.13.0.10", Last: "10.13.0.99"}}
		}, "a")
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Networks.Data[0] = network })
		s = w.newShoot(ctx, 1)
		withDataLIFs(ctx, address, "10.12.0.1")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.state(ctx).LIFs[0]).To(And(
			HaveField("Address", address), HaveField("PrefixLength", prefixLength), HaveField("Port", port), HaveField("VIP", network.Mode == "VIP")))
	},
		Entry("by its name", configv1alpha1.Network{Mode: "HomePort", HomePort: "e0d", IPv4PrefixLength: 24}, "10.11.0.1", "e0d", 24),
		Entry("by its broadcast domain", configv1alpha1.Network{Mode: "BroadcastDomain", BroadcastDomain: "Default", IPv4PrefixLength: 24}, "10.11.0.1", "e0d", 24),
		Entry("by ONTAP's subnet", configv1alpha1.Network{Mode: "Subnet", Subnet: "nvme"}, "10.13.0.50", "e0d", 20),
		Entry("not at all, for an address that BGP announces", configv1alpha1.Network{Mode: "VIP"}, "10.14.0.1", "", 32),
		Entry("not at all, for an IPv6 address that BGP announces", configv1alpha1.Network{Mode: "VIP"}, "fd00:14::1", "", 128),
	)

	It("should not make a VIP on a node without a BGP session, nor take an address outside the subnet", func(ctx SpecContext) {
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) {
			c.Clusters[0].Networks.Data[0] = configv1alpha1.Network{Mode: "VIP"}
		})
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("False BGPPeerDown"))

		w = newWorldWith(func(o *simulator.Options) {
			o.Clusters[0].Subnets = []simulator.SubnetOptions{{Name: "nvme", Prefix: "10.13.0.0/20", First: "10.13.0.10", Last: "10.13.0.99"}}
		}, "a")
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) {
			c.Clusters[0].Networks.Data[0] = configv1alpha1.Network{Mode: "Subnet", Subnet: "nvme"}
		})
		s = w.newShoot(ctx, 1)
		withDataLIFs(ctx, "10.13.1.1", "10.12.0.1")
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("False AddressRejected"))
		Expect(w.effects(ctx, 0)).To(BeEmpty())
	})

	It("should exchange data LIFs, wanted ones first, and never give one another address", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		before := s.lifs(ctx)
		withDataLIFs(ctx, "10.11.0.7", "10.12.0.7")
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.lifs(ctx)).To(ContainElements(ContainSubstring(" 10.11.0.7 "), ContainSubstring(" 10.12.0.7 ")))
		Expect(s.lifs(ctx)).To(HaveLen(len(before)))
		entries, _ := w.since(ctx, seq)
		var writes []string
		for _, entry := range entries {
			if entry.Class == simulator.Write {
				writes = append(writes, entry.Method)
				Expect(entry.Method + entry.Body).NotTo(And(HavePrefix("PATCH"), ContainSubstring("address")))
			}
		}
		Expect(writes).To(Equal([]string{"POST", "POST", "PATCH", "DELETE", "PATCH", "DELETE"}))
	})

	It("should not mind the order of the addresses", func(ctx SpecContext) {
		withDataLIFs(ctx, "10.11.0.1", "10.12.0.1", "10.11.0.2", "10.12.0.2")
		Expect(s.reconcile(ctx)).To(Succeed())
		withDataLIFs(ctx, "10.11.0.2", "10.12.0.2", "10.11.0.1", "10.12.0.1")
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.effects(ctx, seq)).To(BeEmpty())
	})

	It("should not cut a data path while hosts use it, unless that is confirmed", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		s.perform(ctx, simulator.Connect, "nqn.2014-08.org.nvmexpress:node-1", "datalif+0")
		withDataLIFs(ctx, "10.11.0.7", "10.12.0.7")
		Expect(s.reconcile(ctx)).To(MatchError(And(ContainSubstring("10.11.0.1"), ContainSubstring("node-1"))))
		Expect(s.condition(ctx, "NetworkReady")).To(Equal("False DataPathInUse"))
		Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorRetryableConfigurationProblem))
		Expect(s.lifs(ctx)).To(ContainElements(HavePrefix("datalif+0 10.11.0.1 "), ContainSubstring("10.11.0.7"), ContainSubstring("10.12.0.7")))

		extension := s.extension(ctx)
		metav1.SetMetaDataAnnotation(&extension.ObjectMeta, "ontap.extensions.gardener.cloud/confirm-path-loss", "true")
		Expect(w.seed.Update(ctx, extension)).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.lifs(ctx)).NotTo(ContainElement(ContainSubstring("10.11.0.1 ")))
	})

	It("should move the management LIF", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		config := s.providerConfig()
		config.ManagementLIF = "10.10.0.77"
		s.configure(ctx, config)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.lifs(ctx)).To(ContainElement(HavePrefix("managementlif 10.10.0.77 ")))
		Expect(s.lifs(ctx)).To(HaveLen(3))
	})

	It("should move the management LIF within a subnet of ONTAP", func(ctx SpecContext) {
		w = newWorldWith(func(o *simulator.Options) {
			o.Clusters[0].Subnets = []simulator.SubnetOptions{{Name: "management", Prefix: "10.10.0.0/20", First: "10.10.0.1", Last: "10.10.0.99"}}
		}, "a")
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) {
			c.Clusters[0].Networks.Management = configv1alpha1.Network{Mode: "Subnet", Subnet: "management"}
		})
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.misconfigure(ctx, set("managementLIF", "10.10.0.77"))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.lifs(ctx)).To(ContainElement(HavePrefix("managementlif 10.10.0.77 ")))
	})

	It("should make lost LIFs again where they were, correct service policies, and leave a LIF of somebody else alone", func(ctx SpecContext) {
		Expect(s.reconcile(ctx)).To(Succeed())
		before := s.lifs(ctx)
		s.perform(ctx, simulator.RemoveLIF, "datalif+1", "")
		s.perform(ctx, simulator.RemoveLIF, "managementlif", "")
		s.perform(ctx, simulator.SetServicePolicy, "datalif+0", "default-data-files")
		s.perform(ctx, simulator.AddLIF, "monitoring", "10.10.9.9")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.lifs(ctx)).To(ConsistOf(append(before, "monitoring 10.10.9.9 a-01")))
		Expect(s.state(ctx).LIFs[0].ServicePolicy).To(Equal("default-data-nvme-tcp"))
	})

	DescribeTable("should find its LIF after the answer was lost", func(ctx SpecContext, kind simulator.FaultKind) {
		Expect(w.sim.FailNext(ctx, simulator.Fault{Method: "POST", Path: "/network/ip/interfaces", Kind: kind})).To(Succeed())
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		w.restart()
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.lifs(ctx)).To(HaveLen(3))
		state, err := w.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.LIFsEverCreated).To(HaveEach(3))
	},
		Entry("and the LIF made", simulator.DropAfterEffect),
		Entry("and the LIF not made", simulator.DropBefore),
		Entry("in half", simulator.AnswerTruncated),
	)
})
