// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// job is a job as it shows while it is no failure: with a code that is progress.
func job(state string) answer {
	return ok(fmt.Sprintf(`{"uuid":"j-1","description":"POST /api/svm/svms","state":%q,"code":2432844,"message":"working"}`, state))
}

func failedJob(code, message string) answer {
	return ok(fmt.Sprintf(`{"uuid":"j-1","description":"POST /api/svm/svms","state":"failure","code":460770,"message":"job failed",
		"error":{"code":%q,"message":%q}}`, code, message))
}

var _ = Describe("Jobs", func() {
	begun := ontap.Job{UUID: "j-1", Description: "POST /svm/svms"}

	Describe("#Wait", func() {
		It("should ask, less and less often, until the job has succeeded", func(ctx SpecContext) {
			script := []answer{job("queued"), job("paused")}
			for range 6 {
				script = append(script, job("running"))
			}
			cluster, client, clock := setup(append(script, job("success"))...)
			Expect(client.Jobs.Wait(ctx, begun)).To(Succeed())
			Expect(cluster.requests[0].Path).To(Equal("/api/cluster/jobs/j-1"))
			Expect(cluster.requests[0].Query).To(Equal(map[string][]string{"fields": {"uuid,description,state,message,code,error"}}))
			Expect(clock.waits).To(Equal([]time.Duration{
				200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond, 1600 * time.Millisecond,
				3200 * time.Millisecond, 5 * time.Second, 5 * time.Second, 5 * time.Second,
			}))
		})

		It("should not ask for what was done at once", func(ctx SpecContext) {
			_, client, _ := setup()
			Expect(client.Jobs.Wait(ctx, ontap.Job{})).To(Succeed())
		})

		DescribeTable("a failed job", func(ctx SpecContext, a answer, kind ontap.Kind, text string) {
			_, client, _ := setup(job("running"), a)
			err := client.Jobs.Wait(ctx, begun)
			Expect(ontap.KindOf(err)).To(Equal(kind))
			Expect(err).To(MatchError(`ONTAP cluster "eu1": ` + text))
			Expect(err).To(HaveField("JobUUID", "j-1"))
		},
			Entry("by its code: taken", failedJob("13434908", "taken"), ontap.KindExists, "POST /api/svm/svms: taken (code 13434908, job j-1)"),
			Entry("by its code: busy", failedJob("13434894", "five jobs"), ontap.KindBusy, "POST /api/svm/svms: five jobs (code 13434894, job j-1)"),
			Entry("by its code: full", failedJob("13434914", "full"), ontap.KindExhausted, "POST /api/svm/svms: full (code 13434914, job j-1)"),
			Entry("by its code: broken", failedJob("13434909", "internal"), ontap.KindUnavailable, "POST /api/svm/svms: internal (code 13434909, job j-1)"),
			Entry("by a code that is not known", failedJob("13434911", "long"), ontap.KindInvalid, "POST /api/svm/svms: long (code 13434911, job j-1)"),
			Entry("by the code beside the state", ok(`{"uuid":"j-1","state":"failure","code":4,"message":"gone"}`), ontap.KindNotFound, "job: gone (code 4, job j-1)"),
			Entry("without a code", ok(`{"uuid":"j-1","state":"failure","code":0}`), ontap.KindInternal, "job: the job failed (job j-1)"),
			Entry("in a state nobody knows", ok(`{"uuid":"j-1","state":"error"}`), ontap.KindInternal, `job: unknown job state "error" (job j-1)`),
		)

		It("should be NotFound when the job has vanished", func(ctx SpecContext) {
			_, client, _ := setup(job("running"), refused(404, "4"))
			err := client.Jobs.Wait(ctx, begun)
			Expect(err).To(MatchError(ontap.IsNotFound, "IsNotFound"))
			Expect(err).To(HaveField("JobUUID", "j-1"))
		})

		It("should not take an outage for the end of the job", func(ctx SpecContext) {
			_, client, _ := setup(answer{drop: true}, answer{drop: true}, answer{drop: true})
			Expect(client.Jobs.Wait(ctx, begun)).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		})

		DescribeTable("when the context ends", func(ctx SpecContext, script ...answer) {
			cluster := newCluster(script...)
			stop := errors.New("step timeout")
			over, cancel := context.WithCancelCause(ctx)
			client := cluster.client(ontap.Options{Observer: observerFunc(func() { cancel(stop) })})
			err := client.Jobs.Wait(over, begun)
			Expect(err).To(MatchError(ontap.IsBusy, "IsBusy"))
			Expect(err).To(MatchError(context.Canceled))
			Expect(err).To(MatchError(stop))
		},
			Entry("between two looks", job("running")),
			Entry("between two tries", refused(503, "8")),
		)
	})

	Describe("#Get", func() {
		It("should show the progress of a job without judging by it", func(ctx SpecContext) {
			_, client, _ := setup(job("running"))
			seen, err := client.Jobs.Get(ctx, "j-1")
			Expect(err).NotTo(HaveOccurred())
			Expect(seen.Finished()).To(BeFalse())
			Expect(seen.Failure()).To(Succeed())
			Expect(seen.Message).To(Equal("working"))
		})
	})

	Describe("#Unfinished", func() {
		It("should return the jobs that have not ended", func(ctx SpecContext) {
			cluster, client, _ := setup(records("",
				`{"uuid":"j-1","description":"POST /api/svm/svms","state":"queued"}`,
				`{"uuid":"j-2","description":"POST /api/svm/svms","state":"success"}`,
				`{"uuid":"j-3","description":"POST /api/svm/svms","state":"paused"}`,
			))
			Expect(client.Jobs.Unfinished(ctx, "POST /api/svm/svms*")).To(HaveExactElements(
				HaveField("UUID", "j-1"), HaveField("UUID", "j-3"),
			))
			Expect(cluster.requests[0].Path).To(Equal("/api/cluster/jobs"))
			Expect(cluster.requests[0].Query).To(And(
				HaveKeyWithValue("state", []string{"queued|running|paused"}),
				HaveKeyWithValue("description", []string{"POST /api/svm/svms*"}),
			))
		})
	})
})
