// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/gardener/gardener/extensions/pkg/controller/extension"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"github.com/gardener/gardener/pkg/utils/imagevector"
	secretsutils "github.com/gardener/gardener/pkg/utils/secrets"
	gardenertest "github.com/gardener/gardener/pkg/utils/test"
	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/gardener-community/gardener-extension-ontap/charts"
	"github.com/gardener-community/gardener-extension-ontap/cmd/gardener-extension-ontap/app"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/healthcheck"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/repair"
	"github.com/gardener-community/gardener-extension-ontap/pkg/metrics"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// GardenIdentity is that of the garden to which the seed belongs.
const GardenIdentity = "test-garden"

// ErrWaiting stands for a run that is to be repeated although nothing failed.
var ErrWaiting = errors.New("the run ended in waiting")

// Options describe a world. Clusters, Directory, and Began or Beside are required.
type Options struct {
	// Clusters are the names of the ONTAP clusters.
	Clusters []string
	// Directory is where the credentials of the clusters are written.
	Directory string
	// Began is the time at which the world's clock starts.
	Began time.Time
	// Storage makes other storage than the usual one.
	Storage func(*simulator.Options)
	// Simulate starts the simulator; simulator.New where nil.
	Simulate func(simulator.Options) (*simulator.Simulator, error)
	// Seed is the API server of the seed; a new one in this process where nil.
	Seed client.WithWatch
	// Logger gets what the extension logs.
	Logger logr.Logger
	// Beside is the world of another seed, whose storage and clock this one has, too; none where nil. Began, Storage and Simulate
	// mean nothing then.
	Beside *World
}

// World is one seed with its storage, and the extension between them.
type World struct {
	Clock   *LeapingClock
	Sim     *simulator.Simulator
	Seed    client.WithWatch
	Events  *events.FakeRecorder
	Config  *configv1alpha1.ControllerConfiguration
	Metrics *prometheus.Registry
	// Image is what Gardener's reconciler makes of the extension, Repair what works beside that.
	Image  reconcile.Reconciler
	Repair *repair.Reconciler
	// Observations are what the image's sweeps leave for health checks.
	Observations *healthcheck.Observations
	// Faults go between the extension and the seed from the next image on, FaultsInside between it and the shoots at once.
	Faults, FaultsInside interceptor.Funcs
	// FaultsCached are instead of Faults where a cache may answer; the same where nil.
	FaultsCached *interceptor.Funcs
	// Transport carries the next images' requests to ONTAP; connections of their own do where it is nil.
	Transport http.RoundTripper
	// Images are what shoots pull, from the next image on; those of the charts where nil.
	Images imagevector.ImageVector
	// RefuseInside is an error for objects that new shoots have no API for; nil where they have all.
	RefuseInside func(client.Object) error
	// FaultsOfOthers are what should not have happened to whoever works beside the extension.
	FaultsOfOthers []error

	logger logr.Logger
	// insides are the shoots themselves, by namespace.
	insides map[string]*Inside
}

// images are read once, and with them one key is made for all certificates of all worlds: to make one takes longer than a life. It
// is as short as Go allows, for most of what certificates cost is to go over their bytes.
var images = sync.OnceValues(func() (imagevector.ImageVector, error) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	secretsutils.GenerateKey = func(io.Reader, int) (*rsa.PrivateKey, error) { return key, err }
	vector, imagesErr := charts.Images()
	return vector, errors.Join(err, imagesErr)
})

