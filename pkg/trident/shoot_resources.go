// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/gardener/gardener/pkg/utils/imagevector"
	"github.com/gardener/gardener/pkg/utils/managedresources"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// ShootResources keeps what stands in shoots. It implements svm.ShootResources.
type ShootResources struct {
	seed   client.Client
	shoot  ShootClient
	images imagevector.ImageVector
	clock  clock.Clock
}

// NewShootResources returns a ShootResources; it does no I/O. The client of the seed must not read from a cache. The images are
// those of charts.Images, and the clock tells when certificates are to be renewed.
func NewShootResources(seed client.Client, shoot ShootClient, images imagevector.ImageVector, clock clock.Clock) *ShootResources {
	return &ShootResources{seed: seed, shoot: shoot, images: images, clock: clock}
}

// Ensure implements svm.ShootResources.
func (s *ShootResources) Ensure(content svm.ShootContent) func(context.Context) (svm.ShootView, error) {
	bundles := s.bundles(content)
	return func(ctx context.Context) (svm.ShootView, error) { return s.pass(ctx, content, bundles) }
}

// pass is one over all bundles. A bundle is written when the one before is applied: Trident notices after minutes only that its
// API has come, and needs the Secret before it starts. In a shoot that hibernates nobody applies anything, so all are written.
func (s *ShootResources) pass(ctx context.Context, content svm.ShootContent, bundles []*bundle) (svm.ShootView, error) {
	found, err := s.list(ctx, content.Namespace)
	if err != nil {
		return svm.ShootView{}, err
	}
	for _, b := range bundles {
		if content.CredentialsOnly && b.name != Credentials {
			continue
		}
		resource, err := s.write(ctx, content.Namespace, b, found[b.name])
		switch unseen := errors.Is(err, svm.ErrShootUnreachable); {
		case unseen && content.Hibernated:
			continue // it has to be seen once before it can be prepared
		case unseen:
			return svm.ShootView{Pending: err.Error()}, nil
		case err != nil:
			return svm.ShootView{}, err
		}
		found[b.name] = resource
		if !content.Hibernated && !b.ready(resource) {
			return svm.ShootView{Pending: state(resource)}, nil
		}
	}
	if err := s.deleteUnwanted(ctx, content, found); err != nil {
		return svm.ShootView{}, err
	}
	if content.Hibernated {
		return svm.ShootView{}, nil
	}
	view, err := s.look(ctx, content, found)
	if errors.Is(err, svm.ErrShootUnreachable) {
		return svm.ShootView{Unseen: err.Error()}, nil
	}
	return view, err
}

// inOrder are the ManagedResources in the order in which they leave a shoot that lives on: the backend goes while Trident
// still runs and reaches ONTAP, its API when no object of it is left, and the credentials last.
var inOrder = [][]string{{Snapshots, Autoscalers, Classes}, {Firewall}, {Driver}, {CRDs}, {Credentials}}

// Remove implements svm.ShootResources. Before Trident's API goes what Trident itself has made of it.
func (s *ShootResources) Remove(ctx context.Context, namespace string) (string, error) {
	found, err := s.list(ctx, namespace)
	if err != nil {
		return "", err
	}
	for _, names := range inOrder {
		remaining := ""
		if found[CRDs] != nil && slices.Contains(names, CRDs) {
			if remaining, err = s.forget(ctx, namespace); err != nil || remaining != "" {
				return remaining, err
			}
		}
		for _, name := range names {
			resource := found[name]
			if resource == nil {
				continue
			}
			if err := s.delete(ctx, resource); err != nil {
				return "", err
			}
			remaining = state(resource)
		}
		if remaining != "" {
			return remaining, nil
		}
	}
	return "", nil
}

func (s *ShootResources) forget(ctx context.Context, namespace string) (string, error) {
	shoot, err := s.shoot(ctx, namespace)
	if err != nil {
		return "", unreachable("making a client", err)
	}
	return forget(ctx, shoot)
}

// Leave implements svm.ShootResources. Nothing waits for a finalizer that no running pod can remove: the objects are kept,
// and only the ManagedResources go.
func (s *ShootResources) Leave(ctx context.Context, namespace string) (string, error) {
	found, err := s.list(ctx, namespace)
	if err != nil {
		return "", err
	}
	remaining := ""
	for _, name := range slices.Sorted(maps.Keys(found)) {
		resource := found[name]
		if keep := resource.Spec.KeepObjects; keep == nil || !*keep {
			if err := managedresources.SetKeepObjects(ctx, s.seed, namespace, name, true); err != nil {
				return "", &svm.SeedError{Doing: "keeping the objects of ManagedResource " + name, Cause: err}
			}
		}
		if err := s.delete(ctx, resource); err != nil {
			return "", err
		}
		remaining = state(resource)
	}
	return remaining, nil
}

// Forget implements svm.ShootResources.
func (s *ShootResources) Forget(ctx context.Context, namespace string) error {
	secrets, err := readOnce(ctx, s.seed, namespace)
	if err != nil {
		return &svm.SeedError{Doing: "listing the certificates of Trident", Cause: err}
	}
	key := corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: EncryptionKeyName}}
	for _, secret := range append(secrets.secrets, key) {
		if err := client.IgnoreNotFound(s.seed.Delete(ctx, &secret)); err != nil {
			return &svm.SeedError{Doing: "deleting Secret " + secret.Name, Cause: err}
		}
	}
	return nil
}
