// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

var _ = Describe("Observer", func() {
	It("should be told when credentials are refused, and when some pass again, but not of each refusal's consequences", func(ctx SpecContext) {
		unauthorized := answer{status: http.StatusUnauthorized}
		cluster, clock, seen := newCluster(ok("{}"), unauthorized, unauthorized, ok("{}"), ok("{}")), newClock(), &observer{}
		client := cluster.client(ontap.Options{Clock: clock, Observer: seen})
		ask := func() { _ = client.Accounts.Delete(ctx, "u-1", "a") } // what becomes of it is told by other specs
		ask()
		Expect(seen.told).To(BeEmpty())
		ask()
		ask()
		clock.Step(time.Minute)
		ask()
		Expect(seen.told).To(Equal([]string{"eu1 refused true", "eu1 refused true"}))
		clock.Step(2 * time.Minute)
		ask()
		ask()
		Expect(seen.told[2:]).To(Equal([]string{"eu1 refused false"}))
	})

	It("should be told once of a job that has ended", func(ctx SpecContext) {
		cluster, seen := newCluster(job("running"), job("success"), job("running"), failedJob("13434894", "five jobs")), &observer{}
		client := cluster.client(ontap.Options{Clock: newClock(), Observer: seen})
		begun := ontap.Job{UUID: "j-1", Description: "POST /svm/svms"}
		Expect(client.Jobs.Wait(ctx, begun)).To(Succeed())
		Expect(client.Jobs.Wait(ctx, begun)).NotTo(Succeed())
		Expect(seen.told).To(Equal([]string{"eu1 job success", "eu1 job failure"}))
	})

	It("should be told of callers inside of gates and before them", func(ctx SpecContext) {
		cluster, seen := newCluster(ok("{}")), &observer{}
		client := cluster.client(ontap.Options{Clock: newClock(), Observer: seen, MaxJobs: 1})
		release, err := client.AcquireJobSlot(ctx)
		Expect(err).NotTo(HaveOccurred())
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		Expect(client.AcquireJobSlot(short)).Error().To(MatchError(ontap.IsBusy, "IsBusy"))
		Expect(seen.gates).To(Equal(map[string]int{"eu1 jobs inside": 1, "eu1 jobs waiting": 0}))
		release()
		Expect(client.Accounts.Delete(ctx, "u-1", "a")).To(Succeed())
		Expect(seen.gates).To(Equal(map[string]int{"eu1 jobs inside": 0, "eu1 jobs waiting": 0, "eu1 requests inside": 0, "eu1 requests waiting": 0}))
		Expect(seen.highest).To(Equal(map[string]int{"eu1 jobs inside": 1, "eu1 jobs waiting": 1, "eu1 requests inside": 1, "eu1 requests waiting": 1}))
	})
})
