// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package apiserver

import (
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func revision(text string) int64 {
	GinkgoHelper()
	number, err := strconv.ParseInt(text, 10, 64)
	Expect(err).NotTo(HaveOccurred())
	return number
}

func describeMetadata(w *world) {
	It("should assign UID and timestamps at create, whatever the client says", func(ctx SpecContext) {
		long := metav1.NewTime(time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC))
		secret := w.secret("one")
		secret.UID, secret.CreationTimestamp, secret.DeletionTimestamp = "forged", long, &long
		Expect(w.Create(ctx, secret)).To(Succeed())
		Expect(secret.UID).NotTo(BeElementOf(BeEmpty(), BeEquivalentTo("forged")))
		Expect(secret.CreationTimestamp.Year()).To(BeNumerically(">", 2001))
		Expect(secret.DeletionTimestamp).To(BeNil())
		Expect(read(ctx, w, secret)).To(Equal(secret), "the answer to a write is what is stored")
	})

	It("should ignore another creationTimestamp, and refuse another UID or a deletionTimestamp", func(ctx SpecContext) {
		secret := w.createdSecret(ctx)
		forged := secret.DeepCopy()
		forged.CreationTimestamp = metav1.NewTime(secret.CreationTimestamp.Add(-time.Hour))
		Expect(w.Update(ctx, forged)).To(Succeed())
		Expect(forged).To(Equal(secret))

		forged.UID = "forged"
		Expect(w.Update(ctx, forged)).To(MatchError(apierrors.IsConflict, "IsConflict"))
		Expect(w.Patch(ctx, secret.DeepCopy(), merge(`{"metadata":{"uid":"forged"}}`))).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
		forged = secret.DeepCopy()
		forged.DeletionTimestamp = new(metav1.Now())
		Expect(w.Update(ctx, forged)).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
		Expect(read(ctx, w, secret)).To(Equal(secret))
	})

	It("should refuse a create with a resourceVersion", func(ctx SpecContext) {
		secret := w.secret("one")
		secret.ResourceVersion = "1"
		Expect(w.Create(ctx, secret)).NotTo(Succeed())
		w.expectGone(ctx, secret)
	})

	It("should count the writes of all kinds in one resourceVersion", func(ctx SpecContext) {
		secret := w.createdSecret(ctx)
		extension := w.createdExtension(ctx)
		Expect(revision(extension.ResourceVersion)).To(BeNumerically(">", revision(secret.ResourceVersion)))
		Expect(w.Patch(ctx, secret, merge(`{"metadata":{"labels":{"key":"value"}}}`))).To(Succeed())
		Expect(revision(secret.ResourceVersion)).To(BeNumerically(">", revision(extension.ResourceVersion)))
		Expect(w.Delete(ctx, extension)).To(Succeed())
		secrets := &corev1.SecretList{}
		Expect(w.List(ctx, secrets, client.InNamespace(w.namespace))).To(Succeed())
		Expect(revision(secrets.ResourceVersion)).To(BeNumerically(">", revision(secret.ResourceVersion)))
	})

	It("should keep the resourceVersion of an object when a write changes nothing", func(ctx SpecContext) {
		secret := w.createdSecret(ctx)
		before := secret.ResourceVersion
		secret.Labels = map[string]string{}
		Expect(w.Update(ctx, secret)).To(Succeed())
		Expect(w.Patch(ctx, secret, merge(`{"data":{"key":"dmFsdWU="}}`))).To(Succeed())
		Expect(w.Patch(ctx, secret, merge(`{}`))).To(Succeed())
		Expect(secret.ResourceVersion).To(Equal(before))
		Expect(read(ctx, w, secret).ResourceVersion).To(Equal(before))
	})

	It("should count only changes of the spec in the generation", func(ctx SpecContext) {
		extension := w.createdExtension(ctx)
		Expect(extension.Generation).To(BeEquivalentTo(1))
		Expect(w.Patch(ctx, extension, merge(`{"metadata":{"labels":{"key":"value"},"annotations":{"key":"value"},"generation":9}}`))).To(Succeed())
		Expect(extension.Generation).To(BeEquivalentTo(1))
		Expect(w.Status().Patch(ctx, extension, merge(`{"status":{"observedGeneration":1}}`))).To(Succeed())
		Expect(extension.Generation).To(BeEquivalentTo(1))
		Expect(w.Patch(ctx, extension, merge(`{"spec":{"providerConfig":{"size":2}}}`))).To(Succeed())
		Expect(read(ctx, w, extension).Generation).To(BeEquivalentTo(2))

		secret := w.createdSecret(ctx)
		Expect(w.Patch(ctx, secret, merge(`{"data":{"key":"b3RoZXI="}}`))).To(Succeed())
		Expect(secret.Generation).To(BeZero(), "a Secret has no generation")
	})
}

