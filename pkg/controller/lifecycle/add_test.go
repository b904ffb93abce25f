// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"time"

	gardenertest "github.com/gardener/gardener/pkg/utils/test"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/sets"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
)

var _ = Describe("#NewRateLimiter", func() {
	It("should double the pause up to a cap, and scatter what has failed together", func() {
		backoff := lifecycle.NewRateLimiter[int]()
		for _, seconds := range []int{1, 2, 4, 8, 16, 32, 64, 80, 80, 80} {
			least := time.Duration(seconds) * time.Second
			pauses := sets.New[time.Duration]()
			for item := range 1000 {
				pause := backoff.When(item)
				Expect(pause).To(And(BeNumerically(">=", least), BeNumerically("<=", least*3/2), BeNumerically("<=", 2*time.Minute)))
				pauses.Insert(pause.Round(least / 20))
			}
			Expect(pauses.Len()).To(Equal(11), "every twentieth of the pause")
		}
	})

	It("should begin anew for what has succeeded", func() {
		backoff := lifecycle.NewRateLimiter[string]()
		for range 20 {
			backoff.When("a")
		}
		backoff.Forget("a")
		Expect(backoff.When("a")).To(BeNumerically("<=", 3*time.Second/2))
		Expect(backoff.NumRequeues("a")).To(Equal(1))
	})

	It("should be the controller's", func(ctx SpecContext) {
		args := lifecycle.Args(ctx, gardenertest.FakeManager{}, nil, controller.Options{MaxConcurrentReconciles: 7})
		Expect(args.ControllerOptions.RateLimiter).To(BeAssignableToTypeOf(lifecycle.NewRateLimiter[reconcile.Request]()))
		Expect(args.ControllerOptions.MaxConcurrentReconciles).To(Equal(7))
	})
})
