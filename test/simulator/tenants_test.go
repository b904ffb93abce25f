// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// tenant is a rig with an SVM that serves NVMe on both nodes of a pair, and its tenant's login.
type tenant struct {
	rig
	uuid string
	own  *client
}

func newTenant(change ...func(*simulator.Options)) tenant {
	GinkgoHelper()
	r := start(change...)
	t := tenant{rig: r, uuid: r.a.nvmeSVM("sx", markX)}
	r.a.createAccount(t.uuid, "x1-abc", password, "")
	for i, node := range []string{"a-01", "a-02"} {
		lif := lifBody(t.uuid, fmt.Sprintf("datalif+%d", i), fmt.Sprintf("10.0.0.%d", i+1), node, "")
		Expect(r.a.post("/api/network/ip/interfaces", lif).status).To(Equal(201))
	}
	t.own = r.a.as("x1-abc", password)
	return t
}

// fill replaces SVM in a path or body by the SVM's UUID.
func (t tenant) fill(text string) string { return strings.ReplaceAll(text, "SVM", t.uuid) }

// post sends a body in which SVM stands for the SVM's UUID, as the tenant.
func (t tenant) post(path, body string) reply {
	GinkgoHelper()
	return t.own.post(path, t.fill(body))
}

func (t tenant) svm(ctx context.Context) simulator.SVMState {
	GinkgoHelper()
	for _, one := range t.state(ctx).SVMs {
		if one.UUID == t.uuid {
			return one
		}
	}
	return simulator.SVMState{}
}

// createVolume makes a volume and returns its UUID. It needs jobs that take no time.
func (t tenant) createVolume(name string) string {
	GinkgoHelper()
	made := t.post("/api/storage/volumes", volumeBody(name, ""))
	Expect(made.status).To(Equal(202), made.raw)
	return strings.TrimPrefix(made.header.Get("Location"), "/api/storage/volumes/")
}

func (t tenant) createNamespace(path string) string {
	GinkgoHelper()
	made := t.post("/api/storage/namespaces?return_records=true", namespaceBody(path, ""))
	Expect(made.status).To(Equal(201), made.raw)
	return made.values("uuid")[0]
}

func (t tenant) createSubsystem(name string) string {
	GinkgoHelper()
	made := t.post("/api/protocols/nvme/subsystems?return_records=true", subsystemBody(name))
	Expect(made.status).To(Equal(201), made.raw)
	return made.values("uuid")[0]
}

func (t tenant) connect(subsystem, namespace string) reply {
	GinkgoHelper()
	return t.post("/api/protocols/nvme/subsystem-maps", fmt.Sprintf(
		`{"svm":{"uuid":"SVM"},"subsystem":{"uuid":%q},"namespace":{"uuid":%q}}`, subsystem, namespace))
}

func volumeBody(name, more string) string {
	return fmt.Sprintf(`{"name":%q,"svm":{"uuid":"SVM"},"aggregates":[{"name":"a_01_aggr1"}],"size":1073741824%s}`, name, more)
}

func namespaceBody(path, more string) string {
	return fmt.Sprintf(`{"name":%q,"svm":{"uuid":"SVM"},"os_type":"linux","space":{"size":1048576,"block_size":4096}%s}`, path, more)
}

func subsystemBody(name string) string {
	return fmt.Sprintf(`{"name":%q,"svm":{"uuid":"SVM"},"os_type":"linux"}`, name)
}

