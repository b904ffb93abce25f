// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package apiserver

import (
	"context"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// patience bounds the wait for what a server tells a watch on its own time.
const patience = 10 * time.Second

func describeConflicts(w *world) {
	It("should refuse an update of an outdated object with Conflict, and leave the caller's object as it was", func(ctx SpecContext) {
		outdated := w.createdSecret(ctx)
		Expect(w.Patch(ctx, outdated.DeepCopy(), merge(`{"metadata":{"labels":{"by":"other"}}}`))).To(Succeed())
		outdated.Labels = map[string]string{"by": "outdated"}
		sent := outdated.DeepCopy()
		Expect(w.Update(ctx, outdated)).To(MatchError(apierrors.IsConflict, "IsConflict"))
		Expect(outdated).To(Equal(sent))
		Expect(read(ctx, w, outdated).Labels).To(HaveKeyWithValue("by", "other"))
	})

	It("should refuse a merge patch of an outdated object only with the optimistic lock", func(ctx SpecContext) {
		outdated := w.createdExtension(ctx)
		Expect(w.Patch(ctx, outdated.DeepCopy(), merge(`{"metadata":{"labels":{"by":"other"}}}`))).To(Succeed())
		base := outdated.DeepCopy()
		outdated.Annotations = map[string]string{"key": "value"}
		locked := client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{})
		Expect(w.Patch(ctx, outdated.DeepCopy(), locked)).To(MatchError(apierrors.IsConflict, "IsConflict"))
		Expect(w.Status().Patch(ctx, outdated.DeepCopy(), locked)).To(MatchError(apierrors.IsConflict, "IsConflict"))
		Expect(w.Patch(ctx, outdated, client.MergeFrom(base))).To(Succeed())
		Expect(outdated.Labels).To(HaveKeyWithValue("by", "other"))
		Expect(outdated.Annotations).To(HaveKeyWithValue("key", "value"))
	})

	It("should take an update without resourceVersion for Secrets, not for custom resources", func(ctx SpecContext) {
		secret, extension := w.createdSecret(ctx), w.createdExtension(ctx)
		secret.ResourceVersion, extension.ResourceVersion = "", ""
		uid := secret.UID
		secret.UID, secret.Data["key"] = "", []byte("other")
		Expect(w.Update(ctx, secret)).To(Succeed())
		Expect(secret.UID).To(Equal(uid))
		Expect(w.Update(ctx, extension)).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
		Expect(w.Status().Update(ctx, extension)).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
	})

	It("should answer NotFound to each request about a deleted object", func(ctx SpecContext) {
		secret := w.createdSecret(ctx)
		Expect(w.Delete(ctx, secret)).To(Succeed())
		w.expectGone(ctx, secret)
		Expect(w.Update(ctx, secret)).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
		Expect(w.Patch(ctx, secret, merge(`{"metadata":{"labels":{"key":"value"}}}`))).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
		Expect(w.Delete(ctx, secret)).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
		Expect(w.Delete(ctx, secret, client.Preconditions{UID: &secret.UID})).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
	})

	It("should tell an object from its successor of the same name", func(ctx SpecContext) {
		former := w.createdSecret(ctx)
		Expect(w.Delete(ctx, former)).To(Succeed())
		successor := w.createdSecret(ctx)
		Expect(successor.UID).NotTo(Equal(former.UID))
		former.ResourceVersion = ""
		Expect(w.Update(ctx, former)).To(MatchError(apierrors.IsConflict, "IsConflict"))
		Expect(w.Delete(ctx, former, client.Preconditions{UID: &former.UID})).To(MatchError(apierrors.IsConflict, "IsConflict"))
		Expect(read(ctx, w, successor)).To(Equal(successor))
	})

	It("should delete under preconditions only what fulfils them", func(ctx SpecContext) {
		secret := w.createdSecret(ctx)
		Expect(w.Delete(ctx, secret, client.Preconditions{UID: new(types.UID("other"))})).To(MatchError(apierrors.IsConflict, "IsConflict"))
		Expect(w.Delete(ctx, secret, client.Preconditions{UID: &secret.UID, ResourceVersion: new("1")})).To(MatchError(apierrors.IsConflict, "IsConflict"))
		Expect(read(ctx, w, secret)).To(Equal(secret))
		Expect(w.Delete(ctx, secret, client.Preconditions{UID: &secret.UID, ResourceVersion: &secret.ResourceVersion})).To(Succeed())
		w.expectGone(ctx, secret)
	})
}

