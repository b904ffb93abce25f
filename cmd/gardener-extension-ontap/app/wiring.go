// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"fmt"
	"net/http"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	"github.com/gardener/gardener/extensions/pkg/controller/extension"
	"github.com/gardener/gardener/extensions/pkg/controller/heartbeat"
	heartbeatcmd "github.com/gardener/gardener/extensions/pkg/controller/heartbeat/cmd"
	"github.com/gardener/gardener/extensions/pkg/util"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"github.com/gardener/gardener/pkg/utils/imagevector"
	"github.com/gardener/gardener/pkg/utils/managedresources"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	componentbaseconfigv1alpha1 "k8s.io/component-base/config/v1alpha1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/gardener-community/gardener-extension-ontap/charts"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/healthcheck"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/repair"
	"github.com/gardener-community/gardener-extension-ontap/pkg/metrics"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

// Parts is everything that the extension is made of, apart from the configuration.
type Parts struct {
	// Cached may answer from a cache; Uncached must not.
	Cached   client.Reader
	Uncached client.Client
	// Shoot makes clients for shoots.
	Shoot trident.ShootClient
	// Images are those that shoots pull.
	Images   imagevector.ImageVector
	Recorder events.EventRecorder
	Metrics  *metrics.Collectors
	Clock    clock.WithTickerAndDelayedExecution
	// Transport carries the requests to ONTAP; connections that each client makes for itself where nil.
	Transport http.RoundTripper
}

// Image is the extension as it is wired: Gardener drives the Actuator, Repair works in between.
type Image struct {
	Actuator *lifecycle.Actuator
	Repair   *repair.Reconciler
	// Observations are what the sweeps of Repair leave for health checks.
	Observations *healthcheck.Observations
}

// NewImage wires the extension: ONTAP clients, seed secrets, keeper, status, actuator and repair. It does no I/O.
func NewImage(config *configv1alpha1.ControllerConfiguration, parts Parts) (Image, error) {
	clusters, err := newClusters(config, ontap.Options{Clock: parts.Clock, Observer: parts.Metrics, Transport: parts.Transport})
	if err != nil {
		return Image{}, err
	}
	for _, settings := range config.Clusters {
		// A cluster in order is seen to be, and not only one that was not.
		parts.Metrics.ObserveSilence(settings.Name, false)
		parts.Metrics.ObserveRefusal(settings.Name, false)
		if settings.InsecureSkipVerify {
			parts.Metrics.SetInsecure(settings.Name)
		}
		if settings.Hold {
			parts.Metrics.SetHeld(settings.Name)
		}
	}
	status := &lifecycle.Status{Client: parts.Uncached, Recorder: parts.Recorder, Metrics: parts.Metrics, Clock: parts.Clock}
	secrets, shoots := seedsecret.NewStore(parts.Uncached), trident.NewShootResources(parts.Uncached, parts.Shoot, parts.Images, parts.Clock)
	keeper, err := svm.NewKeeper(svm.Options{
		Clusters: clusters, Secrets: secrets, Shoots: shoots, Status: status, Clock: parts.Clock,
	})
	if err != nil {
		return Image{}, err
	}
	actuator, err := lifecycle.NewActuator(lifecycle.Options{
		Reader: parts.Cached, Shoots: shoots, Keeper: keeper, Status: status, Clock: parts.Clock, Config: config,
	})
	if err != nil {
		return Image{}, err
	}
	observations := &healthcheck.Observations{}
	repairs, err := repair.NewReconciler(repair.Options{
		Cached: parts.Cached, Uncached: parts.Uncached, Secrets: secrets, Keeper: keeper, Inventory: svm.NewInventory(clusters),
		Metrics: parts.Metrics, Health: observations, Clock: parts.Clock, Config: config,
	})
	return Image{actuator, repairs, observations}, err
}

