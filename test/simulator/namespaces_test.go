// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"net/url"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const nqn = "nqn.2014-08.org.nvmexpress:uuid:3f1b1c2e-0000-4000-8000-000000000001"

var _ = Describe("Namespaces", func() {
	const path = "/api/storage/namespaces"

	It("should be made at once and found by a wildcard", func() {
		t := newTenant()
		t.createVolume("v")
		t.createVolume("w")
		made := t.post(path+"?return_records=true", namespaceBody("/vol/v/namespace0", `,"comment":"{}"`))
		Expect(made.status).To(Equal(201))
		Expect(made.body).To(HaveKeyWithValue("num_records", 1.0))
		Expect(made.values("name")).To(Equal([]string{"/vol/v/namespace0"}))
		Expect(t.post(path, namespaceBody("/vol/w/namespace0", "")).raw).To(Equal("{}\n"))
		query := "?fields=os_type,location.volume.name,space.size,space.block_size,status.state,comment&name=%2Fvol%2Fv%2F*&svm.uuid="
		found := t.own.get(path + query + t.uuid).records()
		Expect(found).To(HaveLen(1))
		delete(found[0], "_links")
		Expect(found[0]).To(Equal(map[string]any{
			"uuid": made.values("uuid")[0], "name": "/vol/v/namespace0", "os_type": "linux", "comment": "{}",
			"location": map[string]any{"volume": map[string]any{"name": "v"}}, "status": map[string]any{"state": "online"},
			"space": map[string]any{"size": 1048576.0, "block_size": 4096.0},
		}))
	})

	DescribeTable("should be refused", func(old, replacement, code string) {
		t := newTenant()
		t.createVolume("v")
		t.createNamespace("/vol/v/namespace0")
		body := namespaceBody("/vol/v/new", "")
		Expect(strings.Contains(body, old)).To(BeTrue())
		Expect(t.post(path, strings.Replace(body, old, replacement, 1)).code()).To(Equal(code))
	},
		Entry("where there is one", "/vol/v/new", "/vol/v/namespace0", "72089725"),
		Entry("in no volume", "/vol/v/new", "/vol/w/new", "917927"),
		Entry("in the root volume", "/vol/v/new", "/vol/sx_root/new", "72089727"),
		Entry("under a name that is no path", "/vol/v/new", "new", "5376461"),
		Entry("with a character that is not allowed", "/vol/v/new", "/vol/v/n+w", "72089732"),
		Entry("that are too small", "1048576", "4095", "72089723"),
		Entry("that are too large", "1048576", "140737488355329", "72089724"),
		Entry("without a size", `"size":1048576,`, "", "72090013"),
		Entry("with odd blocks", "4096", "1024", "262185"),
		Entry("for a system that there is not", "linux", "plan9", "262185"),
	)

	It("should grow and not shrink, and not be removed while they are mapped", func() {
		t := newTenant()
		volume := t.createVolume("v")
		namespace, subsystem := t.createNamespace("/vol/v/namespace0"), t.createSubsystem("s")
		Expect(t.own.send("PATCH", path+"/"+namespace, `{"space":{"size":2097152}}`).status).To(Equal(200))
		Expect(t.own.send("PATCH", path+"/"+namespace, `{"space":{"size":1048576}}`).code()).To(Equal("72090038"))
		Expect(t.own.send("PATCH", path+"/none", `{"space":{"size":1048576}}`).code()).To(Equal("72090006"))
		Expect(t.connect(subsystem, namespace).status).To(Equal(201))
		Expect(t.own.send("DELETE", path+"/"+namespace, "").code()).To(Equal("72089796"))
		Expect(t.own.send("PATCH", "/api/storage/volumes/"+volume, `{"state":"offline"}`).status).To(Equal(202))
		Expect(t.own.get(path + "?fields=status").records()[0]).To(HaveKeyWithValue("status", HaveKeyWithValue("state", "offline")))
		Expect(t.own.send("DELETE", path+"/"+namespace, "").code()).To(Equal("72090017"))
		Expect(t.own.send("PATCH", "/api/storage/volumes/"+volume, `{"state":"online"}`).status).To(Equal(202))
		Expect(t.own.send("DELETE", path+"/"+namespace+"?allow_delete_while_mapped=true", "").status).To(Equal(200))
		Expect(t.own.get("/api/protocols/nvme/subsystem-maps").records()).To(BeEmpty())
		Expect(t.own.send("DELETE", path+"/"+namespace, "").code()).To(Equal("4"))
	})
})

