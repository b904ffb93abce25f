// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gardener/gardener/extensions/pkg/controller/extension"
	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	gardenertest "github.com/gardener/gardener/pkg/utils/test"
	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gardener-community/gardener-extension-ontap/cmd/gardener-extension-ontap/app"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/metrics"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
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
	kinds, err := trident.NewScheme()
	Expect(err).NotTo(HaveOccurred())
	actuator, err := app.NewActuator(w.config, app.Parts{
		Cached: c, Uncached: c, Shoot: w.shootClient, ShootScheme: kinds, Recorder: w.events, Metrics: collectors, Clock: w.clock,
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

// shoot is a shoot in the seed, as gardenlet leaves it there.
type shoot struct {
	*world
	number      int
	name, uid   string
	annotations map[string]string
	// dying is whether the shoot itself is being deleted, and not only its Extension.
	dying bool
	// hibernated is whether its owner has it hibernate.
	hibernated bool
	// zones are those of its workers.
	zones []string
}

func (w *world) newShoot(ctx context.Context, number int) *shoot {
	GinkgoHelper()
	s := &shoot{world: w, number: number, name: fmt.Sprintf("shoot%d", number), uid: fmt.Sprintf("0a1b2c3d-0000-4000-8000-%012d", number)}
	Expect(w.seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: s.namespace(), Labels: map[string]string{"gardener.cloud/role": "shoot"},
	}})).To(Succeed())
	s.insides[s.namespace()] = w.newInside(s.namespace())
	s.writeCluster(ctx, "seed-1")
	Expect(w.seed.Create(ctx, &extensionsv1alpha1.Extension{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace(), Name: "ontap"},
		Spec: extensionsv1alpha1.ExtensionSpec{DefaultSpec: extensionsv1alpha1.DefaultSpec{
			Type: "ontap", ProviderConfig: raw(s.providerConfig()),
		}},
	})).To(Succeed())
	return s
}

// providerConfig is the smallest that there is, with addresses that no other shoot has.
func (s *shoot) providerConfig() *ontapv1alpha1.SVMConfig {
	return &ontapv1alpha1.SVMConfig{
		TypeMeta:      metav1.TypeMeta{APIVersion: ontapv1alpha1.SchemeGroupVersion.String(), Kind: "SVMConfig"},
		ManagementLIF: fmt.Sprintf("10.10.0.%d", s.number),
		DataLIFs:      []string{fmt.Sprintf("10.11.0.%d", s.number), fmt.Sprintf("10.12.0.%d", s.number)},
	}
}

// configure changes the providerConfig of the Extension; nobody is told to reconcile.
func (s *shoot) configure(ctx context.Context, config *ontapv1alpha1.SVMConfig) {
	GinkgoHelper()
	extension := s.extension(ctx)
	extension.Spec.ProviderConfig = raw(config)
	Expect(s.seed.Update(ctx, extension)).To(Succeed())
}

func raw(object any) *runtime.RawExtension {
	GinkgoHelper()
	content, err := json.Marshal(object)
	Expect(err).NotTo(HaveOccurred())
	return &runtime.RawExtension{Raw: content}
}

// force asks for the deletion of the shoot by force, as its owner does with an annotation.
func (s *shoot) force(ctx context.Context) {
	GinkgoHelper()
	s.annotations = map[string]string{"confirmation.gardener.cloud/force-deletion": "true"}
	s.writeCluster(ctx, "seed-1")
}

func (s *shoot) writeCluster(ctx context.Context, seedName string) {
	GinkgoHelper()
	cluster := &extensionsv1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: s.namespace()}}
	Expect(client.IgnoreNotFound(s.seed.Delete(ctx, cluster))).To(Succeed())
	raw := func(object runtime.Object) runtime.RawExtension {
		return runtime.RawExtension{Object: object}
	}
	var deletion *metav1.Time
	if s.dying {
		deletion = new(metav1.NewTime(s.clock.Now()))
	}
	cluster = &extensionsv1alpha1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: s.namespace()},
		Spec: extensionsv1alpha1.ClusterSpec{
			CloudProfile: raw(&gardencorev1beta1.CloudProfile{TypeMeta: typeMeta("CloudProfile")}),
			Seed:         new(raw(&gardencorev1beta1.Seed{TypeMeta: typeMeta("Seed"), ObjectMeta: metav1.ObjectMeta{Name: seedName}})),
			Shoot: raw(&gardencorev1beta1.Shoot{
				TypeMeta: typeMeta("Shoot"), ObjectMeta: metav1.ObjectMeta{
					Name: s.name, Namespace: "garden-local", Annotations: s.annotations, DeletionTimestamp: deletion,
				},
				Spec: gardencorev1beta1.ShootSpec{
					Region: "region-1", Hibernation: &gardencorev1beta1.Hibernation{Enabled: &s.hibernated},
					Provider: gardencorev1beta1.Provider{Workers: []gardencorev1beta1.Worker{{Name: "pool-1", Zones: s.zones}}},
				},
				Status: gardencorev1beta1.ShootStatus{UID: types.UID(s.uid), TechnicalID: s.namespace()},
			}),
		},
	}
	Expect(s.seed.Create(ctx, cluster)).To(Succeed())
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: gardencorev1beta1.SchemeGroupVersion.String(), Kind: kind}
}

