// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package apiserver_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
)

// What only the in-process server has, and so is no row of the table.
var _ = Describe("New", func() {
	var (
		clock *testclock.FakePassiveClock
		c     client.WithWatch
	)

	BeforeEach(func(ctx SpecContext) {
		clock = testclock.NewFakePassiveClock(time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC))
		c = newServer(clock)
		Expect(c.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shoot"}})).To(Succeed())
	})

	It("should take its timestamps from the clock, in whole seconds", func(ctx SpecContext) {
		extension := &extensionsv1alpha1.Extension{ObjectMeta: metav1.ObjectMeta{Namespace: "shoot", Name: "one", Finalizers: []string{"example.org/hold"}}}
		Expect(c.Create(ctx, extension)).To(Succeed())
		Expect(extension.CreationTimestamp.Time).To(BeTemporally("==", time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)))
		clock.SetTime(time.Date(2026, 2, 3, 4, 6, 0, 0, time.UTC))
		Expect(c.Delete(ctx, extension)).To(Succeed())
		Expect(c.Get(ctx, client.ObjectKeyFromObject(extension), extension)).To(Succeed())
		Expect(extension.DeletionTimestamp.Time).To(BeTemporally("==", time.Date(2026, 2, 3, 4, 6, 0, 0, time.UTC)))
	})

	It("should let one of several concurrent writers with the same resourceVersion win", func(ctx SpecContext) {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shoot", Name: "one"}}
		Expect(c.Create(ctx, secret)).To(Succeed())
		var writers sync.WaitGroup
		writes, reads := make([]error, 20), make([]error, 20)
		for i := range writes {
			writers.Go(func() {
				mine := secret.DeepCopy()
				mine.Labels = map[string]string{"writer": fmt.Sprint(i)}
				writes[i] = c.Update(ctx, mine)
				reads[i] = errors.Join(c.Get(ctx, client.ObjectKeyFromObject(secret), mine), c.List(ctx, &corev1.SecretList{}))
			})
		}
		writers.Wait()
		Expect(reads).To(HaveEach(BeNil()))
		winners := slices.DeleteFunc(writes, apierrors.IsConflict)
		Expect(winners).To(HaveExactElements(BeNil()))
	})

	It("should serve unstructured objects as the typed ones", func(ctx SpecContext) {
		u := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "extensions.gardener.cloud/v1alpha1", "kind": "Extension",
			"metadata": map[string]any{"namespace": "shoot", "name": "one"},
			"spec":     map[string]any{"type": "any"},
		}}
		Expect(c.Create(ctx, u)).To(Succeed())
		Expect(u.GetUID()).NotTo(BeEmpty())
		Expect(u.GetGeneration()).To(BeEquivalentTo(1))
		Expect(unstructured.SetNestedField(u.Object, "other", "spec", "type")).To(Succeed())
		Expect(c.Update(ctx, u)).To(Succeed())
		Expect(u.GetGeneration()).To(BeEquivalentTo(2))
		extension := &extensionsv1alpha1.Extension{}
		Expect(c.Get(ctx, client.ObjectKeyFromObject(u), extension)).To(Succeed())
		Expect(extension.Spec.Type).To(Equal("other"))
	})

	It("should serve no kind that is not in its scheme", func(ctx SpecContext) {
		u := &unstructured.Unstructured{}
		u.SetGroupVersionKind(schema.GroupVersionKind{Group: "example.org", Version: "v1", Kind: "Unknown"})
		u.SetName("one")
		Expect(c.Create(ctx, u)).To(MatchError(meta.IsNoMatchError, "IsNoMatchError"))
	})

	It("should refuse server-side apply", func(ctx SpecContext) {
		secret := &corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: metav1.ObjectMeta{Namespace: "shoot", Name: "one"}}
		apply := client.RawPatch(types.ApplyPatchType, []byte(`{"apiVersion":"v1","kind":"Secret","metadata":{"name":"one"}}`))
		Expect(c.Patch(ctx, secret, apply, client.FieldOwner("spec"))).To(MatchError(ContainSubstring("server-side apply is not served")))
	})

	It("should keep a namespace until its finalizers are gone, and then terminating", func(ctx SpecContext) {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "held", Finalizers: []string{"example.org/hold"}}}
		Expect(c.Create(ctx, namespace)).To(Succeed())
		Expect(c.Delete(ctx, namespace)).To(Succeed())
		Expect(c.Patch(ctx, namespace, client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`)))).To(Succeed())
		Expect(c.Get(ctx, client.ObjectKeyFromObject(namespace), namespace)).To(Succeed())
		Expect(namespace.Finalizers).To(BeEmpty())
		Expect(namespace.Status.Phase).To(Equal(corev1.NamespaceTerminating))
	})

	It("should give a copy all objects in their versions, and a life of its own", func(ctx SpecContext) {
		extension := &extensionsv1alpha1.Extension{ObjectMeta: metav1.ObjectMeta{Namespace: "shoot", Name: "one"}}
		gone := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shoot", Name: "gone"}}
		Expect(c.Create(ctx, extension)).To(Succeed())
		Expect(c.Create(ctx, gone)).To(Succeed())
		Expect(c.Delete(ctx, gone)).To(Succeed())
		other, err := apiserver.Copy(c, clock)
		Expect(err).NotTo(HaveOccurred())
		copied := &extensionsv1alpha1.Extension{}
		Expect(other.Get(ctx, client.ObjectKeyFromObject(extension), copied)).To(Succeed())
		Expect(copied).To(Equal(extension))
		Expect(apierrors.IsNotFound(other.Get(ctx, client.ObjectKeyFromObject(gone), gone))).To(BeTrue())

		copied.Labels = map[string]string{"only": "there"}
		Expect(other.Update(ctx, copied)).To(Succeed())
		Expect(copied.ResourceVersion).To(Equal("5"))
		Expect(c.Get(ctx, client.ObjectKeyFromObject(extension), copied)).To(Succeed())
		Expect(copied).To(Equal(extension))
	})

	It("should give each server objects and versions of its own", func(ctx SpecContext) {
		other := apiserver.New(apiserver.Options{Scheme: c.Scheme(), Clock: clock})
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shoot"}}
		Expect(other.Create(ctx, namespace)).To(Succeed())
		Expect(namespace.ResourceVersion).To(Equal("1"))
	})
})
