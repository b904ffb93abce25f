// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// hand is what somebody does on ONTAP or in the seed while a reconcile is under way.
type hand struct {
	does func(context.Context, *shoot)
	// reported is the condition that tells of it, as "Type: Status Reason"; empty where it is healed.
	reported string
	// always is whether it is reported in both modes of drift correction, and not only where administrative states are left.
	always bool
	// undo is what the message asks for, where it is not a mode.
	undo func(context.Context, *shoot)
	// steady is whether a reconcile succeeds all the same.
	steady bool
}

// during lets a hand do its work once, right before the guard looks at the seed secret for the given time.
func (s *shoot) during(look int, does func(context.Context, *shoot)) {
	GinkgoHelper()
	looks := 0
	s.inject(interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
		if _, ok := object.(*corev1.Secret); ok && key.Name == "ontap-svm-credentials" {
			if looks++; looks == look {
				does(ctx, s)
			}
		}
		return c.Get(ctx, key, object, options...)
	}})
}

// moments are the looks before which hands do their work, of the ten in a steady run: before LocateSVM, before EnsureProtocol,
// when the SVM has been seen, and before EnsureAccount, when its LIFs have. In a short run it is the one in the middle.
func moments() []int {
	if testing.Short() {
		return []int{4}
	}
	return []int{1, 4, 8}
}

// expectHealed compares a shoot with what it was before the hand came.
func (s *shoot) expectHealed(ctx context.Context, before simulator.SVMState) {
	GinkgoHelper()
	for _, condition := range []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady", "ShootResourcesReady"} {
		Expect(s.condition(ctx, condition)).To(Equal("True Ready"), condition)
	}
	Expect(s.svms(ctx)).To(HaveLen(1))
	state, err := s.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(state.EverCreated).To(HaveEach(1))
	now := state.Cluster("a").SVMs[0]
	Expect(now.UUID).To(Equal(before.UUID))
	Expect(now.State).To(Equal("running"))
	Expect(addressesOf(now)).To(ConsistOf(addressesOf(before)))
	Expect(now.LIFs).To(HaveEach(HaveField("Enabled", true)))
	username := string(s.secret(ctx).Data["username"])
	for _, account := range state.Cluster("a").Accounts {
		Expect(account.Name).To(BeElementOf("vsadmin", username))
	}
	Expect(s.shootSecret(ctx).Data["password"]).To(Equal(s.secret(ctx).Data["password"]))
	Expect(s.sim.Cluster("a").LetsIn(now.UUID, username, string(s.secret(ctx).Data["password"]))).To(BeTrue())
}

func addressesOf(svm simulator.SVMState) (addresses []string) {
	for _, lif := range svm.LIFs {
		addresses = append(addresses, lif.Address)
	}
	return addresses
}

// act is a hand that does something to the SVM; name may depend on what there is then.
func act(kind simulator.ActKind, name func(context.Context, *shoot) string, value string) func(context.Context, *shoot) {
	return func(ctx context.Context, s *shoot) { s.perform(ctx, kind, name(ctx, s), value) }
}

func nameless(context.Context, *shoot) string { return "" }

func lifNamed(name string) func(context.Context, *shoot) string {
	return func(context.Context, *shoot) string { return name }
}

func accountInUse(ctx context.Context, s *shoot) string {
	return string(s.secret(ctx).Data["username"])
}

func editSecret(edit func(*corev1.Secret)) func(context.Context, *shoot) {
	return func(ctx context.Context, s *shoot) {
		secret := s.secret(ctx)
		edit(secret)
		Expect(s.seed.Update(ctx, secret)).To(Succeed())
	}
}

