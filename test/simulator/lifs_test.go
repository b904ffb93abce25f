// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	testclock "k8s.io/utils/clock/testing"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// nvmeSVM makes an SVM that serves NVMe.
func (c *client) nvmeSVM(name, comment string) string {
	GinkgoHelper()
	created := c.post("/api/svm/svms?return_records=true", fmt.Sprintf(
		`{"name":%q,"comment":%q,"aggregates":[{"name":"a_01_aggr1"}],"nvme":{"enabled":true,"allowed":true}}`, name, comment))
	Expect(created.status).To(Equal(202), "%v", created.body)
	return created.values("uuid")[0]
}

func lifBody(svm, name, address, node, more string) string {
	return fmt.Sprintf(`{"svm":{"uuid":%q},"name":%q,"ip":{"address":%q,"netmask":"16"},"service_policy":{"name":"default-data-nvme-tcp"},
		"location":{"home_node":{"name":%q}}%s}`, svm, name, address, node, more)
}

var _ = Describe("LIFs", func() {
	const path = "/api/network/ip/interfaces"

	It("should be made at once, with the services of their policy and a prefix length", func() {
		r := start()
		uuid := r.a.nvmeSVM("sx", markX)
		made := r.a.post(path+"?return_records=true", lifBody(uuid, "datalif+0", "10.0.0.1", "a-01", `,"enabled":true`))
		Expect(made.status).To(Equal(501), "what is not simulated is refused")
		made = r.a.post(path+"?return_records=true", lifBody(uuid, "datalif+0", "10.0.0.1", "a-01", ""))
		Expect(made.status).To(Equal(201))
		record := made.records()[0]
		Expect(at(record, "ip.netmask")).To(Equal("16"))
		Expect(record).To(HaveKeyWithValue("services", ContainElement("data_nvme_tcp")))
		Expect(r.a.get(path + "?services=data_nvme_tcp&svm.uuid=" + uuid).values("name")).To(Equal([]string{"datalif+0"}))
		Expect(r.kinds()).To(Equal([]simulator.ViolationKind{simulator.UnknownRequest}))
	})

	DescribeTable("should be refused", func(name, address, node, more, code string) {
		r := start()
		uuid := r.a.nvmeSVM("sx", markX)
		Expect(r.a.post(path, lifBody(uuid, "datalif+0", "10.0.0.1", "a-01", "")).status).To(Equal(201))
		Expect(r.a.post(path, lifBody(uuid, "datalif+1", "10.0.0.2", "a-01", "")).status).To(Equal(201))
		Expect(r.a.post(path, lifBody(uuid, name, address, node, more)).code()).To(Equal(code))
	},
		Entry("with a name that is taken", "datalif+0", "10.0.0.3", "a-02", "", "1966140"),
		Entry("with an address that is taken", "datalif+2", "10.0.0.1", "a-02", "", "1376963"),
		Entry("as the third on a node", "datalif+2", "10.0.0.3", "a-01", "", "7"),
		Entry("on a node that is none", "datalif+2", "10.0.0.3", "a-09", "", "262185"),
		Entry("as a VIP with a netmask", "datalif+2", "10.0.0.3", "a-02", `,"vip":true`, "1967385"),
	)

	DescribeTable("should be refused with the code of the field that is wrong", func(old, wrong, code string) {
		r := start()
		body := lifBody(r.a.nvmeSVM("sx", markX), "datalif+0", "10.0.0.1", "a-01", "")
		Expect(r.a.post(path, strings.Replace(body, old, wrong, 1)).code()).To(Equal(code))
	},
		Entry("a prefix too long for IPv4", `"16"`, `"33"`, "1966269"),
		Entry("a prefix too long for IPv6", `"10.0.0.1","netmask":"16"`, `"fd00::1","netmask":"129"`, "1966267"),
		Entry("what is no address", `"10.0.0.1"`, `"datalif"`, "262185"),
		Entry("an unknown service policy", "default-data-nvme-tcp", "default-data-tape", "53281065"),
		Entry("an unknown port", `"location":{`, `"location":{"home_port":{"name":"e9z"},`, "1967130"),
		Entry("an unknown broadcast domain", `"location":{`, `"location":{"broadcast_domain":{"name":"Moon"},`, "1967136"),
		Entry("an unknown SVM", `"svm":{"uuid":"`, `"svm":{"uuid":"no-`, "1967147"),
	)

	It("should be refused on an SVM that does not serve the protocol", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		Expect(r.a.post(path, lifBody(uuid, "datalif+0", "10.0.0.1", "a-01", "")).code()).To(Equal("53281087"))
	})

	It("should be switched off before they are deleted, and before their SVM is", func() {
		r := start()
		uuid := r.a.nvmeSVM("sx", markX)
		lif := r.a.post(path+"?return_records=true", lifBody(uuid, "datalif+0", "10.0.0.1", "a-01", "")).values("uuid")[0]
		Expect(r.a.send("DELETE", path+"/"+lif, "").code()).To(Equal("8"))
		Expect(r.a.send("DELETE", "/api/svm/svms/"+uuid, "").code()).To(Equal("8"))
		Expect(r.a.send("PATCH", path+"/"+lif, `{"enabled":false}`).status).To(Equal(200))
		Expect(r.a.send("DELETE", path+"/"+lif, "").status).To(Equal(200))
		services := "/api/protocols/nvme/services/" + uuid
		Expect(r.a.send("DELETE", services, "").code()).To(Equal("72090028"))
		Expect(r.a.send("PATCH", services, `{"enabled":false}`).status).To(Equal(200))
		Expect(r.a.send("DELETE", services, "").status).To(Equal(200))
		Expect(r.a.send("DELETE", "/api/svm/svms/"+uuid, "").status).To(Equal(202))
		Expect(r.kinds()).To(BeEmpty())
	})

	It("should neither get nor be given an address of a subnet, unless that is said", func() {
		r := start(func(o *simulator.Options) {
			o.Clusters[0].Subnets = []simulator.SubnetOptions{{Name: "nvme", Prefix: "10.0.0.0/16", First: "10.0.0.10", Last: "10.0.0.19"}}
		})
		uuid, meant := r.a.nvmeSVM("sx", markX), `,"fail_if_subnet_conflicts":false`
		Expect(r.a.post(path, lifBody(uuid, "datalif+0", "10.0.0.10", "a-01", "")).code()).To(Equal("1967387"))
		lif := r.a.post(path+"?return_records=true", lifBody(uuid, "datalif+0", "10.0.0.10", "a-01", meant)).values("uuid")[0]
		Expect(r.a.send("PATCH", path+"/"+lif, `{"enabled":false}`).status).To(Equal(200))
		Expect(r.a.send("PATCH", path+"/"+lif, `{"ip":{"address":"10.0.0.11","netmask":"16"}}`).code()).To(Equal("1967387"))
		Expect(r.a.send("PATCH", path+"/"+lif, `{"ip":{"address":"10.0.0.11","netmask":"16"}`+meant+`}`).status).To(Equal(200))
		Expect(r.a.send("PATCH", path+"/"+lif, `{"ip":{"address":"10.0.0.20","netmask":"16"}}`).status).To(Equal(200))
	})

	It("should not be made in an SVM of somebody else", func() {
		r := start()
		uuid := r.a.nvmeSVM("theirs", "hands off")
		Expect(r.a.post(path, lifBody(uuid, "datalif+0", "10.0.0.1", "a-01", "")).status).To(Equal(201))
		Expect(r.kinds()).To(Equal([]simulator.ViolationKind{simulator.Unmarked}))
	})
})

