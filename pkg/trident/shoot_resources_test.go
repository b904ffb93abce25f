// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/sets"
	vpaautoscalingv1 "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

var _ = Describe("ShootResources", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	Describe("#Ensure", func() {
		It("should write one after the other, each when the one before is applied", func(ctx SpecContext) {
			pending, view := w.settle(ctx)
			Expect(pending).To(HaveExactElements(
				HavePrefix("ManagedResource extension-ontap-crds "), HavePrefix("ManagedResource extension-ontap-credentials "),
				HavePrefix("ManagedResource extension-ontap-driver "), HavePrefix("ManagedResource extension-ontap-classes "),
			))
			Expect(view).To(Equal(svm.ShootView{Backend: "Trident has not made its backend yet"}))
			for _, name := range w.names(ctx) {
				resource := w.resource(ctx, name)
				Expect(resource.Labels).To(HaveKeyWithValue("origin", "extension-ontap"))
				Expect(resource.Spec.InjectLabels).To(HaveKeyWithValue("shoot.gardener.cloud/no-cleanup", "true"))
				Expect(resource.Spec.Class).To(BeNil())
			}
		})

		It("should write nothing that is in place, whatever the shoot looks like", func(ctx SpecContext) {
			w.settle(ctx)
			before := w.resource(ctx, "extension-ontap-classes").ResourceVersion
			w.unreachable = errors.New("no route to host")
			view, err := w.resources.Ensure(w.content)(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(view.Unseen).To(Equal("the shoot cannot be looked into: making a client: no route to host"))
			Expect(view.Bound).To(BeFalse())
			Expect(w.resource(ctx, "extension-ontap-classes").ResourceVersion).To(Equal(before))
		})

		It("should give the shoot the credentials in a Secret that is changed and never made anew", func(ctx SpecContext) {
			w.settle(ctx)
			first := w.secret(ctx)
			Expect(first.Data).To(Equal(map[string][]byte{
				"username": []byte(w.content.Credentials.Username()), "password": []byte(w.content.Credentials.Password()),
			}))
			w.renew(ctx)
			w.settle(ctx)
			second := w.secret(ctx)
			Expect(second.UID).To(Equal(first.UID))
			Expect(second.Data["username"]).To(BeEquivalentTo(w.content.Credentials.Username()))
			Expect(second.Data).NotTo(Equal(first.Data))
			Expect(second.Annotations).To(Equal(first.Annotations))
		})

		DescribeTable("should change the Secret with the LIFs, so that Trident looks for them again",
			func(ctx SpecContext, change func(*svm.ShootContent), versions int) {
				w.settle(ctx)
				before := w.secret(ctx)
				change(&w.content)
				w.settle(ctx)
				after := w.secret(ctx)
				Expect(after.UID).To(Equal(before.UID))
				Expect(sets.New(before.ResourceVersion, after.ResourceVersion)).To(HaveLen(versions))
			},
			Entry("a new data LIF", func(c *svm.ShootContent) { c.DataLIFs[1] = netip.MustParseAddr("10.12.0.9") }, 2),
			Entry("another management LIF", func(c *svm.ShootContent) { c.ManagementLIF = netip.MustParseAddr("10.10.0.9") }, 2),
			Entry("the same LIFs in another order", func(c *svm.ShootContent) { c.DataLIFs[0], c.DataLIFs[1] = c.DataLIFs[1], c.DataLIFs[0] }, 1),
		)

		It("should apply again what the owner of the shoot has changed or deleted", func(ctx SpecContext) {
			w.settle(ctx)
			secret, backend := w.secret(ctx), w.backend(ctx)
			secret.Data["password"] = []byte("guessed")
			Expect(w.inside.Update(ctx, secret)).To(Succeed())
			pending, _ := w.settle(ctx)
			Expect(pending).To(ConsistOf(ContainSubstring("Secret ontap-svm-credentials in the shoot is not the one")))
			Expect(w.secret(ctx).Data["password"]).To(BeEquivalentTo(w.content.Credentials.Password()))

			backend.Spec.ManagementLIF = "192.0.2.1"
			Expect(w.inside.Update(ctx, backend)).To(Succeed())
			pending, _ = w.settle(ctx)
			Expect(pending).To(ConsistOf(ContainSubstring("TridentBackendConfig ontap in the shoot is not the one")))
			Expect(w.backend(ctx).Spec.ManagementLIF).To(Equal("10.10.0.1"))

			Expect(w.inside.Delete(ctx, w.secret(ctx))).To(Succeed())
			Expect(w.inside.Delete(ctx, w.backend(ctx))).To(Succeed())
			w.settle(ctx)
			Expect(w.secret(ctx).Data).To(HaveKey("password"))
			Expect(w.backend(ctx).Spec.ManagementLIF).To(Equal("10.10.0.1"))
		})

		It("should make the content of a ManagedResource again that has lost it", func(ctx SpecContext) {
			w.settle(ctx)
			lost := &corev1.Secret{}
			Expect(w.seed.Get(ctx, client.ObjectKey{Namespace: namespace, Name: w.resource(ctx, "extension-ontap-credentials").Spec.SecretRefs[0].Name}, lost)).To(Succeed())
			Expect(w.seed.Delete(ctx, lost)).To(Succeed())
			Expect(w.inside.Delete(ctx, w.secret(ctx))).To(Succeed())
			pending, _ := w.settle(ctx)
			Expect(pending).To(ContainElement("ManagedResource extension-ontap-credentials: CannotReadSecret"))
			Expect(w.secret(ctx).Data["password"]).To(BeEquivalentTo(w.content.Credentials.Password()))
		})

		It("should put a ManagedResource right that somebody has changed", func(ctx SpecContext) {
			w.settle(ctx)
			changed := w.resource(ctx, "extension-ontap-classes")
			changed.Spec.KeepObjects, changed.Spec.InjectLabels = new(true), nil
			Expect(w.seed.Update(ctx, changed)).To(Succeed())
			w.settle(ctx)
			Expect(w.resource(ctx, "extension-ontap-classes").Spec).To(And(
				HaveField("KeepObjects", HaveValue(BeFalse())), HaveField("InjectLabels", HaveKey("shoot.gardener.cloud/no-cleanup"))))
		})

		DescribeTable("should believe Trident, and only Trident, that the backend works",
			func(ctx SpecContext, status tridentv1.TridentBackendConfigStatus, bound bool, backend string) {
				w.settle(ctx)
				w.say(ctx, status)
				_, view := w.settle(ctx)
				Expect(view).To(Equal(svm.ShootView{Bound: bound, Backend: backend}))
			},
			Entry("bound", tridentv1.TridentBackendConfigStatus{Phase: "Bound", LastOperationStatus: "Success"}, true, ""),
			Entry("bound, and the last change failed", tridentv1.TridentBackendConfigStatus{Phase: "Bound", LastOperationStatus: "Failed", Message: "no LIF"},
				false, `Trident's backend is "Bound", its last operation "Failed": no LIF`),
			Entry("never made", tridentv1.TridentBackendConfigStatus{LastOperationStatus: "Failed", Message: "no login"},
				false, `Trident's backend is "", its last operation "Failed": no login`),
			Entry("lost", tridentv1.TridentBackendConfigStatus{Phase: "Lost", LastOperationStatus: "Success"},
				false, `Trident's backend is "Lost", its last operation "Success": `),
		)

		It("should say of a backend that works which nodes lack what, and of which worker pools they are", func(ctx SpecContext) {
			w.settle(ctx)
			w.say(ctx, tridentv1.TridentBackendConfigStatus{Phase: "Bound", LastOperationStatus: "Success"})
			w.prepared(ctx, "node-1", "")
			_, view := w.settle(ctx)
			Expect(view).To(Equal(svm.ShootView{Bound: true}))
			w.prepared(ctx, "node-2", "the kernel module nvme_tcp\nthe program nvme\n")
			_, view = w.settle(ctx)
			Expect(view).To(Equal(svm.ShootView{
				Bound: true, Unprepared: `node node-2 of worker pool "pool-of-node-2" lacks the kernel module nvme_tcp, the program nvme`,
			}))
			w.content.CredentialsOnly = true
			_, view = w.settle(ctx)
			Expect(view.Unprepared).To(BeEmpty(), "the sweep does not look at nodes")
			w.content.CredentialsOnly = false
			for i := range 6 {
				w.prepared(ctx, fmt.Sprintf("node-%d", 3+i), "the program nvme\n")
			}
			_, view = w.settle(ctx)
			Expect(strings.Split(view.Unprepared, "; ")).To(HaveExactElements(
				HavePrefix("node node-2 "), HavePrefix("node node-3 "), HavePrefix("node node-4 "), HavePrefix("node node-5 "), HavePrefix("node node-6 "),
				Equal("2 nodes more lack something"),
			))
			w.faults = interceptor.Funcs{List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error {
				return errors.New("no route to host")
			}}
			_, view = w.settle(ctx)
			Expect(view.Unseen).To(Equal("the shoot cannot be looked into: listing the pods of trident-node-linux: no route to host"))
		})

		It("should not repeat a password that Trident quotes", func(ctx SpecContext) {
			w.settle(ctx)
			w.say(ctx, tridentv1.TridentBackendConfigStatus{LastOperationStatus: "Failed", Message: "tried " + w.content.Credentials.Password() + "."})
			_, view := w.settle(ctx)
			Expect(view.Backend).To(HaveSuffix("tried [redacted]."))
		})

		It("should not quote what gardener-resource-manager says of credentials", func(ctx SpecContext) {
			w.settle(ctx)
			w.renew(ctx)
			Expect(w.inside.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system"}})).To(Succeed())
			Expect(w.inside.Delete(ctx, w.secret(ctx))).To(Succeed())
			_, err := w.resources.Ensure(w.content)(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(w.manager.Pass(ctx)).To(Succeed())
			view, err := w.resources.Ensure(w.content)(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(view.Pending).To(Equal("ManagedResource extension-ontap-credentials: ApplyFailed"))
		})

		It("should prepare everything for a shoot that hibernates, and look at nothing", func(ctx SpecContext) {
			w.content.Hibernated, w.unreachable = true, errors.New("asked")
			view, err := w.resources.Ensure(w.content)(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(view).To(Equal(svm.ShootView{}))
			Expect(w.names(ctx)).To(ConsistOf("extension-ontap-crds", "extension-ontap-credentials", "extension-ontap-classes"))
		})

		DescribeTable("should say that the seed refuses", func(ctx SpecContext, refuse func(error) interceptor.Funcs, doing string) {
			refused := apierrors.NewForbidden(corev1.Resource("secrets"), "x", errors.New("policy"))
			_, err := trident.NewShootResources(interceptor.NewClient(w.seed, refuse(refused)), nil, nil, w.clock).Ensure(w.content)(ctx)
			var seed *svm.SeedError
			Expect(errors.As(err, &seed)).To(BeTrue())
			Expect(err).To(MatchError(And(ContainSubstring(doing), ContainSubstring("policy"))))
		},
			Entry("the list", func(refused error) interceptor.Funcs {
				return interceptor.Funcs{List: func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error { return refused }}
			}, "listing ManagedResources"),
			Entry("the content", func(refused error) interceptor.Funcs {
				return interceptor.Funcs{Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error { return refused }}
			}, "writing the content of ManagedResource extension-ontap-crds"),
			Entry("the ManagedResource", func(refused error) interceptor.Funcs {
				return interceptor.Funcs{Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
					return refused
				}}
			}, "writing ManagedResource extension-ontap-crds"),
		)
	})

	Describe("#Remove and #Leave", func() {
		BeforeEach(func(ctx SpecContext) {
			w.wantAll(ctx)
			w.settle(ctx)
			Expect(w.manager.Pass(ctx)).To(Succeed())
			backend := w.backend(ctx)
			backend.Finalizers = []string{"trident.netapp.io"}
			Expect(w.inside.Update(ctx, backend)).To(Succeed())
		})

		It("should take out of a living shoot the classes and the backend first, then Trident and its API, and the credentials last", func(ctx SpecContext) {
			remaining, err := w.resources.Remove(ctx, namespace)
			Expect(err).NotTo(HaveOccurred())
			Expect(remaining).To(ContainSubstring("extension-ontap-classes"))
			for range 3 {
				Expect(w.manager.Pass(ctx)).To(Succeed())
				remaining, err = w.resources.Remove(ctx, namespace)
				Expect(err).NotTo(HaveOccurred())
				Expect(remaining).To(ContainSubstring("extension-ontap-classes"), "Trident has not let go yet")
			}
			Expect(w.names(ctx)).To(ConsistOf(
				"extension-ontap-classes", "extension-ontap-firewall", "extension-ontap-driver", "extension-ontap-crds", "extension-ontap-credentials"))
			Expect(w.firewall(ctx)).To(HaveLen(3), "to delete its backend, Trident asks ONTAP")
			Expect(w.secret(ctx).Data).To(HaveKey("password"))
			backend := w.backend(ctx)
			Expect(backend.DeletionTimestamp).NotTo(BeNil())
			backend.Finalizers = nil
			Expect(w.inside.Update(ctx, backend)).To(Succeed())

			var gone []string
			for range 10 {
				Expect(w.manager.Pass(ctx)).To(Succeed())
				if remaining, err = w.resources.Remove(ctx, namespace); remaining == "" {
					break
				}
				Expect(err).NotTo(HaveOccurred())
				name, _, _ := strings.Cut(strings.TrimPrefix(remaining, "ManagedResource "), " ")
				gone = append(gone, strings.TrimSuffix(name, ":"))
			}
			Expect(slices.Compact(gone)).To(Equal([]string{"extension-ontap-firewall", "extension-ontap-driver", "extension-ontap-crds", "extension-ontap-credentials"}))
			Expect(w.names(ctx)).To(BeEmpty())
			Expect(w.inside.Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: "ontap-svm-credentials"}, &corev1.Secret{})).To(
				MatchError(apierrors.IsNotFound, "not found"))
		})

		It("should delete what Trident has left of its own before its API goes, with its finalizer but with no other", func(ctx SpecContext) {
			backend := w.backend(ctx)
			backend.Finalizers = nil
			Expect(w.inside.Update(ctx, backend)).To(Succeed())
			w.leave(ctx, "TridentVersion", "trident", "trident.netapp.io")
			w.leave(ctx, "TridentTransaction", "half-done")
			held := w.leave(ctx, "TridentNode", "node-1", "trident.netapp.io", "example.org/keeps")
			var remaining []string
			for range 12 {
				name, err := w.resources.Remove(ctx, namespace)
				Expect(err).NotTo(HaveOccurred())
				Expect(w.manager.Pass(ctx)).To(Succeed())
				remaining = append(remaining, name)
			}
			Expect(slices.Compact(remaining[len(remaining)-5:])).To(Equal([]string{"TridentNode node-1"}))
			Expect(w.names(ctx)).To(ConsistOf("extension-ontap-crds", "extension-ontap-credentials"))
			Expect(w.inside.Get(ctx, client.ObjectKeyFromObject(held), held)).To(Succeed())
			Expect(held.GetFinalizers()).To(Equal([]string{"example.org/keeps"}))
			for _, kind := range []string{"TridentVersion", "TridentTransaction"} {
				gone := &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": "trident.netapp.io/v1", "kind": kind + "List"}}
				Expect(w.inside.List(ctx, gone)).To(Succeed())
				Expect(gone.Items).To(BeEmpty())
			}

			held.SetFinalizers(nil)
			Expect(w.inside.Update(ctx, held)).To(Succeed())
			for range 10 {
				_, err := w.resources.Remove(ctx, namespace)
				Expect(err).NotTo(HaveOccurred())
				Expect(w.manager.Pass(ctx)).To(Succeed())
			}
			Expect(w.names(ctx)).To(BeEmpty())
		})

		It("should not take Trident's API out of a shoot that cannot be looked into", func(ctx SpecContext) {
			backend := w.backend(ctx)
			backend.Finalizers = nil
			Expect(w.inside.Update(ctx, backend)).To(Succeed())
			w.unreachable = errors.New("no kubeconfig")
			Eventually(func(ctx SpecContext) error {
				_, err := w.resources.Remove(ctx, namespace)
				Expect(w.manager.Pass(ctx)).To(Succeed())
				return err
			}).WithContext(ctx).Should(MatchError(svm.ErrShootUnreachable))
			Expect(w.resource(ctx, "extension-ontap-crds").DeletionTimestamp).To(BeNil())
		})

		It("should leave in a shoot what it has, and wait for no finalizer in it", func(ctx SpecContext) {
			remaining, err := w.resources.Leave(ctx, namespace)
			Expect(err).NotTo(HaveOccurred())
			Expect(remaining).NotTo(BeEmpty())
			Expect(w.manager.Pass(ctx)).To(Succeed())
			Expect(w.resources.Leave(ctx, namespace)).To(BeEmpty())
			Expect(w.names(ctx)).To(BeEmpty())
			Expect(w.backend(ctx).DeletionTimestamp).To(BeNil())
			Expect(w.secret(ctx).Data).To(HaveKey("password"))
			w.get(ctx, &storagev1.StorageClass{}, "", "ontap-gold")
			w.get(ctx, &vpaautoscalingv1.VerticalPodAutoscaler{}, "kube-system", "trident-controller")
			Expect(w.firewall(ctx)).To(HaveLen(3))
		})

		It("should keep its hands off the ManagedResources of others", func(ctx SpecContext) {
			other := &resourcesv1alpha1.ManagedResource{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "other", Labels: map[string]string{"origin": "gardener"}}}
			Expect(w.seed.Create(ctx, other)).To(Succeed())
			_, err := w.resources.Leave(ctx, namespace)
			Expect(err).NotTo(HaveOccurred())
			Expect(w.resource(ctx, "other").DeletionTimestamp).To(BeNil())
		})
	})

	Describe("#InUse", func() {
		volume := func(name, driver string) *corev1.PersistentVolume {
			return &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.PersistentVolumeSpec{
				PersistentVolumeSource: corev1.PersistentVolumeSource{CSI: &corev1.CSIPersistentVolumeSource{Driver: driver, VolumeHandle: name}},
			}}
		}

		It("should name the volumes and attachments of Trident's driver and of no other", func(ctx SpecContext) {
			Expect(w.resources.InUse(ctx, namespace)).To(BeEmpty())
			Expect(w.inside.Create(ctx, volume("pv-1", "csi.trident.netapp.io"))).To(Succeed())
			Expect(w.inside.Create(ctx, volume("pv-2", "csi.example.org"))).To(Succeed())
			Expect(w.inside.Create(ctx, &corev1.PersistentVolume{ObjectMeta: metav1.ObjectMeta{Name: "pv-3"}})).To(Succeed())
			for name, attacher := range map[string]string{"va-1": "csi.trident.netapp.io", "va-2": "csi.example.org"} {
				Expect(w.inside.Create(ctx, &storagev1.VolumeAttachment{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: storagev1.VolumeAttachmentSpec{Attacher: attacher}})).To(Succeed())
			}
			Expect(w.resources.InUse(ctx, namespace)).To(ConsistOf("PersistentVolume pv-1", "VolumeAttachment va-1"))
		})

		It("should name what the owner of the shoot has made of Trident's API, and not what Trident or the extension has", func(ctx SpecContext) {
			w.settle(ctx)
			w.leave(ctx, "TridentVersion", "trident")
			w.leave(ctx, "TridentBackendConfig", "somewhere-else")
			w.leave(ctx, "TridentMirrorRelationship", "mirror")
			Expect(w.resources.InUse(ctx, namespace)).To(ConsistOf("TridentBackendConfig somewhere-else", "TridentMirrorRelationship mirror"))
		})

		It("should not take a shoot that does not answer for an unused one", func(ctx SpecContext) {
			w.faults.List = func(context.Context, client.WithWatch, client.ObjectList, ...client.ListOption) error {
				return errors.New("timeout")
			}
			_, err := w.resources.InUse(ctx, namespace)
			Expect(err).To(MatchError(svm.ErrShootUnreachable))
			w.unreachable = errors.New("no kubeconfig")
			_, err = w.resources.InUse(ctx, namespace)
			Expect(err).To(MatchError(svm.ErrShootUnreachable))
		})
	})
})
