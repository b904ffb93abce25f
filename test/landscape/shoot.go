// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"github.com/gardener/gardener/pkg/component/extensions/extension"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// extensionType is the type and, as gardenlet has it, also the name of the Extension.
	extensionType = "ontap"

	project    = "local"
	seedName   = "local"
	waitPeriod = 200 * time.Millisecond
	// shootTimeout is shorter than gardenlet's three minutes, for the impatient.
	shootTimeout = time.Minute
)

// Shoot is a shoot as far as a seed knows it. gardenlet's own deployer works on its Extension: a new one for each
// operation, as in gardenlet, where each belongs to one run of a flow.
type Shoot struct {
	// Name is its name in the garden.
	Name string
	// Namespace is its namespace in the seed, which is its technical ID.
	Namespace string
	// UID is shoot.status.uid, which stays the same over control-plane migrations.
	UID types.UID

	// ProviderConfig is the providerConfig that Deploy gives to the Extension; at first one with addresses that no other
	// shoot of the seed has.
	ProviderConfig *runtime.RawExtension
	// Annotations are those of the shoot in the garden, such as the one that asks for a deletion by force.
	Annotations map[string]string
	// SeedName is the seed that the Cluster names; all seeds are this one API server.
	SeedName string
	// Timeout bounds Wait and WaitCleanup; one minute at first.
	Timeout time.Duration
	// Hibernated is whether its owner has it hibernate; see Hibernate.
	Hibernated bool
	// ControlPlane is what the shoot has of its own, once it was started.
	ControlPlane *ControlPlane
	// SevereThreshold is how long Wait bears an error that the Extension reports; 30 seconds at first, as in gardenlet.
	SevereThreshold time.Duration

	seed         *Seed
	employsNodes bool
}

// NewShoot makes what gardenlet makes before it comes to extensions: the namespace and the Cluster of a shoot of that
// name, which must be a DNS label. It fails if they exist.
func (s *Seed) NewShoot(ctx context.Context, name string) (*Shoot, error) {
	shoot := &Shoot{
		Name: name, Namespace: "shoot--" + project + "--" + name, UID: uuid.NewUUID(),
		ProviderConfig: s.newProviderConfig(), SeedName: seedName,
		Timeout: shootTimeout, SevereThreshold: extension.DefaultSevereThreshold, seed: s,
	}
	return shoot, shoot.announce(ctx)
}

// announce creates the namespace and the Cluster.
func (s *Shoot) announce(ctx context.Context) error {
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace, Labels: map[string]string{
		v1beta1constants.GardenRole:                           v1beta1constants.GardenRoleShoot,
		v1beta1constants.LabelShootProvider:                   "local",
		v1beta1constants.LabelSeedProvider:                    "local",
		v1beta1constants.LabelExtensionPrefix + extensionType: "true",
	}}}
	if err := s.seed.Client.Create(ctx, namespace); err != nil {
		return fmt.Errorf("creating the namespace of shoot %q: %w", s.Name, err)
	}
	cluster, err := s.cluster(nil)
	if err != nil {
		return err
	}
	if err := s.seed.Client.Create(ctx, cluster); err != nil {
		return fmt.Errorf("creating the Cluster of shoot %q: %w", s.Name, err)
	}
	return nil
}

// Extension returns the shoot's Extension as the API server has it.
func (s *Shoot) Extension(ctx context.Context) (*extensionsv1alpha1.Extension, error) {
	var object extensionsv1alpha1.Extension
	err := s.seed.Client.Get(ctx, client.ObjectKey{Namespace: s.Namespace, Name: extensionType}, &object)
	return &object, err
}

// Deploy creates the Extension, or asks for a reconcile of the one that exists.
func (s *Shoot) Deploy(ctx context.Context) error { return s.deployer().DeployAfterKubeAPIServer(ctx) }

// Wait waits until the last Deploy has succeeded. It fails if the Extension reports an error for the severe threshold.
func (s *Shoot) Wait(ctx context.Context) error { return s.deployer().WaitAfterKubeAPIServer(ctx) }