var _ = Describe("Subsystem maps", func() {
	It("should need an NVMe LIF on the volume's node and on its HA partner", func(ctx context.Context) {
		r := start()
		uuid := r.a.nvmeSVM("sx", markX)
		Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddVolume, SVM: "sx", Name: "v"})).To(Succeed())
		Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddHostGroup, SVM: "sx", Name: "node-1"})).To(Succeed())
		mapped := fmt.Sprintf(`{"svm":{"uuid":%q},"subsystem":{"name":"node-1"},"namespace":{"name":"/vol/v/namespace0"}}`, uuid)
		Expect(r.a.post("/api/protocols/nvme/subsystem-maps", mapped).code()).To(Equal("72089903"))
		Expect(r.a.post("/api/network/ip/interfaces", lifBody(uuid, "datalif+0", "10.0.0.1", "a-01", "")).status).To(Equal(201))
		Expect(r.a.post("/api/protocols/nvme/subsystem-maps", mapped).code()).To(Equal("72089902"))
		Expect(r.a.post("/api/network/ip/interfaces", lifBody(uuid, "datalif+1", "10.0.0.2", "a-02", "")).status).To(Equal(201))
		Expect(r.a.post("/api/protocols/nvme/subsystem-maps", mapped).status).To(Equal(201))
		for _, unknown := range []struct{ name, code string }{{"node-1", "72090021"}, {"/vol/v/", "72090007"}} {
			wrong := strings.Replace(mapped, unknown.name, "x", 1)
			Expect(r.a.post("/api/protocols/nvme/subsystem-maps", wrong).code()).To(Equal(unknown.code))
		}
	})
})

