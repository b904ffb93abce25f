// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

// ready is the line that the program prints.
type ready struct {
	Ready     bool
	Admin     string
	Endpoints map[string]string
	CA        string
}

// build builds the program; the go command keeps it for the next time.
func build() string {
	GinkgoHelper()
	binary, err := gexec.Build("github.com/gardener-community/gardener-extension-ontap/cmd/ontap-simulator")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(gexec.CleanupBuildArtifacts)
	return binary
}

func runWith(binary string, args ...string) *gexec.Session {
	GinkgoHelper()
	cmd := exec.Command(binary, args...) //nolint:noctx // the spec ends it, whose context may be over earlier
	session, err := gexec.Start(cmd, nil, nil)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(session.Kill)
	return session
}

// startWith starts the program with a file of this content.
func startWith(binary, content string) ready {
	GinkgoHelper()
	session := runWith(binary, "--config", write(content))
	Eventually(session.Out, 10*time.Second).Should(gbytes.Say("\n"), func() string { return string(session.Err.Contents()) })
	var line ready
	Expect(json.Unmarshal(session.Out.Contents(), &line)).To(Succeed())
	return line
}

func write(content string) string {
	GinkgoHelper()
	path := filepath.Join(GinkgoT().TempDir(), "config.yaml")
	Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
	return path
}

// freeAddress is one that nobody listens on.
func freeAddress() string {
	GinkgoHelper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // returns at once, there is nothing to cancel
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(listener.Close()).To(Succeed()) }()
	return listener.Addr().String()
}

func port(address string) string {
	GinkgoHelper()
	_, port, err := net.SplitHostPort(address)
	Expect(err).NotTo(HaveOccurred())
	return port
}

func content(path ...string) string {
	GinkgoHelper()
	raw, err := os.ReadFile(filepath.Join(path...))
	Expect(err).NotTo(HaveOccurred())
	return string(raw)
}

// client calls a cluster, or, without a CA, the controls.
type client struct{ ca, endpoint, username, password string }

// answer is what it gets.
type answer struct {
	Status int
	Body   any
}

func (c client) call(ctx context.Context, method, path, body string) answer {
	GinkgoHelper()
	transport := &http.Transport{TLSClientConfig: trust(c.ca), DisableKeepAlives: true}
	request, err := http.NewRequestWithContext(ctx, method, c.endpoint+path, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	if c.username != "" {
		request.SetBasicAuth(c.username, c.password)
	}
	response, err := transport.RoundTrip(request)
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(response.Body.Close()).To(Succeed()) }()
	out := answer{Status: response.StatusCode}
	if out.Status != http.StatusUnauthorized {
		Expect(json.NewDecoder(response.Body).Decode(&out.Body)).To(Succeed())
	}
	return out
}

func trust(ca string) *tls.Config {
	GinkgoHelper()
	roots := x509.NewCertPool()
	Expect(roots.AppendCertsFromPEM([]byte(ca)) || ca == "").To(BeTrue())
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// logIn asks for the cluster with nothing but the files of a directory.
func logIn(ctx context.Context, directory string) int {
	GinkgoHelper()
	c := client{content(directory, "ca.crt"), content(directory, "endpoint"), content(directory, "username"), content(directory, "password")}
	return c.call(ctx, http.MethodGet, "/api/cluster", "").Status
}

// names are those that the certificate of a server is valid for.
func names(ctx context.Context, ca, address string) []string {
	GinkgoHelper()
	dialer := tls.Dialer{Config: trust(ca)}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(connection.Close()).To(Succeed()) }()
	certificate := connection.(*tls.Conn).ConnectionState().PeerCertificates[0]
	found := certificate.DNSNames
	for _, ip := range certificate.IPAddresses {
		found = append(found, ip.String())
	}
	return found
}
