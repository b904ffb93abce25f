// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Jobs", func() {
	It("should go from queued over running to success on the clock, and vanish 300 seconds later", func() {
		r := start(func(o *simulator.Options) { o.QueueDuration, o.JobDuration = time.Second, time.Second })
		path := "/api/cluster/jobs/" + at(r.a.post("/api/svm/svms", svmBody("sx", markX)).body, "job.uuid").(string)
		queued := r.a.get(path).body
		Expect(queued).To(And(HaveKeyWithValue("state", "queued"), HaveKeyWithValue("description", HavePrefix("POST /api/svm/svms/"))))
		Expect(queued).NotTo(HaveKey("code"))
		r.clock.Step(time.Second)
		Expect(r.a.get(path).body).To(And(HaveKeyWithValue("state", "running"), HaveKeyWithValue("code", 2432844.0)))
		r.clock.Step(time.Second)
		done := r.a.get(path).body
		Expect(done).To(And(HaveKeyWithValue("state", "success"), HaveKeyWithValue("message", "success")))
		Expect(done).To(HaveKeyWithValue("end_time", "2024-05-01T12:00:02+00:00"))
		r.clock.Step(300*time.Second - 1)
		Expect(r.a.get(path).status).To(Equal(200))
		r.clock.Step(1)
		Expect(r.a.get(path).code()).To(Equal("4"))
	})

	It("should be held in the stage that is asked for until they are released", func(ctx context.Context) {
		r := start(func(o *simulator.Options) { o.JobDuration = time.Second })
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		path := "/api/cluster/jobs/" + at(r.a.post("/api/svm/svms", svmBody("sx", markX)).body, "job.uuid").(string)
		r.clock.Step(time.Hour)
		Expect(r.a.get(path).body).To(HaveKeyWithValue("state", "queued"))
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		r.clock.Step(time.Hour)
		Expect(r.a.get(path).body).To(HaveKeyWithValue("state", "running"))
		Expect(r.state(ctx).Held).To(Equal(simulator.Running))
		Expect(r.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(r.a.get(path).body).To(HaveKeyWithValue("state", "success"))
	})

	It("should leave the jobs of another cluster alone", func(ctx context.Context) {
		r := start()
		Expect(r.sim.HoldJobs(ctx, "b", simulator.Queued)).To(Succeed())
		r.a.createSVM("sx", markX)
	})

	It("should be found by state and description while they are unfinished", func(ctx context.Context) {
		r := start()
		r.a.createSVM("done", "")
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		waiting := at(r.a.post("/api/svm/svms", svmBody("sx", markX)).body, "job.uuid")
		unfinished := query("state", "queued|running|paused") + "&" + query("description", "POST /api/svm/svms*")
		Expect(r.a.get("/api/cluster/jobs?" + unfinished).values("uuid")).To(ConsistOf(waiting))
		Expect(r.a.get("/api/cluster/jobs?" + unfinished).records()[0]).NotTo(HaveKey("state"))
	})

	It("should fail where a fault says so, without any effect", func(ctx context.Context) {
		r := start()
		Expect(r.sim.FailNext(ctx, simulator.Fault{
			Cluster: "a", Method: "POST", Path: "/svm/svms", Kind: simulator.FailJob, Code: "13434914", Message: "root aggregate full",
		})).To(Succeed())
		path := "/api/cluster/jobs/" + at(r.a.post("/api/svm/svms", svmBody("sx", markX)).body, "job.uuid").(string)
		job := r.a.get(path).body
		Expect(at(job, "error.code")).To(Equal("13434914"))
		Expect(job).To(HaveKeyWithValue("message", "root aggregate full"))
		Expect(r.state(ctx).SVMs).To(BeEmpty())
	})
})
