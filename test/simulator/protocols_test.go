// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// servingSVM makes an SVM that serves a protocol.
func (c *client) servingSVM(protocol string) string {
	GinkgoHelper()
	created := c.post("/api/svm/svms?return_records=true", fmt.Sprintf(`{"name":"sx","comment":%q,%q:{"enabled":true}}`, markX, protocol))
	Expect(created.status).To(Equal(202), "%v", created.body)
	return created.values("uuid")[0]
}

var _ = Describe("Services", func() {
	DescribeTable("should be refused with the codes of their own protocol",
		func(ctx context.Context, protocol, path, exists, enabled, missing, stopped string) {
			r := start()
			uuid := r.a.servingSVM(protocol)
			body := fmt.Sprintf(`{"svm":{"uuid":%q},"enabled":true}`, uuid)
			Expect(r.a.post(path, body).code()).To(Equal(exists))
			Expect(r.a.send("DELETE", path+"/"+uuid, "").code()).To(Equal(enabled))
			Expect(r.a.send("PATCH", path+"/"+uuid, `{"enabled":false}`).status).To(Equal(200))
			Expect(r.a.send("DELETE", path+"/"+uuid, "").status).To(Equal(200))
			Expect(r.a.send("PATCH", path+"/"+uuid, `{"enabled":false}`).code()).To(Equal(missing))
			Expect(r.a.send("DELETE", path+"/"+uuid, "").code()).To(Equal(missing))
			Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.StopSVM, SVM: "sx"})).To(Succeed())
			Expect(r.a.post(path, body).code()).To(Equal(stopped))
			Expect(r.a.post(path, `{"svm":{"uuid":"none"}}`).code()).To(Equal("2621462"))
			Expect(r.kinds()).To(BeEmpty())
		},
		Entry("NVMe", "nvme", "/api/protocols/nvme/services", "72089650", "72090028", "72089651", "5374893"),
		Entry("iSCSI", "iscsi", "/api/protocols/san/iscsi/services", "5374077", "5373960", "5374078", "5374893"),
		Entry("NFS, which has few", "nfs", "/api/protocols/nfs/services", "1", "8", "4", "3276916"),
	)

	DescribeTable("should not be removed while hosts are known or LIFs are left", func(ctx context.Context, protocol, path, groupLeft, lifLeft string) {
		r := start()
		uuid := r.a.servingSVM(protocol)
		Expect(r.a.send("PATCH", path+"/"+uuid, `{"enabled":false}`).status).To(Equal(200))
		Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddLIF, SVM: "sx", Name: "datalif+0", Value: "10.0.0.1"})).To(Succeed())
		policy := simulator.Act{Kind: simulator.SetServicePolicy, SVM: "sx", Name: "datalif+0", Value: "default-data-" + protocol}
		if protocol == "nvme" {
			policy.Value += "-tcp"
		}
		Expect(r.sim.Perform(ctx, "a", policy)).To(Succeed())
		Expect(r.a.send("DELETE", path+"/"+uuid, "").code()).To(Equal(lifLeft))
		Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddHostGroup, SVM: "sx", Name: "node-1"})).To(Succeed())
		Expect(r.a.send("DELETE", path+"/"+uuid, "").code()).To(Equal(groupLeft))
	},
		Entry("NVMe", "nvme", "/api/protocols/nvme/services", "72089653", "72089654"),
		Entry("iSCSI", "iscsi", "/api/protocols/san/iscsi/services", "8", "8"),
	)
})

var _ = Describe("Host groups", func() {
	DescribeTable("should be refused with the codes of their own protocol", func(ctx context.Context, protocol, path, missing, mapped string) {
		r := start()
		r.a.servingSVM(protocol)
		Expect(r.a.send("DELETE", path+"/none", "").code()).To(Equal(missing))
		Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddHostGroup, SVM: "sx", Name: "node-1", Value: "mapped"})).To(Succeed())
		uuid := r.a.get(path).values("uuid")[0]
		Expect(r.a.send("DELETE", path+"/"+uuid, "").code()).To(Equal(mapped))
	},
		Entry("subsystems", "nvme", "/api/protocols/nvme/subsystems", "72090001", "72090023"),
		Entry("igroups", "iscsi", "/api/protocols/san/igroups", "5374852", "1254213"),
	)

	It("should not be removed with their hosts unless that is said", func(ctx context.Context) {
		r := start()
		r.a.servingSVM("nvme")
		Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddHostGroup, SVM: "sx", Name: "node-1"})).To(Succeed())
		path := "/api/protocols/nvme/subsystems/" + r.a.get("/api/protocols/nvme/subsystems").values("uuid")[0]
		Expect(r.a.send("DELETE", path, "").code()).To(Equal("72090024"))
		Expect(r.a.send("DELETE", path+"?allow_delete_with_hosts=true", "").status).To(Equal(200))
	})
})
