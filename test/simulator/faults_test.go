// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Faults", func() {
	DescribeTable("should hit one POST", func(ctx context.Context, fault simulator.Fault, status int, effects int) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		since := uint64(len(r.journal(ctx, 0)))
		fault.Method, fault.Path = "POST", "/security/accounts"
		Expect(r.sim.FailNext(ctx, fault)).To(Succeed())
		answer, err := r.a.try("POST", "/api/security/accounts", accountBody(uuid, "x1-abc", password, markX))
		if status == 0 {
			Expect(err).To(HaveOccurred())
		} else {
			Expect(err).NotTo(HaveOccurred())
			Expect(answer.code()).To(Equal("8"))
		}
		Expect(answer.status).To(Equal(status))
		entries := r.journal(ctx, since)
		Expect(entries).To(HaveLen(1))
		Expect(entries[0].Fault).To(Equal(fault.Kind))
		Expect(entries[0].Status).To(Equal(status))
		Expect(entries[0].Effects).To(HaveLen(effects))
		Expect(r.state(ctx).Accounts).To(HaveLen(1 + effects))
		r.a.createAccount(uuid, "x2-abc", password, markX) // the fault is used up
	},
		Entry("before its effect", simulator.Fault{Kind: simulator.ErrorBefore, Status: 503, Code: "8", Message: "in use"}, 503, 0),
		Entry("after its effect", simulator.Fault{Kind: simulator.ErrorAfterEffect, Status: 503, Code: "8"}, 503, 1),
		Entry("with a cut connection", simulator.Fault{Kind: simulator.DropBefore}, 0, 0),
		Entry("with a lost answer", simulator.Fault{Kind: simulator.DropAfterEffect}, 0, 1),
		Entry("halfway", simulator.Fault{Kind: simulator.DropHalfway}, 0, 1),
	)

	It("should leave an account without a password when it is made halfway", func(ctx context.Context) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		fault := simulator.Fault{Method: "POST", Path: "/security/accounts", Kind: simulator.DropHalfway}
		Expect(r.sim.FailNext(ctx, fault)).To(Succeed())
		_, err := r.a.try("POST", "/api/security/accounts", accountBody(uuid, "x1-abc", password, markX))
		Expect(err).To(HaveOccurred())
		Expect(r.a.get("/api/security/accounts/" + uuid + "/x1-abc").body).NotTo(HaveKey("locked"))
		Expect(r.a.as("x1-abc", password).get("/api/cluster").status).To(Equal(401))
	})

	It("should hit only what has their address, as often as they say, in order", func(ctx context.Context) {
		r := start()
		Expect(r.sim.FailNext(ctx, simulator.Fault{
			Cluster: "b", Method: "GET", Path: "/cluster", Kind: simulator.ErrorBefore, Status: 500, Times: 2,
		})).To(Succeed())
		Expect(r.sim.FailNext(ctx, simulator.Fault{
			Cluster: "b", Method: "GET", Path: "/cluster", Kind: simulator.ErrorBefore, Status: 429,
		})).To(Succeed())
		state, err := r.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.PendingFaults).To(Equal(3))
		b := newClient(r.sim.Cluster("b"))
		Expect(r.a.get("/api/cluster").status).To(Equal(200))
		Expect(b.get("/api/svm/svms").status).To(Equal(200))
		for _, status := range []int{500, 500, 429, 200} {
			Expect(b.get("/api/cluster").status).To(Equal(status))
		}
	})

	It("should hit a share of all requests, the same ones with the same seed", func(ctx context.Context) {
		draw := func() (kinds []simulator.FaultKind) {
			r := start()
			Expect(r.sim.FailShare(ctx, simulator.Share{Percent: 20, Seed: 7})).To(Succeed())
			for range 200 {
				_, _ = r.a.try("POST", "/api/security/accounts", `{}`) // whatever becomes of it
			}
			Expect(r.sim.FailShare(ctx, simulator.Share{})).To(Succeed())
			Expect(r.a.get("/api/cluster").status).To(Equal(200))
			for _, entry := range r.journal(ctx, 0) {
				kinds = append(kinds, entry.Fault)
			}
			return kinds
		}
		kinds := draw()
		Expect(kinds).To(HaveLen(201))
		Expect(kinds[200]).To(BeEmpty())
		hit := slices.DeleteFunc(slices.Clone(kinds), func(kind simulator.FaultKind) bool { return kind == "" })
		Expect(len(hit)).To(BeNumerically("~", 40, 15))
		Expect(hit).To(ContainElements(
			simulator.DropBefore, simulator.DropAfterEffect, simulator.ErrorBefore, simulator.ErrorAfterEffect, simulator.DropHalfway))
		Expect(draw()).To(Equal(kinds))
		Expect(start().sim.FailShare(ctx, simulator.Share{Percent: 101})).To(MatchError(ContainSubstring("0 to 100")))
	})

	DescribeTable("should be refused", func(ctx context.Context, fault simulator.Fault) {
		Expect(start().sim.FailNext(ctx, fault)).To(MatchError(ContainSubstring("arming fault")))
	},
		Entry("for a path that is no route", simulator.Fault{Method: "GET", Path: "/svm/svms/1", Kind: simulator.DropBefore}),
		Entry("for a method that the route has not", simulator.Fault{Method: "DELETE", Path: "/cluster", Kind: simulator.DropBefore}),
		Entry("for an unknown cluster", simulator.Fault{Cluster: "c", Method: "GET", Path: "/cluster", Kind: simulator.DropBefore}),
		Entry("for an unknown kind", simulator.Fault{Method: "GET", Path: "/cluster", Kind: "Typo"}),
		Entry("for an error that is none", simulator.Fault{Method: "GET", Path: "/cluster", Kind: simulator.ErrorBefore, Status: 200}),
		Entry("for half of what is whole", simulator.Fault{Method: "POST", Path: "/svm/svms", Kind: simulator.DropHalfway}),
		Entry("for a job that is none", simulator.Fault{Method: "GET", Path: "/cluster", Kind: simulator.FailJob, Code: "4"}),
	)
})