var _ = Describe("Protocols", func() {
	It("should not share an SVM with NVMe, unless the switch says so", func() {
		both := `{"name":"sx","nvme":{"enabled":true},"iscsi":{"enabled":true}}`
		Expect(start().a.post("/api/svm/svms", both).code()).To(Equal("5373966"))
		r := start()
		body := fmt.Sprintf(`{"svm":{"uuid":%q}}`, r.a.servingSVM("iscsi"))
		Expect(r.a.post("/api/protocols/nvme/services", body).code()).To(Equal("72089900"))
		Expect(start(func(o *simulator.Options) { o.NVMeShared = true }).a.post("/api/svm/svms", both).status).To(Equal(202))
	})

	It("should need a licence, which the POST or its job finds out", func() {
		unlicensed := func(o *simulator.Options) { o.Clusters[0].Unlicensed = []string{"nvme"} }
		body := `{"name":"sx","nvme":{"enabled":true}}`
		Expect(start(unlicensed).a.post("/api/svm/svms", body).code()).To(Equal("1115127"))
		r := start(unlicensed, func(o *simulator.Options) { o.UnlicensedAfterwards = true })
		created := r.a.post("/api/svm/svms", body)
		Expect(r.a.get("/api/cluster/jobs/" + at(created.body, "job.uuid").(string)).body).To(HaveKeyWithValue("state", "failure"))
		Expect(r.a.get("/api/svm/svms?fields=state").values("state")).To(Equal([]string{"initializing"}))
		Expect(r.a.get("/api/cluster/licensing/licenses").values("name")).NotTo(ContainElement("nvme_of"))
	})
})

var _ = Describe("Logins", func() {
	It("should be locked out for an hour after five failures, also with the right password", func() {
		clock := testclock.NewFakeClock(time.Now())
		r := start(func(o *simulator.Options) { o.Clock = clock })
		wrong := r.a.as(r.sim.Cluster("a").Username(), "wrong")
		for range 5 {
			Expect(wrong.get("/api/cluster").status).To(Equal(401))
		}
		Expect(r.a.get("/api/cluster").status).To(Equal(401))
		clock.Step(time.Hour)
		Expect(r.a.get("/api/cluster").status).To(Equal(200))
	})
})

var _ = Describe("Approvals", func() {
	It("should be asked for once, and let the request through when they are given", func(ctx context.Context) {
		r := start(func(o *simulator.Options) { o.Clusters[0].ApprovalRules = []string{"POST /svm/svms"} })
		held := r.a.post("/api/svm/svms", svmBody("sx", markX))
		Expect(held.status).To(Equal(202))
		Expect(at(held.body, "_links.multi_admin_verify_request.href")).To(Equal("/api/security/multi-admin-verify/requests/1"))
		Expect(r.a.get("/api/svm/svms").records()).To(BeEmpty())
		r.a.post("/api/svm/svms", svmBody("sx", markX))
		Expect(r.kinds()).To(Equal([]simulator.ViolationKind{simulator.RepeatedApproval}))
		Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.DecideApproval, Name: "1", Value: "approved"})).To(Succeed())
		Expect(r.a.post("/api/svm/svms", svmBody("sx", markX)).status).To(Equal(202))
		Expect(r.a.get("/api/svm/svms").values("name")).To(Equal([]string{"sx"}))
		Expect(r.a.get("/api/security/multi-admin-verify/requests/1").body).To(HaveKeyWithValue("state", "executed"))
	})
})