// New starts a world with an image of the extension in it. Close ends it.
func New(options Options) (*World, error) {
	w := &World{
		Clock: &LeapingClock{FakeClock: testclock.NewFakeClock(options.Began), Meanwhile: func() {}}, Seed: options.Seed,
		Config: &configv1alpha1.ControllerConfiguration{GardenIdentity: GardenIdentity},
		logger: options.Logger, insides: map[string]*Inside{},
	}
	if options.Beside != nil {
		w.Clock = options.Beside.Clock
	}
	others := w.Clock.Meanwhile
	w.Clock.Meanwhile = func() {
		others()
		w.OthersWork()
	}
	if w.Seed == nil {
		kinds, err := SeedScheme()
		if err != nil {
			return nil, err
		}
		w.Seed = apiserver.New(apiserver.Options{Scheme: kinds, Clock: w.Clock})
	}
	if err := w.store(options); err != nil {
		return nil, err
	}
	if err := errors.Join(w.configure(options), w.Restart()); err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// store starts the simulator, unless the world has that of another one.
func (w *World) store(options Options) error {
	if options.Beside != nil {
		w.Sim = options.Beside.Sim
		return nil
	}
	storage := simulator.Options{Clock: w.Clock}
	for _, name := range options.Clusters {
		storage.Clusters = append(storage.Clusters, simulator.ClusterOptions{Name: name, Privileges: LeastPrivileges()})
	}
	if options.Storage != nil {
		options.Storage(&storage)
	}
	simulate := options.Simulate
	if simulate == nil {
		simulate = simulator.New
	}
	var err error
	w.Sim, err = simulate(storage)
	return err
}

// LeastPrivileges are those of the role that the extension's accounts on ONTAP clusters have in all worlds: what the command roles
// prints, and no more.
func LeastPrivileges() []simulator.PrivilegeOptions {
	var granted []simulator.PrivilegeOptions
	for _, one := range ontap.PrivilegesFor(ontap.Rights()) {
		granted = append(granted, simulator.PrivilegeOptions{Path: one.Path, Access: one.Access})
	}
	return granted
}

// Close ends the simulator.
func (w *World) Close() { w.Sim.Close() }

// SeedScheme holds the kinds that a seed serves, as far as the extension knows them. It is one for all worlds.
var SeedScheme = sync.OnceValues(func() (*runtime.Scheme, error) {
	s := runtime.NewScheme()
	return s, errors.Join(scheme.AddToScheme(s), extensionsv1alpha1.AddToScheme(s), resourcesv1alpha1.AddToScheme(s))
})

// configure writes the operator's configuration.
func (w *World) configure(options Options) error {
	for _, name := range options.Clusters {
		cluster, directory := w.Sim.Cluster(name), filepath.Join(options.Directory, name)
		if err := cluster.WriteCredentials(directory); err != nil {
			return err
		}
		authority := filepath.Join(directory, "ca.crt")
		if len(cluster.CAPEM()) == 0 {
			authority = ""
		}
		w.Config.Clusters = append(w.Config.Clusters, configv1alpha1.ONTAPCluster{
			Name: name, Endpoint: cluster.Endpoint(), CredentialsDirectory: directory, CAFile: authority,
			Networks: configv1alpha1.Networks{
				Management: network("10.10.0.0/16", "fd00:10::/64"),
				Data:       []configv1alpha1.Network{network("10.11.0.0/16", "fd00:11::/64"), network("10.12.0.0/16", "fd00:12::/64")},
			},
		})
	}
	configv1alpha1.SetDefaults(w.Config)
	return nil
}

// network is a storage network with addresses of both families.
func network(cidrs ...string) configv1alpha1.Network {
	return configv1alpha1.Network{
		Mode: configv1alpha1.NetworkModeBroadcastDomain, BroadcastDomain: "Default",
		IPv4PrefixLength: 16, IPv6PrefixLength: 64, AllowedCIDRs: cidrs,
	}
}

// Restart builds a new image of the extension: nothing that the old one held in memory is left.
func (w *World) Restart() error {
	w.Events = events.NewFakeRecorder(100)
	w.Metrics = prometheus.NewRegistry()
	collectors, err := metrics.New(w.Metrics)
	if err != nil {
		return fmt.Errorf("restarting the extension: %w", err)
	}
	uncached := interceptor.NewClient(w.Seed, w.Faults)
	cached := uncached
	if w.FaultsCached != nil {
		cached = interceptor.NewClient(w.Seed, *w.FaultsCached)
	}
	pulled, err := images()
	if err != nil {
		return fmt.Errorf("restarting the extension: %w", err)
	}
	if w.Images != nil {
		pulled = w.Images
	}
	image, err := app.NewImage(w.Config, app.Parts{
		Cached: cached, Uncached: uncached, Shoot: w.shootClient, Images: pulled, Recorder: w.Events, Metrics: collectors, Clock: w.Clock, Transport: w.Transport,
	})
	if err != nil {
		return fmt.Errorf("restarting the extension: %w", err)
	}
	w.Image = extension.NewReconciler(
		gardenertest.FakeManager{Client: cached, APIReader: uncached, Scheme: cached.Scheme()},
		extension.AddArgs{Actuator: image.Actuator, FinalizerSuffix: "ontap"},
	)
	w.Repair, w.Observations = image.Repair, image.Observations
	return nil
}

// Reconfigure changes the operator's configuration and restarts the extension with it.
func (w *World) Reconfigure(change func(*configv1alpha1.ControllerConfiguration)) error {
	change(w.Config)
	return w.Restart()
}

// Inject puts faults between the extension and the seed, and restarts it.
func (w *World) Inject(faults interceptor.Funcs) error {
	w.Faults = faults
	return w.Restart()
}
