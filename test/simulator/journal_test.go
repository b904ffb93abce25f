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

var _ = Describe("Journal", func() {
	It("should tell a request and its effects, and what its job did later", func(ctx context.Context) {
		r := start(func(o *simulator.Options) { o.JobDuration = time.Second })
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		created := r.a.post("/api/svm/svms", svmBody("sx", markX))
		job := at(created.body, "job.uuid").(string)
		entries := r.journal(ctx, 0)
		Expect(entries).To(Equal([]simulator.Entry{{
			Seq: 1, Time: r.clock.Now(), Class: simulator.Write, Cluster: "a", User: "extension1", Method: "POST",
			Path: "/api/svm/svms", Template: "/svm/svms", Body: `{"comment":"` + markX + `","name":"sx"}`, Owner: ownerX,
			Status: 202, Bytes: len(created.raw),
			Effects: []simulator.Effect{{Op: simulator.Created, Object: simulator.JobObject, UUID: job, Name: "sx", After: markX}},
		}}))
		Expect(r.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		later := r.journal(ctx, 1)
		Expect(later).To(HaveLen(1))
		Expect(later[0].Class).To(Equal(simulator.Progress))
		Expect(later[0].Path).To(Equal("/api/cluster/jobs/" + job))
		Expect(later[0].Owner).To(Equal(ownerX))
		Expect(later[0].Effects).To(ConsistOf(And(HaveField("Op", simulator.Created), HaveField("Object", simulator.SVMObject))))
	})

	It("should tell whom a request was about", func(ctx context.Context) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createSVM("sy", markY)
		since := uint64(len(r.journal(ctx, 0)))
		for _, path := range []string{
			"/api/svm/svms/" + uuid, "/api/svm/svms?name=sx", "/api/svm/svms?" + query("comment", "*o="+ownerX+"*"),
			"/api/security/accounts?owner.uuid=" + uuid, "/api/security/accounts/" + uuid + "/vsadmin",
		} {
			r.a.get(path)
		}
		r.a.createAccount(uuid, "x1-abc", password, "")
		entries := r.journal(ctx, since)
		Expect(entries).To(HaveLen(6))
		Expect(entries).To(HaveEach(HaveField("Owner", ownerX)))
		for _, entry := range entries {
			Expect(entry.Mentions(ownerX)).To(BeTrue())
			Expect(entry.Mentions("1111b3b8")).To(BeFalse())
		}
	})

	It("should begin behind the entry that is asked for, also beyond the last", func(ctx context.Context) {
		r := start()
		r.a.get("/api/cluster")
		r.a.get("/api/svm/svms")
		Expect(r.journal(ctx, 1)).To(ConsistOf(HaveField("Template", "/svm/svms")))
		Expect(r.journal(ctx, 99)).To(BeEmpty())
	})
})
