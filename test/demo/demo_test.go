// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package main_test runs the demo as a program, from outside.
package main_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestDemo(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Demo Suite")
}

// long is more than the demo takes on a busy machine, compilers included.
const long = 10 * time.Minute

var _ = Describe("make demo", func() {
	It("should exit non-zero, and leave nothing behind, when one claim is not so", func(ctx SpecContext) {
		// The program dies with the thread that started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		program, err := gexec.Build("github.com/gardener-community/gardener-extension-ontap/test/demo")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(gexec.CleanupBuildArtifacts)
		command := exec.Command(program)
		temporary := GinkgoT().TempDir()
		command.Env = append(os.Environ(), "TMPDIR="+temporary, "KEEP=")
		command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		directories := filepath.Join(temporary, "ontap-landscape-*")
		demo, err := gexec.Start(command, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { demo.Kill().Wait() })

		By("leaving something behind in the seed, in the name of the first shoot")
		Eventually(demo.Out).WithContext(ctx).WithTimeout(long).Should(gbytes.Say(`c\. The seed secret is lost`))
		found, err := filepath.Glob(filepath.Join(directories, "seed.kubeconfig"))
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(HaveLen(1))
		leaveBehind(ctx, found[0])

		Eventually(demo).WithContext(ctx).WithTimeout(long).Should(gexec.Exit(1))
		Expect(demo.Out).To(gbytes.Say(`\[not so\] nothing is left in the seed of shoot "alpha": 0 Extensions, 1 Secrets`))
		Expect(demo.Err).To(gbytes.Say("The demo has failed: e. One shoot gives the extension up, the others are deleted: a claim is not so"))
		Expect(filepath.Glob(directories)).To(BeEmpty())
	})
})

func leaveBehind(ctx context.Context, kubeconfig string) {
	GinkgoHelper()
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	Expect(err).NotTo(HaveOccurred())
	seed, err := client.New(config, client.Options{})
	Expect(err).NotTo(HaveOccurred())
	Expect(seed.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shoot--local--alpha", Name: "leftover"}})).To(Succeed())
}
