// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

// shoot is a shoot in the seed, as gardenlet leaves it there.
type shoot struct {
	*world
	*worlds.Shoot
}

func (w *world) newShoot(ctx context.Context, number int) *shoot {
	GinkgoHelper()
	s, err := w.NewShoot(ctx, number)
	Expect(err).NotTo(HaveOccurred())
	return &shoot{w, s}
}

func (s *shoot) providerConfig() *ontapv1alpha1.SVMConfig { return s.ProviderConfig() }

// configure changes the providerConfig of the Extension; nobody is told to reconcile.
func (s *shoot) configure(ctx context.Context, config *ontapv1alpha1.SVMConfig) {
	GinkgoHelper()
	Expect(s.Configure(ctx, config)).To(Succeed())
}

func raw(object any) *runtime.RawExtension {
	GinkgoHelper()
	content, err := worlds.Raw(object)
	Expect(err).NotTo(HaveOccurred())
	return content
}

// force asks for the deletion of the shoot by force, as its owner does with an annotation.
func (s *shoot) force(ctx context.Context) {
	GinkgoHelper()
	Expect(s.Force(ctx)).To(Succeed())
}

func (s *shoot) writeCluster(ctx context.Context, seedName string) {
	GinkgoHelper()
	Expect(s.WriteCluster(ctx, seedName)).To(Succeed())
}

func (s *shoot) namespace() string { return s.Namespace() }

func (s *shoot) key() client.ObjectKey { return s.Key() }

// reconcile annotates the Extension as gardenlet does, and runs the reconciler once.
func (s *shoot) reconcile(ctx context.Context) error { return s.operate(ctx, "reconcile") }

func (s *shoot) operate(ctx context.Context, operation string) error {
	GinkgoHelper()
	Expect(s.annotate(ctx, operation)).To(Succeed())
	return s.run(ctx)
}

func (s *shoot) annotate(ctx context.Context, operation string) error {
	return s.Annotate(ctx, operation)
}

// furnish gives the shoot a new inside.
func (s *shoot) furnish(ctx context.Context) {
	GinkgoHelper()
	Expect(s.Shoot.Furnish(ctx, s.namespace())).To(Succeed())
}

// state is the shoot's SVM, on whatever cluster it is.
func (s *shoot) state(ctx context.Context) simulator.SVMState {
	GinkgoHelper()
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name == s.svmName() {
				return svm
			}
		}
	}
	Fail("the shoot has no SVM")
	return simulator.SVMState{}
}

// perform does something to the shoot's SVM on cluster a that somebody else does.
func (s *shoot) perform(ctx context.Context, kind simulator.ActKind, name, value string) {
	GinkgoHelper()
	Expect(s.sim.Perform(ctx, "a", simulator.Act{Kind: kind, SVM: s.svmName(), Name: name, Value: value})).To(Succeed())
}

// run runs the reconciler once, within the time that a controller gives it.
func (s *shoot) run(ctx context.Context) error {
	defer s.collectSecrets(context.WithoutCancel(ctx))
	return s.Run(ctx)
}

// secretNames are the names of all Secrets in the shoot's namespace that somebody needs.
func (s *shoot) secretNames(ctx context.Context) []string {
	GinkgoHelper()
	Expect(resourcemanager.CollectGarbage(ctx, s.seed, s.clock)).To(Succeed())
	all := &corev1.SecretList{}
	Expect(s.seed.List(ctx, all, client.InNamespace(s.namespace()))).To(Succeed())
	names := []string{}
	for _, secret := range all.Items {
		names = append(names, secret.Name)
	}
	return names
}

// delete deletes the shoot: the Extension with it, whose reconciler runs once.
func (s *shoot) delete(ctx context.Context) error {
	GinkgoHelper()
	Expect(s.Doom(ctx)).To(Succeed())
	return s.remove(ctx)
}

// remove deletes the Extension of a shoot that may live on, and runs the reconciler once.
func (s *shoot) remove(ctx context.Context) error {
	GinkgoHelper()
	Expect(s.DeleteExtension(ctx)).To(Succeed())
	return s.run(ctx)
}

func (s *shoot) extension(ctx context.Context) *extensionsv1alpha1.Extension {
	GinkgoHelper()
	extension, err := s.Extension(ctx)
	Expect(err).NotTo(HaveOccurred())
	return extension
}

func (s *shoot) emptyExtension() *extensionsv1alpha1.Extension {
	return &extensionsv1alpha1.Extension{}
}

func (s *shoot) secret(ctx context.Context) *corev1.Secret {
	GinkgoHelper()
	secret, err := s.SeedSecret(ctx)
	Expect(err).NotTo(HaveOccurred())
	return secret
}

// inside is the shoot's own side.
func (s *shoot) inside() *worlds.Inside { return s.Inside() }

// shootSecret is what Trident logs in with.
func (s *shoot) shootSecret(ctx context.Context) *corev1.Secret {
	GinkgoHelper()
	secret, err := s.ShootSecret(ctx)
	Expect(err).NotTo(HaveOccurred())
	return secret
}

