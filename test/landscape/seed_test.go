// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// gone tells whether a process has ended. One that nobody has waited for is a zombie, which is as good.
func gone(pid int) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return true
	}
	// The state follows the name, which is in parentheses and may contain anything.
	_, after, _ := strings.Cut(string(stat[bytes.LastIndexByte(stat, ')'):]), " ")
	return strings.HasPrefix(after, "Z") || strings.HasPrefix(after, "X")
}

var _ = Describe("Seed", func() {
	It("should serve Gardener's resources and admission policies", func(ctx SpecContext) {
		Expect(seed.Client.List(ctx, &extensionsv1alpha1.ClusterList{})).To(Succeed())
		Expect(seed.Client.List(ctx, &extensionsv1alpha1.ExtensionList{})).To(Succeed())
		Expect(seed.Client.List(ctx, &resourcesv1alpha1.ManagedResourceList{})).To(Succeed())
		Expect(seed.Client.List(ctx, &admissionregistrationv1.ValidatingAdmissionPolicyList{})).To(Succeed())
	})

	It("should outlive the thread that started it", func() {
		Expect(seed.PIDs()).To(HaveLen(2))
		Consistently(func() bool {
			return gone(seed.PIDs()[0]) || gone(seed.PIDs()[1])
		}).WithTimeout(500 * time.Millisecond).Should(BeFalse())
	})

	It("should listen on one loopback port only", func() {
		config, err := clientcmd.BuildConfigFromFlags("", seed.KubeconfigPath)
		Expect(err).NotTo(HaveOccurred())
		Expect(config.Host).To(HavePrefix("https://127.0.0.1:"))
		Expect(listeners(seed.PIDs())).To(ConsistOf(strings.TrimPrefix(config.Host, "https://")))
	})

	It("should leave nothing behind, neither after kill -9 and the start of the next one, nor after Close", func(ctx SpecContext) {
		killed := startVictim(ctx)
		Expect(killed.PIDs).To(HaveLen(2))
		Eventually(func() []int { return killed.PIDs }).WithTimeout(10 * time.Second).Should(HaveEach(Satisfy(gone)))
		Expect(killed.Directory).To(BeADirectory())

		next, err := landscape.StartSeed(ctx, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		pids, directory := next.PIDs(), next.Directory()
		Expect(pids).To(HaveLen(2))
		Expect(killed.Directory).NotTo(BeAnExistingFile())

		Expect(next.Close()).To(Succeed())

		Expect(pids).To(HaveEach(Satisfy(gone)))
		Expect(directory).NotTo(BeAnExistingFile())
		Expect(next.Close()).To(Succeed(), "a second time")
		Expect(seed.Directory()).To(BeADirectory(), "of a seed that still runs")
	})
})

// startVictim runs a program that starts a seed, and kills it as soon as its processes have been seen running.
func startVictim(ctx SpecContext) victim {
	GinkgoHelper()
	self, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), victimVariable+"=1")
	cmd.Stderr = GinkgoWriter
	stdout, err := cmd.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(cmd.Start()).To(Succeed())
	var started victim
	Expect(json.NewDecoder(stdout).Decode(&started)).To(Succeed())
	Expect(started.PIDs).To(HaveEach(Not(Satisfy(gone))))

	Expect(cmd.Process.Kill()).To(Succeed())
	Expect(cmd.Wait()).To(MatchError("signal: killed"))
	return started
}
