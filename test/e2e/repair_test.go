// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"

	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

var _ = Describe("Repair", func() {
	It("should heal a seed secret that is deleted or emptied, while nobody asks for a reconcile", func(ctx SpecContext) {
		shoot := newShoot(ctx, "repair")
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		for _, harm := range []func(*corev1.Secret){
			func(secret *corev1.Secret) { Expect(admin.Delete(ctx, secret)).To(Succeed()) },
			func(secret *corev1.Secret) { secret.Data = nil; Expect(admin.Update(ctx, secret)).To(Succeed()) },
		} {
			before := seedSecret(ctx, shoot)
			account := string(before.Data["username"])
			harm(before)
			Eventually(applied).WithContext(ctx).WithArguments(shoot).WithTimeout(timeout).Should(And(Not(BeEmpty()), Not(Equal(account))))
			Expect(applied(ctx, shoot)).To(Equal(string(seedSecret(ctx, shoot).Data["username"])))
		}
		extension, err := shoot.Extension(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(extension.Status.LastOperation.Type).To(BeEquivalentTo("Create"), "nobody has reconciled")
	})
})

// applied is the account that the shoot's own Secret names.
func applied(ctx context.Context, shoot *landscape.Shoot) (string, error) {
	secret := &corev1.Secret{}
	err := shoot.Inside(ctx, "kube-system", trident.CredentialsName, secret)
	return string(secret.Data["username"]), err
}
