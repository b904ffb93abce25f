// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"io"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// door is a cluster at which requests arrive and wait until the spec has an answer for one of them.
type door struct {
	*fakeCluster
	client  *ontap.Client
	clock   *eagerClock
	arrived chan struct{}
	answers chan answer
	became  chan error
}

func newDoor() *door {
	GinkgoHelper()
	d := &door{
		fakeCluster: newCluster(), clock: newClock(),
		arrived: make(chan struct{}, 100), answers: make(chan answer), became: make(chan error, 100),
	}
	d.client = d.fakeCluster.client(ontap.Options{Clock: d.clock})
	d.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.arrived <- struct{}{}
		select {
		case one := <-d.answers:
			if one.drop {
				panic(http.ErrAbortHandler)
			}
			for key, value := range one.header {
				w.Header().Set(key, value)
			}
			w.WriteHeader(one.status)
			_, _ = io.WriteString(w, one.body)
		case <-r.Context().Done():
		}
	})
	return d
}

// knock sends a request that is not repeated.
func (d *door) knock(ctx context.Context) {
	go func() { d.became <- d.client.Accounts.Delete(ctx, "u-1", "a") }()
}

// arrives sends a request and waits until it has arrived.
func (d *door) arrives(ctx context.Context) {
	GinkgoHelper()
	d.knock(ctx)
	Eventually(ctx, d.arrived).Should(Receive())
}

// waits sends a request that is to wait for another one's login, and returns when it does.
func (d *door) waits(ctx context.Context) {
	GinkgoHelper()
	watched := watchedContext{ctx, make(chan struct{}, 100)}
	d.knock(watched)
	for range 2 { // for a place in flight, and for the login
		Eventually(ctx, watched.asked).Should(Receive())
	}
}

// opens answers one of the requests that have arrived; some request then becomes what is expected.
func (d *door) opens(ctx context.Context, one answer, expected types.GomegaMatcher) {
	GinkgoHelper()
	Eventually(ctx, d.answers).Should(BeSent(one))
	Eventually(ctx, d.became).Should(Receive(expected))
}

func (d *door) passes(ctx context.Context) {
	GinkgoHelper()
	d.arrives(ctx)
	d.opens(ctx, ok("{}"), BeNil())
}

// staysShut makes sure that a request is not even sent.
func (d *door) staysShut(ctx context.Context) {
	GinkgoHelper()
	Expect(d.client.Accounts.Delete(ctx, "u-1", "a")).To(MatchError(ContainSubstring("tried again in")))
	Expect(d.arrived).To(BeEmpty())
}

// watchedContext tells when somebody waits for its end.
type watchedContext struct {
	context.Context
	asked chan struct{}
}

func (c watchedContext) Done() <-chan struct{} {
	c.asked <- struct{}{}
	return c.Context.Done()
}

var _ = Describe("Logins", func() {
	var d *door
	BeforeEach(func() { d = newDoor() })

	unauthorized := answer{status: http.StatusUnauthorized}
	denied, unavailable := MatchError(ontap.IsDenied, "IsDenied"), MatchError(ontap.IsUnavailable, "IsUnavailable")

	It("should pause after a refusal, longer after each one that follows, and anew after a login that passed", func(ctx SpecContext) {
		for _, minutes := range []int{1, 2, 4, 8, 10, 10} {
			d.arrives(ctx)
			d.opens(ctx, unauthorized, denied)
			d.clock.Step(time.Duration(minutes)*time.Minute - 1)
			d.staysShut(ctx)
			d.clock.Step(1)
		}
		d.passes(ctx)
		d.arrives(ctx)
		d.opens(ctx, unauthorized, denied)
		d.clock.Step(time.Minute)
		d.passes(ctx)
	})

	It("should take the refusals of requests that were in flight together for one", func(ctx SpecContext) {
		d.passes(ctx)
		for range 5 {
			d.arrives(ctx)
		}
		for range 5 {
			d.opens(ctx, unauthorized, denied)
		}
		d.clock.Step(time.Minute - 1)
		d.staysShut(ctx)
		d.clock.Step(1)
		d.passes(ctx)
	})

	It("should not pass by the answer to a request that was sent before the refusal", func(ctx SpecContext) {
		d.passes(ctx)
		d.arrives(ctx)
		d.arrives(ctx)
		d.opens(ctx, unauthorized, denied)
		d.opens(ctx, ok("{}"), BeNil())
		d.staysShut(ctx)
	})

	It("should not be tried by one request after the other while the cluster is down", func(ctx SpecContext) {
		d.arrives(ctx)
		for range 3 {
			d.waits(ctx)
		}
		d.opens(ctx, answer{drop: true}, unavailable)
		for range 3 {
			Eventually(ctx, d.became).Should(Receive(unavailable))
		}
		Expect(d.arrived).To(BeEmpty())
		d.passes(ctx)
	})

	It("should be tried by the next request when the one that tried them has given up", func(ctx SpecContext) {
		short, giveUp := context.WithCancel(ctx)
		d.arrives(short)
		d.waits(ctx)
		giveUp()
		Eventually(ctx, d.became).Should(Receive(MatchError(context.Canceled)))
		Eventually(ctx, d.arrived).Should(Receive())
		d.opens(ctx, ok("{}"), BeNil())
	})

	DescribeTable("should not pass", func(ctx SpecContext, noLogin answer) {
		d.arrives(ctx)
		d.opens(ctx, noLogin, HaveOccurred())
		d.arrives(ctx)
		d.waits(ctx)
		d.opens(ctx, answer{drop: true}, unavailable)
		Eventually(ctx, d.became).Should(Receive(unavailable))
		Expect(d.arrived).To(BeEmpty())
	},
		Entry("by a lost connection", answer{drop: true}),
		Entry("by a proxy's 502", answer{status: 502, body: "<html>"}),
		Entry("by a proxy's 404", answer{status: 404, body: "<html>"}),
		Entry("by a proxy's 400", answer{status: 400, body: "<html>"}),
		Entry("where ONTAP has too much to do", refused(429, "262160")),
	)

	DescribeTable("should pass", func(ctx SpecContext, ofONTAP answer) {
		d.arrives(ctx)
		d.opens(ctx, ofONTAP, HaveOccurred())
		d.arrives(ctx)
		d.arrives(ctx)
		d.opens(ctx, ok("{}"), BeNil())
		d.opens(ctx, ok("{}"), BeNil())
	},
		Entry("where ONTAP knows no such object", refused(404, "4")),
		Entry("where ONTAP does not like the request", refused(400, "262197")),
		Entry("where the role lacks a right", refused(403, "6")),
		Entry("where ONTAP has no room", refused(500, "1245212")),
		Entry("where others have to approve", answer{status: 202, header: map[string]string{"Location": "/api/security/multi-admin-verify/requests/7"}}),
	)
})