func (s *shoot) namespace() string { return "shoot--local--" + s.name }

func (s *shoot) key() client.ObjectKey {
	return client.ObjectKey{Namespace: s.namespace(), Name: "ontap"}
}

// reconcile annotates the Extension as gardenlet does, and runs the reconciler once.
func (s *shoot) reconcile(ctx context.Context) error { return s.operate(ctx, "reconcile") }

func (s *shoot) operate(ctx context.Context, operation string) error {
	GinkgoHelper()
	Expect(s.annotate(ctx, operation)).To(Succeed())
	return s.run(ctx)
}

func (s *shoot) annotate(ctx context.Context, operation string) error {
	GinkgoHelper()
	extension := s.extension(ctx)
	metav1.SetMetaDataAnnotation(&extension.ObjectMeta, "gardener.cloud/operation", operation)
	return s.seed.Update(ctx, extension)
}

// impatience is how long a spec waits for an answer that never ends.
const impatience = 2 * time.Second

// state is the shoot's SVM, on whatever cluster it is.
func (s *shoot) state(ctx context.Context) simulator.SVMState {
	GinkgoHelper()
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name == s.svmName() {
				return svm
			}
		}
	}
	Fail("the shoot has no SVM")
	return simulator.SVMState{}
}

// perform does something to the shoot's SVM on cluster a that somebody else does.
func (s *shoot) perform(ctx context.Context, kind simulator.ActKind, name, value string) {
	GinkgoHelper()
	Expect(s.sim.Perform(ctx, "a", simulator.Act{Kind: kind, SVM: s.svmName(), Name: name, Value: value})).To(Succeed())
}

// limited is a context that is over at a time of the world's clock.
type limited struct {
	context.Context
	until time.Time
}

func (l limited) Deadline() (time.Time, bool) { return l.until, true }

// run runs the reconciler once, within the time that a controller gives it.
func (s *shoot) run(ctx context.Context) error {
	defer s.collectSecrets(context.WithoutCancel(ctx))
	ctx = limited{logr.NewContext(ctx, logged.logger()), s.clock.Now().Add(3 * time.Minute)}
	result, err := s.image.Reconcile(ctx, reconcile.Request{NamespacedName: s.key()})
	if err == nil && result.RequeueAfter > 0 {
		return errWaiting
	}
	return err
}

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

// secretNames are the names of all Secrets in the shoot's namespace that somebody needs.
func (s *shoot) secretNames(ctx context.Context) []string {
	GinkgoHelper()
	Expect(resourcemanager.CollectGarbage(ctx, s.seed, s.clock)).To(Succeed())
	all := &corev1.SecretList{}
	Expect(s.seed.List(ctx, all, client.InNamespace(s.namespace()))).To(Succeed())
	names := []string{}
	for _, secret := range all.Items {
		names = append(names, secret.Name)
	}
	return names
}

// errWaiting stands for a run that is to be repeated although nothing failed.
var errWaiting = errors.New("the run ended in waiting")

// delete deletes the shoot: the Extension with it, whose reconciler runs once.
func (s *shoot) delete(ctx context.Context) error {
	GinkgoHelper()
	s.dying = true
	s.writeCluster(ctx, "seed-1")
	return s.remove(ctx)
}

// remove deletes the Extension of a shoot that may live on, and runs the reconciler once.
func (s *shoot) remove(ctx context.Context) error {
	GinkgoHelper()
	Expect(s.seed.Delete(ctx, s.extension(ctx))).To(Succeed())
	return s.run(ctx)
}

func (s *shoot) extension(ctx context.Context) *extensionsv1alpha1.Extension {
	GinkgoHelper()
	extension := &extensionsv1alpha1.Extension{}
	Expect(s.seed.Get(ctx, s.key(), extension)).To(Succeed())
	return extension
}

func (s *shoot) emptyExtension() *extensionsv1alpha1.Extension {
	return &extensionsv1alpha1.Extension{}
}

func (s *shoot) secret(ctx context.Context) *corev1.Secret {
	GinkgoHelper()
	secret := &corev1.Secret{}
	Expect(s.seed.Get(ctx, client.ObjectKey{Namespace: s.namespace(), Name: "ontap-svm-credentials"}, secret)).To(Succeed())
	return secret
}

func (s *shoot) condition(ctx context.Context, conditionType string) string {
	GinkgoHelper()
	condition := v1beta1helper.GetCondition(s.extension(ctx).Status.Conditions, gardencorev1beta1.ConditionType(conditionType))
	if condition == nil {
		return "absent"
	}
	return fmt.Sprintf("%s %s", condition.Status, condition.Reason)
}

