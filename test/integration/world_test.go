// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gardener/gardener/extensions/pkg/controller/extension"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	gardenertest "github.com/gardener/gardener/pkg/utils/test"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gardener-community/gardener-extension-ontap/cmd/gardener-extension-ontap/app"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/metrics"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const gardenIdentity = "test-garden"

// leapingClock is a fake clock that jumps to the end of every pause that somebody begins.
type leapingClock struct {
	*testclock.FakeClock
	mutex sync.Mutex
	// meanwhile is what others do in a pause.
	meanwhile func()
}

func (c *leapingClock) NewTimer(d time.Duration) clock.Timer {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	timer := c.FakeClock.NewTimer(d)
	c.meanwhile()
	c.Step(d)
	return timer
}

// world is one seed with its storage, and the extension between them.
type world struct {
	clock   *leapingClock
	sim     *simulator.Simulator
	seed    client.WithWatch
	faults  interceptor.Funcs
	events  *events.FakeRecorder
	config  *configv1alpha1.ControllerConfiguration
	metrics *prometheus.Registry
	image   reconcile.Reconciler
	// insides are the shoots themselves, by namespace.
	insides map[string]*inside
	// faultsInside go between the extension and the shoots.
	faultsInside interceptor.Funcs
	// refuseInside is an error for objects that new shoots have no API for; nil where they have all.
	refuseInside func(client.Object) error
	// faultsOfOthers are what should not have happened to whoever works beside the extension.
	faultsOfOthers []error
}

func newWorld(clusters ...string) *world {
	GinkgoHelper()
	return newWorldWith(func(*simulator.Options) {}, clusters...)
}

// newWorldWith is newWorld with other storage than the usual one.
func newWorldWith(other func(*simulator.Options), clusters ...string) *world {
	GinkgoHelper()
	w := &world{clock: &leapingClock{FakeClock: testclock.NewFakeClock(time.Now())}, insides: map[string]*inside{}}
	w.clock.meanwhile = w.othersWork
	DeferCleanup(func() { Expect(w.faultsOfOthers).To(BeEmpty()) })
	options := simulator.Options{Clock: w.clock}
	for _, name := range clusters {
		options.Clusters = append(options.Clusters, simulator.ClusterOptions{Name: name})
	}
	other(&options)
	w.sim = simulator.Start(options)
	s := runtime.NewScheme()
	Expect(scheme.AddToScheme(s)).To(Succeed())
	Expect(extensionsv1alpha1.AddToScheme(s)).To(Succeed())
	Expect(resourcesv1alpha1.AddToScheme(s)).To(Succeed())
	w.seed = apiserver.New(apiserver.Options{Scheme: s, Clock: w.clock})
	w.config = &configv1alpha1.ControllerConfiguration{GardenIdentity: gardenIdentity}
	for _, name := range clusters {
		directory := GinkgoT().TempDir()
		Expect(w.sim.Cluster(name).WriteCredentials(directory)).To(Succeed())
		w.config.Clusters = append(w.config.Clusters, configv1alpha1.ONTAPCluster{
			Name: name, Endpoint: w.sim.Cluster(name).Endpoint(), CredentialsDirectory: directory, CAFile: directory + "/ca.crt",
			Networks: configv1alpha1.Networks{
				Management: network("10.10.0.0/16", "fd00:10::/64"),
				Data:       []configv1alpha1.Network{network("10.11.0.0/16", "fd00:11::/64"), network("10.12.0.0/16", "fd00:12::/64")},
			},
		})
	}
	configv1alpha1.SetDefaults(w.config)
	w.restart()
	return w
}

// network is a storage network with addresses of both families.
func network(cidrs ...string) configv1alpha1.Network {
	return configv1alpha1.Network{
		Mode: configv1alpha1.NetworkModeBroadcastDomain, BroadcastDomain: "Default",
		IPv4PrefixLength: 16, IPv6PrefixLength: 64, AllowedCIDRs: cidrs,
	}
}

// restart builds a new image of the extension: nothing that the old one held in memory is left.
func (w *world) restart() {
	GinkgoHelper()
	w.events = events.NewFakeRecorder(100)
	w.metrics = prometheus.NewRegistry()
	collectors, err := metrics.New(w.metrics)
	Expect(err).NotTo(HaveOccurred())
	c := interceptor.NewClient(w.seed, w.faults)
	actuator, err := app.NewActuator(w.config, app.Parts{
		Cached: c, Uncached: c, Shoot: w.shootClient, Recorder: w.events, Metrics: collectors, Clock: w.clock,
	})
	Expect(err).NotTo(HaveOccurred())
	w.image = extension.NewReconciler(
		gardenertest.FakeManager{Client: c, APIReader: c, Scheme: c.Scheme()},
		extension.AddArgs{Actuator: actuator, FinalizerSuffix: "ontap"},
	)
}

// reconfigure changes the operator's configuration and restarts the extension with it.
func (w *world) reconfigure(change func(*configv1alpha1.ControllerConfiguration)) {
	GinkgoHelper()
	change(w.config)
	w.restart()
}

// inject puts faults between the extension and the API server.
func (w *world) inject(faults interceptor.Funcs) {
	w.faults = faults
	w.restart()
}

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

// errWaiting stands for a run that is to be repeated although nothing failed.
var errWaiting = errors.New("the run ended in waiting")

// post sends a request to cluster a as somebody else's client does, and returns the status.
func (w *world) post(ctx context.Context, path, body string) int {
	GinkgoHelper()
	status, _ := w.send(ctx, "a", w.sim.Cluster("a").Username(), w.sim.Cluster("a").Password(), http.MethodPost, path, body)
	return status
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

// hash is the short hash in owner marks.
func hash(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:8] }

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
		case line := <-w.events.Events:
			lines = append(lines, line)
		default:
			return lines
		}
	}
}