// Reconcile is Deploy and Wait, for whoever wants to see the effect of this very Deploy: the deployer tells its success
// from an older one by times of whole seconds, so the second of the last operation has to be over first.
func (s *Shoot) Reconcile(ctx context.Context) error {
	if err := wait.PollUntilContextCancel(ctx, waitPeriod, true, func(ctx context.Context) (bool, error) {
		object, err := s.Extension(ctx)
		if err != nil || object.Status.LastOperation == nil {
			return true, client.IgnoreNotFound(err)
		}
		return clock.RealClock{}.Since(object.Status.LastOperation.LastUpdateTime.Time) > time.Second, nil
	}); err != nil {
		return fmt.Errorf("waiting for the end of the last operation's second: %w", err)
	}
	if err := s.Deploy(ctx); err != nil {
		return err
	}
	return s.Wait(ctx)
}

// Destroy tells the seed that the shoot is being deleted and deletes the Extension.
func (s *Shoot) Destroy(ctx context.Context) error {
	if err := s.writeCluster(ctx, new(metav1.NewTime(clock.RealClock{}.Now()))); err != nil {
		return fmt.Errorf("marking shoot %q as being deleted: %w", s.Name, err)
	}
	return s.RemoveExtension(ctx)
}

// RemoveExtension deletes the Extension of a shoot that may live on.
func (s *Shoot) RemoveExtension(ctx context.Context) error {
	return s.deployer().DestroyBeforeKubeAPIServer(ctx)
}

// Migrate prepares the Extension for another seed, waits for it, and deletes the Extension as the last step in this one.
func (s *Shoot) Migrate(ctx context.Context) error {
	if err := s.deployer().MigrateBeforeKubeAPIServer(ctx); err != nil {
		return err
	}
	if err := s.deployer().WaitMigrateBeforeKubeAPIServer(ctx); err != nil {
		return err
	}
	if err := s.RemoveExtension(ctx); err != nil {
		return err
	}
	return s.WaitCleanup(ctx)
}

// Restore makes the Extension in the seed with this name from the state that it had in another one, and waits for it.
func (s *Shoot) Restore(ctx context.Context, seed string, state *runtime.RawExtension) error {
	s.SeedName = seed
	if err := s.writeCluster(ctx, nil); err != nil {
		return fmt.Errorf("moving shoot %q to seed %q: %w", s.Name, seed, err)
	}
	shootState := &gardencorev1beta1.ShootState{Spec: gardencorev1beta1.ShootStateSpec{
		Extensions: []gardencorev1beta1.ExtensionResourceState{{
			Kind: extensionsv1alpha1.ExtensionResource, Name: new(extensionType), State: state,
		}},
	}}
	if err := s.deployer().RestoreAfterKubeAPIServer(ctx, shootState); err != nil {
		return err
	}
	return s.Wait(ctx)
}

// writeCluster brings what the seed knows of the shoot up to date.
func (s *Shoot) writeCluster(ctx context.Context, deletion *metav1.Time) error {
	cluster, err := s.cluster(deletion)
	if err != nil {
		return err
	}
	return s.seed.Client.Patch(ctx, cluster, client.Merge)
}

// WaitCleanup waits until the Extension is gone, and collects the shoot's garbage meanwhile.
func (s *Shoot) WaitCleanup(ctx context.Context) error {
	collecting, stop := context.WithCancel(ctx)
	var collector sync.WaitGroup
	collector.Go(func() { s.collectGarbage(collecting) })
	defer collector.Wait()
	defer stop()
	return s.deployer().WaitCleanupBeforeKubeAPIServer(ctx)
}

// Remove ends the control plane and removes the Cluster and the namespace, once the Extension is gone. There is no namespace controller: what else
// the namespace held is not looked at and becomes unreachable, though a namespace of the same name would have it again.
func (s *Shoot) Remove(ctx context.Context) error {
	if _, err := s.Extension(ctx); !apierrors.IsNotFound(err) {
		return errors.Join(fmt.Errorf("removing shoot %q: its Extension is not gone", s.Name), err)
	}
	if s.ControlPlane != nil {
		if err := s.seed.stop(ctx, s.ControlPlane); err != nil {
			return err
		}
	}
	cluster := &extensionsv1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace}}
	if err := client.IgnoreNotFound(s.seed.Client.Delete(ctx, cluster)); err != nil {
		return fmt.Errorf("deleting the Cluster of shoot %q: %w", s.Name, err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace}}
	if err := s.seed.Client.Delete(ctx, namespace); err != nil {
		return client.IgnoreNotFound(fmt.Errorf("deleting the namespace of shoot %q: %w", s.Name, err))
	}
	if err := s.seed.Client.Get(ctx, client.ObjectKeyFromObject(namespace), namespace); err != nil {
		return client.IgnoreNotFound(err)
	}
	namespace.Spec.Finalizers = nil
	if err := s.seed.Client.SubResource("finalize").Update(ctx, namespace); err != nil {
		return fmt.Errorf("finalizing the namespace of shoot %q: %w", s.Name, err)
	}
	return nil
}

