// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

// errWaiting stands for a run that is to be repeated although nothing failed.
var errWaiting = worlds.ErrWaiting

// world is the one world, in which whatever cannot be done fails the running spec.
type world struct {
	*worlds.World
	clock  *worlds.LeapingClock
	sim    *simulator.Simulator
	seed   client.WithWatch
	config *configv1alpha1.ControllerConfiguration
}

func newWorld(clusters ...string) *world {
	GinkgoHelper()
	return newWorldWith(func(*simulator.Options) {}, clusters...)
}

// newWorldWith is newWorld with other storage than the usual one.
func newWorldWith(other func(*simulator.Options), clusters ...string) *world {
	GinkgoHelper()
	w, err := worlds.New(worlds.Options{
		Clusters: clusters, Directory: GinkgoT().TempDir(), Began: time.Now(), Storage: other, Logger: logged.logger(),
		Simulate: func(o simulator.Options) (*simulator.Simulator, error) { return simulator.Start(o), nil },
	})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(w.FaultsOfOthers).To(BeEmpty()) })
	return &world{World: w, clock: w.Clock, sim: w.Sim, seed: w.Seed, config: w.Config}
}

// restart builds a new image of the extension: nothing that the old one held in memory is left.
func (w *world) restart() {
	GinkgoHelper()
	Expect(w.Restart()).To(Succeed())
}

// reconfigure changes the operator's configuration and restarts the extension with it.
func (w *world) reconfigure(change func(*configv1alpha1.ControllerConfiguration)) {
	GinkgoHelper()
	Expect(w.Reconfigure(change)).To(Succeed())
}

// inject puts faults between the extension and the API server.
func (w *world) inject(faults interceptor.Funcs) {
	GinkgoHelper()
	Expect(w.Inject(faults)).To(Succeed())
}

// othersWork is what goes on in the shoots whenever the extension pauses.
func (w *world) othersWork() { w.OthersWork() }

// impatience is how long a spec waits for an answer that never ends.
const impatience = 2 * time.Second

// collectSecrets remembers what must not stand in a log.
func (w *world) collectSecrets(ctx context.Context) {
	GinkgoHelper()
	all := &corev1.SecretList{}
	Expect(w.seed.List(ctx, all)).To(Succeed())
	for _, secret := range all.Items {
		secrets.AddSecret(&secret)
	}
	for _, c := range w.config.Clusters {
		cluster := w.sim.Cluster(c.Name)
		secrets.Add("the password of cluster "+c.Name, cluster.Username(), []byte(cluster.Password()))
	}
}

// send sends a request to a cluster as anybody, and returns status and body of the answer.
func (w *world) send(ctx context.Context, cluster, user, password, method, path, body string) (int, []byte) {
	GinkgoHelper()
	to := w.sim.Cluster(cluster)
	roots := x509.NewCertPool()
	Expect(roots.AppendCertsFromPEM(to.CAPEM())).To(BeTrue())
	request, err := http.NewRequestWithContext(ctx, method, to.Endpoint()+"/api"+path, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	request.SetBasicAuth(user, password)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	Expect(err).NotTo(HaveOccurred())
	content, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.Body.Close()).To(Succeed())
	return response.StatusCode, content
}

// storageAdmin is somebody who works on cluster a beside the extension.
func (w *world) storageAdmin() *ontap.Client {
	GinkgoHelper()
	c := w.config.Clusters[0]
	human, err := ontap.New(ontap.Config{
		Name: c.Name, Endpoint: c.Endpoint, CredentialsDirectory: c.CredentialsDirectory, CAFile: c.CAFile,
	}, ontap.Options{Clock: w.clock})
	Expect(err).NotTo(HaveOccurred())
	return human
}

// since returns what reached ONTAP after the given entry, and the last entry's number.
func (w *world) since(ctx context.Context, seq uint64) ([]simulator.Entry, uint64) {
	GinkgoHelper()
	entries, err := w.sim.Journal(ctx, seq)
	Expect(err).NotTo(HaveOccurred())
	for _, entry := range entries {
		seq = entry.Seq
	}
	return entries, seq
}

// requests are the requests among the entries without the polling of jobs.
func requests(entries []simulator.Entry) []string {
	lines := []string{}
	for _, entry := range entries {
		if entry.Class != simulator.Progress && entry.Template != "/cluster/jobs/{uuid}" {
			lines = append(lines, entry.Cluster+" "+entry.Method+" "+entry.Template)
		}
	}
	return lines
}

// takeEvents returns the events so far, each as "Type Reason ...".
func (w *world) takeEvents() []string {
	lines := []string{}
	for {
		select {
		case line := <-w.Events.Events:
			lines = append(lines, line)
		default:
			return lines
		}
	}
}
