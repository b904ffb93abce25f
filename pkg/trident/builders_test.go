// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"net/netip"
	"time"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/charts"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
)

const namespace = "shoot--local--demo"

// world is a seed with one shoot.
type world struct {
	clock        *testclock.FakeClock
	seed, inside client.WithWatch
	resources    *trident.ShootResources
	manager      *resourcemanager.ResourceManager
	content      svm.ShootContent
	unreachable  error
	faults       interceptor.Funcs
}

func newWorld(ctx context.Context) *world {
	GinkgoHelper()
	clock := testclock.NewFakeClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	seedKinds := runtime.NewScheme()
	served, err := trident.NewScheme()
	Expect(err).NotTo(HaveOccurred())
	Expect(scheme.AddToScheme(served)).To(Succeed())
	Expect(scheme.AddToScheme(seedKinds)).To(Succeed())
	Expect(resourcesv1alpha1.AddToScheme(seedKinds)).To(Succeed())
	images, err := charts.Images()
	Expect(err).NotTo(HaveOccurred())
	w := &world{
		clock:  clock,
		seed:   apiserver.New(apiserver.Options{Scheme: seedKinds, Clock: clock}),
		inside: apiserver.New(apiserver.Options{Scheme: served, Clock: clock}),
	}
	Expect(w.seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
	Expect(w.inside.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system"}})).To(Succeed())
	w.manager = resourcemanager.New(namespace, w.seed, w.inside, clock)
	w.resources = trident.NewShootResources(w.seed, w.client, images, clock)
	w.content = svm.ShootContent{
		Desired: svm.Desired{
			Identity: svm.Identity{Namespace: namespace, ShootName: "demo", ShootUID: "0a1b2c3d-0000-4000-8000-000000000001"},
			Site:     svm.Site{Region: "region-1"},
			Wishes: svm.Wishes{
				ManagementLIF: netip.MustParseAddr("10.10.0.1"), Protocol: v1alpha1.ProtocolNVMe,
				DataLIFs:       []netip.Addr{netip.MustParseAddr("10.11.0.1"), netip.MustParseAddr("10.12.0.1")},
				StorageClasses: []v1alpha1.StorageClass{{Name: "ontap-gold"}, {Name: "ontap-encrypted", Encrypted: true}},
			},
		},
	}
	w.renew(ctx)
	return w
}

// client is how the extension gets to the shoot.
func (w *world) client(_ context.Context, wanted string) (client.Client, error) {
	Expect(wanted).To(Equal(namespace))
	return interceptor.NewClient(w.inside, w.faults), w.unreachable
}

// renew puts fresh credentials into the content.
func (w *world) renew(ctx context.Context) {
	GinkgoHelper()
	store, owner := seedsecret.NewStore(w.seed), seedsecret.Owner{Namespace: namespace, ShootName: "demo", ShootUID: w.content.ShootUID}
	Expect(client.IgnoreNotFound(w.seed.Delete(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "ontap-svm-credentials"}}))).To(Succeed())
	snapshot, _, err := store.Ensure(ctx, owner, seedsecret.Record{})
	Expect(err).NotTo(HaveOccurred())
	w.content.Credentials = snapshot
}

// settle lets the extension and gardener-resource-manager take turns until nothing is pending, and returns what was.
func (w *world) settle(ctx context.Context) (pending []string, view svm.ShootView) {
	GinkgoHelper()
	for range 10 {
		view, err := w.resources.Ensure(w.content)(ctx)
		Expect(err).NotTo(HaveOccurred())
		if view.Pending == "" && view.Altered == "" {
			return pending, view
		}
		pending = append(pending, view.Pending+view.Altered)
		Expect(w.manager.Pass(ctx)).To(Succeed())
	}
	Fail("it does not settle: " + pending[len(pending)-1])
	return nil, svm.ShootView{}
}

func (w *world) resource(ctx context.Context, name string) *resourcesv1alpha1.ManagedResource {
	GinkgoHelper()
	found := &resourcesv1alpha1.ManagedResource{}
	Expect(w.seed.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, found)).To(Succeed())
	return found
}

func (w *world) names(ctx context.Context) []string {
	GinkgoHelper()
	all := &resourcesv1alpha1.ManagedResourceList{}
	Expect(w.seed.List(ctx, all)).To(Succeed())
	names := []string{}
	for _, resource := range all.Items {
		names = append(names, resource.Name)
	}
	return names
}

func (w *world) get(ctx context.Context, object client.Object, namespace, name string) {
	GinkgoHelper()
	Expect(w.inside.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object)).To(Succeed())
}

func (w *world) backend(ctx context.Context) *tridentv1.TridentBackendConfig {
	GinkgoHelper()
	backend := &tridentv1.TridentBackendConfig{}
	w.get(ctx, backend, "kube-system", "ontap")
	return backend
}

func (w *world) secret(ctx context.Context) *corev1.Secret {
	GinkgoHelper()
	secret := &corev1.Secret{}
	w.get(ctx, secret, "kube-system", "ontap-svm-credentials")
	return secret
}

// say is what Trident says of its backend.
func (w *world) say(ctx context.Context, status tridentv1.TridentBackendConfigStatus) {
	GinkgoHelper()
	backend := w.backend(ctx)
	backend.Status = status
	Expect(w.inside.Status().Update(ctx, backend)).To(Succeed())
}

// prepared makes a node, and the pod there whose preparation has left a message.
func (w *world) prepared(ctx context.Context, name, message string) {
	GinkgoHelper()
	Expect(w.inside.Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"worker.gardener.cloud/pool": "pool-of-" + name}}})).To(Succeed())
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "trident-" + name, Labels: map[string]string{"app": "node.csi.trident.netapp.io"}},
		Spec:       corev1.PodSpec{NodeName: name},
	}
	Expect(w.inside.Create(ctx, pod)).To(Succeed())
	pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{
		Name: "prepare-node", State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Message: message}},
	}}
	Expect(w.inside.Status().Update(ctx, pod)).To(Succeed())
}

// leave makes an object of Trident's API in kube-system.
func (w *world) leave(ctx context.Context, kind, name string, finalizers ...string) *unstructured.Unstructured {
	GinkgoHelper()
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "trident.netapp.io/v1", "kind": kind}}
	object.SetNamespace("kube-system")
	object.SetName(name)
	object.SetFinalizers(finalizers)
	Expect(w.inside.Create(ctx, object)).To(Succeed())
	return object
}