func (s *shoot) condition(ctx context.Context, conditionType string) string {
	GinkgoHelper()
	condition := v1beta1helper.GetCondition(s.extension(ctx).Status.Conditions, gardencorev1beta1.ConditionType(conditionType))
	if condition == nil {
		return "absent"
	}
	return fmt.Sprintf("%s %s", condition.Status, condition.Reason)
}

// svms lists the SVMs of all clusters that have the shoot's name or mark, as cluster/name.
func (s *shoot) svms(ctx context.Context) []string {
	GinkgoHelper()
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	found := []string{}
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name == s.svmName() || strings.Contains(svm.Comment, s.UID) {
				found = append(found, cluster.Name+"/"+svm.Name)
			}
		}
	}
	return found
}

func (s *shoot) svmName() string { return s.SVMName() }

// accounts lists the names of the shoot's accounts, the built-in one left out.
func (s *shoot) accounts(ctx context.Context) []string {
	GinkgoHelper()
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	names := []string{}
	for _, cluster := range state.Clusters {
		for _, account := range cluster.Accounts {
			if account.SVMName == s.svmName() && account.Name != "vsadmin" {
				names = append(names, account.Name)
			}
		}
	}
	return names
}

// misplace makes one of the two records name another cluster.
func (s *shoot) misplace(ctx context.Context, record, cluster string) {
	GinkgoHelper()
	if record == "secret" {
		secret := s.secret(ctx)
		secret.Data["cluster"] = []byte(cluster)
		Expect(s.seed.Update(ctx, secret)).To(Succeed())
		return
	}
	s.editStatus(ctx, func(status *ontapv1alpha1.SVMStatus) { status.Cluster = cluster })
}

func (s *shoot) editStatus(ctx context.Context, edit func(*ontapv1alpha1.SVMStatus)) {
	GinkgoHelper()
	extension := s.extension(ctx)
	status := ontapv1alpha1.SVMStatus{}
	Expect(json.Unmarshal(extension.Status.ProviderStatus.Raw, &status)).To(Succeed())
	edit(&status)
	raw, err := json.Marshal(status)
	Expect(err).NotTo(HaveOccurred())
	extension.Status.ProviderStatus.Raw = raw
	Expect(s.seed.Status().Update(ctx, extension)).To(Succeed())
}

func (s *shoot) svmState(ctx context.Context) simulator.SVMState {
	GinkgoHelper()
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	for _, svm := range state.Cluster("a").SVMs {
		if svm.Name == s.svmName() {
			return svm
		}
	}
	Fail("the shoot has no SVM on cluster a")
	return simulator.SVMState{}
}

func (s *shoot) writeComment(ctx context.Context, comment string) {
	GinkgoHelper()
	_, err := s.storageAdmin().SVMs.Modify(ctx, s.svmState(ctx).UUID, ontap.SVMChange{Comment: &comment})
	Expect(err).NotTo(HaveOccurred())
}

// removeSVM is what should never happen: the SVM is deleted behind the extension's back.
func (s *shoot) removeSVM(ctx context.Context) {
	GinkgoHelper()
	human, uuid := s.emptySVM(ctx)
	_, err := human.SVMs.Delete(ctx, uuid)
	Expect(err).NotTo(HaveOccurred())
	Eventually(s.svms).WithArguments(ctx).Should(BeEmpty())
}

// emptySVM takes away from the SVM what would keep it from being deleted.
func (s *shoot) emptySVM(ctx context.Context) (human *ontap.Client, uuid string) {
	GinkgoHelper()
	human, uuid = s.storageAdmin(), s.svmState(ctx).UUID
	lifs, err := human.IPInterfaces.List(ctx, uuid)
	Expect(err).NotTo(HaveOccurred())
	for _, lif := range lifs {
		Expect(human.IPInterfaces.Modify(ctx, lif.UUID, ontap.IPInterfaceChange{Enabled: new(false)})).To(Succeed())
		Expect(human.IPInterfaces.Delete(ctx, lif.UUID)).To(Succeed())
	}
	Expect(human.Protocols.SetEnabled(ctx, "nvme", uuid, false)).To(Succeed())
	Expect(human.Protocols.DeleteService(ctx, "nvme", uuid)).To(Succeed())
	return human, uuid
}

// mark is the owner mark of the shoot's SVM.
func (s *shoot) mark() string { return s.Mark() }

// expectInPlace asserts that exactly one SVM was ever made, with the one account that the seed secret names.
func (s *shoot) expectInPlace(ctx context.Context) {
	GinkgoHelper()
	for _, conditionType := range []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady", "ShootResourcesReady"} {
		Expect(s.condition(ctx, conditionType)).To(Equal("True Ready"), conditionType)
	}
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(state.EverCreated).To(And(HaveLen(1), HaveEach(1)))
	Expect(state.LIFsEverCreated).To(And(HaveLen(1), HaveEach(3)))
	Expect(s.lifs(ctx)).To(HaveLen(3))
	Expect(s.svms(ctx)).To(Equal([]string{string(s.secret(ctx).Data["cluster"]) + "/" + s.svmName()}))
	Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
}