var _ = Describe("The login of an SVM", func() {
	It("should write what is in the SVM, whoever's that is, and nothing else", func(ctx context.Context) {
		t := newTenant()
		comment := strings.NewReplacer("gxo/v1", "nobody")
		Expect(t.a.send("PATCH", "/api/svm/svms/"+t.uuid, `{"comment":"`+comment.Replace(markX)+`"}`).status).To(Equal(200))
		_, seq := t.kinds(), len(t.journal(ctx, 0))
		t.createVolume("v")
		for _, denied := range []struct{ method, path, body string }{
			{"PATCH", "/api/svm/svms/SVM", `{"comment":""}`},
			{"DELETE", "/api/svm/svms/SVM", ""},
			{"POST", "/api/svm/svms", `{"name":"sz"}`},
			{"POST", "/api/security/accounts", accountBody("SVM", "x2-abc", password, "")},
			{"DELETE", "/api/protocols/nvme/services/SVM", ""},
		} {
			Expect(t.own.send(denied.method, t.fill(denied.path), t.fill(denied.body)).status).To(Equal(403), denied.path)
		}
		Expect(t.own.get("/api/cluster/nodes").status).To(Equal(403))
		Expect(t.kinds()).To(BeEmpty(), "the tenant may do what he likes in an SVM that is not marked")
		entry := t.journal(ctx, uint64(seq))[0]
		Expect(entry.Tenant).To(BeTrue())

		By("doing the same with the cluster's login")
		Expect(t.a.post("/api/storage/volumes", t.fill(volumeBody("w", ""))).status).To(Equal(202))
		Expect(t.kinds()).To(Equal([]simulator.ViolationKind{simulator.Unmarked}))
	})

	It("should write nothing with a lesser role", func() {
		t := newTenant()
		lesser := strings.Replace(accountBody(t.uuid, "x2-abc", password, ""), `"vsadmin"`, `"vsadmin-readonly"`, 1)
		Expect(t.a.post("/api/security/accounts", lesser).status).To(Equal(201))
		reader := t.a.as("x2-abc", password)
		Expect(reader.post("/api/storage/volumes", t.fill(volumeBody("v", ""))).status).To(Equal(403))
		Expect(reader.get("/api/storage/volumes").status).To(Equal(200))
	})

	It("should find nothing of another SVM, by whatever name or UUID", func(ctx context.Context) {
		t := newTenant()
		volume := t.createVolume("v")
		namespace, subsystem := t.createNamespace("/vol/v/namespace0"), t.createSubsystem("s")
		Expect(t.post("/api/protocols/nvme/subsystems/"+subsystem+"/hosts", `{"nqn":"nqn.2014-08.org.example:x"}`).status).To(Equal(201))
		Expect(t.connect(subsystem, namespace).status).To(Equal(201))
		Expect(t.post("/api/storage/volumes/"+volume+"/snapshots", `{"name":"s1","svm":{"uuid":"SVM"}}`).status).To(Equal(202))
		before := t.svm(ctx)

		other := t.a.nvmeSVM("sy", markY)
		t.a.createAccount(other, "y1-abc", password, "")
		stranger := t.a.as("y1-abc", password)
		for path, code := range map[string]string{
			"/api/storage/volumes/" + volume: "4", "/api/storage/volumes/" + volume + "/snapshots": "918235",
			"/api/storage/namespaces/" + namespace: "72090006", "/api/protocols/nvme/subsystems/" + subsystem: "72090001",
			"/api/protocols/nvme/subsystems/" + subsystem + "/hosts":            "72090001",
			"/api/protocols/nvme/subsystem-maps/" + subsystem + "/" + namespace: "72090019",
		} {
			Expect(stranger.get(path).code()).To(Equal(code), path)
		}
		for path, code := range map[string]string{
			"/api/storage/volumes/" + volume: "4", "/api/storage/namespaces/" + namespace: "4",
			"/api/protocols/nvme/subsystems/" + subsystem:                                      "72090001",
			"/api/protocols/nvme/subsystems/" + subsystem + "/hosts/nqn.2014-08.org.example:x": "72090001",
			"/api/protocols/nvme/subsystem-maps/" + subsystem + "/" + namespace:                "72090019",
		} {
			Expect(stranger.send("DELETE", path, "").code()).To(Equal(code), path)
		}
		for path, body := range map[string]string{
			"/api/storage/volumes": volumeBody("w", ""), "/api/storage/namespaces": namespaceBody("/vol/v/n", ""),
			"/api/protocols/nvme/subsystems": subsystemBody("t"), "/api/protocols/nvme/subsystem-maps": `{"svm":{"name":"sx"}}`,
		} {
			Expect(stranger.post(path, t.fill(body)).code()).To(Equal("2621462"), path)
		}
		own := fmt.Sprintf(`{"svm":{"uuid":%q},"subsystem":{"uuid":%q},"namespace":{"uuid":%q}}`, other, subsystem, namespace)
		Expect(stranger.post("/api/protocols/nvme/subsystem-maps", own).code()).To(Equal("72090006"))
		for _, path := range []string{
			"/api/storage/volumes?is_svm_root=false", "/api/storage/namespaces", "/api/protocols/nvme/subsystems", "/api/protocols/nvme/subsystem-maps",
			"/api/network/ip/interfaces", "/api/cluster/jobs?description=*storage*",
		} {
			Expect(stranger.get(path).body).To(HaveKeyWithValue("num_records", 0.0), path)
		}
		Expect(stranger.get("/api/svm/svms?fields=&name=*").values("name")).To(Equal([]string{"sy"}))
		Expect(t.svm(ctx)).To(Equal(before))
		Expect(t.kinds()).To(BeEmpty())
	})

	It("should have to name its SVM", func() {
		t := newTenant()
		for body, code := range map[string]string{
			`{"name":"s","os_type":"linux"}`:                                         "2621707",
			`{"name":"s","os_type":"linux","svm":{"uuid":"SVM","name":"sy"}}`:        "2621706",
			`{"name":"s","os_type":"linux","svm":{"uuid":"none"}}`:                   "2621462",
			`{"name":"s","os_type":"linux","svm":{"name":"sx"},"delete_on_unmap":1}`: "3",
		} {
			Expect(t.post("/api/protocols/nvme/subsystems", body).code()).To(Equal(code), body)
		}
		Expect(t.kinds()).To(Equal([]simulator.ViolationKind{simulator.UnknownRequest}))
	})
})

