// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package dryrun_test

import (
	"context"
	"net/netip"
	"reflect"
	"time"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/charts"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
)

const namespace = "shoot--local--demo"

// shoots are of every protocol and IP family, each once with nothing and once with everything that can be asked for.
func shoots() []svm.ShootContent {
	GinkgoHelper()
	var all []svm.ShootContent
	for _, protocol := range []v1alpha1.Protocol{v1alpha1.ProtocolNVMe, v1alpha1.ProtocolISCSI, v1alpha1.ProtocolNFS} {
		for _, addresses := range [][]string{{"10.10.0.1", "10.11.0.1", "10.12.0.1"}, {"fd00:10::1", "fd00:11::1", "fd00:12::1"}} {
			plain := svm.ShootContent{Desired: svm.Desired{
				Identity: svm.Identity{Namespace: namespace, ShootName: "demo", ShootUID: "0a1b2c3d-0000-4000-8000-000000000001"},
				Site:     svm.Site{Region: "region-1"},
				Wishes:   svm.Wishes{Protocol: protocol, StorageClasses: []v1alpha1.StorageClass{{Name: "ontap"}}},
			}}
			plain.ManagementLIF = netip.MustParseAddr(addresses[0])
			for _, address := range addresses[1:] {
				plain.DataLIFs = append(plain.DataLIFs, netip.MustParseAddr(address))
			}
			plain.IPv6 = plain.ManagementLIF.Is6()
			all = append(all, plain, demanding(plain))
		}
	}
	return all
}

// demanding is a shoot whose owner asks for everything.
func demanding(content svm.ShootContent) svm.ShootContent {
	GinkgoHelper()
	every := v1alpha1.StorageClass{
		Name: "every-field", Default: true, Encrypted: true, FileSystem: v1alpha1.FileSystemXFS, QoSPolicy: "gold",
		ReclaimPolicy: corev1.PersistentVolumeReclaimRetain, VolumeBindingMode: storagev1.VolumeBindingWaitForFirstConsumer,
		AllowVolumeExpansion: new(false), MountOptions: []string{"noatime"},
	}
	for _, value := range reflect.ValueOf(every).Fields() {
		Expect(value.IsZero()).To(BeFalse(), "a field of storage classes is not asked for")
	}
	encrypted := v1alpha1.StorageClass{Name: "encrypted", Encrypted: true}
	if content.Protocol == v1alpha1.ProtocolNFS {
		every.Encrypted, every.FileSystem, encrypted.Encrypted = false, "", false
	}
	content.StorageClasses = []v1alpha1.StorageClass{every, encrypted, {Name: "adaptive", QoSPolicy: "extreme"}}
	content.QoSPolicies = []configv1alpha1.QoSPolicy{{Name: "gold"}, {Name: "extreme", Adaptive: true}}
	content.VerticalPodAutoscaler = true
	content.SnapshotClass, content.Workers, content.ReachableFrom = true, []string{"pool-1", "pool-2"}, []string{"a", "b"}
	return content
}

// delivered are the objects of all ManagedResources of a new shoot as gardener-resource-manager creates them there, in order.
func delivered(ctx context.Context, content svm.ShootContent) []*unstructured.Unstructured {
	GinkgoHelper()
	clock := testclock.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	seed, shoot := newSeed(ctx, clock), newShoot(ctx, clock)
	var created []*unstructured.Unstructured
	listening := interceptor.NewClient(shoot, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			created = append(created, object.DeepCopyObject().(*unstructured.Unstructured))
			return c.Create(ctx, object, options...)
		},
	})
	images, err := charts.Images()
	Expect(err).NotTo(HaveOccurred())
	resources := trident.NewShootResources(seed, func(context.Context, string) (client.Client, error) { return shoot, nil }, images, clock)
	manager := resourcemanager.New(namespace, seed, listening, clock)
	owner := seedsecret.Owner{Namespace: namespace, ShootName: content.ShootName, ShootUID: content.ShootUID}
	content.Credentials, _, err = seedsecret.NewStore(seed).Ensure(ctx, owner, seedsecret.Record{})
	Expect(err).NotTo(HaveOccurred())
	for pending := true; pending; {
		view, err := resources.Ensure(content)(ctx)
		Expect(err).NotTo(HaveOccurred())
		pending = view.Pending+view.Altered != ""
		Expect(manager.Pass(ctx)).To(Succeed())
	}
	Expect(created).To(HaveLen(inManagedResources(ctx, seed)))
	return created
}

// inManagedResources is the number of objects in the ManagedResources of a seed.
func inManagedResources(ctx context.Context, seed client.Client) (objects int) {
	GinkgoHelper()
	resources := &resourcesv1alpha1.ManagedResourceList{}
	Expect(seed.List(ctx, resources)).To(Succeed())
	for _, resource := range resources.Items {
		for _, reference := range resource.Spec.SecretRefs {
			secret := &corev1.Secret{}
			Expect(seed.Get(ctx, client.ObjectKey{Namespace: resource.Namespace, Name: reference.Name}, secret)).To(Succeed())
			objects += len(secret.Data)
		}
	}
	return objects
}

func newSeed(ctx context.Context, clock *testclock.FakeClock) client.WithWatch {
	GinkgoHelper()
	kinds := runtime.NewScheme()
	Expect(scheme.AddToScheme(kinds)).To(Succeed())
	Expect(resourcesv1alpha1.AddToScheme(kinds)).To(Succeed())
	return newServer(ctx, kinds, clock, namespace)
}

func newShoot(ctx context.Context, clock *testclock.FakeClock) client.WithWatch {
	GinkgoHelper()
	kinds, err := trident.NewScheme()
	Expect(err).NotTo(HaveOccurred())
	Expect(scheme.AddToScheme(kinds)).To(Succeed())
	return newServer(ctx, kinds, clock, metav1.NamespaceSystem)
}

// newServer is an API server in this process with one namespace.
func newServer(ctx context.Context, kinds *runtime.Scheme, clock *testclock.FakeClock, namespace string) client.WithWatch {
	GinkgoHelper()
	server := apiserver.New(apiserver.Options{Scheme: kinds, Clock: clock})
	Expect(server.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
	return server
}