var _ = Describe("#SetDown", func() {
	It("should make one cluster unreachable, on open connections and new ones, until SetUp", func(ctx context.Context) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		since := len(r.journal(ctx, 0))
		Expect(r.sim.SetDown(ctx, "a")).To(Succeed())
		_, err := r.a.try("GET", "/api/cluster", "") // on a connection that was open
		Expect(err).To(HaveOccurred())
		_, err = newClient(r.sim.Cluster("a")).try("DELETE", "/api/svm/svms/"+uuid, "")
		Expect(err).To(HaveOccurred())
		dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
		_, err = dialer.DialContext(ctx, "tcp", strings.TrimPrefix(r.a.endpoint, "https://"))
		Expect(err).To(HaveOccurred(), "not even TLS answers")
		Expect(newClient(r.sim.Cluster("b")).get("/api/cluster").status).To(Equal(200))
		Expect(r.state(ctx).Down).To(BeTrue())
		Expect(r.journal(ctx, uint64(since))).To(HaveEach(HaveField("Cluster", "b")))
		Expect(r.sim.SetUp(ctx, "a")).To(Succeed())
		Expect(r.a.get("/api/svm/svms/" + uuid).status).To(Equal(200))
	})
})

var _ = Describe("Concurrency", func() {
	It("should let many clients and controls work at once", func(ctx context.Context) {
		r := start()
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				defer GinkgoRecover()
				uuid := r.a.post("/api/svm/svms", svmBody(fmt.Sprintf("s%d", i), "")).header.Get("Location")
				if uuid != "" {
					r.a.get(uuid)
				}
				r.state(ctx)
				r.journal(ctx, 0)
				Expect(r.sim.SetDown(ctx, "b")).To(Succeed())
			})
		}
		group.Wait()
		Expect(r.state(ctx).SVMs).NotTo(BeEmpty())
		for i, entry := range r.journal(ctx, 0) {
			Expect(entry.Seq).To(Equal(uint64(i) + 1))
		}
	})
})