// svms lists the SVMs of all clusters that have the shoot's name or mark, as cluster/name.
func (s *shoot) svms(ctx context.Context) []string {
	GinkgoHelper()
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	found := []string{}
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name == s.svmName() || strings.Contains(svm.Comment, s.uid) {
				found = append(found, cluster.Name+"/"+svm.Name)
			}
		}
	}
	return found
}

func (s *shoot) svmName() string { return "s" + strings.ReplaceAll(s.uid, "-", "") }

// accounts lists the names of the shoot's accounts, the built-in one left out.
func (s *shoot) accounts(ctx context.Context) []string {
	GinkgoHelper()
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	names := []string{}
	for _, cluster := range state.Clusters {
		for _, account := range cluster.Accounts {
			if account.SVMName == s.svmName() && account.Name != "vsadmin" {
				names = append(names, account.Name)
			}
		}
	}
	return names
}

// misplace makes one of the two records name another cluster.
func (s *shoot) misplace(ctx context.Context, record, cluster string) {
	GinkgoHelper()
	if record == "secret" {
		secret := s.secret(ctx)
		secret.Data["cluster"] = []byte(cluster)
		Expect(s.seed.Update(ctx, secret)).To(Succeed())
		return
	}
	s.editStatus(ctx, func(status *ontapv1alpha1.SVMStatus) { status.Cluster = cluster })
}

func (s *shoot) editStatus(ctx context.Context, edit func(*ontapv1alpha1.SVMStatus)) {
	GinkgoHelper()
	extension := s.extension(ctx)
	status := ontapv1alpha1.SVMStatus{}
	Expect(json.Unmarshal(extension.Status.ProviderStatus.Raw, &status)).To(Succeed())
	edit(&status)
	raw, err := json.Marshal(status)
	Expect(err).NotTo(HaveOccurred())
	extension.Status.ProviderStatus.Raw = raw
	Expect(s.seed.Status().Update(ctx, extension)).To(Succeed())
}

func (s *shoot) svmState(ctx context.Context) simulator.SVMState {
	GinkgoHelper()
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	for _, svm := range state.Cluster("a").SVMs {
		if svm.Name == s.svmName() {
			return svm
		}
	}
	Fail("the shoot has no SVM on cluster a")
	return simulator.SVMState{}
}

// post sends a request to cluster a as somebody else's client does, and returns the status.
func (w *world) post(ctx context.Context, path, body string) int {
	GinkgoHelper()
	cluster := w.sim.Cluster("a")
	roots := x509.NewCertPool()
	Expect(roots.AppendCertsFromPEM(cluster.CAPEM())).To(BeTrue())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, cluster.Endpoint()+"/api"+path, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	request.SetBasicAuth(cluster.Username(), cluster.Password())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	Expect(err).NotTo(HaveOccurred())
	Expect(response.Body.Close()).To(Succeed())
	return response.StatusCode
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

func (s *shoot) writeComment(ctx context.Context, comment string) {
	GinkgoHelper()
	_, err := s.storageAdmin().SVMs.Modify(ctx, s.svmState(ctx).UUID, ontap.SVMChange{Comment: &comment})
	Expect(err).NotTo(HaveOccurred())
}

// removeSVM is what should never happen: the SVM is deleted behind the extension's back.
func (s *shoot) removeSVM(ctx context.Context) {
	GinkgoHelper()
	human, uuid := s.emptySVM(ctx)
	_, err := human.SVMs.Delete(ctx, uuid)
	Expect(err).NotTo(HaveOccurred())
	Eventually(s.svms).WithArguments(ctx).Should(BeEmpty())
}

// emptySVM takes away from the SVM what would keep it from being deleted.
func (s *shoot) emptySVM(ctx context.Context) (human *ontap.Client, uuid string) {
	GinkgoHelper()
	human, uuid = s.storageAdmin(), s.svmState(ctx).UUID
	lifs, err := human.IPInterfaces.List(ctx, uuid)
	Expect(err).NotTo(HaveOccurred())
	for _, lif := range lifs {
		Expect(human.IPInterfaces.Modify(ctx, lif.UUID, ontap.IPInterfaceChange{Enabled: new(false)})).To(Succeed())
		Expect(human.IPInterfaces.Delete(ctx, lif.UUID)).To(Succeed())
	}
	Expect(human.Protocols.SetEnabled(ctx, "nvme", uuid, false)).To(Succeed())
	Expect(human.Protocols.DeleteService(ctx, "nvme", uuid)).To(Succeed())
	return human, uuid
}

// mark is the owner mark of the shoot's SVM.
func (s *shoot) mark() string {
	return "gxo/v1 g=" + hash(gardenIdentity) + " o=" + s.uid + " s=" + hash("seed-1") + " t=" + s.namespace() + " st=active"
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
