// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

const (
	// SeedName is the seed that shoots are on at first.
	SeedName = "seed-1"
	// SeedSecretName is that of each shoot's seed secret.
	SeedSecretName = "ontap-svm-credentials"
)

// Shoot is a shoot in the seed, as gardenlet leaves it there.
type Shoot struct {
	*World
	Number      int
	Name, UID   string
	Annotations map[string]string
	// Dying is whether the shoot itself is being deleted, and not only its Extension.
	Dying bool
	// Hibernated is whether its owner has it hibernate.
	Hibernated bool
	// Zones are those of its workers.
	Zones []string
	// Provider is the type of its infrastructure.
	Provider string
	// Autoscaled is whether its owner wants a vertical pod autoscaler.
	Autoscaled bool
	// Operation is what Gardener last did to the shoot; nil where nothing is known.
	Operation *gardencorev1beta1.LastOperation
}

// NewShoot makes a shoot whose Extension nobody has reconciled yet. Its number tells it and its addresses from others.
func (w *World) NewShoot(ctx context.Context, number int) (*Shoot, error) {
	s := &Shoot{World: w, Number: number, Name: fmt.Sprintf("shoot%d", number), UID: fmt.Sprintf("0a1b2c3d-0000-4000-8000-%012d", number)}
	if err := w.Seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: s.Namespace(), Labels: map[string]string{"gardener.cloud/role": "shoot"},
	}}); err != nil {
		return nil, err
	}
	if err := w.Furnish(ctx, s.Namespace()); err != nil {
		return nil, err
	}
	if err := s.WriteCluster(ctx, SeedName); err != nil {
		return nil, err
	}
	config, err := Raw(s.ProviderConfig())
	if err != nil {
		return nil, err
	}
	return s, w.Seed.Create(ctx, &extensionsv1alpha1.Extension{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace(), Name: "ontap"},
		Spec:       extensionsv1alpha1.ExtensionSpec{DefaultSpec: extensionsv1alpha1.DefaultSpec{Type: "ontap", ProviderConfig: config}},
	})
}

// ProviderConfig is the smallest that there is, with addresses that no other shoot has.
func (s *Shoot) ProviderConfig() *ontapv1alpha1.SVMConfig {
	return &ontapv1alpha1.SVMConfig{
		TypeMeta:      metav1.TypeMeta{APIVersion: ontapv1alpha1.SchemeGroupVersion.String(), Kind: "SVMConfig"},
		ManagementLIF: s.address("10.10"),
		DataLIFs:      []string{s.address("10.11"), s.address("10.12")},
	}
}

// address is the shoot's in a network of 16 bits.
func (s *Shoot) address(network string) string {
	return fmt.Sprintf("%s.%d.%d", network, s.Number/256, s.Number%256)
}

// Configure changes the providerConfig of the Extension; nobody is told to reconcile.
func (s *Shoot) Configure(ctx context.Context, config *ontapv1alpha1.SVMConfig) error {
	extension, err := s.Extension(ctx)
	if err != nil {
		return err
	}
	if extension.Spec.ProviderConfig, err = Raw(config); err != nil {
		return err
	}
	return s.Seed.Update(ctx, extension)
}

// Raw is an object as it stands in another.
func Raw(object any) (*runtime.RawExtension, error) {
	content, err := json.Marshal(object)
	return &runtime.RawExtension{Raw: content}, err
}

// Force asks for the deletion of the shoot by force, as its owner does with an annotation.
func (s *Shoot) Force(ctx context.Context) error {
	s.Annotations = map[string]string{"confirmation.gardener.cloud/force-deletion": "true"}
	return s.WriteCluster(ctx, SeedName)
}

