// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	testclock "k8s.io/utils/clock/testing"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("A simulator without listeners", func() {
	var (
		clock *testclock.FakeClock
		sim   *simulator.Simulator
	)

	BeforeEach(func() {
		clock = testclock.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		sim = simulator.Start(simulator.Options{
			Clusters: []simulator.ClusterOptions{{Name: "a"}}, Clock: clock, QueueDuration: time.Second, Unserved: true,
		})
	})

	ask := func(ctx context.Context, sim *simulator.Simulator, method, path, body string) (int, error) {
		GinkgoHelper()
		a := sim.Cluster("a")
		request, err := http.NewRequestWithContext(ctx, method, a.Endpoint()+"/api"+path, strings.NewReader(body))
		Expect(err).NotTo(HaveOccurred())
		request.SetBasicAuth(a.Username(), a.Password())
		response, err := sim.Transport().RoundTrip(request)
		if err != nil {
			return 0, err
		}
		Expect(response.Body.Close()).To(Succeed())
		return response.StatusCode, nil
	}

	It("should answer what its transport carries, and cut what it cuts", func(ctx SpecContext) {
		Expect(ask(ctx, sim, "GET", "/cluster", "")).To(Equal(200))
		Expect(ask(ctx, sim, "GET", "/svm/svms/none", "")).To(Equal(404))
		Expect(sim.FailNext(ctx, simulator.Fault{Method: "GET", Path: "/cluster", Kind: simulator.DropBefore})).To(Succeed())
		Expect(ask(ctx, sim, "GET", "/cluster", "")).Error().To(MatchError("the connection was cut"))
		Expect(sim.SetDown(ctx, "a")).To(Succeed())
		Expect(ask(ctx, sim, "GET", "/cluster", "")).Error().To(HaveOccurred())
	})

	It("should give a copy all that it has, and a life of its own", func(ctx SpecContext) {
		uuid, err := sim.AddSVM("a", "sx", markX)
		Expect(err).NotTo(HaveOccurred())
		Expect(sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddLIF, SVM: "sx", Name: "l1", Value: "10.0.0.1"})).To(Succeed())
		Expect(sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddVolume, SVM: "sx", Name: "v1"})).To(Succeed())
		Expect(ask(ctx, sim, "POST", "/security/accounts", accountBody(uuid, "x1-abc", password, markX))).To(Equal(201))

		other, err := sim.Copy(testclock.NewFakeClock(clock.Now()))
		Expect(err).NotTo(HaveOccurred())
		before, err := sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(other.State(ctx)).To(Equal(before))
		Expect(other.Credentials()).To(Equal(sim.Credentials()))

		for _, act := range []simulator.Act{
			{Kind: simulator.StopSVM}, {Kind: simulator.SetComment, Value: "other"}, {Kind: simulator.LockAccount, Name: "x1-abc"},
			{Kind: simulator.DisableLIF, Name: "l1"}, {Kind: simulator.RemoveVolume, Name: "v1"}, {Kind: simulator.AllowProtocol, Name: "nfs"},
		} {
			act.SVM = "sx"
			Expect(other.Perform(ctx, "a", act)).To(Succeed())
		}
		Expect(other.Perform(ctx, "a", simulator.Act{Kind: simulator.SetAvailable, Name: "a_01_aggr1", Value: "0"})).To(Succeed())
		Expect(sim.State(ctx)).To(Equal(before))
		Expect(other.State(ctx)).NotTo(Equal(before))
		entries, err := sim.Journal(ctx, 0)
		Expect(err).NotTo(HaveOccurred())
		Expect(ask(ctx, other, "GET", "/cluster", "")).To(Equal(200))
		Expect(sim.Journal(ctx, 0)).To(HaveLen(len(entries)))
	})

	It("should not be copied in the middle of a job", func(ctx SpecContext) {
		Expect(ask(ctx, sim, "POST", "/svm/svms", `{"name":"sx","comment":"`+markX+`"}`)).To(Equal(202))
		_, err := sim.Copy(clock)
		Expect(err).To(MatchError(ContainSubstring("unfinished")))
		clock.Step(time.Minute)
		Expect(sim.Copy(clock)).Error().NotTo(HaveOccurred())
	})
})
