// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
)

// Fork returns the shoot in a world of its own that has come to where this one is, with a new image of the extension and
// without faults. The world must be one in this process, nothing of which is served, with all jobs of ONTAP ended.
func (s *Shoot) Fork() (*Shoot, error) {
	return s.fork(func(w *World) (client.WithWatch, error) { return apiserver.Copy(s.Seed, w.Clock) }, nil)
}

// ForkOnto is Fork with another API server, such as a kube-apiserver, and with another namespace of this name in its place there. It
// says itself when objects were created, so its clock must not be ahead of this world's.
func (s *Shoot) ForkOnto(ctx context.Context, there client.WithWatch, namespace string) (*Shoot, error) {
	called := &atomic.Bool{}
	seed := within{s.Namespace(), namespace, called}.client(there)
	return s.fork(func(*World) (client.WithWatch, error) { return seed, s.copyTo(ctx, seed) }, called)
}

func (s *Shoot) fork(seed func(*World) (client.WithWatch, error), called *atomic.Bool) (*Shoot, error) {
	w := &World{
		Clock: &LeapingClock{FakeClock: testclock.NewFakeClock(s.Clock.Now()), Leap: s.Clock.Leap}, Config: s.Config.DeepCopy(),
		logger: s.logger, insides: map[string]*Inside{}, Images: s.Images,
	}
	w.Clock.Meanwhile = w.OthersWork
	var err error
	if w.Sim, err = s.Sim.Copy(w.Clock); err != nil {
		return nil, err
	}
	if w.Seed, err = seed(w); err != nil {
		return nil, err
	}
	for namespace, inside := range s.insides {
		own := &Inside{Asleep: inside.Asleep, Driverless: inside.Driverless, called: called}
		if own.WithWatch, err = apiserver.Copy(inside.WithWatch, w.Clock); err != nil {
			return nil, err
		}
		own.resources = resourcemanager.New(namespace, w.Seed, interceptor.NewClient(own.WithWatch, w.lacking()), w.Clock)
		w.insides[namespace] = own
	}
	if s.RefuseInside != nil || len(s.FaultsOfOthers) > 0 {
		return nil, errors.New("forking the world: something refuses what shoots have no API for, or has gone wrong")
	}
	w.Transport = w.Sim.Transport()
	own := *s
	own.World, own.Annotations, own.Zones = w, maps.Clone(s.Annotations), slices.Clone(s.Zones)
	return &own, w.Restart()
}

// copyTo creates all that the seed has on another one.
func (s *Shoot) copyTo(ctx context.Context, seed client.Client) error {
	for _, list := range []client.ObjectList{
		&corev1.NamespaceList{}, &extensionsv1alpha1.ClusterList{}, &corev1.SecretList{}, &resourcesv1alpha1.ManagedResourceList{},
		&extensionsv1alpha1.ExtensionList{},
	} {
		if err := s.Seed.List(ctx, list); err != nil {
			return err
		}
		if err := eachOf(list, func(object client.Object) error { return createWhole(ctx, seed, object, s.Clock.Now()) }); err != nil {
			return err
		}
	}
	return nil
}

// createWhole creates an object with its status. The generation begins anew, and so does the one that was observed. Who wrote what
// in the Extension, which is written most, is left unknown, as it is where it comes from: to keep account of that would be a tenth
// of the work in its life.
func createWhole(ctx context.Context, seed client.Client, object client.Object, now time.Time) error {
	created := object.DeepCopyObject().(client.Object)
	created.SetResourceVersion("")
	if err := seed.Create(ctx, created); err != nil {
		return err
	}
	if made := created.GetCreationTimestamp(); made.After(now) {
		return fmt.Errorf("copying the world: its clock shows %s, and the API server makes %s at %s", now, object.GetName(), made)
	}
	if _, ok := object.(*extensionsv1alpha1.Extension); ok {
		created.SetManagedFields([]metav1.ManagedFieldsEntry{{}})
		if err := seed.Update(ctx, created); err != nil {
			return err
		}
	}
	object.SetResourceVersion(created.GetResourceVersion())
	object.SetUID(created.GetUID())
	switch whole := object.(type) {
	case *extensionsv1alpha1.Extension:
		whole.Status.ObservedGeneration = max(0, whole.Status.ObservedGeneration+1-whole.Generation)
	case *resourcesv1alpha1.ManagedResource:
		whole.Status.ObservedGeneration = max(0, whole.Status.ObservedGeneration+1-whole.Generation)
	default:
		return nil
	}
	return seed.Status().Update(ctx, object)
}

func eachOf(list client.ObjectList, do func(client.Object) error) error {
	return meta.EachListItem(list, func(item runtime.Object) error { return do(item.(client.Object)) })
}
