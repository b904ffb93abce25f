// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"strings"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("The verbs of gardenlet's deployer", func() {
	It("should refuse to take the SVM away from a living shoot that has volumes, keep it, and go on when they are gone", func(ctx SpecContext) {
		shoot, cluster, svm := reconciledShoot(ctx, "living")
		Expect(seed.Simulator().Perform(ctx, cluster, simulator.Act{Kind: simulator.AddVolume, SVM: svm.Name, Name: "trident_pvc_1"})).To(Succeed())
		lost := seedSecret(ctx, shoot)
		Expect(admin.Delete(ctx, lost)).To(Succeed())
		Expect(shoot.RemoveExtension(ctx)).To(Succeed())
		Eventually(codesOf).WithContext(ctx).WithArguments(shoot).WithTimeout(timeout).Should(
			ConsistOf(gardencorev1beta1.ErrorCleanupClusterResources))
		Expect(svmCondition(ctx, shoot)).To(And(HavePrefix("False InUse"), ContainSubstring("trident_pvc_1")))
		By("having kept the SVM as it should be: a fresh secret, and an account that answers to it")
		_, kept := svmOf(ctx, shoot)
		Expect(kept.LIFs).To(HaveLen(3))
		Expect(kept.Comment).To(ContainSubstring("st=active"))
		Expect(seedSecret(ctx, shoot).Data["username"]).NotTo(Equal(lost.Data["username"]))

		Expect(seed.Simulator().Perform(ctx, cluster, simulator.Act{Kind: simulator.RemoveVolume, SVM: svm.Name, Name: "trident_pvc_1", Value: "purged"})).To(Succeed())
		Expect(shoot.WaitCleanup(ctx)).To(Succeed())
		_, left := svmOf(ctx, shoot)
		Expect(left).To(BeNil())
		expectForgotten(ctx, shoot)
	})

	It("should park the SVM of a dying shoot that has volumes", func(ctx SpecContext) {
		shoot, cluster, svm := reconciledShoot(ctx, "dying")
		Expect(seed.Simulator().Perform(ctx, cluster, simulator.Act{Kind: simulator.AddVolume, SVM: svm.Name, Name: "trident_pvc_2"})).To(Succeed())
		Expect(shoot.Destroy(ctx)).To(Succeed())
		Expect(shoot.WaitCleanup(ctx)).To(Succeed())
		_, parked := svmOf(ctx, shoot)
		Expect(parked).NotTo(BeNil())
		Expect(parked.Comment).To(MatchRegexp(`st=parked@\d{4}-\d\d-\d\d`))
		Expect(parked.LIFs).To(BeEmpty())
		Expect(parked.Volumes).To(ConsistOf("trident_pvc_2"))
		expectForgotten(ctx, shoot)
	})

	It("should let a shoot be deleted by force although no ONTAP cluster answers", func(ctx SpecContext) {
		shoot, _, _ := reconciledShoot(ctx, "forced")
		for _, name := range clusters {
			Expect(seed.Simulator().SetDown(ctx, name)).To(Succeed())
			DeferCleanup(func(ctx SpecContext) { Expect(seed.Simulator().SetUp(ctx, name)).To(Succeed()) })
		}
		shoot.Annotations = map[string]string{"confirmation.gardener.cloud/force-deletion": "true"}
		shoot.Timeout = 150 * time.Second
		Expect(shoot.Destroy(ctx)).To(Succeed())
		Expect(shoot.WaitCleanup(ctx)).To(Succeed())
		Expect(seedSecret(ctx, shoot)).NotTo(BeNil(), "it says where the SVM is")
		Expect(shoot.Remove(ctx)).To(Succeed())
	})

	It("should carry a shoot over to another seed without touching its SVM, and take it over there", func(ctx SpecContext) {
		shoot, _, svm := reconciledShoot(ctx, "moving")
		secret := seedSecret(ctx, shoot)
		extension, err := shoot.Extension(ctx)
		Expect(err).NotTo(HaveOccurred())
		entries, err := seed.Simulator().Journal(ctx, 0)
		Expect(err).NotTo(HaveOccurred())

		held := shootSecret(ctx, shoot)
		Expect(shoot.Migrate(ctx)).To(Succeed())
		resources := &resourcesv1alpha1.ManagedResourceList{}
		Expect(admin.List(ctx, resources, client.InNamespace(shoot.Namespace))).To(Succeed())
		Expect(resources.Items).To(BeEmpty())
		Expect(shootSecret(ctx, shoot).ResourceVersion).To(Equal(held.ResourceVersion), "the shoot was not touched")
		after, err := seed.Simulator().Journal(ctx, uint64(len(entries)))
		Expect(err).NotTo(HaveOccurred())
		Expect(after).NotTo(ContainElement(HaveField("Owner", string(shoot.UID))))
		Expect(seedSecret(ctx, shoot).Data).To(Equal(secret.Data))

		Expect(shoot.Restore(ctx, "other", extension.Status.State)).To(Succeed())
		_, restored := svmOf(ctx, shoot)
		Expect(restored.UUID).To(Equal(svm.UUID))
		Expect(shootSecret(ctx, shoot).UID).To(Equal(held.UID))
		Expect(shootSecret(ctx, shoot).Data).To(Equal(held.Data))
		Expect(restored.Comment).NotTo(Equal(svm.Comment))
		written, err := seed.Simulator().Journal(ctx, uint64(len(entries)))
		Expect(err).NotTo(HaveOccurred())
		var writes []string
		for _, entry := range written {
			if entry.Class == simulator.Write && entry.Owner == string(shoot.UID) {
				writes = append(writes, entry.Method+" "+entry.Template)
			}
		}
		Expect(writes).To(Equal([]string{"PATCH /svm/svms/{uuid}"}), "the mark's seed, and nothing else")
		Expect(seedSecret(ctx, shoot).Data).To(Equal(secret.Data))
		Expect(shoot.Destroy(ctx)).To(Succeed())
		Expect(shoot.WaitCleanup(ctx)).To(Succeed())
		expectForgotten(ctx, shoot)
	})
})

