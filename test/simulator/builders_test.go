// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	testclock "k8s.io/utils/clock/testing"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const (
	ownerX = "0f5b3b8e-1d5c-4c53-9b0e-6b8f5a1f2c3d"
	markX  = "gxo/v1 g=0123abcd o=" + ownerX + " s=89abcdef t=shoot--a--x st=active"
	markY  = "gxo/v1 g=0123abcd o=1111b3b8-1d5c-4c53-9b0e-6b8f5a1f2c3d s=89abcdef t=shoot--a--y st=active"
)

// client is a REST client of one cluster that knows nothing but JSON.
type client struct {
	http                         *http.Client
	endpoint, username, password string
}

// reply is an answer as it came over the wire.
type reply struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func newClient(c *simulator.Cluster) *client {
	GinkgoHelper()
	roots := x509.NewCertPool()
	Expect(roots.AppendCertsFromPEM(c.CAPEM())).To(BeTrue())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	DeferCleanup(transport.CloseIdleConnections)
	return &client{&http.Client{Transport: transport, Timeout: 10 * time.Second}, c.Endpoint(), c.Username(), c.Password()}
}

// as returns a client with another login.
func (c *client) as(username, password string) *client {
	return &client{c.http, c.endpoint, username, password}
}

// try sends a request; content is sent literally where it is not empty.
func (c *client) try(method, path, content string) (reply, error) {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(context.Background(), method, c.endpoint+path, strings.NewReader(content))
	Expect(err).NotTo(HaveOccurred())
	request.SetBasicAuth(c.username, c.password)
	response, err := c.http.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	out := reply{status: response.StatusCode, header: response.Header, raw: string(raw)}
	if len(bytes.TrimSpace(raw)) > 0 {
		Expect(json.Unmarshal(raw, &out.body)).To(Succeed())
	}
	return out, nil
}

func (c *client) send(method, path, content string) reply {
	GinkgoHelper()
	out, err := c.try(method, path, content)
	Expect(err).NotTo(HaveOccurred())
	return out
}

func (c *client) get(path string) reply { GinkgoHelper(); return c.send(http.MethodGet, path, "") }

func (c *client) post(path, content string) reply {
	GinkgoHelper()
	return c.send(http.MethodPost, path, content)
}

// code is the code of an ONTAP error.
func (r reply) code() string {
	content, _ := r.body["error"].(map[string]any)
	code, _ := content["code"].(string)
	return code
}

// at returns the value at a dotted path, nil where there is none.
func at(object map[string]any, path string) any {
	first, rest, more := strings.Cut(path, ".")
	if !more {
		return object[first]
	}
	child, _ := object[first].(map[string]any)
	return at(child, rest)
}

func (r reply) records() []map[string]any {
	GinkgoHelper()
	list, ok := r.body["records"].([]any)
	Expect(ok).To(BeTrue(), "no records in %s", r.raw)
	var records []map[string]any
	for _, one := range list {
		records = append(records, one.(map[string]any))
	}
	return records
}

// values returns the value at a path in each record.
func (r reply) values(path string) []string {
	GinkgoHelper()
	values := []string{}
	for _, record := range r.records() {
		values = append(values, at(record, path).(string))
	}
	return values
}

func svmBody(name, comment string) string {
	return `{"name":"` + name + `","comment":"` + comment + `"}`
}

// createSVM makes a running SVM and returns its UUID. It needs jobs that take no time.
func (c *client) createSVM(name, comment string) string {
	GinkgoHelper()
	Expect(c.post("/api/svm/svms", svmBody(name, comment)).status).To(Equal(202))
	found := c.get("/api/svm/svms?name=" + name)
	Expect(found.records()).To(HaveLen(1))
	return found.values("uuid")[0]
}

func accountBody(svmUUID, name, password, comment string) string {
	return `{"owner":{"uuid":"` + svmUUID + `"},"name":"` + name + `","role":{"name":"vsadmin"},"comment":"` + comment +
		`","applications":[{"application":"http","authentication_methods":["password"]}],"password":"` + password + `"}`
}

func (c *client) createAccount(svmUUID, name, password, comment string) {
	GinkgoHelper()
	Expect(c.post("/api/security/accounts", accountBody(svmUUID, name, password, comment)).status).To(Equal(201))
}

func query(name, value string) string { return name + "=" + url.QueryEscape(value) }

// rig is what most specs need: a simulator with clusters a and b, its clock, and a client of cluster a.
type rig struct {
	sim   *simulator.Simulator
	clock *testclock.FakeClock
	a     *client
}

// start starts a rig. change may alter the options.
func start(change ...func(*simulator.Options)) rig {
	GinkgoHelper()
	clock := testclock.NewFakeClock(time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC))
	options := simulator.Options{Clusters: []simulator.ClusterOptions{{Name: "a"}, {Name: "b"}}, Clock: clock}
	for _, one := range change {
		one(&options)
	}
	sim := simulator.Start(options)
	return rig{sim, clock, newClient(sim.Cluster("a"))}
}

func (r rig) state(ctx context.Context) simulator.ClusterState {
	GinkgoHelper()
	state, err := r.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	return state.Cluster("a")
}

func (r rig) journal(ctx context.Context, since uint64) []simulator.Entry {
	GinkgoHelper()
	entries, err := r.sim.Journal(ctx, since)
	Expect(err).NotTo(HaveOccurred())
	return entries
}

// kinds takes the violations and returns their kinds.
func (r rig) kinds() []simulator.ViolationKind {
	kinds := []simulator.ViolationKind{}
	for _, v := range r.sim.TakeViolations() {
		kinds = append(kinds, v.Kind)
	}
	return kinds
}
