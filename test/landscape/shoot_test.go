// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape_test

import (
	"time"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

var _ = Describe("Shoot", Ordered, func() {
	var shoot *landscape.Shoot

	BeforeAll(func(ctx SpecContext) {
		var err error
		shoot, err = seed.NewShoot(ctx, "one")
		Expect(err).NotTo(HaveOccurred())
	})

	It("should be what Gardener's library reads from a seed", func(ctx SpecContext) {
		cluster, err := extensionscontroller.GetCluster(ctx, seed.Client, "shoot--local--one")
		Expect(err).NotTo(HaveOccurred())
		Expect(cluster.Shoot.Name).To(Equal("one"))
		Expect(cluster.Shoot.Status.TechnicalID).To(Equal("shoot--local--one"))
		Expect(cluster.Shoot.Status.UID).To(Equal(shoot.UID))
		Expect(cluster.Shoot.DeletionTimestamp).To(BeNil())
		Expect(cluster.Seed.Name).To(Equal("local"))
		Expect(cluster.CloudProfile.Name).To(Equal("local"))
		var namespace corev1.Namespace
		Expect(seed.Client.Get(ctx, client.ObjectKey{Name: "shoot--local--one"}, &namespace)).To(Succeed())
		Expect(namespace.Labels).To(HaveKeyWithValue("gardener.cloud/role", "shoot"))
		Expect(namespace.Labels).To(HaveKeyWithValue("extensions.gardener.cloud/ontap", "true"))
	})

	It("should not exist twice", func(ctx SpecContext) {
		_, err := seed.NewShoot(ctx, "one")
		Expect(err).To(MatchError(apierrors.IsAlreadyExists, "already exists"))
	})

	It("should be deployed and awaited as gardenlet does", func(ctx SpecContext) {
		shoot.Timeout = time.Second
		Expect(shoot.Deploy(ctx)).To(Succeed())
		Expect(shoot.Wait(ctx)).To(MatchError(ContainSubstring("Extension shoot--local--one/ontap to become ready")))

		object, err := shoot.Extension(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(object.Spec.Type).To(Equal("ontap"))
		Expect(object.Annotations).To(HaveKeyWithValue("gardener.cloud/operation", "reconcile"))
		succeed(ctx, object)

		Expect(shoot.Wait(ctx)).To(Succeed())
		Expect(shoot.Remove(ctx)).To(MatchError(ContainSubstring("its Extension is not gone")))
	})

	It("should leave nothing when it is deleted", func(ctx SpecContext) {
		Expect(shoot.Destroy(ctx)).To(Succeed())
		Expect(shoot.WaitCleanup(ctx)).To(Succeed())
		decoded, err := extensionscontroller.GetShoot(ctx, seed.Client, "shoot--local--one")
		Expect(err).NotTo(HaveOccurred())
		Expect(decoded.DeletionTimestamp).NotTo(BeNil())
		Expect(decoded.Status.UID).To(Equal(shoot.UID))

		Expect(shoot.Remove(ctx)).To(Succeed())

		key := client.ObjectKey{Name: "shoot--local--one"}
		Expect(seed.Client.Get(ctx, key, &corev1.Namespace{})).To(MatchError(apierrors.IsNotFound, "gone"))
		Expect(seed.Client.Get(ctx, key, &extensionsv1alpha1.Cluster{})).To(MatchError(apierrors.IsNotFound, "gone"))
		Expect(shoot.Remove(ctx)).To(Succeed(), "a second time")
	})
})

// succeed does what a controller does to an Extension whose reconcile has succeeded.
func succeed(ctx SpecContext, object *extensionsv1alpha1.Extension) {
	GinkgoHelper()
	before := client.MergeFrom(object.DeepCopy())
	delete(object.Annotations, "gardener.cloud/operation")
	Expect(seed.Client.Patch(ctx, object, before)).To(Succeed())
	before = client.MergeFrom(object.DeepCopy())
	object.Status.ObservedGeneration = object.Generation
	object.Status.LastOperation = &gardencorev1beta1.LastOperation{
		Type: gardencorev1beta1.LastOperationTypeCreate, State: gardencorev1beta1.LastOperationStateSucceeded,
		Progress: 100, Description: "done", LastUpdateTime: metav1.NewTime(object.CreationTimestamp.Add(time.Minute)),
	}
	Expect(seed.Client.Status().Patch(ctx, object, before)).To(Succeed())
}
