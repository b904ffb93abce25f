// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package apiserver

import (
	"context"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// DescribeSemantics registers the table of semantics that this project relies on, one spec a row, to be run both against New
// and against a kube-apiserver. Connect is called once per spec; its client needs the scheme of client-go and
// extensions.gardener.cloud/v1alpha1, a server that has Gardener's CRDs, and the rights of an administrator.
//
// Each spec works in a namespace of its own, which it deletes at the end with all objects in it. Its Extensions are of type
// "semantics", which no controller is responsible for.
func DescribeSemantics(text string, connect func(context.Context) client.WithWatch) bool {
	return Describe(text, func() {
		w := &world{}
		BeforeEach(func(ctx SpecContext) {
			w.WithWatch = connect(ctx)
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "semantics-"}}
			Expect(w.Create(ctx, namespace)).To(Succeed())
			w.namespace = namespace.Name
			DeferCleanup(w.clear)
		})
		describeNames(w)
		describeMetadata(w)
		describeSpecAndStatus(w)
		describeConflicts(w)
		describeDeletion(w)
		describeContent(w)
		describeRequests(w)
	})
}

// world is one spec's view of the server.
type world struct {
	client.WithWatch
	namespace string
}

const finalizer = "semantics.example.org/hold"

func (w *world) secret(name string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}, Data: map[string][]byte{"key": []byte("value")}}
}

func (w *world) extension(name string) *extensionsv1alpha1.Extension {
	return &extensionsv1alpha1.Extension{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: extensionsv1alpha1.ExtensionSpec{DefaultSpec: extensionsv1alpha1.DefaultSpec{
			Type: "semantics", ProviderConfig: &runtime.RawExtension{Raw: []byte(`{"size":1}`)},
		}},
	}
}

func (w *world) createdSecret(ctx context.Context) *corev1.Secret {
	GinkgoHelper()
	secret := w.secret("one")
	Expect(w.Create(ctx, secret)).To(Succeed())
	return secret
}

func (w *world) createdExtension(ctx context.Context, finalizers ...string) *extensionsv1alpha1.Extension {
	GinkgoHelper()
	extension := w.extension("one")
	extension.Finalizers = finalizers
	Expect(w.Create(ctx, extension)).To(Succeed())
	return extension
}

// read returns the object as the server has it now.
func read[T client.Object](ctx context.Context, w *world, obj T) T {
	GinkgoHelper()
	stored := obj.DeepCopyObject().(T)
	Expect(w.Get(ctx, client.ObjectKeyFromObject(obj), stored)).To(Succeed())
	return stored
}

// expectGone fails the spec if the server still has the object.
func (w *world) expectGone(ctx context.Context, obj client.Object) {
	GinkgoHelper()
	Expect(w.Get(ctx, client.ObjectKeyFromObject(obj), obj.DeepCopyObject().(client.Object))).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
}

// clear leaves nothing behind but, on a server without kube-controller-manager, the terminating namespace.
func (w *world) clear(ctx SpecContext) {
	extensions := &extensionsv1alpha1.ExtensionList{}
	Expect(w.List(ctx, extensions, client.InNamespace(w.namespace))).To(Succeed())
	for i := range extensions.Items {
		Expect(w.Patch(ctx, &extensions.Items[i], merge(`{"metadata":{"finalizers":null}}`))).To(Succeed())
		Expect(client.IgnoreNotFound(w.Delete(ctx, &extensions.Items[i]))).To(Succeed())
	}
	Expect(w.DeleteAllOf(ctx, &corev1.Secret{}, client.InNamespace(w.namespace))).To(Succeed())
	Expect(w.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})).To(Succeed())
}

func merge(patch string) client.Patch {
	return client.RawPatch(types.MergePatchType, []byte(patch))
}

