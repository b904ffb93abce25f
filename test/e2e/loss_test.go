// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"net/http"
	"strings"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// survivor is a shoot that lives through the loss of its seed, and what there was of it before.
type survivor struct {
	*landscape.Shoot
	landscape *landscape.Landscape
	cluster   string
	svm       simulator.SVMState
	held      *corev1.Secret
	entries   int
	// backup is what Gardener has in the ShootState: the state of the Extension, and the Secrets that are to persist.
	backup        *runtime.RawExtension
	backupSecrets []corev1.Secret
}

func newSurvivor(ctx context.Context, l *landscape.Landscape, name string) *survivor {
	GinkgoHelper()
	shoot, err := l.NewShoot(ctx, name)
	Expect(err).NotTo(HaveOccurred())
	Expect(shoot.StartControlPlane(ctx)).To(Succeed())
	Expect(shoot.Reconcile(ctx)).To(Succeed())
	Expect(shoot.BindBackend(ctx)).To(Succeed())
	Expect(shoot.Reconcile(ctx)).To(Succeed())
	s := &survivor{Shoot: shoot, landscape: l}
	s.cluster = string(s.seedSecret(ctx).Data["cluster"])
	s.svm = s.onlySVM(ctx)
	Expect(l.Simulator().Perform(ctx, s.cluster, simulator.Act{Kind: simulator.AddVolume, SVM: s.svm.Name, Name: "trident_pvc_1"})).To(Succeed())
	s.svm = s.onlySVM(ctx)
	s.held = shootSecret(ctx, shoot)
	extension, err := shoot.Extension(ctx)
	Expect(err).NotTo(HaveOccurred())
	s.backup = extension.Status.State
	persistent := &corev1.SecretList{}
	Expect(l.Client.List(ctx, persistent, client.InNamespace(s.Namespace), client.MatchingLabels{"persist": "true"})).To(Succeed())
	s.backupSecrets = persistent.Items
	entries, err := l.Simulator().Journal(ctx, 0)
	Expect(err).NotTo(HaveOccurred())
	s.entries = len(entries)
	return s
}

// restoreSecrets is gardenlet's part: it brings data, type and labels of the Secrets in the ShootState back.
func (s *survivor) restoreSecrets(ctx context.Context) {
	GinkgoHelper()
	Expect(s.backupSecrets).To(ContainElements(HaveField("Name", seedsecret.Name), HaveField("Name", trident.EncryptionKeyName)))
	for _, secret := range s.backupSecrets {
		Expect(s.landscape.Client.Create(ctx, &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: secret.Name, Labels: secret.Labels},
			Data:       secret.Data, Type: secret.Type, Immutable: secret.Immutable,
		})).To(Succeed())
	}
}

func (s *survivor) seedSecret(ctx context.Context) *corev1.Secret {
	GinkgoHelper()
	secret := &corev1.Secret{}
	Expect(s.landscape.Client.Get(ctx, client.ObjectKey{Namespace: s.Namespace, Name: seedsecret.Name}, secret)).To(Succeed())
	return secret
}

// onlySVM is the one SVM that was ever created for the shoot.
func (s *survivor) onlySVM(ctx context.Context) simulator.SVMState {
	GinkgoHelper()
	state, err := s.landscape.Simulator().State(ctx)
	Expect(err).NotTo(HaveOccurred())
	var found []simulator.SVMState
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if strings.Contains(svm.Comment, "o="+string(s.UID)) {
				found = append(found, svm)
			}
		}
	}
	Expect(found).To(HaveLen(1))
	for owner, count := range state.EverCreated {
		if strings.HasSuffix(owner, "/"+string(s.UID)) {
			Expect(count).To(Equal(1), "no twin, not even for a moment")
		}
	}
	return found[0]
}

// written are the writes to ONTAP since the loss.
func (s *survivor) written(ctx context.Context) []string {
	GinkgoHelper()
	entries, err := s.landscape.Simulator().Journal(ctx, uint64(s.entries))
	Expect(err).NotTo(HaveOccurred())
	var writes []string
	for _, entry := range entries {
		if entry.Class == simulator.Write {
			writes = append(writes, entry.Method+" "+entry.Template)
		}
	}
	return writes
}

