// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	product "github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/trident"
)

const (
	username = "x1-abc"
	password = "Secret-12345"
)

// leapingClock jumps to the end of every pause that the driver makes.
type leapingClock struct{ *testclock.FakeClock }

func (c leapingClock) NewTimer(d time.Duration) clock.Timer {
	timer := c.FakeClock.NewTimer(d)
	c.Step(d)
	return timer
}

// asked are the requests of the driver in all specs, but the one that no role of an SVM can grant.
var asked = map[string]bool{}

// rig is a simulated cluster with the SVM sx, of which the driver has the login, beside somebody else's SVM.
type rig struct {
	sim    *simulator.Simulator
	admin  func(path, body string)
	driver *trident.Driver
	uuid   string
	seq    uint64
}

func start(ctx context.Context, pageSize int) *rig {
	GinkgoHelper()
	clock := leapingClock{testclock.NewFakeClock(time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC))}
	sim := simulator.Start(simulator.Options{
		Clusters: []simulator.ClusterOptions{{Name: "a"}}, Clock: clock, QueueDuration: 500 * time.Millisecond, JobDuration: 4 * time.Second,
		PageSize: pageSize,
	})
	r, cluster := &rig{sim: sim}, sim.Cluster("a")
	Expect(sim.AddSVMs(ctx, "a", 1)).To(Succeed())
	r.admin = func(path, body string) { post(ctx, cluster, path, body) }
	r.admin("/svm/svms", `{"name":"sx","comment":"gxo/v1 g=0123abcd o=x s=89abcdef t=x st=active","aggregates":[{"name":"a_01_aggr1"}],"nvme":{"enabled":true}}`)
	clock.Step(time.Minute)
	state, err := sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	r.uuid = state.Cluster("a").SVMs[1].UUID
	for i, node := range []string{"a-01", "a-02"} {
		r.admin("/network/ip/interfaces", fmt.Sprintf(`{"svm":{"uuid":%q},"name":"lif%d","ip":{"address":"10.0.0.%d","netmask":"16"},
			"service_policy":{"name":"default-data-nvme-tcp"},"location":{"home_node":{"name":%q}}}`, r.uuid, i, i+1, node))
	}
	r.admin("/security/roles", roleOf(r.uuid))
	r.admin("/security/accounts", fmt.Sprintf(`{"owner":{"uuid":%q},"name":%q,"role":{"name":"least"},
		"applications":[{"application":"http","authentication_methods":["password"]}],"password":%q}`, r.uuid, username, password))
	r.driver = trident.New(trident.Config{
		Endpoint: cluster.Endpoint(), CA: cluster.CAPEM(), Username: username, Password: password, Clock: clock,
	})
	r.requests(ctx)
	DeferCleanup(func(ctx context.Context) { r.requests(ctx) })
	return r
}

// roleOf is a role of an SVM with what Trident needs, and no more.
func roleOf(svmUUID string) string {
	GinkgoHelper()
	body, err := json.Marshal(map[string]any{
		"owner": map[string]string{"uuid": svmUUID}, "name": "least", "privileges": ontap.PrivilegesFor(product.Rights()),
	})
	Expect(err).NotTo(HaveOccurred())
	return string(body)
}

// post sends a write of the cluster's administrator, which has to succeed.
func post(ctx context.Context, cluster *simulator.Cluster, path, body string) {
	GinkgoHelper()
	roots := x509.NewCertPool()
	Expect(roots.AppendCertsFromPEM(cluster.CAPEM())).To(BeTrue())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, cluster.Endpoint()+"/api"+path, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	request.SetBasicAuth(cluster.Username(), cluster.Password())
	response, err := transport.RoundTrip(request)
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.StatusCode).To(BeElementOf(201, 202), string(answer))
}

// requests are those since the last look, without the polls of jobs, and with words for the UUIDs.
func (r *rig) requests(ctx context.Context) []string {
	GinkgoHelper()
	entries, err := r.sim.Journal(ctx, r.seq)
	Expect(err).NotTo(HaveOccurred())
	lines := []string{}
	for _, e := range entries {
		r.seq = e.Seq
		if e.Tenant && e.Template != "/cluster/nodes" {
			asked[e.Method+" "+e.Template] = true
		}
		if e.Class == simulator.Progress || e.Template == "/cluster/jobs/{uuid}" {
			continue
		}
		line := strings.TrimSuffix(fmt.Sprintf("%s %s?%s", e.Method, e.Template, e.Query), "?")
		lines = append(lines, strings.ReplaceAll(line, r.uuid, "SVM"))
	}
	return lines
}
