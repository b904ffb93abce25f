// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("return_timeout", func() {
	slow := func(o *simulator.Options) { o.JobDuration = 8 * time.Second }

	// waiting sends a request in the background.
	waiting := func(r rig, method, path, content string) <-chan reply {
		answered := make(chan reply, 1)
		go func() {
			defer GinkgoRecover()
			answered <- r.a.send(method, path, content)
		}()
		return answered
	}

	// after lets time pass until there is an answer.
	after := func(r rig, answered <-chan reply) (out reply) {
		GinkgoHelper()
		Eventually(func() bool {
			select {
			case out = <-answered:
				return true
			default:
				r.clock.Step(time.Second)
				return false
			}
		}).Should(BeTrue())
		return out
	}

	It("should answer at once by default", func() {
		r := start(slow)
		Expect(r.a.post("/api/svm/svms?return_timeout=0", svmBody("sx", markX)).status).To(Equal(202))
	})

	It("should answer that it is done where the job ends in time, with the job and the records", func(ctx context.Context) {
		r := start(slow)
		created := after(r, waiting(r, "POST", "/api/svm/svms?return_timeout=120&return_records=true", svmBody("sx", markX)))
		Expect(created.status).To(Equal(201))
		uuid := created.values("uuid")[0]
		Expect(created.header.Get("Location")).To(Equal("/api/svm/svms/" + uuid))
		Expect(r.a.get("/api/cluster/jobs/" + at(created.body, "job.uuid").(string)).body).To(HaveKeyWithValue("state", "success"))
		Expect(r.journal(ctx, 0)[0]).To(And(HaveField("Method", "POST"), HaveField("Status", 201), HaveField("Bytes", len(created.raw))))
		gone := after(r, waiting(r, "DELETE", "/api/svm/svms/"+uuid+"?return_timeout=60", ""))
		Expect(gone.status).To(Equal(200))
		Expect(gone.body).To(HaveKey("job"))
		Expect(r.a.get("/api/svm/svms/" + uuid).status).To(Equal(404))
	})

	It("should answer that it is accepted when the time is over", func() {
		r := start(slow)
		Expect(after(r, waiting(r, "POST", "/api/svm/svms?return_timeout=2", svmBody("sx", markX))).status).To(Equal(202))
	})

	It("should answer the job's error", func(ctx context.Context) {
		r := start()
		Expect(r.sim.FailNext(ctx, simulator.Fault{
			Method: "POST", Path: "/svm/svms", Kind: simulator.FailJob, Code: "13434914", Message: "root aggregate full",
		})).To(Succeed())
		failed := r.a.post("/api/svm/svms?return_timeout=15", svmBody("sx", markX))
		Expect(failed.status).To(Equal(500))
		Expect(failed.code()).To(Equal("13434914"))
	})

	It("should let others be served meanwhile, and a held job be released", func(ctx context.Context) {
		r := start()
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		answered := waiting(r, "POST", "/api/svm/svms?return_timeout=120", svmBody("sx", markX))
		Eventually(func(g Gomega) { g.Expect(r.state(ctx).Jobs).To(ConsistOf(HaveField("Held", true))) }).Should(Succeed())
		Expect(r.journal(ctx, 0)[0].Status).To(BeZero())
		Expect(r.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(after(r, answered).status).To(Equal(201))
	})

	It("should not wait on a clock that has no timers", func() {
		r := start(slow, func(o *simulator.Options) { o.Clock = struct{ clock.PassiveClock }{o.Clock} })
		Expect(r.a.post("/api/svm/svms?return_timeout=120", svmBody("sx", markX)).status).To(Equal(202))
	})
})
