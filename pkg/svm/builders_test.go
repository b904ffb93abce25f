// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm_test

import (
	"context"
	"net/netip"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// status keeps records in memory. Its hooks run where the real one talks to the seed.
type status struct {
	onLoad func(context.Context, string) error
	onSave func() error

	mutex   sync.Mutex
	records map[string]ontapv1alpha1.SVMStatus
	applied map[string]ontapv1alpha1.SVMState
	reports []step.Report
	// running counts the runs between Load and their last Report, most is the greatest number so far.
	running, most int
}

func (s *status) Load(ctx context.Context, namespace string) (svm.Record, error) {
	s.mutex.Lock()
	s.running++
	s.most = max(s.most, s.running)
	s.mutex.Unlock()
	if s.onLoad != nil {
		if err := s.onLoad(ctx, namespace); err != nil {
			return svm.Record{}, err
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return svm.Record{Status: s.records[namespace], Applied: s.applied[namespace]}, nil
}

func (s *status) Succeed(_ context.Context, namespace string, applied ontapv1alpha1.SVMState) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.applied == nil {
		s.applied = map[string]ontapv1alpha1.SVMState{}
	}
	s.applied[namespace] = applied
	return nil
}

func (s *status) Save(_ context.Context, namespace string, record ontapv1alpha1.SVMStatus) error {
	if s.onSave != nil {
		if err := s.onSave(); err != nil {
			return err
		}
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.records == nil {
		s.records = map[string]ontapv1alpha1.SVMStatus{}
	}
	s.records[namespace] = record
	return nil
}

func (s *status) Report(_ context.Context, _ string, report step.Report) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.reports = append(s.reports, report)
	if report.Ended {
		s.running--
	}
	return nil
}

func (s *status) record(namespace string) ontapv1alpha1.SVMStatus {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.records[namespace]
}

// content stands for shoots that have everything: what becomes of the others is shown where there are shoots.
type content struct{}

func (content) Ensure(svm.ShootContent) func(context.Context) (svm.ShootView, error) {
	return func(context.Context) (svm.ShootView, error) { return svm.ShootView{Bound: true}, nil }
}
func (content) Forget(context.Context, string) error { return nil }

func (content) InUse(context.Context, string) ([]string, error) { return nil, nil }
func (content) Remove(context.Context, string) (string, error)  { return "", nil }
func (content) Leave(context.Context, string) (string, error)   { return "", nil }

// world is a seed and two ONTAP clusters; for the shoot of demo a fresh choice falls on cluster "a".
type world struct {
	clock    *testclock.FakeClock
	sim      *simulator.Simulator
	clusters []svm.Cluster
	seed     client.WithWatch
	status   *status
}

func newWorld(ctx context.Context) *world {
	GinkgoHelper()
	w := &world{clock: testclock.NewFakeClock(time.Now()), status: &status{}}
	w.sim = simulator.Start(simulator.Options{Clock: w.clock, Clusters: []simulator.ClusterOptions{{Name: "a"}, {Name: "b"}}})
	for _, name := range []string{"a", "b"} {
		directory := GinkgoT().TempDir()
		Expect(w.sim.Cluster(name).WriteCredentials(directory)).To(Succeed())
		cluster, err := ontap.New(
			ontap.Config{Name: name, Endpoint: w.sim.Cluster(name).Endpoint(), CredentialsDirectory: directory, CAFile: directory + "/ca.crt"},
			ontap.Options{Clock: w.clock},
		)
		Expect(err).NotTo(HaveOccurred())
		w.clusters = append(w.clusters, svm.Cluster{Client: cluster, Settings: settings(name)})
	}
	w.seed = apiserver.New(apiserver.Options{Scheme: scheme.Scheme, Clock: w.clock})
	for _, desired := range []svm.Desired{demo(), other()} {
		Expect(w.seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: desired.Namespace}})).To(Succeed())
	}
	return w
}

// settings are the operator's for a cluster.
func settings(name string) configv1alpha1.ONTAPCluster {
	network := configv1alpha1.Network{Mode: configv1alpha1.NetworkModeBroadcastDomain, BroadcastDomain: "Default", IPv4PrefixLength: 16}
	config := &configv1alpha1.ControllerConfiguration{Clusters: []configv1alpha1.ONTAPCluster{{
		Name: name, Networks: configv1alpha1.Networks{Management: network, Data: []configv1alpha1.Network{network}},
	}}}
	configv1alpha1.SetDefaults(config)
	return config.Clusters[0]
}

// other is another shoot than demo.
func other() svm.Desired {
	desired := demo()
	desired.Namespace, desired.TechnicalID, desired.ShootName = "shoot--local--other", "shoot--local--other", "other"
	desired.ShootUID = "0a1b2c3d-0000-4000-8000-000000000002"
	desired.ManagementLIF = netip.MustParseAddr("10.10.0.2")
	desired.DataLIFs = []netip.Addr{netip.MustParseAddr("10.11.0.3"), netip.MustParseAddr("10.11.0.4")}
	return desired
}

// keeper returns a Keeper whose seed secrets are read and written through the given client.
func (w *world) keeper(through client.Client) *svm.Keeper {
	GinkgoHelper()
	keeper, err := svm.NewKeeper(svm.Options{
		Clusters: w.clusters, Secrets: seedsecret.NewStore(through), Shoots: content{}, Status: w.status, Clock: w.clock,
	})
	Expect(err).NotTo(HaveOccurred())
	return keeper
}

func (w *world) secret(ctx context.Context) *corev1.Secret {
	GinkgoHelper()
	secret := &corev1.Secret{}
	Expect(w.seed.Get(ctx, client.ObjectKey{Namespace: demo().Namespace, Name: "ontap-svm-credentials"}, secret)).To(Succeed())
	return secret
}

// requests lists what reached ONTAP, as "<cluster> <method> <path template>".
func (w *world) requests(ctx context.Context) []string {
	entries, err := w.sim.Journal(ctx, 0)
	lines := []string{}
	for _, entry := range entries {
		if entry.Class != simulator.Progress {
			lines = append(lines, entry.Cluster+" "+entry.Method+" "+entry.Template)
		}
	}
	Expect(err).NotTo(HaveOccurred())
	return lines
}

func (w *world) state(ctx context.Context) simulator.State {
	GinkgoHelper()
	state, err := w.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	return state
}
