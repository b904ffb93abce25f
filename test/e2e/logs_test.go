// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// It runs last, so that it sees the secrets and the logs of all other specs of this suite.
var _ = AfterSuite(func(ctx SpecContext) {
	if seed == nil {
		return
	}
	By("making more secrets than the other specs need")
	shoot, err := seed.NewShoot(ctx, "leaks")
	Expect(err).NotTo(HaveOccurred())
	Expect(shoot.Reconcile(ctx)).To(Succeed())
	for range 8 {
		lost := seedSecret(ctx, shoot)
		secrets.AddSecret(lost)
		Expect(admin.Delete(ctx, lost)).To(Succeed())
		Expect(shoot.Reconcile(ctx)).To(Succeed())
	}
	Expect(secrets.Len()).To(BeNumerically(">=", 20))

	By("reading every log of every program at its most verbose level")
	logs, err := filepath.Glob(filepath.Join(seed.Directory(), "*.log"))
	Expect(err).NotTo(HaveOccurred())
	Expect(logs).To(ContainElement(seed.ExtensionLog()))
	total := 0
	sizes := map[string]int{}
	for _, name := range logs {
		log, err := os.Open(name)
		Expect(err).NotTo(HaveOccurred())
		found, read, err := secrets.Find(log)
		Expect(err).NotTo(HaveOccurred())
		Expect(log.Close()).To(Succeed())
		Expect(found).To(BeEmpty(), name)
		total += read
		sizes[name] = read
		GinkgoWriter.Printf("%s: %d bytes, no secret\n", filepath.Base(name), read)
	}
	Expect(total).To(BeNumerically(">=", 1<<20), "bytes of logs")

	Expect(sizes[seed.ExtensionLog()]).To(BeNumerically(">=", 50_000), "bytes of the extension's own log")

	By("finding a secret that is planted")
	planted := fmt.Sprintf("level=debug msg=%q", seedSecret(ctx, shoot).Data["password"])
	secrets.AddSecret(seedSecret(ctx, shoot))
	found, _, err := secrets.Find(io.MultiReader(strings.NewReader("before\n"), strings.NewReader(planted)))
	Expect(err).NotTo(HaveOccurred())
	Expect(found).NotTo(BeEmpty())
})
