// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Program", Ordered, func() {
	var binary string

	BeforeAll(func() {
		var err error
		binary, err = gexec.Build("github.com/gardener-community/gardener-extension-ontap/cmd/ontap-simulator")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(gexec.CleanupBuildArtifacts)
	})

	It("should publish what a client needs, be ready, and end on SIGTERM", func(ctx context.Context) {
		directory := GinkgoT().TempDir()
		session, err := gexec.Start(exec.Command(binary, "--clusters", "a,b", "--dir", directory), nil, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(session.Kill)
		Eventually(session.Out, 10*time.Second).Should(gbytes.Say("\n"))
		var ready struct {
			Ready     bool
			Admin     string
			Endpoints map[string]string
		}
		Expect(json.Unmarshal(session.Out.Contents(), &ready)).To(Succeed())
		Expect(ready.Ready).To(BeTrue())
		Expect(ready.Endpoints).To(HaveLen(2))
		Expect(content(directory, "admin")).To(Equal(ready.Admin))
		Expect(content(directory, "b", "endpoint")).To(Equal(ready.Endpoints["b"]))
		Expect(logIn(ctx, filepath.Join(directory, "b"))).To(Equal(http.StatusOK))
		Expect(session.Out.Contents()).NotTo(ContainSubstring(content(directory, "b", "password")))

		journal, err := simulator.Dial(ready.Admin).Journal(ctx, 0)
		Expect(err).NotTo(HaveOccurred())
		Expect(journal).To(ConsistOf(And(HaveField("Cluster", "b"), HaveField("Template", "/cluster"))))
		Eventually(session.Terminate(), 10*time.Second).Should(gexec.Exit(0))
	})

	DescribeTable("should refuse to start", func(message string, args ...string) {
		session, err := gexec.Start(exec.Command(binary, args...), nil, nil)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(session.Kill)
		Eventually(session, 10*time.Second).Should(gexec.Exit(1))
		Expect(string(session.Err.Contents())).To(ContainSubstring(message))
	},
		Entry("without a directory", "usage"),
		Entry("with a malformed cluster", "starting simulator", "--dir", "/nowhere", "--clusters", "a,,b"),
	)
})

func content(path ...string) string {
	GinkgoHelper()
	raw, err := os.ReadFile(filepath.Join(path...))
	Expect(err).NotTo(HaveOccurred())
	return string(raw)
}

// logIn asks for the cluster with nothing but the files of a directory.
func logIn(ctx context.Context, directory string) int {
	GinkgoHelper()
	roots := x509.NewCertPool()
	Expect(roots.AppendCertsFromPEM([]byte(content(directory, "ca.crt")))).To(BeTrue())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, content(directory, "endpoint")+"/api/cluster", nil)
	Expect(err).NotTo(HaveOccurred())
	request.SetBasicAuth(content(directory, "username"), content(directory, "password"))
	response, err := transport.RoundTrip(request)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.Body.Close()).To(Succeed())
	return response.StatusCode
}