// logIn is the status of an answer to a login with what a Secret holds.
func (s *survivor) logIn(ctx context.Context, secret *corev1.Secret) int {
	GinkgoHelper()
	tenant, err := s.landscape.NewTenant(s.cluster)
	Expect(err).NotTo(HaveOccurred())
	_, status, err := tenant.LogIn(ctx, string(secret.Data["username"]), string(secret.Data["password"]))
	Expect(err).NotTo(HaveOccurred())
	return status
}

// expectAll sees that all conditions are True again.
func (s *survivor) expectAll(ctx context.Context) {
	GinkgoHelper()
	for _, conditionType := range []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady", "ShootResourcesReady"} {
		Expect(condition(ctx, s.Shoot, gardencorev1beta1.ConditionType(conditionType))).To(Equal("True Ready"), conditionType)
	}
}

var _ = Describe("The loss of a seed with its etcd", func() {
	It("should cost shoots nothing, whether Gardener restores them or makes their Extensions again from nothing", func(ctx SpecContext) {
		l, err := landscape.Start(ctx, landscape.Options{Clusters: clusters, Out: GinkgoWriter})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { Expect(l.Close()).To(Succeed()) })
		restored, anew := newSurvivor(ctx, l, "restored"), newSurvivor(ctx, l, "anew")
		restored.entries = anew.entries
		before := restored.seedSecret(ctx)

		Expect(l.LoseSeed(ctx, restored.Shoot, anew.Shoot)).To(Succeed())
		for _, s := range []*survivor{restored, anew} {
			Expect(s.landscape.Client.Get(ctx, client.ObjectKey{Name: s.Namespace}, &corev1.Namespace{})).NotTo(Succeed())
			Expect(s.Rebuild(ctx)).To(Succeed())
		}

		By("restoring one from its ShootState: nothing is to be done on ONTAP nor in the shoot")
		restored.restoreSecrets(ctx)
		Expect(restored.Restore(ctx, restored.SeedName, restored.backup)).To(Succeed())
		Expect(restored.written(ctx)).To(BeEmpty())
		Expect(restored.seedSecret(ctx).Data).To(Equal(before.Data))
		Expect(shootSecret(ctx, restored.Shoot).Data).To(Equal(restored.held.Data))
		Expect(restored.logIn(ctx, restored.held)).To(Equal(http.StatusOK))
		restored.expectAll(ctx)
		Expect(restored.onlySVM(ctx)).To(Equal(restored.svm))

		By("making the Extension of the other one again: its SVM is found, and gets a fresh account")
		Expect(anew.logIn(ctx, shootSecret(ctx, anew.Shoot))).To(Equal(http.StatusOK))
		Expect(anew.Reconcile(ctx)).To(Succeed())
		Expect(anew.written(ctx)).To(Equal([]string{"POST /security/accounts", "PATCH /security/accounts/{owner.uuid}/{name}", "DELETE /security/accounts/{owner.uuid}/{name}"}))
		fresh := anew.seedSecret(ctx)
		Expect(fresh.Data["username"]).NotTo(Equal(anew.held.Data["username"]))
		given := shootSecret(ctx, anew.Shoot)
		Expect(given.Data).To(Equal(map[string][]byte{"username": fresh.Data["username"], "password": fresh.Data["password"]}))
		Expect(anew.logIn(ctx, given)).To(Equal(http.StatusOK))
		Expect(anew.logIn(ctx, anew.held)).To(Equal(http.StatusUnauthorized), "the old account is retired")
		anew.expectAll(ctx)
		found := anew.onlySVM(ctx)
		Expect(found.UUID).To(Equal(anew.svm.UUID))
		Expect(found.Volumes).To(ConsistOf("trident_pvc_1"))
		Expect(found.LIFs).To(Equal(anew.svm.LIFs))
	})
})
