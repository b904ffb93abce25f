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

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("SVMs", func() {
	It("should be made by a job, with a Location, and be running in the end", func() {
		r := start()
		created := r.a.post("/api/svm/svms", svmBody("sx", markX))
		Expect(created.status).To(Equal(202))
		Expect(created.header.Get("Content-Type")).To(Equal("application/hal+json"))
		uuid := strings.TrimPrefix(created.header.Get("Location"), "/api/svm/svms/")
		job := r.a.get("/api/cluster/jobs/" + at(created.body, "job.uuid").(string))
		Expect(job.body).To(HaveKeyWithValue("state", "success"))
		Expect(job.body).To(HaveKeyWithValue("code", 0.0))
		svm := r.a.get("/api/svm/svms/" + uuid)
		for key, value := range map[string]any{"uuid": uuid, "name": "sx", "state": "running", "subtype": "default", "comment": markX} {
			Expect(svm.body).To(HaveKeyWithValue(key, value))
		}
	})

	It("should be invisible until their job starts, and initializing while it runs", func() {
		r := start(func(o *simulator.Options) { o.QueueDuration, o.JobDuration = time.Second, time.Minute })
		created := r.a.post("/api/svm/svms?return_records=true", svmBody("sx", markX))
		uuid := created.values("uuid")[0]
		Expect(r.a.get("/api/svm/svms/" + uuid).code()).To(Equal("4"))
		Expect(r.a.get("/api/svm/svms").body).To(HaveKeyWithValue("num_records", 0.0))
		r.clock.Step(time.Second)
		Expect(r.a.get("/api/svm/svms/" + uuid).body).To(And(HaveKeyWithValue("state", "initializing"), HaveKey("comment")))
		r.clock.Step(time.Minute - 1)
		Expect(r.a.get("/api/svm/svms/" + uuid).body).To(HaveKeyWithValue("state", "initializing"))
		r.clock.Step(1)
		Expect(r.a.get("/api/svm/svms/" + uuid).body).To(HaveKeyWithValue("state", "running"))
	})

	It("should be visible at once and without a comment where the options say so", func() {
		r := start(func(o *simulator.Options) {
			o.ShowSVMsAtOnce, o.HideCommentUntilRunning, o.JobDuration = true, true, time.Second
		})
		Expect(r.a.post("/api/svm/svms", svmBody("sx", markX)).status).To(Equal(202))
		found := r.a.get("/api/svm/svms?fields=state,comment").records()
		Expect(found).To(ConsistOf(And(HaveKeyWithValue("state", "initializing"), Not(HaveKey("comment")))))
		r.clock.Step(time.Second)
		Expect(r.a.get("/api/svm/svms?fields=comment").values("comment")).To(ConsistOf(markX))
	})

	It("should accept a second POST of a name whose job has not started, and fail the second job", func(ctx context.Context) {
		r := start()
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		first, second := r.a.post("/api/svm/svms", svmBody("sx", markX)), r.a.post("/api/svm/svms", svmBody("sx", markX))
		Expect(second.status).To(Equal(202))
		Expect(r.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(r.a.get("/api/cluster/jobs/" + at(first.body, "job.uuid").(string)).body).To(HaveKeyWithValue("state", "success"))
		failed := r.a.get("/api/cluster/jobs/" + at(second.body, "job.uuid").(string)).body
		Expect(failed).To(And(HaveKeyWithValue("state", "failure"), HaveKeyWithValue("code", 13434908.0)))
		Expect(at(failed, "error.code")).To(Equal("13434908"))
		Expect(r.state(ctx).SVMs).To(HaveLen(1))
		Expect(r.a.get(second.header.Get("Location")).status).To(Equal(404))
	})

	It("should refuse a second POST at once when the first SVM is visible", func(ctx context.Context) {
		r := start()
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		Expect(r.a.post("/api/svm/svms", svmBody("sx", markX)).status).To(Equal(202))
		second := r.a.post("/api/svm/svms", svmBody("sx", markX))
		Expect(second.status).To(Equal(400))
		Expect(second.code()).To(Equal("13434908"))
	})

	DescribeTable("should refuse names", func(name, code string) {
		refused := start().a.post("/api/svm/svms", svmBody(name, markX))
		Expect(refused.status).To(Equal(400))
		Expect(refused.code()).To(Equal(code))
		Expect(at(refused.body, "error.target")).To(Equal("name"))
	},
		Entry("that begin with a digit", "1x", "2621519"),
		Entry("with a character that is not known to be safe", "s/x", "2621519"),
		Entry("longer than 47", strings.Repeat("s", 48), "13434911"),
		Entry("of the IPspace", "Default", "13434908"),
		Entry("of the cluster", "a", "13434908"),
		Entry("that are empty", "", "262212"),
	)

	It("should accept a name of 47 and a comment of 255 characters, and no longer comment", func() {
		r := start()
		Expect(r.a.post("/api/svm/svms", svmBody(strings.Repeat("s", 47), strings.Repeat("c", 255))).status).To(Equal(202))
		Expect(r.a.post("/api/svm/svms", svmBody("sx", strings.Repeat("c", 256))).code()).To(Equal("262185"))
	})

	It("should create five at a time", func(ctx context.Context) {
		r := start()
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		for i := range 5 {
			Expect(r.a.post("/api/svm/svms", svmBody(fmt.Sprintf("s%d", i), "")).status).To(Equal(202))
		}
		refused := r.a.post("/api/svm/svms", svmBody("s5", ""))
		Expect(refused.status).To(Equal(400))
		Expect(refused.code()).To(Equal("13434894"))
		Expect(r.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(r.a.post("/api/svm/svms", svmBody("s5", "")).status).To(Equal(202))
	})

	It("should delete five at a time, whatever is being created", func(ctx context.Context) {
		r := start()
		var uuids []string
		for i := range 6 {
			uuids = append(uuids, r.a.createSVM(fmt.Sprintf("s%d", i), strings.Replace(markX, ownerX, fmt.Sprint(i), 1)))
		}
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		Expect(r.a.post("/api/svm/svms", svmBody("new", "")).status).To(Equal(202))
		for _, uuid := range uuids[:5] {
			Expect(r.a.send("DELETE", "/api/svm/svms/"+uuid, "").status).To(Equal(202))
		}
		Expect(r.a.send("DELETE", "/api/svm/svms/"+uuids[5], "").code()).To(Equal("13434894"))
	})

	It("should be deleted by a job together with their accounts", func(ctx context.Context) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", "Secret-12345", markX)
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		Expect(r.a.send("DELETE", "/api/svm/svms/"+uuid, "").status).To(Equal(202))
		Expect(r.a.get("/api/svm/svms/" + uuid).body).To(HaveKeyWithValue("state", "deleting"))
		Expect(r.a.send("DELETE", "/api/svm/svms/"+uuid, "").code()).To(Equal("13434915"))
		Expect(r.a.send("PATCH", "/api/svm/svms/"+uuid, `{"comment":""}`).code()).To(Equal("13434915"))
		Expect(r.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(r.a.get("/api/svm/svms/" + uuid).status).To(Equal(404))
		Expect(r.state(ctx).Accounts).To(BeEmpty())
		state, err := r.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.EverCreated).To(Equal(map[string]int{"0123abcd/" + ownerX: 1}))
	})

	It("should not be changed or deleted while they are being created", func(ctx context.Context) {
		r := start()
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		uuid := r.a.createSVM("sx", markX)
		Expect(r.a.send("DELETE", "/api/svm/svms/"+uuid, "").code()).To(Equal("13434916"))
		Expect(r.a.post("/api/security/accounts", accountBody(uuid, "x1-abc", "Secret-12345", "")).code()).To(Equal("2621462"))
	})

	It("should take limits of the throughput only once they are there", func() {
		r := start()
		limited := `"qos_policy":{"max_throughput_iops":100}`
		Expect(r.a.post("/api/svm/svms", `{"name":"sx","comment":"`+markX+`",`+limited+`}`).code()).To(Equal("262196"))
		uuid := r.a.createSVM("sx", markX)
		Expect(r.a.send("PATCH", "/api/svm/svms/"+uuid, `{`+limited+`}`).status).To(Equal(200))
		Expect(at(r.a.get("/api/svm/svms/"+uuid).body, "qos_policy.max_throughput_iops")).To(BeEquivalentTo(100))
	})

	It("should get another comment synchronously", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		patched := r.a.send("PATCH", "/api/svm/svms/"+uuid, `{"comment":"`+markY+`"}`)
		Expect(patched.status).To(Equal(200))
		Expect(patched.raw).To(Equal("{}\n"))
		Expect(r.a.get("/api/svm/svms/" + uuid).body).To(HaveKeyWithValue("comment", markY))
		Expect(r.a.send("PATCH", "/api/svm/svms/"+uuid, "{}").code()).To(Equal("262190"))
	})
})