func deleteSecret(ctx context.Context, s *shoot) {
	Expect(s.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
}

// both lets two hands work one after the other.
func both(first, second func(context.Context, *shoot)) func(context.Context, *shoot) {
	return func(ctx context.Context, s *shoot) {
		first(ctx, s)
		second(ctx, s)
	}
}

var _ = Describe("Hands in a run", func() {
	const finalizer = "example.org/backup"
	var (
		locked   = hand{does: act(simulator.LockAccount, accountInUse, ""), reported: "CredentialsReady: False AccountLocked"}
		stopped  = hand{does: act(simulator.StopSVM, nameless, ""), reported: "SVMReady: False SVMStopped"}
		disabled = hand{does: act(simulator.DisableLIF, lifNamed("datalif+1"), ""), reported: "NetworkReady: False LIFDisabled"}
		revoked  = hand{
			does:     act(simulator.SetPassword, nameless, "Revoked-password-2"),
			reported: "SVMReady: False AccessDenied", always: true, steady: true,
			undo: func(_ context.Context, s *shoot) {
				Expect(s.sim.Cluster("a").WriteCredentials(s.config.Clusters[0].CredentialsDirectory)).To(Succeed())
			},
		}
		lost = hand{
			does: func(_ context.Context, s *shoot) {
				Expect(simulator.WriteFile(s.config.Clusters[0].CredentialsDirectory+"/password", []byte("Somebody-elses-1"))).To(Succeed())
			},
			reported: "SVMReady: False AccessDenied", always: true, steady: true, undo: revoked.undo,
		}
		password = hand{
			does:     act(simulator.SetAccountPassword, accountInUse, "The-owners-own-3"),
			reported: "ShootResourcesReady: Progressing BackendNotBound", always: true, steady: true, undo: deleteSecret,
		}
		held = hand{
			does: both(act(simulator.RemoveLIF, lifNamed("datalif+1"), ""), func(ctx context.Context, s *shoot) {
				s.perform(ctx, simulator.SetComment, "", s.mark()+" hold")
			}),
			reported: "NetworkReady: False HeldByAdministrator", always: true,
			undo: func(ctx context.Context, s *shoot) { s.perform(ctx, simulator.SetComment, "", s.mark()) },
		}
		finalized = hand{
			does:     both(editSecret(func(secret *corev1.Secret) { secret.Finalizers = []string{finalizer} }), deleteSecret),
			reported: "SeedSecretReady: False SeedSecretDeleting", always: true,
			undo: editSecret(func(secret *corev1.Secret) { secret.Finalizers = nil }),
		}
	)
	for _, correcting := range []bool{false, true} {
		DescribeTable(fmt.Sprintf("should be healed, or reported and healed when they are undone; drift correction of administrative states: %t", correcting),
			func(ctx SpecContext, h hand) {
				for _, look := range moments() {
					By(fmt.Sprintf("right before look %d", look))
					w := newWorld("a")
					w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.DriftCorrection.AdminState = correcting })
					s := w.newShoot(ctx, 1)
					Expect(s.reconcile(ctx)).To(Succeed())
					s.expectHand(ctx, look, h, correcting)
				}
			},
			Entry("the cluster's password is changed and nobody tells the extension", revoked),
			Entry("the extension is given a wrong password of the cluster", lost),
			Entry("the account's owner changes its password", password),
			Entry("the account is locked", locked),
			Entry("the account is deleted", hand{does: act(simulator.RemoveAccount, accountInUse, "")}),
			Entry("the SVM is renamed", hand{does: act(simulator.RenameSVM, nameless, "renamed")}),
			Entry("the SVM is stopped", stopped),
			Entry("the SVM's comment is edited", hand{does: func(ctx context.Context, s *shoot) {
				s.perform(ctx, simulator.SetComment, "", s.mark()+" backed up on Fridays")
			}}),
			Entry("the SVM's comment is emptied", hand{does: act(simulator.SetComment, nameless, "")}),
			Entry("the SVM is held while there is nothing to do", hand{does: func(ctx context.Context, s *shoot) {
				s.perform(ctx, simulator.SetComment, "", s.mark()+" hold")
			}}),
			Entry("a data LIF is deleted and the SVM is held", held),
			Entry("a data LIF gets another address", hand{does: act(simulator.SetAddress, lifNamed("datalif+0"), "10.11.0.99")}),
			Entry("the management LIF gets another address", hand{does: act(simulator.SetAddress, lifNamed("managementlif"), "10.10.0.99")}),
			Entry("a data LIF is disabled", disabled),
			Entry("a data LIF is deleted", hand{does: act(simulator.RemoveLIF, lifNamed("datalif+1"), "")}),
			Entry("the seed secret is edited", hand{does: editSecret(func(secret *corev1.Secret) { secret.Data["password"] = []byte("By-hand-0123456789") })}),
			Entry("the seed secret is made immutable", hand{does: editSecret(func(secret *corev1.Secret) { secret.Immutable = new(true) })}),
			Entry("the seed secret is edited and made immutable", hand{does: editSecret(func(secret *corev1.Secret) {
				secret.Data["password"], secret.Immutable = []byte("By-hand-0123456789"), new(true)
			})}),
			Entry("the seed secret gets a finalizer", hand{does: editSecret(func(secret *corev1.Secret) { secret.Finalizers = []string{finalizer} })}),
			Entry("the seed secret gets a finalizer and is deleted", finalized),
			Entry("the seed secret is deleted", hand{does: deleteSecret}),
		)
	}

	It("should end in a steady state once nobody deletes the seed secret again and again any more", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		before, deleted := s.state(ctx), 0
		w.inject(interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			if _, ok := object.(*corev1.Secret); ok && key.Name == "ontap-svm-credentials" {
				if secret, err := s.SeedSecret(ctx); err == nil {
					Expect(s.seed.Delete(ctx, secret)).To(Succeed())
					deleted++
				}
			}
			return c.Get(ctx, key, object, options...)
		}})
		for range 3 {
			Expect(s.reconcile(ctx)).NotTo(Succeed())
			Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("False SeedSecretUnstable"))
		}
		Expect(deleted).To(BeNumerically(">=", 10))
		Expect(len(s.accounts(ctx))).To(BeNumerically("<=", 2), "what the shoot uses, and what is being made")
		Expect(s.sim.Cluster("a").LetsIn(before.UUID, string(s.shootSecret(ctx).Data["username"]), string(s.shootSecret(ctx).Data["password"]))).To(BeTrue())
		w.inject(interceptor.Funcs{})
		Expect(s.reconcile(ctx)).To(Succeed())
		s.expectHealed(ctx, before)
	})
})

// expectHand lets a hand work in a run, and judges what the runs after it come to.
func (s *shoot) expectHand(ctx context.Context, look int, h hand, correcting bool) {
	GinkgoHelper()
	before := s.state(ctx)
	s.during(look, h.does)
	reported := h.reported != "" && (h.always || !correcting)
	var err error
	for range 3 {
		err = s.reconcile(ctx)
		s.othersWork()
	}
	if reported {
		Expect(err == nil).To(Equal(h.steady), "%v", err)
		condition, said, _ := strings.Cut(h.reported, ": ")
		Expect(s.condition(ctx, condition)).To(Equal(said))
		if h.undo == nil {
			return
		}
		h.undo(ctx, s)
		for range 3 {
			err = s.reconcile(ctx)
			s.othersWork()
		}
	}
	Expect(err).NotTo(HaveOccurred())
	s.expectHealed(ctx, before)
	s.sim.TakeViolations() // a lost mark is written again, which is the one write to an SVM without a mark
}