var _ = Describe("What else Trident asks", func() {
	It("should be answered to the login of an SVM", func() {
		t := newTenant()
		for _, path := range []string{
			"/api/svm/peers?fields=peer.svm.name&svm.uuid=SVM", "/api/snapmirror/relationships?fields=source.path,destination.path&list_destinations_only=true",
			"/api/snapmirror/relationships?fields=destination.path,source.path",
		} {
			none := t.own.get(t.fill(path))
			Expect(none.status).To(Equal(200), path)
			Expect(none.body).To(And(HaveKeyWithValue("num_records", 0.0), HaveKeyWithValue("records", BeEmpty())))
		}
		personality := t.own.get("/api/cluster?fields=san_optimized,disaggregated,of_a_later_release&ignore_unknown_fields=true").body
		Expect(personality).To(And(HaveKeyWithValue("san_optimized", false), HaveKeyWithValue("disaggregated", false)))
		Expect(t.own.get("/api/cluster?fields=**").body).To(And(HaveKey("version"), Not(HaveKey("disaggregated"))))
		Expect(t.a.get("/api/cluster?fields=**").body).To(HaveKeyWithValue("disaggregated", false))
		Expect(t.own.get("/api/cluster?fields=x&ignore_unknown_fields=maybe").code()).To(Equal("262185"))
	})

	DescribeTable("should take an event with all its fields only", func(without, with, code string) {
		t := newTenant()
		event := `{"app_version":"1","autosupport_required":false,"category":"heartbeat","computer_name":"c","event_description":"{}",
			"event_id":1,"event_source":"trident","severity":"notice"}`
		Expect(t.post("/api/support/ems/application-logs?return_records=true", event).status).To(Equal(201))
		Expect(strings.Contains(event, without)).To(BeTrue())
		Expect(t.post("/api/support/ems/application-logs", strings.Replace(event, without, with, 1)).code()).To(Equal(code))
	},
		Entry("no version", `"app_version":"1",`, "", "262212"),
		Entry("a number that is none", `"event_id":1`, `"event_id":"1"`, "262212"),
		Entry("a severity that there is not", "notice", "loud", "262185"),
	)
})