func describeDeletion(w *world) {
	It("should keep a deleted object until its last finalizer is gone", func(ctx SpecContext) {
		extension := w.createdExtension(ctx, finalizer)
		Expect(w.Delete(ctx, extension)).To(Succeed())
		deleted := read(ctx, w, extension)
		Expect(deleted.DeletionTimestamp).NotTo(BeNil())
		Expect(deleted.DeletionGracePeriodSeconds).To(HaveValue(BeZero()))
		Expect(deleted.Generation).To(BeEquivalentTo(2), "deletion is a change of the intent")
		Expect(w.Delete(ctx, extension)).To(Succeed())
		Expect(read(ctx, w, extension)).To(Equal(deleted), "a second delete changes nothing")
		Expect(w.Patch(ctx, deleted, merge(`{"metadata":{"finalizers":null}}`))).To(Succeed())
		w.expectGone(ctx, extension)
	})

	It("should take no new finalizer for a deleted object, and not bring it back", func(ctx SpecContext) {
		extension := w.createdExtension(ctx, finalizer)
		Expect(w.Delete(ctx, extension)).To(Succeed())
		deleted := read(ctx, w, extension)
		more := deleted.DeepCopy()
		more.Finalizers = append(more.Finalizers, "semantics.example.org/more")
		Expect(w.Update(ctx, more)).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
		revived := deleted.DeepCopy()
		revived.DeletionTimestamp, revived.Annotations = nil, map[string]string{"key": "value"}
		Expect(w.Update(ctx, revived)).To(Succeed())
		Expect(revived.Annotations).To(HaveKey("key"))
		Expect(revived.DeletionTimestamp).To(Equal(deleted.DeletionTimestamp))
	})

	It("should delete all selected objects of a namespace, and list the others by name", func(ctx SpecContext) {
		for _, name := range []string{"c", "b", "a"} {
			secret := w.secret(name)
			secret.Labels = map[string]string{"name": name}
			Expect(w.Create(ctx, secret)).To(Succeed())
		}
		Expect(w.DeleteAllOf(ctx, &corev1.Secret{}, client.InNamespace(w.namespace), client.MatchingLabels{"name": "b"})).To(Succeed())
		secrets := &corev1.SecretList{}
		Expect(w.List(ctx, secrets, client.InNamespace(w.namespace))).To(Succeed())
		Expect(secrets.Items).To(HaveExactElements(HaveField("Name", "a"), HaveField("Name", "c")))
	})
}

