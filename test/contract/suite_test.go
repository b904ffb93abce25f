// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/contract"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

func TestContract(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Contract Suite")
}

// document sees every exchange of the suite.
var document *contract.Contract

var _ = BeforeSuite(func() {
	var err error
	document, err = contract.Load()
	Expect(err).NotTo(HaveOccurred())
})

var _ = AfterSuite(func() {
	if suite, _ := GinkgoConfiguration(); document == nil || len(suite.FocusStrings)+len(suite.FocusFiles)+len(suite.SkipStrings) > 0 {
		return // a part of the suite covers a part
	}
	_, err := fmt.Fprintf(os.Stdout, "\n%s", document.Report())
	Expect(err).NotTo(HaveOccurred())
	Expect(document.Unseen()).To(BeEmpty(), "what the simulator can answer and no spec has shown: add it to answers_test.go")
	Expect(document.Unforeseen()).To(BeEmpty(), "what the simulator has answered and does not say of itself")
	Expect(document.Unused()).To(BeEmpty(), "exceptions that nothing needs any more")
	Expect(document.Objections()).To(BeZero())
})

// client speaks to one cluster, and knows nothing but JSON.
type client struct {
	http                         *http.Client
	endpoint, username, password string
}

// mark is a comment that says whose an object is. The simulator takes it ill when somebody touches what has none.
func mark(owner string) string {
	return "gxo/v1 g=0123abcd o=" + owner + " s=89abcdef t=shoot--a--x st=active"
}

// content is a JSON object.
type content = map[string]any

// startSimulator starts a simulator whose every answer the document is asked about.
func startSimulator(clusters ...simulator.ClusterOptions) *simulator.Simulator {
	GinkgoHelper()
	return simulator.Start(simulator.Options{Clusters: clusters, LoginFailures: -1, Inspect: document.Inspect})
}

func newClient(c *simulator.Cluster) *client {
	GinkgoHelper()
	transport := &http.Transport{TLSClientConfig: trusting(c)}
	DeferCleanup(transport.CloseIdleConnections)
	return &client{&http.Client{Transport: transport, Timeout: 10 * time.Second}, c.Endpoint(), c.Username(), c.Password()}
}

func trusting(c *simulator.Cluster) *tls.Config {
	GinkgoHelper()
	roots := x509.NewCertPool()
	Expect(roots.AppendCertsFromPEM(c.CAPEM())).To(BeTrue())
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
}

// send sends a request, with a body where there is one: a string as it is, everything else as JSON.
func (c *client) send(method, path string, body any) (status int, answer content) {
	GinkgoHelper()
	var raw []byte
	switch body := body.(type) {
	case nil:
	case string:
		raw = []byte(body)
	default:
		var err error
		raw, err = json.Marshal(body)
		Expect(err).NotTo(HaveOccurred())
	}
	request, err := http.NewRequestWithContext(context.Background(), method, c.endpoint+"/api"+path, bytes.NewReader(raw))
	Expect(err).NotTo(HaveOccurred())
	request.SetBasicAuth(c.username, c.password)
	response, err := c.http.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusUnauthorized {
		Expect(json.NewDecoder(response.Body).Decode(&answer)).To(Succeed())
	}
	return response.StatusCode, answer
}

// expect sends a request and demands a status.
func (c *client) expect(status int, method, path string, body any) content {
	GinkgoHelper()
	got, answer := c.send(method, path, body)
	Expect(got).To(Equal(status), "%s %s: %v", method, path, answer["error"])
	return answer
}

func (c *client) get(path string) content { GinkgoHelper(); return c.expect(200, "GET", path, nil) }
func (c *client) post(path string, body any) content {
	GinkgoHelper()
	return c.expect(201, "POST", path, body)
}
func (c *client) patch(path string, body any) { GinkgoHelper(); c.expect(200, "PATCH", path, body) }
func (c *client) delete(path string)          { GinkgoHelper(); c.expect(200, "DELETE", path, nil) }

// only returns a text of the one record of a list.
func (c *client) only(path, field string) string {
	GinkgoHelper()
	records, _ := c.get(path)["records"].([]any)
	Expect(records).To(HaveLen(1))
	value, isText := records[0].(content)[field].(string)
	Expect(isText).To(BeTrue(), "%s in %s", field, path)
	return value
}

// createSVM makes a running SVM with the services of some protocols and returns its UUID.
func (c *client) createSVM(name string, protocols ...string) string {
	GinkgoHelper()
	body := content{"name": name, "comment": mark(name)}
	for _, protocol := range protocols {
		body[protocol] = content{"enabled": true}
	}
	c.expect(202, "POST", "/svm/svms?return_timeout=0", body)
	return c.only("/svm/svms?fields=name&name="+name, "uuid")
}

func of(svm string) content { return content{"uuid": svm} }

// unnamed is a path in which each parameter is something that there is not.
func unnamed(template string) string {
	parts := strings.Split(template, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "00000000-0000-4000-8000-000000000000"
		}
	}
	return strings.Join(parts, "/")
}
