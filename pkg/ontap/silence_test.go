// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// silences remembers what it was told of silence.
type silences struct {
	observer
	told []bool
}

func (s *silences) ObserveSilence(cluster string, silent bool) {
	Expect(cluster).To(Equal("eu1"))
	s.told = append(s.told, silent)
}

var _ = Describe("Silence", func() {
	var (
		cluster *fakeCluster
		client  *ontap.Client
		clock   *eagerClock
		seen    *silences
	)
	unavailable := MatchError(ontap.IsUnavailable, "IsUnavailable")
	notSent := func(err error) bool { return err != nil && strings.Contains(err.Error(), "not sent") }
	lost := answer{drop: true}

	begin := func(script ...answer) {
		GinkgoHelper()
		cluster, clock, seen = newCluster(script...), newClock(), &silences{}
		client = cluster.client(ontap.Options{Clock: clock, Observer: seen})
	}
	// write sends a request that is not repeated.
	write := func(ctx context.Context) error { return client.Accounts.Delete(ctx, "u-1", "a") }
	// writes sends so many requests with a pause after each; none is answered.
	writes := func(ctx context.Context, count int, pause time.Duration) {
		GinkgoHelper()
		for range count {
			Expect(write(ctx)).To(And(unavailable, Not(Satisfy(notSent))))
			clock.Step(pause)
		}
	}
	// silent makes a cluster silent, which then has the script, ten seconds after the first request, two before the next.
	silent := func(ctx context.Context, script ...answer) {
		GinkgoHelper()
		begin(append(slices.Repeat([]answer{lost}, 5), script...)...)
		writes(ctx, 4, 2500*time.Millisecond)
		writes(ctx, 1, 8*time.Second)
	}
	staysAlone := func(ctx context.Context) {
		GinkgoHelper()
		before, waits := len(cluster.requests), len(clock.waits)
		Expect(write(ctx)).To(unavailable)
		_, err := client.MetroCluster.Get(ctx)
		Expect(err).To(unavailable)
		Expect(err).To(MatchError(And(
			HavePrefix(`ONTAP cluster "eu1": GET /cluster/metrocluster: not sent, as nothing was answered since 2025-01-01T00:00:00Z: `), HaveSuffix("EOF"),
		)))
		Expect(client.ReadOnly().MetroCluster.Get(ctx)).Error().To(Satisfy(notSent))
		Expect(cluster.requests).To(HaveLen(before))
		Expect(clock.waits).To(HaveLen(waits), "and nothing is waited for")
	}
	isAsked := func(ctx context.Context, times int) {
		GinkgoHelper()
		before := len(cluster.requests)
		for range times {
			Expect(write(ctx)).NotTo(Satisfy(notSent))
		}
		Expect(cluster.requests).To(HaveLen(before + times))
	}

	It("should begin with the fifth request in a row without an answer, and let one go each ten seconds", func(ctx SpecContext) {
		silent(ctx, lost, lost)
		Expect(seen.told).To(Equal([]bool{true}))
		staysAlone(ctx)
		clock.Step(2*time.Second - 1)
		staysAlone(ctx)
		for range 2 {
			clock.Step(1)
			isAsked(ctx, 1)
			clock.Step(10*time.Second - 1)
			staysAlone(ctx)
		}
		Expect(seen.told).To(Equal([]bool{true}))
		Expect(seen.seen).To(HaveLen(7), "what was not sent is no request")
	})

	DescribeTable("should end with the first answer", func(ctx SpecContext, first answer) {
		silent(ctx, first, ok("{}"), ok("{}"), lost, ok("{}"))
		clock.Step(2 * time.Second)
		isAsked(ctx, 5)
		Expect(seen.told).To(Equal([]bool{true, false}))
	},
		Entry("which is a success", ok("{}")),
		Entry("by which nothing was found", refused(404, "4")),
		Entry("by which ONTAP refuses", refused(400, "262197")),
		Entry("by which a right is missing", refused(403, "6")),
		Entry("by which ONTAP has too much to do", refused(429, "262160")),
		Entry("by which ONTAP is not well", refused(503, "65552")),
	)

	It("should end with a certificate that is not trusted, which somebody has shown", func(ctx SpecContext) {
		silent(ctx)
		cluster.write("ca.crt", someCA())
		clock.Step(2 * time.Second)
		for range 2 {
			Expect(write(ctx)).To(MatchError(ontap.IsDenied, "IsDenied"))
		}
		Expect(seen.told).To(Equal([]bool{true, false}))
	})

	It("should be the same when something before ONTAP answers for it", func(ctx SpecContext) {
		begin(refused(503, ""), answer{status: 502, body: "<html>"}, answer{status: 504}, answer{status: 429}, answer{status: 404, body: "<html>"}, ok("{}"))
		writes(ctx, 5, 2500*time.Millisecond)
		Expect(write(ctx)).To(MatchError(HaveSuffix("not sent, as nothing was answered since 2025-01-01T00:00:00Z: HTTP 503: no way")))
		clock.Step(10 * time.Second)
		isAsked(ctx, 1)
	})

	DescribeTable("should not begin", func(ctx SpecContext, script []answer, pause time.Duration) {
		begin(append(script, ok("{}"))...)
		for range script {
			Expect(write(ctx)).NotTo(Satisfy(notSent))
			clock.Step(pause)
		}
		isAsked(ctx, 1)
		Expect(seen.told).To(BeEmpty())
	},
		Entry("with the fourth request", slices.Repeat([]answer{lost}, 4), time.Hour),
		Entry("in less than ten seconds", slices.Repeat([]answer{lost}, 20), 500*time.Millisecond),
		Entry("while some requests are answered", slices.Repeat([]answer{lost, lost, lost, lost, refused(404, "4")}, 3), time.Minute),
		Entry("where ONTAP answers that it cannot", slices.Repeat([]answer{refused(503, "65552"), refused(500, "65541"), refused(429, "262160")}, 3), time.Minute),
	)

	It("should not begin where the callers give up", SpecTimeout(20*time.Second), func(ctx SpecContext) {
		d := newDoor()
		d.passes(ctx)
		for range 6 {
			d.clock.Step(time.Minute)
			short, giveUp := context.WithCancel(ctx)
			d.arrives(short)
			giveUp()
			Eventually(ctx, d.became).Should(Receive(MatchError(context.Canceled)))
		}
		d.passes(ctx)
	})

	It("should not begin with requests that were sent before the last answer came, as those to a slow cluster", SpecTimeout(20*time.Second), func(ctx SpecContext) {
		d := newDoor()
		d.passes(ctx)
		for range 8 {
			d.arrives(ctx)
		}
		d.clock.Step(time.Minute)
		d.opens(ctx, ok("{}"), BeNil())
		for range 7 {
			d.opens(ctx, lost, unavailable)
		}
		d.passes(ctx)
	})

	It("should end the tries of a GET", func(ctx SpecContext) {
		begin(slices.Repeat([]answer{lost}, 6)...)
		writes(ctx, 4, 2500*time.Millisecond)
		Expect(client.MetroCluster.Get(ctx)).Error().To(And(unavailable, MatchError(HaveSuffix("EOF"))))
		Expect(clock.waits).To(BeEmpty())
		clock.Step(10 * time.Second)
		Expect(client.MetroCluster.Get(ctx)).Error().To(And(unavailable, MatchError(HaveSuffix("EOF"))))
		Expect(clock.waits).To(BeEmpty())
		Expect(cluster.requests).To(HaveLen(6))
	})

	It("should let one of many go that come at the same time", func(ctx SpecContext) {
		silent(ctx, lost, lost, ok("{}"))
		for range 2 {
			clock.Step(10 * time.Second)
			before := len(cluster.requests)
			all := sync.WaitGroup{}
			for range 50 {
				all.Go(func() {
					defer GinkgoRecover()
					Expect(ontap.IsUnavailable(write(ctx))).To(BeTrue())
				})
			}
			all.Wait()
			Expect(cluster.requests).To(HaveLen(before + 1))
		}
		clock.Step(10 * time.Second)
		isAsked(ctx, 1)
	})

	It("should not have others wait for the one that is sent", SpecTimeout(20*time.Second), func(ctx SpecContext) {
		d := newDoor()
		for range 5 {
			d.arrives(ctx)
			d.opens(ctx, lost, unavailable)
			d.clock.Step(3 * time.Second)
		}
		d.clock.Step(10 * time.Second)
		d.arrives(ctx)
		Expect(d.client.MetroCluster.Get(ctx)).Error().To(Satisfy(notSent))
		d.opens(ctx, ok("{}"), BeNil())
		d.passes(ctx)
	})
})
