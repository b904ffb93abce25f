// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("MetroCluster", func() {
	var (
		r    rig
		b    *client
		uuid string
	)
	act := func(ctx context.Context, cluster string, kind simulator.ActKind, value string) {
		GinkgoHelper()
		Expect(r.sim.Perform(ctx, cluster, simulator.Act{Kind: kind, Value: value})).To(Succeed())
	}
	pair := func(o *simulator.Options) {
		o.Clusters[0].MetroClusterPartner, o.Clusters[1].MetroClusterPartner = "b", "a"
	}
	modes := func(c *client) []any {
		GinkgoHelper()
		answer := c.get("/api/cluster/metrocluster")
		Expect(answer.status).To(Equal(http.StatusOK))
		return []any{at(answer.body, "local.mode"), at(answer.body, "remote.mode"), at(answer.body, "local.partner_cluster_reachable")}
	}
	standby := func() map[string]any {
		GinkgoHelper()
		found := b.get("/api/svm/svms?fields=state,subtype,comment&name=s1-mc").records()
		Expect(found).To(HaveLen(1))
		return found[0]
	}

	BeforeEach(func() {
		r = start(pair)
		b = newClient(r.sim.Cluster("b"))
		uuid = r.a.createSVM("s1", markX)
		r.a.createAccount(uuid, "tenant1", "Secret-pass-1", markX)
		Expect(r.a.post("/api/network/ip/interfaces", `{"svm":{"uuid":"`+uuid+`"},"name":"managementlif","ip":{"address":"10.0.0.1","netmask":"16"},
			"service_policy":{"name":"default-management"},"location":{"home_node":{"name":"a-02"},"broadcast_domain":{"name":"Default"}}}`).status).To(Equal(201))
	})

	It("should mirror an SVM to the other half, where it stands by", func() {
		Expect(r.a.get("/api/svm/svms?fields=subtype&name=s1").values("subtype")).To(Equal([]string{"sync_source"}))
		Expect(standby()).To(And(
			HaveKeyWithValue("subtype", "sync_destination"), HaveKeyWithValue("state", "stopped"), HaveKeyWithValue("comment", markX),
			HaveKeyWithValue("uuid", Not(Equal(uuid)))))
		lifs := b.get("/api/network/ip/interfaces?fields=ip.address,state,location.home_node.name&svm.name=s1-mc")
		Expect(lifs.values("ip.address")).To(Equal([]string{"10.0.0.1"}))
		Expect(lifs.values("state")).To(Equal([]string{"down"}))
		Expect(lifs.values("location.home_node.name")).To(Equal([]string{"b-02"}))
		Expect(modes(r.a)).To(Equal([]any{"normal", "normal", true}))
		Expect(r.a.get("/api/cluster/nodes?fields=metrocluster.type").values("metrocluster.type")).To(HaveEach("ip"))
		Expect(r.kinds()).To(BeEmpty(), "the two are one SVM with one account")
	})

	It("should not have a standby changed, nor anything in it", func() {
		one := standby()["uuid"].(string)
		Expect(b.send(http.MethodPatch, "/api/svm/svms/"+one, `{"state":"running"}`).code()).To(Equal("13434906"))
		Expect(b.send(http.MethodDelete, "/api/svm/svms/"+one, "").code()).To(Equal("2621574"))
		Expect(b.post("/api/security/accounts", accountBody(one, "tenant2", "Secret-pass-2", markX)).code()).To(Equal("2621574"))
		Expect(b.send(http.MethodDelete, "/api/security/accounts/"+one+"/tenant1", "").code()).To(Equal("2621574"))
		lif := b.get("/api/network/ip/interfaces?svm.name=s1-mc").values("uuid")[0]
		Expect(b.send(http.MethodDelete, "/api/network/ip/interfaces/"+lif, "").code()).To(Equal("2621574"))
		Expect(b.as("tenant1", "Secret-pass-1").get("/api/svm/svms").status).To(Equal(http.StatusUnauthorized))
	})

	It("should let the standby serve in a switchover, and give back what it is then", func(ctx SpecContext) {
		act(ctx, "b", simulator.SwitchOver, "")
		Expect(r.a.try(http.MethodGet, "/api/cluster", "")).Error().To(HaveOccurred(), "the other half is lost")
		Expect(modes(b)).To(Equal([]any{"switchover", "not_reachable", false}))
		Expect(standby()).To(HaveKeyWithValue("state", "running"))
		Expect(b.as("tenant1", "Secret-pass-1").get("/api/svm/svms").values("name")).To(Equal([]string{"s1-mc"}))
		Expect(b.get("/api/network/ip/interfaces?fields=state&svm.name=s1-mc").values("state")).To(Equal([]string{"up"}))
		one := standby()["uuid"].(string)
		Expect(b.send(http.MethodPatch, "/api/svm/svms/"+one, `{"comment":"`+markX+` changed"}`).status).To(Equal(http.StatusOK))
		Expect(r.kinds()).To(Equal([]simulator.ViolationKind{simulator.ChangedInSwitchover}), "which we must not do")
		Expect(r.sim.Perform(ctx, "b", simulator.Act{Kind: simulator.SwitchBack})).NotTo(Succeed(), "while the other half is lost")

		Expect(r.sim.SetUp(ctx, "a")).To(Succeed())
		Expect(modes(r.a)).To(Equal([]any{"waiting_for_switchback", "switchover", true}))
		act(ctx, "b", simulator.SwitchBack, "")
		Expect(modes(b)).To(Equal([]any{"normal", "normal", true}))
		Expect(r.a.get("/api/svm/svms?fields=state,comment,subtype&name=s1").records()).To(ConsistOf(And(
			HaveKeyWithValue("comment", markX+" changed"), HaveKeyWithValue("state", "running"), HaveKeyWithValue("uuid", uuid), HaveKeyWithValue("subtype", "sync_source"))))
		Expect(standby()).To(HaveKeyWithValue("state", "stopped"))
		Expect(r.a.as("tenant1", "Secret-pass-1").get("/api/svm/svms").values("name")).To(Equal([]string{"s1"}))
	})

	It("should stop the source in a negotiated switchover, and serve its own SVMs on", func(ctx SpecContext) {
		b.createSVM("s2", markY)
		act(ctx, "b", simulator.NegotiateSwitchOver, "")
		Expect(r.a.get("/api/svm/svms?fields=state&name=s1").values("state")).To(Equal([]string{"stopped"}))
		Expect(b.get("/api/svm/svms?fields=state&name=s1-mc|s2").values("state")).To(HaveEach("running"))
	})

	It("should mirror nothing while the halves do not reach each other", func(ctx SpecContext) {
		act(ctx, "a", simulator.CutLink, "")
		Expect(modes(r.a)).To(Equal([]any{"normal", "not_reachable", false}))
		r.a.createSVM("s2", markY)
		Expect(b.get("/api/svm/svms?name=s2-mc").records()).To(BeEmpty())
		Expect(r.kinds()).To(ContainElement(simulator.ChangedInSwitchover))
		act(ctx, "a", simulator.RestoreLink, "")
		Expect(b.get("/api/svm/svms?name=s2-mc").records()).To(HaveLen(1))
		Expect(r.sim.Perform(ctx, "b", simulator.Act{Kind: simulator.SwitchBack})).NotTo(Succeed(), "there is nothing to give back")
	})

	It("should say of other clusters that they are none", func(ctx SpecContext) {
		r := start()
		Expect(at(r.a.get("/api/cluster/metrocluster").body, "local.mode")).To(Equal("not_configured"))
		Expect(r.a.get("/api/svm/svms?fields=subtype&name=" + "x").records()).To(BeEmpty())
		Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SwitchOver})).To(MatchError(ContainSubstring("not half of a MetroCluster")))
	})

	It("should leave room in names for the suffix", func() {
		Expect(r.a.post("/api/svm/svms", svmBody(strings.Repeat("n", 42), markY)).code()).To(Equal("13434911"))
		r.a.createSVM("dns.name.of-svm", markY)
		Expect(b.get("/api/svm/svms?name=dns-mc.name.of-svm").records()).To(HaveLen(1))
	})

	It("should refuse partners that do not name each other", func() {
		_, err := simulator.New(simulator.Options{Clusters: []simulator.ClusterOptions{{Name: "a", MetroClusterPartner: "b"}, {Name: "b"}}})
		Expect(err).To(MatchError(ContainSubstring(`clusters[0].metroClusterPartner: "b"`)))
	})
})
