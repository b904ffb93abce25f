// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

type observation struct {
	cluster, method, path, code string
	duration                    time.Duration
}

type observer struct {
	mu   sync.Mutex
	seen []observation
	// told is what else there was to tell, gates how many are where, and highest how many ever were.
	told           []string
	gates, highest map[string]int
}

func (o *observer) ObserveRequest(cluster, method, pathTemplate, code string, d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, observation{cluster, method, pathTemplate, code, d})
}

func (*observer) ObserveSilence(string, bool) {}

func (o *observer) ObserveRefusal(cluster string, refused bool) {
	o.tell(fmt.Sprint(cluster, " refused ", refused))
}

func (o *observer) ObserveJob(cluster, state string) { o.tell(cluster + " job " + state) }

func (o *observer) tell(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, what)
}

func (o *observer) ObserveGate(cluster, gate, state string, more int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.gates == nil {
		o.gates, o.highest = map[string]int{}, map[string]int{}
	}
	key := cluster + " " + gate + " " + state
	o.gates[key] += more
	o.highest[key] = max(o.highest[key], o.gates[key])
}

var _ = Describe("Request", func() {
	It("should name itself and accept both JSON media types", func(ctx SpecContext) {
		cluster, client, _ := setup(ok(aboutPartner))
		Expect(client.MetroCluster.Get(ctx)).To(Equal(ontap.MetroCluster{Mode: "normal", PartnerMode: "normal", Partner: "eu2"}))
		request := cluster.requests[0]
		Expect(request.Method + " " + request.Path).To(Equal("GET /api/cluster/metrocluster"))
		Expect(request.Query).To(Equal(map[string][]string{"fields": {"local.mode,local.partner_cluster_reachable,remote.mode,remote.cluster.name"}}))
		Expect(request.Header.Get("X-Dot-Client-App")).To(Equal("gardener-extension-ontap"))
		Expect(request.Header.Get("Accept")).To(And(ContainSubstring("application/json"), ContainSubstring("application/hal+json")))
		Expect(request.Header).NotTo(HaveKey("Content-Type"))
		Expect(request.Body).To(BeEmpty())
	})

	It("should be observed by the template of its path, each try for itself", func(ctx SpecContext) {
		cluster, seen := newCluster(answer{drop: true}, refused(503, "8"), refused(404, "4")), &observer{}
		client := cluster.client(ontap.Options{Clock: newClock(), Observer: seen})
		_, err := client.SVMs.Get(ctx, "b0b1-uuid")
		Expect(err).To(MatchError(ontap.IsNotFound, "IsNotFound"))
		Expect(seen.seen).To(Equal([]observation{
			{"eu1", "GET", "/svm/svms/{uuid}", "error", 0},
			{"eu1", "GET", "/svm/svms/{uuid}", "503", 0},
			{"eu1", "GET", "/svm/svms/{uuid}", "404", 0},
		}))
	})

	It("should escape keys, dots among them, and refuse an empty one, which would address the collection", func(ctx SpecContext) {
		cluster, client, _ := setup(ok(`{}`))
		Expect(client.Accounts.Delete(ctx, "..", "a/b c")).To(Succeed())
		Expect(cluster.requests[0].Path).To(Equal("/api/security/accounts/%2E%2E/a%2Fb%20c"))

		Expect(client.SVMs.Delete(ctx, "")).Error().To(MatchError(ontap.IsInvalid, "IsInvalid"))
		Expect(client.SVMs.Modify(ctx, "", ontap.SVMChange{Comment: new("c")})).Error().To(MatchError(ontap.IsInvalid, "IsInvalid"))
		Expect(client.Accounts.Delete(ctx, "u-1", "")).To(MatchError(ontap.IsInvalid, "IsInvalid"))
		Expect(cluster.requests).To(HaveLen(1))
	})

	DescribeTable("retry of a GET", func(ctx SpecContext, first answer, tries int, expected []time.Duration) {
		script := []answer{first}
		if tries > 1 {
			script = append(script, ok(aboutPartner))
		}
		cluster, client, clock := setup(script...)
		_, err := client.MetroCluster.Get(ctx)
		Expect(err == nil).To(Equal(tries > 1), "%v", err)
		Expect(cluster.requests).To(HaveLen(tries))
		Expect(clock.waits).To(HaveLen(len(expected)))
		for i, wait := range expected {
			Expect(clock.waits[i]).To(And(BeNumerically(">=", wait), BeNumerically("<", wait*3/2)))
		}
	},
		Entry("after a lost connection", answer{drop: true}, 2, []time.Duration{500 * time.Millisecond}),
		Entry("after 429", refused(429, "262160"), 2, []time.Duration{500 * time.Millisecond}),
		Entry("after 502", refused(502, ""), 2, []time.Duration{500 * time.Millisecond}),
		Entry("after 503", refused(503, "8"), 2, []time.Duration{500 * time.Millisecond}),
		Entry("after 504", answer{status: 504, body: "<html>"}, 2, []time.Duration{500 * time.Millisecond}),
		Entry("after as many seconds as asked for", answer{status: 429, header: map[string]string{"Retry-After": "7"}}, 2, []time.Duration{7 * time.Second}),
		Entry("at the date asked for", answer{status: 503, header: map[string]string{"Retry-After": "Wed, 01 Jan 2025 00:00:09 GMT"}}, 2, []time.Duration{9 * time.Second}),
		Entry("sooner than asked for by nobody sane", answer{status: 429, header: map[string]string{"Retry-After": "-5"}}, 2, []time.Duration{500 * time.Millisecond}),
		Entry("not at all if it would take too long", answer{status: 429, header: map[string]string{"Retry-After": "3600"}}, 1, nil),
		Entry("not after 500", refused(500, "65552"), 1, nil),
		Entry("not after 400", refused(400, "262197"), 1, nil),
		Entry("not after 401", answer{status: 401}, 1, nil),
		Entry("not after 404", refused(404, "4"), 1, nil),
		Entry("not after an answer that makes no sense", ok(`<html>`), 1, nil),
	)

	It("should give up after three tries, with a longer pause each time", func(ctx SpecContext) {
		cluster, client, clock := setup(answer{drop: true}, refused(503, "8"), refused(502, "65541"))
		_, err := client.MetroCluster.Get(ctx)
		Expect(err).To(MatchError(ContainSubstring("HTTP 502: no way (code 65541, target name)")))
		Expect(cluster.requests).To(HaveLen(3))
		Expect(clock.waits).To(HaveLen(2))
		Expect(clock.waits[1]).To(BeNumerically(">=", time.Second))
	})

	It("should not wait for the next try when the context has ended", func(ctx SpecContext) {
		cluster := newCluster(refused(503, "8"))
		stop := errors.New("step timeout")
		over, cancel := context.WithCancelCause(ctx)
		client := cluster.client(ontap.Options{Observer: observerFunc(func() { cancel(stop) })})
		_, err := client.MetroCluster.Get(over)
		Expect(err).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(err).To(MatchError(context.Canceled))
		Expect(err).To(MatchError(stop))
		Expect(err).To(MatchError(ContainSubstring("HTTP 503")))
	})

	DescribeTable("a write is sent once", func(ctx SpecContext, lost answer) {
		cluster, client, clock := setup(lost, lost, lost, lost, lost)
		Expect(client.SVMs.Create(ctx, ontap.SVMCreate{Name: "s1"})).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.SVMs.Modify(ctx, "u-1", ontap.SVMChange{Comment: new("c")})).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.SVMs.Delete(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Accounts.SetComment(ctx, "u-1", "a", "c")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Accounts.Delete(ctx, "u-1", "a")).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(cluster.requests).To(HaveLen(5))
		Expect(clock.waits).To(BeEmpty())
	},
		Entry("and its answer lost", answer{drop: true}),
		Entry("and its answer 503", answer{status: 503, header: map[string]string{"Retry-After": "0"}}),
		Entry("and its answer no JSON", answer{status: 202, body: "<html>"}),
		Entry("and its answer without the job", answer{status: 202, body: "{}"}),
	)

	It("should not let net/http repeat a write either, on a connection that was idle", func(ctx SpecContext) {
		cluster, client, _ := setup(ok("{}"), answer{drop: true}, ok("{}"), answer{drop: true})
		Expect(client.Accounts.SetLocked(ctx, "u-1", "a", true)).To(Succeed())
		Expect(client.Accounts.SetLocked(ctx, "u-1", "a", true)).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Accounts.Delete(ctx, "u-1", "a")).To(Succeed())
		Expect(client.Accounts.Delete(ctx, "u-1", "a")).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(cluster.requests).To(HaveLen(4))
		Expect(cluster.connections.Load()).To(Equal(int32(2)))
	})

	DescribeTable("a success that does not say what it must", func(ctx SpecContext, body string) {
		_, client, clock := setup(ok(body), ok(body), ok(body), ok(body), ok(body))
		Expect(client.MetroCluster.Get(ctx)).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.SVMs.Get(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.SVMs.Find(ctx, "s1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Accounts.List(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.Jobs.Get(ctx, "j-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(clock.waits).To(BeEmpty())
	},
		Entry("is Unavailable: nothing", ""),
		Entry("is Unavailable: an empty object", "{}"),
		Entry("is Unavailable: half an object", `{"uuid":"u-`),
		Entry("is Unavailable: another object", `{"uuid":"u-2","name":"s2"}`),
	)

	It("should read no more than 8 MiB of an answer, and not twice", func(ctx SpecContext) {
		fits := strings.TrimSuffix(aboutPartner, "}") + strings.Repeat(" ", 8<<20-len(aboutPartner)) + "}"
		cluster, client, _ := setup(ok(fits), ok(fits+" "))
		Expect(client.MetroCluster.Get(ctx)).Error().NotTo(HaveOccurred())
		_, err := client.MetroCluster.Get(ctx)
		Expect(err).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(err).To(MatchError(ContainSubstring("larger than 8388608 bytes")))
		Expect(cluster.requests).To(HaveLen(2))
	})

	It("should let no more requests in flight than allowed, and not count the waiting as duration", func(ctx SpecContext) {
		cluster, seen := newCluster(), &observer{}
		arrived, release := make(chan struct{}), make(chan struct{})
		cluster.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrived <- struct{}{}
			<-release
			_, _ = fmt.Fprint(w, aboutPartner)
		})
		client := cluster.client(ontap.Options{MaxInFlight: 2, Clock: newClock(), Observer: seen})
		failures := make(chan error, 3)
		get := func() {
			_, err := client.MetroCluster.Get(ctx)
			failures <- err
		}
		go get()
		Eventually(ctx, arrived).Should(Receive())
		release <- struct{}{}
		Eventually(ctx, failures).Should(Receive(BeNil()), "until the credentials have passed, one request at a time tries them")
		for range 3 {
			go func() {
				_, err := client.MetroCluster.Get(ctx)
				failures <- err
			}()
		}
		Eventually(ctx, arrived).Should(Receive())
		Eventually(ctx, arrived).Should(Receive())
		Consistently(arrived, "50ms").ShouldNot(Receive())

		over, cancel := context.WithCancel(ctx)
		cancel()
		Expect(client.SVMs.Delete(over, "u-1")).Error().To(MatchError(context.Canceled))

		release <- struct{}{}
		Eventually(ctx, arrived).Should(Receive())
		close(release)
		for range 3 {
			Eventually(ctx, failures).Should(Receive(BeNil()))
		}
		Expect(seen.seen).To(HaveLen(4))
	})
})

type observerFunc func()

func (f observerFunc) ObserveRequest(string, string, string, string, time.Duration) { f() }

func (observerFunc) ObserveSilence(string, bool) {}

func (observerFunc) ObserveRefusal(string, bool) {}

func (observerFunc) ObserveGate(_, _, _ string, _ int) {}

func (observerFunc) ObserveJob(_, _ string) {}