var _ = Describe("Subsystems", func() {
	const path = "/api/protocols/nvme/subsystems"

	It("should be made with an NQN of their own", func(ctx context.Context) {
		t := newTenant()
		made := t.post(path+"?return_records=true", subsystemBody("node-1_trident"))
		Expect(made.status).To(Equal(201))
		Expect(made.body).To(HaveKeyWithValue("num_records", 1.0))
		Expect(made.values("target_nqn")[0]).To(And(HavePrefix("nqn.1992-08.com.netapp:sn."), HaveSuffix(":subsystem.node-1_trident")))
		Expect(t.own.get(path + "?fields=target_nqn&name=node-1_trident&svm.uuid=" + t.uuid).values("target_nqn")).To(Equal(made.values("target_nqn")))
		Expect(t.own.get(path + "?fields=uuid,name&name=node*").values("name")).To(Equal([]string{"node-1_trident"}))
		Expect(t.svm(ctx).HostGroups).To(Equal([]string{"node-1_trident"}))
	})

	DescribeTable("should be refused", func(name, code string) {
		t := newTenant()
		t.createSubsystem("s")
		Expect(t.post(path, subsystemBody(name)).code()).To(Equal(code))
	},
		Entry("with a name that is taken", "s", "72090025"),
		Entry("with a name that is too long", strings.Repeat("s", 65), "262185"),
		Entry("with a character that is not allowed", "s/1", "72089709"),
	)

	It("should need the service", func() {
		r := start()
		body := strings.Replace(subsystemBody("s"), "SVM", r.a.createSVM("sx", markX), 1)
		Expect(r.a.post(path, body).code()).To(Equal("72090029"))
	})

	It("should know hosts, and go with them only if that is said", func() {
		t := newTenant()
		subsystem := path + "/" + t.createSubsystem("s")
		hosts := subsystem + "/hosts"
		Expect(t.own.get(hosts).body).To(HaveKeyWithValue("num_records", 0.0))
		Expect(t.post(hosts, `{"nqn":"`+nqn+`"}`).status).To(Equal(201))
		Expect(t.own.get(hosts).values("nqn")).To(Equal([]string{nqn}))
		Expect(t.own.get(hosts + "/" + url.PathEscape(nqn)).body).To(HaveKeyWithValue("nqn", nqn))
		for wrong, code := range map[string]string{
			nqn: "72089705", "iqn.1994-05.com.example:x": "72089772", "nqn.now.org.example:x": "72089773", "nqn.2014-08.org.example": "72089771",
		} {
			Expect(t.post(hosts, `{"nqn":"`+wrong+`"}`).code()).To(Equal(code), wrong)
		}
		Expect(t.post(hosts, `{}`).code()).To(Equal("72090003"))
		Expect(t.own.send("DELETE", subsystem, "").code()).To(Equal("72090024"))
		Expect(t.own.send("DELETE", hosts+"/nqn.2014-08.org.example:x", "").code()).To(Equal("72090004"))
		Expect(t.own.send("DELETE", hosts+"/"+url.PathEscape(nqn), "").status).To(Equal(200))
		Expect(t.own.send("DELETE", subsystem, "").status).To(Equal(200))
		Expect(t.own.get(hosts).code()).To(Equal("72090001"))
	})
})

var _ = Describe("Maps", func() {
	const path = "/api/protocols/nvme/subsystem-maps"

	It("should connect one namespace with one subsystem", func() {
		t := newTenant()
		t.createVolume("v")
		namespace, s, other := t.createNamespace("/vol/v/namespace0"), t.createSubsystem("s"), t.createSubsystem("other")
		Expect(t.connect(s, namespace).status).To(Equal(201))
		Expect(t.connect(s, namespace).code()).To(Equal("72089790"))
		Expect(t.connect(other, namespace).code()).To(Equal("72089790"))
		Expect(t.connect("none", namespace).code()).To(Equal("72090001"))
		Expect(t.connect(s, "none").code()).To(Equal("72090006"))
		found := t.own.get(path + "?subsystem.uuid=" + s).records()
		Expect(found).To(HaveLen(1))
		Expect(at(found[0], "namespace.uuid")).To(Equal(namespace))
		Expect(t.own.get(path + "?fields=subsystem.name,subsystem.uuid&namespace.uuid=" + namespace).values("subsystem.name")).To(Equal([]string{"s"}))
		Expect(t.own.get(path + "?subsystem.uuid=" + other).body).To(HaveKeyWithValue("num_records", 0.0))
		Expect(t.own.send("DELETE", "/api/protocols/nvme/subsystems/"+s, "").code()).To(Equal("72090023"))
		Expect(t.own.send("DELETE", path+"/"+s+"/"+namespace, "").status).To(Equal(200))
		Expect(t.own.send("DELETE", path+"/"+s+"/"+namespace, "").code()).To(Equal("72090019"))
		Expect(t.own.send("DELETE", "/api/protocols/nvme/subsystems/"+s, "").status).To(Equal(200))
	})

	It("should refuse a UUID and a name that disagree", func() {
		t := newTenant()
		t.createVolume("v")
		namespace, s := t.createNamespace("/vol/v/namespace0"), t.createSubsystem("s")
		for body, code := range map[string]string{
			`"subsystem":{"uuid":"` + s + `","name":"t"},"namespace":{"uuid":"` + namespace + `"}`: "72090020",
			`"subsystem":{"uuid":"` + s + `"},"namespace":{"uuid":"` + namespace + `","name":"x"}`: "72090005",
			`"subsystem":{"uuid":"` + s + `"}`: "262212",
		} {
			Expect(t.post(path, `{"svm":{"uuid":"SVM"},`+body+`}`).code()).To(Equal(code), body)
		}
	})

	It("should outlive a volume that is deleted and can be recovered", func(ctx context.Context) {
		t := newTenant()
		Expect(t.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddHostGroup, SVM: "sx", Name: "node-1", Value: "mapped"})).To(Succeed())
		Expect(t.svm(ctx)).To(And(HaveField("Volumes", BeEmpty()), HaveField("RecoveryQueue", 1)))
		Expect(t.own.get(path).body).To(HaveKeyWithValue("num_records", 1.0))
		subsystem := "/api/protocols/nvme/subsystems/" + t.own.get("/api/protocols/nvme/subsystems").values("uuid")[0]
		Expect(t.own.send("DELETE", subsystem+"?allow_delete_with_hosts=true", "").code()).To(Equal("72090023"))
		Expect(t.own.send("DELETE", subsystem+"?allow_delete_with_hosts=true&allow_delete_while_mapped=true", "").status).To(Equal(200))
		Expect(t.own.get(path).records()).To(BeEmpty())
	})
})
