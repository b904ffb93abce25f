// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/faults"
	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// A part of what make faults does with all cases.
var _ = Describe("A life with a fault", func() {
	It("should be the same on a kube-apiserver as in one process", func(ctx SpecContext) {
		kinds, err := world.SeedScheme()
		Expect(err).NotTo(HaveOccurred())
		c, err := client.NewWithWatch(seed.RESTConfig, client.Options{Scheme: kinds})
		Expect(err).NotTo(HaveOccurred())
		here, there := &faults.Runner{Directory: GinkgoT().TempDir(), Began: time.Now().Add(time.Hour)}, &faults.Runner{Seed: c}
		for _, name := range []string{"repair-drift/7:process-gone", "migrate-and-restore/12:answer-lost"} {
			one, err := faults.ParseCase(name)
			Expect(err).NotTo(HaveOccurred())
			verdict, err := here.Replay(ctx, one, there)
			Expect(err).NotTo(HaveOccurred())
			Expect(verdict.Problems).To(BeEmpty(), faults.Explain(verdict))
		}
	})
})
