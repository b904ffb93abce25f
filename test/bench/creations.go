// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"
	"time"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	secretsutils "github.com/gardener/gardener/pkg/utils/secrets"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/charts"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const (
	latency = 20 * time.Millisecond
	svmTime = time.Second
	jobs    = 5
	shoots  = 100
	// workers is the number of reconciles at a time that the extension has by default.
	workers = 20
	// createCalls are the requests of a create besides polls, asserted in test/integration.
	createCalls = 16
)

// creations measures how long one shoot takes, and a hundred at once, on an ONTAP with a known speed.
func creations(ctx context.Context, t *table) error {
	fmt.Printf("Creations: %s a call, %s an SVM, %d jobs at a time, %d reconciles at a time\n", latency, svmTime, jobs, workers)
	b, err := newBench()
	if err != nil {
		return err
	}
	defer b.close()
	return whilePlayed(ctx, b.seed, func() error { return b.measure(ctx, t) })
}

func (b *bench) measure(ctx context.Context, t *table) error {
	begin := b.clock.Now()
	if err := b.create(ctx, 0); err != nil {
		return err
	}
	t.ratio("one shoot, against its chain of calls", b.clock.Since(begin), createCalls*latency+svmTime, 2)
	begin = b.clock.Now()
	failures, queue := make(chan error, shoots), make(chan int, shoots)
	for n := range shoots {
		queue <- n + 1
	}
	close(queue)
	for range workers {
		go func() {
			for n := range queue {
				failures <- b.create(ctx, n)
			}
		}()
	}
	if err := firstError(failures, shoots); err != nil {
		return err
	}
	t.ratio(fmt.Sprintf("%d shoots, against the simulator's jobs", shoots), b.clock.Since(begin), shoots/jobs*svmTime, 1.3)
	return nil
}

// bench is a keeper between an in-process seed and a simulated ONTAP.
type bench struct {
	clock     clock.RealClock
	sim       *simulator.Simulator
	seed      client.WithWatch
	keeper    *svm.Keeper
	directory string
}

func newBench() (*bench, error) {
	directory, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	sim, err := simulator.New(simulator.Options{
		Latency: latency, JobDuration: svmTime, Clusters: []simulator.ClusterOptions{{Name: "a"}},
	})
	if err != nil {
		return nil, err
	}
	b := &bench{sim: sim, directory: directory}
	kinds := runtime.NewScheme()
	if err := errors.Join(scheme.AddToScheme(kinds), resourcesv1alpha1.AddToScheme(kinds)); err != nil {
		return nil, err
	}
	b.seed = apiserver.New(apiserver.Options{Scheme: kinds, Clock: b.clock})
	if err := sim.Cluster("a").WriteCredentials(directory); err != nil {
		return nil, err
	}
	cluster, err := ontap.New(ontap.Config{
		Name: "a", Endpoint: sim.Cluster("a").Endpoint(), CredentialsDirectory: directory, CAFile: directory + "/ca.crt",
	}, ontap.Options{MaxJobs: jobs})
	if err != nil {
		return nil, err
	}
	network := configv1alpha1.Network{Mode: configv1alpha1.NetworkModeBroadcastDomain, BroadcastDomain: "Default", IPv4PrefixLength: 8}
	config := &configv1alpha1.ControllerConfiguration{Clusters: []configv1alpha1.ONTAPCluster{{
		Name: "a", Networks: configv1alpha1.Networks{Management: network, Data: []configv1alpha1.Network{network}},
	}}}
	configv1alpha1.SetDefaults(config)
	// To make a key takes longer than the creation that is measured, and has nothing to do with ONTAP.
	secretsutils.GenerateKey = secretsutils.FakeGenerateKey
	images, err := charts.Images()
	if err != nil {
		return nil, err
	}
	shoots := trident.NewShootResources(b.seed, func(context.Context, string) (client.Client, error) { return nil, errPlayed }, images, b.clock)
	b.keeper, err = svm.NewKeeper(svm.Options{
		Clusters: []svm.Cluster{{Client: cluster, Settings: config.Clusters[0]}},
		Secrets:  seedsecret.NewStore(b.seed), Shoots: shoots, Status: &memory{}, Clock: b.clock,
	})
	return b, err
}

func (b *bench) close() {
	b.sim.Close()
	_ = os.RemoveAll(b.directory) // it holds the credentials of a simulator that is gone
}

// create reconciles a new shoot until it is there: a run that ends in waiting for a job slot is repeated, as the
// controller does.
func (b *bench) create(ctx context.Context, n int) error {
	name := fmt.Sprintf("shoot--bench--%d", n)
	if err := b.seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
		return err
	}
	if err := b.seed.Create(ctx, playedKey(name)); err != nil {
		return err
	}
	address := func(network byte) netip.Addr {
		return netip.AddrFrom4([4]byte{10, network, byte(n / 250), byte(n%250 + 1)})
	}
	desired := svm.Desired{
		Identity: svm.Identity{
			Namespace: name, ShootName: fmt.Sprintf("b%d", n), ShootUID: fmt.Sprintf("0a1b2c3d-0000-4000-8000-%012d", n),
			TechnicalID: name, GardenIdentity: "bench", SeedName: "bench",
		},
		Wishes: svm.Wishes{ManagementLIF: address(10), DataLIFs: []netip.Addr{address(11), address(12)}, Protocol: ontapv1alpha1.ProtocolNVMe},
	}
	for range 20 {
		report, err := b.keeper.Reconcile(ctx, desired)
		if err != nil {
			return err
		}
		if _, waiting := report.Waiting(); !waiting {
			return nil
		}
	}
	return errors.New("a shoot waits for ever")
}

// memory keeps records where the extension keeps them in the Extension.
type memory struct {
	mutex   sync.Mutex
	records map[string]svm.Record
}

func (m *memory) change(namespace string, change func(*svm.Record)) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.records == nil {
		m.records = map[string]svm.Record{}
	}
	record := m.records[namespace]
	change(&record)
	m.records[namespace] = record
}

func (m *memory) Load(_ context.Context, namespace string) (loaded svm.Record, err error) {
	m.change(namespace, func(record *svm.Record) { loaded = *record })
	return loaded, nil
}

func (m *memory) Save(_ context.Context, namespace string, status ontapv1alpha1.SVMStatus) error {
	m.change(namespace, func(record *svm.Record) { record.Status = status })
	return nil
}

func (m *memory) Succeed(_ context.Context, namespace string, applied ontapv1alpha1.SVMState) error {
	m.change(namespace, func(record *svm.Record) { record.Applied = applied })
	return nil
}

func (m *memory) Report(context.Context, string, step.Report) error { return nil }
