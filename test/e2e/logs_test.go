// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// expectNoLeaks is for after all specs, so that it sees the secrets and the logs of all of them.
func expectNoLeaks(ctx context.Context) {
	GinkgoHelper()
	By("making more secrets than the other specs need")
	shoot := startShoot(ctx, "leaks")
	Expect(shoot.Reconcile(ctx)).To(Succeed())
	for range 8 {
		lost := seedSecret(ctx, shoot)
		secrets.AddSecret(lost)
		Expect(admin.Delete(ctx, lost)).To(Succeed())
		Expect(shoot.Reconcile(ctx)).To(Succeed())
	}
	Expect(secrets.Len()).To(BeNumerically(">=", 20))

	By("reading every log of every program at its most verbose level")
	found, sizes := readLogs()
	Expect(found).To(BeEmpty())
	total := 0
	for name, size := range sizes {
		GinkgoWriter.Printf("%s: %d bytes, no secret\n", filepath.Base(name), size)
		total += size
	}
	Expect(total).To(BeNumerically(">=", 1<<20), "bytes of logs")
	Expect(sizes[seed.ExtensionLog()]).To(BeNumerically(">=", 50_000), "bytes of the extension's own log")

	By("finding a secret that is planted in a log")
	planted := seedSecret(ctx, shoot)
	secrets.AddSecret(planted)
	line := fmt.Sprintf("{\"level\":\"debug\",\"msg\":%q}\n", planted.Data["password"])
	Expect(os.WriteFile(filepath.Join(seed.Directory(), "planted.log"), []byte(line), 0o600)).To(Succeed())
	found, _ = readLogs()
	Expect(found).To(HaveEach(HavePrefix("planted.log: ")))
	Expect(found).NotTo(BeEmpty())
}

// readLogs returns where it found which secrets, and the size of every log by its path.
func readLogs() (found []string, sizes map[string]int) {
	GinkgoHelper()
	logs, err := filepath.Glob(filepath.Join(seed.Directory(), "*.log"))
	Expect(err).NotTo(HaveOccurred())
	sizes = map[string]int{}
	for _, name := range logs {
		log, err := os.Open(name)
		Expect(err).NotTo(HaveOccurred())
		leaked, size, err := secrets.Find(log)
		Expect(err).NotTo(HaveOccurred())
		Expect(log.Close()).To(Succeed())
		for _, secret := range leaked {
			found = append(found, filepath.Base(name)+": "+secret)
		}
		sizes[name] = size
	}
	return found, sizes
}