// reconciledShoot makes a shoot that the spec itself takes away.
func reconciledShoot(ctx context.Context, name string) (shoot *landscape.Shoot, cluster string, svm *simulator.SVMState) {
	GinkgoHelper()
	shoot = startShoot(ctx, name)
	Expect(shoot.Reconcile(ctx)).To(Succeed())
	cluster, svm = svmOf(ctx, shoot)
	Expect(svm).NotTo(BeNil())
	return shoot, cluster, svm
}

// svmOf returns the SVM that carries the shoot's mark, and its cluster; nil if there is none.
func svmOf(ctx context.Context, shoot *landscape.Shoot) (cluster string, svm *simulator.SVMState) {
	GinkgoHelper()
	state, err := seed.Simulator().State(ctx)
	Expect(err).NotTo(HaveOccurred())
	for _, c := range state.Clusters {
		for _, one := range c.SVMs {
			if strings.Contains(one.Comment, "o="+string(shoot.UID)) {
				return c.Name, &one
			}
		}
	}
	return "", nil
}

// codesOf returns the codes of the Extension's last error.
func codesOf(ctx context.Context, shoot *landscape.Shoot) ([]gardencorev1beta1.ErrorCode, error) {
	extension, err := shoot.Extension(ctx)
	if err != nil || extension.Status.LastError == nil {
		return nil, err
	}
	return extension.Status.LastError.Codes, nil
}

// expectForgotten asserts that the seed secret is gone, and removes the shoot.
func expectForgotten(ctx context.Context, shoot *landscape.Shoot) {
	GinkgoHelper()
	secret := &corev1.Secret{}
	err := admin.Get(ctx, client.ObjectKey{Namespace: shoot.Namespace, Name: seedsecret.Name}, secret)
	Expect(err).To(MatchError(apierrors.IsNotFound, "not found"))
	Expect(shoot.Remove(ctx)).To(Succeed())
}