// newClusters makes the clients of all configured clusters. It does no I/O.
func newClusters(config *configv1alpha1.ControllerConfiguration, options ontap.Options) ([]svm.Cluster, error) {
	var clusters []svm.Cluster
	for _, settings := range config.Clusters {
		options.MaxJobs = int(settings.MaxJobs)
		cluster, err := ontap.New(ontap.Config{
			Name: settings.Name, Endpoint: settings.Endpoint, CredentialsDirectory: settings.CredentialsDirectory,
			CAFile: settings.CAFile, InsecureSkipVerify: settings.InsecureSkipVerify,
		}, options)
		if err != nil {
			return nil, fmt.Errorf("cluster %q: %w", settings.Name, err)
		}
		clusters = append(clusters, svm.Cluster{Client: cluster, Settings: settings})
	}
	return clusters, nil
}

// Controllers are the options of Gardener's controllers.
type Controllers struct{ Extension, HealthCheck controller.Options }

// AddToManager adds the controllers of Extensions, of repairs and of health checks to the manager.
func AddToManager(ctx context.Context, mgr manager.Manager, config *configv1alpha1.ControllerConfiguration, options Controllers) error {
	uncached, err := client.New(mgr.GetConfig(), client.Options{HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper()})
	if err != nil {
		return fmt.Errorf("making an uncached client: %w", err)
	}
	collectors, err := metrics.New(ctrlmetrics.Registry)
	if err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	shoot, err := trident.NewShootClient(uncached)
	if err != nil {
		return err
	}
	images, err := charts.Images()
	if err != nil {
		return err
	}
	image, err := NewImage(config, Parts{
		Cached: mgr.GetClient(), Uncached: uncached, Shoot: shoot, Images: images,
		Recorder: mgr.GetEventRecorder(Name), Metrics: collectors, Clock: clock.RealClock{},
	})
	if err != nil {
		return err
	}
	if err := extension.Add(mgr, lifecycle.Args(ctx, mgr, image.Actuator, options.Extension)); err != nil {
		return err
	}
	if err := repair.AddToManager(mgr, image.Repair); err != nil {
		return err
	}
	return healthcheck.AddToManager(mgr, healthcheck.Options{
		Observations: image.Observations, Config: config, Clock: clock.RealClock{}, Controller: options.HealthCheck,
	})
}

func newManager(config *rest.Config, options manager.Options) (manager.Manager, error) {
	util.ApplyClientConnectionConfigurationToRESTConfig(&componentbaseconfigv1alpha1.ClientConnectionConfiguration{QPS: 100, Burst: 130}, config)
	// What is read from the API server itself needs neither the memory of a cache nor the right to list it.
	options.Client.Cache = &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}, &coordinationv1.Lease{}}}
	// Of Secrets, only the metadata of seed secrets is watched.
	options.Cache.ByObject = map[client.Object]cache.ByObject{
		&corev1.Secret{}: {Field: fields.OneTermEqualSelector(metav1.ObjectNameField, seedsecret.Name)},
		// Health checks read ours; a seed has many more.
		&resourcesv1alpha1.ManagedResource{}: {Label: labels.SelectorFromSet(labels.Set{managedresources.LabelKeyOrigin: trident.Origin})},
	}
	options.Cache.DefaultTransform = slim
	options.Scheme = runtime.NewScheme()
	if err := extensionscontroller.AddToScheme(options.Scheme); err != nil {
		return nil, fmt.Errorf("completing the scheme: %w", err)
	}
	mgr, err := manager.New(config, options)
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	return mgr, nil
}

// slim takes out of what is cached what nobody here reads: who has written what, which is more than half of a small object, the
// CloudProfile, which is most of a Cluster, and what a ManagedResource has applied.
func slim(object any) (any, error) {
	switch object := object.(type) {
	case *extensionsv1alpha1.Cluster:
		object.Spec.CloudProfile = runtime.RawExtension{}
	case *resourcesv1alpha1.ManagedResource:
		object.Status.Resources = nil
	}
	return cache.TransformStripManagedFields()(object)
}

func addHeartbeat(mgr manager.Manager, config *heartbeatcmd.Config) error {
	return heartbeat.Add(mgr, heartbeat.AddArgs{
		ExtensionName: config.ExtensionName, Namespace: config.Namespace, RenewIntervalSeconds: config.RenewIntervalSeconds,
		Clock: clock.RealClock{},
	})
}