func describeRequests(w *world) {
	It("should list the objects of one name in all namespaces", func(ctx SpecContext) {
		Expect(w.Create(ctx, w.secret("other"))).To(Succeed())
		secret := w.createdSecret(ctx)
		found := &corev1.SecretList{}
		Expect(w.List(ctx, found, client.MatchingFields{"metadata.name": secret.Name})).To(Succeed())
		Expect(found.Items).To(ContainElement(HaveField("UID", secret.UID)))
		Expect(found.Items).To(HaveEach(HaveField("Name", secret.Name)))
	})

	It("should name the kind of each custom resource in a list, and of no other object", func(ctx SpecContext) {
		Expect(read(ctx, w, w.createdExtension(ctx)).Kind).To(BeEmpty())
		extensions := &extensionsv1alpha1.ExtensionList{}
		Expect(w.List(ctx, extensions, client.InNamespace(w.namespace))).To(Succeed())
		Expect(extensions.Items).To(HaveExactElements(HaveField("TypeMeta", metav1.TypeMeta{Kind: "Extension", APIVersion: "extensions.gardener.cloud/v1alpha1"})))
		w.createdSecret(ctx)
		secrets := &corev1.SecretList{}
		Expect(w.List(ctx, secrets, client.InNamespace(w.namespace))).To(Succeed())
		Expect(secrets.Items).To(HaveExactElements(HaveField("TypeMeta", BeZero())))
	})

	It("should judge a dry run like the real request, without effect", func(ctx SpecContext) {
		Expect(w.Create(ctx, w.secret("other"), client.DryRunAll)).To(Succeed())
		w.expectGone(ctx, w.secret("other"))
		absent := w.secret("other")
		absent.Namespace += "-absent"
		Expect(w.Create(ctx, absent, client.DryRunAll)).To(MatchError(apierrors.IsNotFound, "IsNotFound"))

		secret := w.createdSecret(ctx)
		Expect(w.Create(ctx, w.secret("one"), client.DryRunAll)).To(MatchError(apierrors.IsAlreadyExists, "IsAlreadyExists"))
		answer := secret.DeepCopy()
		Expect(w.Patch(ctx, answer, merge(`{"metadata":{"labels":{"key":"value"}}}`), client.DryRunAll)).To(Succeed())
		Expect(answer.Labels).To(HaveKeyWithValue("key", "value"))
		Expect(answer.ResourceVersion).To(Equal(secret.ResourceVersion))
		Expect(w.Update(ctx, answer, client.DryRunAll)).To(Succeed())
		Expect(w.Delete(ctx, secret, client.DryRunAll)).To(Succeed())
		Expect(read(ctx, w, secret)).To(Equal(secret))
	})

	It("should do nothing once the context has ended, and say so", func(ctx SpecContext) {
		extension := w.createdExtension(ctx)
		ended, cancel := context.WithCancel(ctx)
		cancel()
		patch := merge(`{"metadata":{"labels":{"key":"value"}},"status":{"observedGeneration":7}}`)
		for _, err := range []error{
			w.Create(ended, w.extension("other")),
			w.Get(ended, client.ObjectKeyFromObject(extension), extension.DeepCopy()),
			w.List(ended, &corev1.SecretList{}),
			w.Update(ended, extension.DeepCopy()),
			w.Patch(ended, extension.DeepCopy(), patch),
			w.Status().Update(ended, extension.DeepCopy()),
			w.Status().Patch(ended, extension.DeepCopy(), patch),
			w.Delete(ended, extension),
			w.DeleteAllOf(ended, extension.DeepCopy(), client.InNamespace(w.namespace)),
		} {
			Expect(err).To(MatchError(context.Canceled))
		}
		late, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
		defer cancel()
		Expect(w.Delete(late, extension)).To(MatchError(context.DeadlineExceeded))
		Expect(read(ctx, w, extension)).To(Equal(extension))
		w.expectGone(ctx, w.extension("other"))
	})

	It("should refuse a strategic merge patch of a custom resource", func(ctx SpecContext) {
		patch := client.RawPatch(types.StrategicMergePatchType, []byte(`{"metadata":{"labels":{"key":"value"}}}`))
		Expect(w.Patch(ctx, w.createdSecret(ctx), patch)).To(Succeed())
		Expect(w.Patch(ctx, w.createdExtension(ctx), patch)).To(MatchError(apierrors.IsUnsupportedMediaType, "IsUnsupportedMediaType"))
	})

	It("should start a watch with what exists, tell what changes, and end it with its context", func(ctx SpecContext) {
		secret := w.createdSecret(ctx)
		watching, cancel := context.WithCancel(ctx)
		defer cancel()
		watcher, err := w.Watch(watching, &corev1.SecretList{}, client.InNamespace(w.namespace))
		Expect(err).NotTo(HaveOccurred())
		event := func(kind watch.EventType, labels map[string]string) {
			GinkgoHelper()
			Eventually(ctx, watcher.ResultChan()).WithTimeout(patience).Should(Receive(And(HaveField("Type", kind),
				HaveField("Object", And(HaveField("Name", "one"), HaveField("Labels", HaveLen(len(labels))))))))
		}
		event(watch.Added, nil)
		Expect(w.Update(ctx, secret)).To(Succeed(), "a write that changes nothing tells nothing")
		Expect(w.Patch(ctx, secret, merge(`{"metadata":{"labels":{"key":"value"}}}`))).To(Succeed())
		event(watch.Modified, map[string]string{"key": "value"})
		Expect(w.Delete(ctx, secret)).To(Succeed())
		event(watch.Deleted, map[string]string{"key": "value"})
		cancel()
		Eventually(ctx, watcher.ResultChan()).WithTimeout(patience).Should(BeClosed())
	})

	It("should read and patch the metadata alone", func(ctx SpecContext) {
		extension := w.createdExtension(ctx)
		partial := &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: "extensions.gardener.cloud/v1alpha1", Kind: "Extension"}}
		Expect(w.Get(ctx, client.ObjectKeyFromObject(extension), partial)).To(Succeed())
		Expect(partial.UID).To(Equal(extension.UID))
		Expect(w.Patch(ctx, partial, merge(`{"metadata":{"labels":{"key":"value"}}}`))).To(Succeed())
		Expect(partial.Labels).To(HaveKeyWithValue("key", "value"))
		Expect(read(ctx, w, extension).Spec).To(Equal(extension.Spec))
	})

	It("should list the metadata alone, by labels", func(ctx SpecContext) {
		labelled, other := w.secret("one"), w.secret("two")
		labelled.Labels = map[string]string{"key": "value"}
		Expect(w.Create(ctx, labelled)).To(Succeed())
		Expect(w.Create(ctx, other)).To(Succeed())
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("SecretList"))
		Expect(w.List(ctx, list, client.InNamespace(w.namespace), client.MatchingLabels{"key": "value"})).To(Succeed())
		Expect(list.Items).To(ConsistOf(And(HaveField("Name", "one"), HaveField("UID", labelled.UID), HaveField("ResourceVersion", labelled.ResourceVersion))))
	})

	It("should take and give objects without a type like those with one", func(ctx SpecContext) {
		untyped := &unstructured.Unstructured{}
		Expect(w.Scheme().Convert(w.secret("one"), untyped, nil)).To(Succeed())
		untyped.SetUID("forged")
		Expect(w.Create(ctx, untyped)).To(Succeed())
		secret := &corev1.Secret{}
		Expect(w.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: "one"}, secret)).To(Succeed())
		Expect(secret.Data).To(Equal(w.secret("one").Data))
		Expect(secret.UID).To(And(Equal(untyped.GetUID()), Not(BeEquivalentTo("forged"))))
		again := &unstructured.Unstructured{}
		again.SetGroupVersionKind(untyped.GroupVersionKind())
		Expect(w.Get(ctx, client.ObjectKeyFromObject(secret), again)).To(Succeed())
		Expect(again.Object["data"]).To(Equal(untyped.Object["data"]))
		Expect(again.GetResourceVersion()).To(Equal(untyped.GetResourceVersion()))
		Expect(again.GroupVersionKind()).To(Equal(corev1.SchemeGroupVersion.WithKind("Secret")))
		Expect(w.Create(ctx, untyped)).NotTo(Succeed(), "it has a resourceVersion")
		untyped.SetResourceVersion("")
		Expect(w.Create(ctx, untyped)).To(MatchError(apierrors.IsAlreadyExists, "IsAlreadyExists"))
		again.SetName("nobody")
		Expect(w.Get(ctx, client.ObjectKeyFromObject(again), again)).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
	})
}