func describeSpecAndStatus(w *world) {
	It("should drop the status at create", func(ctx SpecContext) {
		extension := w.extension("one")
		extension.Status.ObservedGeneration = 7
		Expect(w.Create(ctx, extension)).To(Succeed())
		Expect(extension.Status.ObservedGeneration).To(BeZero())
		Expect(read(ctx, w, extension).Status.ObservedGeneration).To(BeZero())
	})

	It("should write the status only by its subresource, and by that nothing else", func(ctx SpecContext) {
		extension := w.createdExtension(ctx)
		extension.Labels, extension.Status.ObservedGeneration = map[string]string{"by": "update"}, 7
		Expect(w.Update(ctx, extension)).To(Succeed())
		Expect(extension.Status.ObservedGeneration).To(BeZero())

		extension.Labels, extension.Status.ObservedGeneration = map[string]string{"by": "status"}, 7
		extension.Spec.ProviderConfig = nil
		Expect(w.Status().Update(ctx, extension)).To(Succeed())
		Expect(w.Status().Patch(ctx, extension, merge(`{"metadata":{"labels":{"by":"status"}},"spec":{"providerConfig":null}}`))).To(Succeed())
		stored := read(ctx, w, extension)
		Expect(stored.Status.ObservedGeneration).To(BeEquivalentTo(7))
		Expect(stored.Labels).To(HaveKeyWithValue("by", "update"))
		Expect(stored.Spec.ProviderConfig).NotTo(BeNil())
	})

	It("should keep the resourceVersion when a write of the status changes nothing", func(ctx SpecContext) {
		extension := w.createdExtension(ctx)
		extension.Status.ProviderStatus = &runtime.RawExtension{Raw: []byte(`{"b": 1, "a": 2}`)}
		Expect(w.Status().Update(ctx, extension)).To(Succeed())
		Expect(extension.Status.ProviderStatus.Raw).To(BeEquivalentTo(`{"a":2,"b":1}`), "embedded JSON is stored with sorted keys")
		before := extension.ResourceVersion
		Expect(w.Status().Patch(ctx, extension, merge(`{"status":{"providerStatus":{"b":1}}}`))).To(Succeed())
		extension.Status.ProviderStatus = &runtime.RawExtension{Raw: []byte(`{"b": 1, "a": 2}`)}
		Expect(w.Status().Update(ctx, extension)).To(Succeed())
		Expect(extension.ResourceVersion).To(Equal(before))
		Expect(read(ctx, w, extension).ResourceVersion).To(Equal(before))
	})

	It("should answer NotFound to the status of a kind that has none", func(ctx SpecContext) {
		Expect(w.Status().Update(ctx, w.createdSecret(ctx))).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
	})
}

func describeContent(w *world) {
	It("should let nobody change the data of an immutable Secret", func(ctx SpecContext) {
		secret := w.secret("one")
		secret.Immutable = new(true)
		Expect(w.Create(ctx, secret)).To(Succeed())
		for _, patch := range []string{`{"data":{"key":"b3RoZXI="}}`, `{"data":{"key":null}}`, `{"stringData":{"more":"value"}}`, `{"immutable":null}`, `{"immutable":false}`} {
			Expect(w.Patch(ctx, secret.DeepCopy(), merge(patch))).To(MatchError(apierrors.IsInvalid, "IsInvalid"), patch)
		}
		changed := secret.DeepCopy()
		changed.Data["key"] = []byte("other")
		Expect(w.Update(ctx, changed)).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
		Expect(read(ctx, w, secret)).To(Equal(secret))
		Expect(w.Patch(ctx, secret, merge(`{"metadata":{"labels":{"key":"value"}}}`))).To(Succeed(), "metadata stay mutable")
		Expect(w.Delete(ctx, secret)).To(Succeed())
	})

	It("should let a Secret become immutable", func(ctx SpecContext) {
		secret := w.createdSecret(ctx)
		Expect(w.Patch(ctx, secret, merge(`{"immutable":true,"data":{"last":"Y2hhbmdl"}}`))).To(Succeed())
		Expect(w.Patch(ctx, secret, merge(`{"data":{"key":"b3RoZXI="}}`))).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
	})

	It("should let nobody change what a StorageClass makes volumes from", func(ctx SpecContext) {
		class := &storagev1.StorageClass{
			ObjectMeta: metav1.ObjectMeta{Name: w.namespace}, Provisioner: "csi.example.org", Parameters: map[string]string{"key": "value"},
			ReclaimPolicy: new(corev1.PersistentVolumeReclaimDelete), VolumeBindingMode: new(storagev1.VolumeBindingImmediate),
		}
		Expect(w.Create(ctx, class)).To(Succeed())
		DeferCleanup(func(ctx SpecContext) { Expect(client.IgnoreNotFound(w.Delete(ctx, class))).To(Succeed()) })
		for _, patch := range []string{
			`{"parameters":{"more":"value"}}`, `{"parameters":null}`, `{"provisioner":"csi.example.com"}`, `{"reclaimPolicy":"Retain"}`,
			`{"volumeBindingMode":"WaitForFirstConsumer"}`,
		} {
			Expect(w.Patch(ctx, class.DeepCopy(), merge(patch))).To(MatchError(apierrors.IsInvalid, "IsInvalid"), patch)
		}
		Expect(read(ctx, w, class)).To(Equal(class))
		Expect(w.Patch(ctx, class, merge(`{"metadata":{"annotations":{"key":"value"}},"mountOptions":["noatime"],"allowVolumeExpansion":true}`))).
			To(Succeed(), "the rest stays mutable")
	})

	It("should turn stringData into data, and keep the type of a Secret", func(ctx SpecContext) {
		secret := w.secret("one")
		secret.StringData = map[string]string{"text": "value"}
		Expect(w.Create(ctx, secret)).To(Succeed())
		Expect(secret.StringData).To(BeEmpty())
		Expect(secret.Data).To(HaveKeyWithValue("text", []byte("value")))
		Expect(secret.Type).To(Equal(corev1.SecretTypeOpaque))
		Expect(w.Patch(ctx, secret, merge(`{"type":"example.org/other"}`))).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
	})
}
