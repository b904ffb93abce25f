// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape_test

import (
	"context"
	"time"

	"github.com/gardener/gardener/pkg/client/kubernetes"
	"github.com/gardener/gardener/pkg/utils/managedresources"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var _ = Describe("Control plane of a shoot", func() {
	It("should get from gardener-resource-manager what stands in the seed, keep it over a hibernation, and end with the shoot", func(ctx SpecContext) {
		before := seed.PIDs()
		shoot, err := seed.NewShoot(ctx, "side")
		Expect(err).NotTo(HaveOccurred())
		Expect(shoot.StartControlPlane(ctx)).To(Succeed())
		Expect(seed.PIDs()).To(HaveLen(len(before) + 3))

		deploy := func(ctx context.Context, value string) {
			GinkgoHelper()
			data, err := managedresources.NewRegistry(kubernetes.ShootScheme, kubernetes.ShootCodec, kubernetes.ShootSerializer).AddAllAndSerialize(
				&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "side"}, Data: map[string]string{"value": value}})
			Expect(err).NotTo(HaveOccurred())
			Expect(managedresources.CreateForShoot(ctx, seed.Client, shoot.Namespace, "side", "spec", false, data)).To(Succeed())
		}
		inside := func(ctx context.Context) (string, error) {
			found := &corev1.ConfigMap{}
			err := shoot.Inside(ctx, "kube-system", "side", found)
			return found.Data["value"], err
		}
		const long = 10 * time.Second
		deploy(ctx, "first")
		Eventually(inside).WithContext(ctx).WithTimeout(long).Should(Equal("first"))

		Expect(shoot.Hibernate(ctx)).To(Succeed())
		Expect(seed.PIDs()).To(ConsistOf(before))
		deploy(ctx, "second")
		_, err = inside(ctx)
		Expect(err).To(HaveOccurred())
		Expect(shoot.WakeUp(ctx)).To(Succeed())
		Eventually(inside).WithContext(ctx).WithTimeout(long).Should(Equal("second"))

		Expect(managedresources.DeleteForShoot(ctx, seed.Client, shoot.Namespace, "side")).To(Succeed())
		Eventually(func(ctx context.Context) error { _, err := inside(ctx); return err }).WithContext(ctx).WithTimeout(long).Should(
			MatchError(apierrors.IsNotFound, "gone"))
		Expect(shoot.Remove(ctx)).To(Succeed())
		Expect(seed.PIDs()).To(ConsistOf(before))
	})
})
