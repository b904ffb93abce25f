// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Volumes", func() {
	const path = "/api/storage/volumes"

	It("should be made as they are described, by a job", func(ctx context.Context) {
		t := newTenant()
		Expect(t.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		made := t.post(path, volumeBody("v", `,"style":"flexvol","state":"online","guarantee":{"type":"none"},"snapshot_policy":{"name":"none"},
			"space":{"snapshot":{"reserve_percent":0}},"tiering":{"policy":"none"},"comment":"c",
			"nas":{"export_policy":{"name":"default"},"security_style":"unix","unix_permissions":777}`))
		Expect(made.status).To(Equal(202))
		job := "/api/cluster/jobs/" + at(made.body, "job.uuid").(string)
		Expect(t.own.get(job + "?fields=state").body).To(HaveKeyWithValue("state", "queued"))
		Expect(t.sim.HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		Expect(t.own.get(job + "?fields=state").body).To(HaveKeyWithValue("state", "running"))
		Expect(t.own.get(path + "?name=v").records()).To(BeEmpty())
		Expect(t.own.get(made.header.Get("Location")).status).To(Equal(404))
		Expect(t.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(t.own.get(job + "?fields=**").body).To(And(HaveKeyWithValue("state", "success"), HaveKeyWithValue("description", "POST /api/storage/volumes")))

		shown := t.own.get(path + "?fields=&name=v&style=flexvol&svm.uuid=" + t.uuid)
		Expect(shown.body).To(HaveKeyWithValue("num_records", 1.0))
		Expect(shown.records()[0]).To(And(HaveLen(3), HaveKeyWithValue("name", "v")))
		whole := t.own.get(made.header.Get("Location")).body
		delete(whole, "_links")
		delete(whole["svm"].(map[string]any), "_links")
		Expect(whole).To(Equal(map[string]any{
			"uuid": strings.TrimPrefix(made.header.Get("Location"), path+"/"), "name": "v", "svm": map[string]any{"uuid": t.uuid, "name": "sx"},
			"aggregates": []any{map[string]any{"name": "a_01_aggr1", "uuid": "aggregate-a_01_aggr1"}}, "size": 1073741824.0, "state": "online",
			"type": "rw", "style": "flexvol", "comment": "c", "create_time": at(whole, "create_time"), "is_svm_root": false,
			"guarantee": map[string]any{"type": "none"}, "snapshot_policy": map[string]any{"name": "none"}, "snapshot_directory_access_enabled": true,
			"space":   map[string]any{"size": 1073741824.0, "snapshot": map[string]any{"used": 0.0, "reserve_percent": 0.0}},
			"tiering": map[string]any{"policy": "none"}, "autosize": map[string]any{"mode": "off"}, "clone": map[string]any{"is_flexclone": false},
			"nas": map[string]any{"export_policy": map[string]any{"name": "default"}, "security_style": "unix", "unix_permissions": 777.0},
		}))
	})

	DescribeTable("should be refused", func(old, replacement, code string) {
		t := newTenant()
		t.createVolume("v")
		Expect(strings.Contains(volumeBody("w", ""), old)).To(BeTrue())
		Expect(t.post(path, strings.Replace(volumeBody("w", ""), old, replacement, 1)).code()).To(Equal(code))
	},
		Entry("with a name that is taken", `"w"`, `"v"`, "917526"),
		Entry("with the name of the root volume", `"w"`, `"sx_root"`, "917526"),
		Entry("with a digit in front", `"w"`, `"1"`, "917887"),
		Entry("with a character that is not allowed", `"w"`, `"w-1"`, "917888"),
		Entry("with a name that is too long", `"w"`, `"`+strings.Repeat("w", 204)+`"`, "917886"),
		Entry("without an aggregate", `,"aggregates":[{"name":"a_01_aggr1"}]`, "", "918242"),
		Entry("on two aggregates", `[{"name"`, `[{"name":"a_02_aggr1"},{"name"`, "918242"),
		Entry("on an aggregate that is not the SVM's", "a_01_aggr1", "a_02_aggr1", "917508"),
		Entry("below 20 MB", "1073741824", "1048576", "917534"),
	)

	It("should find out late that a name has been taken", func(ctx context.Context) {
		t := newTenant()
		Expect(t.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		t.createVolume("v")
		second := t.post(path, volumeBody("v", ""))
		Expect(t.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		job := t.own.get("/api/cluster/jobs/" + at(second.body, "job.uuid").(string)).body
		Expect(job).To(And(HaveKeyWithValue("state", "failure"), HaveKeyWithValue("code", 917526.0)))
		Expect(t.svm(ctx).Volumes).To(Equal([]string{"v"}))
	})

	It("should not use up the jobs that SVMs are made by", func(ctx context.Context) {
		t := newTenant()
		Expect(t.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		for _, name := range []string{"u", "v", "w", "x", "y"} {
			t.createVolume(name)
		}
		Expect(t.a.post("/api/svm/svms", svmBody("sy", markY)).status).To(Equal(202))
	})

	It("should be changed by a job", func() {
		t := newTenant()
		volume := path + "/" + t.createVolume("v")
		Expect(t.own.send("PATCH", volume, `{"size":2147483648,"comment":"new"}`).status).To(Equal(202))
		Expect(t.own.get(volume).body).To(And(HaveKeyWithValue("size", 2147483648.0), HaveKeyWithValue("comment", "new")))
		for content, code := range map[string]string{`{}`: "262190", `{"size":1}`: "917534", `{"state":"mixed"}`: "3", `{"name":"w"}`: "3"} {
			Expect(t.own.send("PATCH", volume, content).code()).To(Equal(code), content)
		}
		Expect(t.own.send("PATCH", path+"/none", `{"size":2147483648}`).code()).To(Equal("4"))
		Expect(t.kinds()).To(HaveLen(2))
	})

	It("should go to the recovery queue, and from there with their SVM", func(ctx context.Context) {
		t := newTenant()
		volume := t.createVolume("v")
		t.createNamespace("/vol/v/namespace0")
		Expect(t.own.send("DELETE", path+"/"+volume+"?force=false", "").status).To(Equal(202))
		Expect(t.svm(ctx)).To(And(HaveField("Volumes", BeEmpty()), HaveField("RecoveryQueue", 1)))
		Expect(t.own.get(path + "?is_svm_root=false").records()).To(BeEmpty())
		Expect(t.own.get("/api/storage/namespaces").records()).To(BeEmpty())
		Expect(t.own.send("DELETE", path+"/"+volume, "").code()).To(Equal("4"))
		Expect(t.own.get("/api/svm/svms/" + t.uuid).body).To(And(
			HaveKeyWithValue("number_of_volumes_in_recovery_queue", 1.0), HaveKeyWithValue("total_volume_size_in_recovery_queue", 1073741824.0)))

		By("giving the name to another volume, which is not to be recovered")
		again := t.createVolume("v")
		Expect(t.own.send("DELETE", path+"/"+again+"?force=true", "").status).To(Equal(202))
		Expect(t.svm(ctx)).To(And(HaveField("Volumes", BeEmpty()), HaveField("RecoveryQueue", 1)))

		By("deleting the SVM")
		t.empty()
		Expect(t.a.send("DELETE", "/api/svm/svms/"+t.uuid, "").status).To(Equal(202))
		Expect(t.state(ctx).SVMs).To(BeEmpty())
	})

	It("should not be deleted as the root of their SVM, nor with that while they are there", func() {
		t := newTenant()
		t.createVolume("v")
		root := t.own.get(path + "?is_svm_root=true").values("uuid")[0]
		Expect(t.own.send("DELETE", path+"/"+root, "").code()).To(Equal("917531"))
		t.empty()
		Expect(t.a.send("DELETE", "/api/svm/svms/"+t.uuid, "").code()).To(Equal("917531"))
	})

	It("should be counted for the limits of their SVM", func() {
		t := newTenant()
		Expect(t.a.send("PATCH", "/api/svm/svms/"+t.uuid, `{"max_volumes":"2","storage":{"limit":3221225472}}`).status).To(Equal(200))
		volume := t.createVolume("v")
		Expect(t.own.send("PATCH", path+"/"+volume, `{"size":3221225473}`).code()).To(Equal("7"))
		t.createVolume("w")
		Expect(t.post(path, volumeBody("x", "")).code()).To(Equal("7"))
		Expect(t.a.send("PATCH", "/api/svm/svms/"+t.uuid, `{"storage":{"limit":2147483647}}`).code()).To(Equal("13434880"))
	})
})

// empty takes away what keeps an SVM from being deleted, but its volumes.
func (t tenant) empty() {
	GinkgoHelper()
	for _, lif := range t.a.get("/api/network/ip/interfaces?svm.uuid=" + t.uuid).values("uuid") {
		Expect(t.a.send("PATCH", "/api/network/ip/interfaces/"+lif, `{"enabled":false}`).status).To(Equal(200))
		Expect(t.a.send("DELETE", "/api/network/ip/interfaces/"+lif, "").status).To(Equal(200))
	}
	Expect(t.a.send("PATCH", "/api/protocols/nvme/services/"+t.uuid, `{"enabled":false}`).status).To(Equal(200))
	Expect(t.a.send("DELETE", "/api/protocols/nvme/services/"+t.uuid, "").status).To(Equal(200))
}

var _ = Describe("Snapshots and clones", func() {
	const path = "/api/storage/volumes"
	var (
		t      tenant
		volume string
	)

	BeforeEach(func() {
		t = newTenant()
		volume = t.createVolume("v")
		t.createNamespace("/vol/v/namespace0")
		Expect(t.post(path+"/"+volume+"/snapshots", `{"name":"s1","svm":{"uuid":"SVM"}}`).status).To(Equal(202))
	})

	clone := func(name, parent, snapshot string) reply {
		return t.post(path+"?return_records=true", `{"name":"`+name+`","svm":{"uuid":"SVM"},"clone":{"parent_volume":{"name":"`+parent+
			`"},"parent_snapshot":{"name":"`+snapshot+`"},"is_flexclone":true}}`)
	}
	// failure is the code that the job of an accepted request fails with.
	failure := func(accepted reply) any {
		GinkgoHelper()
		Expect(accepted.status).To(Equal(202))
		return at(t.own.get("/api/cluster/jobs/"+at(accepted.body, "job.uuid").(string)).body, "error.code")
	}

	It("should have a name and a time", func() {
		found := t.own.get(path + "/" + volume + "/snapshots?fields=name,create_time&name=s1&svm.uuid=" + t.uuid)
		Expect(found.values("create_time")).To(Equal([]string{"2024-05-01T12:00:00Z"}))
		Expect(failure(t.post(path+"/"+volume+"/snapshots", `{"name":"s1","svm":{"uuid":"SVM"}}`))).To(Equal("525059"))
		Expect(t.own.send("PATCH", path+"/"+volume, `{"state":"offline"}`).status).To(Equal(202))
		Expect(failure(t.post(path+"/"+volume+"/snapshots", `{"name":"s2","svm":{"uuid":"SVM"}}`))).To(Equal("524479"))
		Expect(t.own.get(path + "/none/snapshots").code()).To(Equal("918235"))
		Expect(t.own.send("DELETE", path+"/"+volume+"/snapshots/none", "").code()).To(Equal("1638600"))
	})

	It("should give a clone the namespaces of that time, and be kept by it", func(ctx context.Context) {
		namespace := t.own.get("/api/storage/namespaces").values("uuid")[0]
		Expect(t.own.send("PATCH", "/api/storage/namespaces/"+namespace, `{"space":{"size":2097152}}`).status).To(Equal(200))
		Expect(clone("c", "v", "s1").status).To(Equal(202))
		cloned := t.own.get("/api/storage/namespaces?fields=space.size,status.mapped&name=/vol/c/*").records()
		Expect(cloned).To(HaveLen(1))
		Expect(at(cloned[0], "space.size")).To(Equal(1048576.0))
		Expect(cloned[0]).NotTo(HaveKeyWithValue("uuid", namespace))
		shown := t.own.get(path + "?fields=clone&clone.parent_volume.name=v&clone.parent_snapshot.name=s1").records()
		Expect(shown).To(ConsistOf(HaveKeyWithValue("name", "c")))
		Expect(at(shown[0], "clone.parent_snapshot.name")).To(Equal("s1"))

		snapshot := path + "/" + volume + "/snapshots/" + t.own.get(path + "/" + volume + "/snapshots").values("uuid")[0]
		Expect(failure(t.own.send("DELETE", snapshot, ""))).To(Equal("1638555"))
		Expect(t.own.send("DELETE", path+"/"+volume, "").code()).To(Equal("524615"))
		Expect(t.own.send("DELETE", path+"/"+t.own.get(path + "?name=c").values("uuid")[0], "").status).To(Equal(202))
		Expect(failure(t.own.send("DELETE", snapshot, ""))).To(BeNil())
		Expect(t.own.get(snapshot).code()).To(Equal("1638600"))
		Expect(t.own.send("DELETE", path+"/"+volume, "").status).To(Equal(202))
		Expect(t.svm(ctx).RecoveryQueue).To(Equal(2))
	})

	DescribeTable("should be refused", func(name, parent, snapshot, code string) {
		Expect(clone(name, parent, snapshot).code()).To(Equal(code))
	},
		Entry("for a name that is taken", "v", "v", "s1", "917526"),
		Entry("for a parent that there is not", "c", "w", "s1", "524601"),
		Entry("for a snapshot that there is not", "c", "v", "s2", "1638400"),
	)
})