func describeNames(w *world) {
	It("should refuse a second object of the same name with AlreadyExists", func(ctx SpecContext) {
		w.createdSecret(ctx)
		Expect(w.Create(ctx, w.secret("one"))).To(MatchError(apierrors.IsAlreadyExists, "IsAlreadyExists"))
		Expect(w.Create(ctx, w.extension("one"))).To(Succeed(), "another kind has names of its own")
	})

	It("should complete generateName to names that differ", func(ctx SpecContext) {
		first, second := w.secret(""), w.secret("")
		first.GenerateName, second.GenerateName = "two-", "two-"
		Expect(w.Create(ctx, first)).To(Succeed())
		Expect(w.Create(ctx, second)).To(Succeed())
		Expect(first.Name).To(HavePrefix("two-"))
		Expect(first.Name).NotTo(Equal(second.Name))
		Expect(read(ctx, w, first).Name).To(Equal(first.Name))
	})

	It("should refuse malformed names and labels with Invalid", func(ctx SpecContext) {
		Expect(w.Create(ctx, w.secret("UPPER"))).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
		Expect(w.Create(ctx, w.secret(""))).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
		labelled := w.secret("labelled")
		labelled.Labels = map[string]string{"key": "not a label value"}
		Expect(w.Create(ctx, labelled)).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
	})

	It("should label and hold a namespace, and want a DNS label as its name", func(ctx SpecContext) {
		namespace := read(ctx, w, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})
		Expect(namespace.Labels).To(HaveKeyWithValue("kubernetes.io/metadata.name", w.namespace))
		Expect(namespace.Spec.Finalizers).To(ConsistOf(corev1.FinalizerKubernetes))
		Expect(namespace.Status.Phase).To(Equal(corev1.NamespaceActive))
		dotted := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "semantics.dotted"}}
		Expect(w.Create(ctx, dotted)).To(MatchError(apierrors.IsInvalid, "IsInvalid"))
	})

	It("should want a namespace where there must be one, and ignore one where there is none", func(ctx SpecContext) {
		Expect(w.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "one"}})).To(MatchError(ContainSubstring("an empty namespace may not be set")))
		raw := runtime.RawExtension{Raw: []byte(`{"apiVersion":"v1","kind":"Nothing"}`)}
		cluster := &extensionsv1alpha1.Cluster{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "semantics-", Namespace: w.namespace},
			Spec:       extensionsv1alpha1.ClusterSpec{CloudProfile: raw, Seed: &raw, Shoot: raw},
		}
		Expect(w.Create(ctx, cluster)).To(Succeed())
		Expect(cluster.Namespace).To(BeEmpty())
		Expect(w.Delete(ctx, cluster)).To(Succeed())
	})

	It("should answer NotFound to a create in an absent namespace", func(ctx SpecContext) {
		secret := w.secret("one")
		secret.Namespace = w.namespace + "-absent"
		Expect(w.Create(ctx, secret)).To(MatchError(apierrors.IsNotFound, "IsNotFound"))
	})

	It("should forbid creates in a terminating namespace, and no other write", func(ctx SpecContext) {
		secret := w.createdSecret(ctx)
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
		Expect(w.Delete(ctx, namespace)).To(Succeed())
		Expect(read(ctx, w, namespace).Status.Phase).To(Equal(corev1.NamespaceTerminating))

		for _, name := range []string{"one", "another"} {
			err := w.Create(ctx, w.secret(name))
			Expect(err).To(MatchError(apierrors.IsForbidden, "IsForbidden"))
			Expect(apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)).To(BeTrue())
		}
		nameless := w.secret("")
		nameless.GenerateName = "more-"
		Expect(w.Create(ctx, nameless)).To(MatchError(apierrors.IsForbidden, "IsForbidden"))
		Expect(nameless.Name).To(BeEmpty(), "a failed write leaves the caller's object as it was")

		Expect(w.Patch(ctx, secret, merge(`{"metadata":{"labels":{"key":"value"}}}`))).To(Succeed())
		Expect(w.Delete(ctx, secret)).To(Succeed())
		w.expectGone(ctx, secret)
	})
}