// WriteCluster replaces the Cluster by what the shoot is now, on the seed of this name.
func (s *Shoot) WriteCluster(ctx context.Context, seedName string) error {
	cluster := &extensionsv1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: s.Namespace()}}
	if err := s.Seed.Delete(ctx, cluster); client.IgnoreNotFound(err) != nil {
		return err
	}
	var deletion *metav1.Time
	if s.Dying {
		deletion = new(metav1.NewTime(s.Clock.Now()))
	}
	raw := func(object runtime.Object) runtime.RawExtension { return runtime.RawExtension{Object: object} }
	return s.Seed.Create(ctx, &extensionsv1alpha1.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: s.Namespace()},
		Spec: extensionsv1alpha1.ClusterSpec{
			CloudProfile: raw(&gardencorev1beta1.CloudProfile{TypeMeta: typeMeta("CloudProfile")}),
			Seed:         new(raw(&gardencorev1beta1.Seed{TypeMeta: typeMeta("Seed"), ObjectMeta: metav1.ObjectMeta{Name: seedName}})),
			Shoot: raw(&gardencorev1beta1.Shoot{
				TypeMeta: typeMeta("Shoot"), ObjectMeta: metav1.ObjectMeta{
					Name: s.Name, Namespace: "garden-local", Annotations: s.Annotations, DeletionTimestamp: deletion,
				},
				Spec: gardencorev1beta1.ShootSpec{
					Region: "region-1", Hibernation: &gardencorev1beta1.Hibernation{Enabled: &s.Hibernated},
					Provider:   gardencorev1beta1.Provider{Type: s.Provider, Workers: []gardencorev1beta1.Worker{{Name: "pool-1", Zones: s.Zones}}},
					Kubernetes: gardencorev1beta1.Kubernetes{VerticalPodAutoscaler: &gardencorev1beta1.VerticalPodAutoscaler{Enabled: s.Autoscaled}},
				},
				Status: gardencorev1beta1.ShootStatus{UID: types.UID(s.UID), TechnicalID: s.Namespace(), LastOperation: s.Operation},
			}),
		},
	})
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: gardencorev1beta1.SchemeGroupVersion.String(), Kind: kind}
}

// Namespace is the shoot's namespace in the seed, its technical ID.
func (s *Shoot) Namespace() string { return "shoot--local--" + s.Name }

// Key is that of the Extension.
func (s *Shoot) Key() client.ObjectKey {
	return client.ObjectKey{Namespace: s.Namespace(), Name: "ontap"}
}

// Annotate asks for an operation, as gardenlet does.
func (s *Shoot) Annotate(ctx context.Context, operation string) error {
	extension := &extensionsv1alpha1.Extension{ObjectMeta: metav1.ObjectMeta{Namespace: s.Key().Namespace, Name: s.Key().Name}}
	before := client.MergeFrom(extension.DeepCopy())
	metav1.SetMetaDataAnnotation(&extension.ObjectMeta, v1beta1constants.GardenerOperation, operation)
	return s.Seed.Patch(ctx, extension, before)
}

// limited is a context that is over at a time of the world's clock.
type limited struct {
	context.Context
	until time.Time
}

func (l limited) Deadline() (time.Time, bool) { return l.until, true }

// Limit gives a run its time, and the world's logger.
func (w *World) Limit(ctx context.Context, time time.Duration) context.Context {
	return limited{logr.NewContext(ctx, w.logger), w.Clock.Now().Add(time)}
}

// Run runs the reconciler once, within the time that a controller gives it.
func (s *Shoot) Run(ctx context.Context) error { return s.RunWithin(ctx, 3*time.Minute) }

// RunWithin is Run within another time.
func (s *Shoot) RunWithin(ctx context.Context, time time.Duration) error {
	result, err := s.Image.Reconcile(s.Limit(ctx, time), reconcile.Request{NamespacedName: s.Key()})
	if err == nil && result.RequeueAfter > 0 {
		return ErrWaiting
	}
	return err
}

// Doom lets the shoot itself be on its way to deletion, and not only its Extension.
func (s *Shoot) Doom(ctx context.Context) error {
	s.Dying = true
	return s.WriteCluster(ctx, SeedName)
}

// DeleteExtension asks for the deletion of the Extension.
func (s *Shoot) DeleteExtension(ctx context.Context) error {
	extension, err := s.Extension(ctx)
	if err != nil {
		return err
	}
	return s.Seed.Delete(ctx, extension)
}

// Extension is the shoot's Extension as it is now.
func (s *Shoot) Extension(ctx context.Context) (*extensionsv1alpha1.Extension, error) {
	extension := &extensionsv1alpha1.Extension{}
	return extension, s.Seed.Get(ctx, s.Key(), extension)
}

// SeedSecret is the shoot's seed secret as it is now.
func (s *Shoot) SeedSecret(ctx context.Context) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	return secret, s.Seed.Get(ctx, client.ObjectKey{Namespace: s.Namespace(), Name: SeedSecretName}, secret)
}

// Inside is the shoot's own side.
func (s *Shoot) Inside() *Inside { return s.insides[s.Namespace()] }

// ShootSecret is what Trident logs in with.
func (s *Shoot) ShootSecret(ctx context.Context) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	return secret, s.Inside().Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceSystem, Name: "ontap-svm-credentials"}, secret)
}

// SVMName is the name of the shoot's SVM.
func (s *Shoot) SVMName() string { return "s" + strings.ReplaceAll(s.UID, "-", "") }

// Mark is the owner mark of the shoot's SVM.
func (s *Shoot) Mark() string {
	return "gxo/v1 g=" + hash(GardenIdentity) + " o=" + s.UID + " s=" + hash(SeedName) + " t=" + s.Namespace() + " st=active"
}

// hash is the short hash in owner marks.
func hash(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:8] }