// deployer returns gardenlet's deployer for this shoot's Extension with the lifecycle of the registration's defaults.
func (s *Shoot) deployer() extension.Interface {
	return extension.New(logr.Discard(), s.seed.Client, &extension.Values{
		Namespace: s.Namespace,
		Extensions: map[string]extension.Extension{extensionType: {
			Extension: extensionsv1alpha1.Extension{
				ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: extensionType},
				Spec: extensionsv1alpha1.ExtensionSpec{DefaultSpec: extensionsv1alpha1.DefaultSpec{
					Type: extensionType, ProviderConfig: s.ProviderConfig,
				}},
			},
			Timeout: s.Timeout,
		}},
	}, waitPeriod, s.SevereThreshold, s.Timeout)
}

// cluster returns the Cluster as gardenlet writes it, with the parts of the garden's objects that extensions read.
func (s *Shoot) cluster(deletion *metav1.Time) (*extensionsv1alpha1.Cluster, error) {
	garden := func(kind string) metav1.TypeMeta {
		return metav1.TypeMeta{APIVersion: gardencorev1beta1.SchemeGroupVersion.String(), Kind: kind}
	}
	cluster := &extensionsv1alpha1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: s.Namespace},
		Spec:       extensionsv1alpha1.ClusterSpec{Seed: &runtime.RawExtension{}},
	}
	for _, part := range []struct {
		into   *runtime.RawExtension
		object any
	}{
		{&cluster.Spec.CloudProfile, &gardencorev1beta1.CloudProfile{
			TypeMeta: garden("CloudProfile"), ObjectMeta: metav1.ObjectMeta{Name: "local"},
			Spec: gardencorev1beta1.CloudProfileSpec{Type: "local"},
		}},
		{cluster.Spec.Seed, &gardencorev1beta1.Seed{
			TypeMeta: garden("Seed"), ObjectMeta: metav1.ObjectMeta{Name: s.SeedName},
			Spec: gardencorev1beta1.SeedSpec{Provider: gardencorev1beta1.SeedProvider{Type: "local", Region: "local"}},
		}},
		{&cluster.Spec.Shoot, &gardencorev1beta1.Shoot{
			TypeMeta: garden("Shoot"),
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "garden-" + project, Name: s.Name, UID: s.UID, Generation: 1, DeletionTimestamp: deletion,
				Annotations: s.Annotations,
			},
			Spec: gardencorev1beta1.ShootSpec{
				CloudProfile: &gardencorev1beta1.CloudProfileReference{Kind: "CloudProfile", Name: "local"},
				Extensions:   []gardencorev1beta1.Extension{{Type: extensionType, ProviderConfig: s.ProviderConfig}},
				Kubernetes:   gardencorev1beta1.Kubernetes{Version: "1.36.3"},
				Provider:     gardencorev1beta1.Provider{Type: "local"},
				Region:       "local",
				SeedName:     new(s.SeedName),
				Hibernation:  &gardencorev1beta1.Hibernation{Enabled: new(s.Hibernated)},
			},
			Status: gardencorev1beta1.ShootStatus{
				TechnicalID: s.Namespace, UID: s.UID, SeedName: new(s.SeedName),
				ClusterIdentity: new(s.Namespace + "-" + string(s.UID) + "-" + GardenIdentity), IsHibernated: s.Hibernated,
			},
		}},
	} {
		raw, err := json.Marshal(part.object)
		if err != nil {
			return nil, fmt.Errorf("encoding the Cluster of shoot %q: %w", s.Name, err)
		}
		part.into.Raw = raw
	}
	return cluster, nil
}
