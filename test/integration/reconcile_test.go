// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// refuseSecrets is what an admission policy on the seed secret does.
var refuseSecrets = interceptor.Funcs{
	Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
		if _, ok := object.(*corev1.Secret); ok {
			return apierrors.NewForbidden(schema.GroupResource{Resource: "secrets"}, object.GetName(), errors.New("a policy forbids it"))
		}
		return c.Create(ctx, object, options...)
	},
}

var _ = Describe("Reconcile", func() {
	It("should never hand a shoot credentials that do not log in, though their renewal collides with a change of something else", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		secret := s.secret(ctx)
		secret.Data["password"] = append(secret.Data["password"], '1')
		Expect(w.seed.Update(ctx, secret)).To(Succeed())
		collided := false
		w.inject(interceptor.Funcs{Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			if object.GetName() == secret.Name && !collided {
				collided = true
				labelled := s.secret(ctx)
				labelled.Labels["somebody"] = "else"
				Expect(w.seed.Update(ctx, labelled)).To(Succeed())
			}
			return c.Update(ctx, object, options...)
		}})
		s.watchLogins(ctx)
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(collided).To(BeTrue())
		Expect(s.shootSecret(ctx).Data).To(HaveKeyWithValue("password", s.secret(ctx).Data["password"]))
		Expect(s.shootSecret(ctx).Data["password"]).NotTo(Equal(secret.Data["password"]))
		s.expectInPlace(ctx)
	})

	It("should make SVM and account, and say so", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())

		extension := s.extension(ctx)
		Expect(extension.Status.LastOperation.State).To(Equal(gardencorev1beta1.LastOperationStateSucceeded))
		Expect(extension.Status.LastError).To(BeNil())
		for _, conditionType := range []string{"SeedSecretReady", "SVMReady", "CredentialsReady"} {
			Expect(s.condition(ctx, conditionType)).To(Equal("True Ready"), conditionType)
		}
		Expect(s.svms(ctx)).To(Equal([]string{"a/" + s.svmName()}))
		secret := s.secret(ctx)
		Expect(s.accounts(ctx)).To(Equal([]string{string(secret.Data["username"])}))

		status := ontapv1alpha1.SVMStatus{}
		Expect(json.Unmarshal(extension.Status.ProviderStatus.Raw, &status)).To(Succeed())
		Expect(status.Cluster).To(Equal("a"))
		Expect(secret.Data).To(HaveKeyWithValue("cluster", []byte("a")))
		Expect(status.SVMName).To(Equal(s.svmName()))
		Expect(status.SVMUUID).NotTo(BeEmpty())
		Expect(status.Account).To(Equal(string(secret.Data["username"])))
		Expect(w.takeEvents()).To(ConsistOf(HavePrefix("Normal SeedSecretCreated")))
	})

	It("should write nothing to the seed in a steady run but what Gardener writes", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		before, secret := s.extension(ctx), s.secret(ctx)
		Expect(s.reconcile(ctx)).To(Succeed())
		after := s.extension(ctx)
		Expect(after.Status.Conditions).To(Equal(before.Status.Conditions))
		Expect(after.Status.ProviderStatus).To(Equal(before.Status.ProviderStatus))
		Expect(s.secret(ctx)).To(Equal(secret))
	})

	It("should not send one request while the seed secret cannot be written", func(ctx SpecContext) {
		w := newWorld("a")
		w.inject(refuseSecrets)
		s := w.newShoot(ctx, 1)
		for range 2 {
			Expect(s.reconcile(ctx)).NotTo(Succeed())
		}
		Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("False SeedSecretNotWritten"))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("absent"))
		Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorRetryableInfraDependencies))
		Expect(s.extension(ctx).Status.LastError.Description).To(ContainSubstring("a policy forbids it"))
		Expect(w.takeEvents()).To(ConsistOf(HavePrefix("Warning SeedSecretNotWritten")))
		entries, _ := w.since(ctx, 0)
		Expect(entries).To(BeEmpty())

		w.inject(interceptor.Funcs{})
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("True Ready"))
		Expect(w.takeEvents()).To(ContainElement(HavePrefix("Normal SeedSecretReady")))
	})

	It("should heal a lost seed secret: a new account first, then the old one goes", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		old := s.secret(ctx)
		Expect(w.seed.Delete(ctx, old.DeepCopy())).To(Succeed())
		_, seq := w.since(ctx, 0)
		Expect(s.reconcile(ctx)).To(Succeed())

		fresh := s.secret(ctx)
		Expect(fresh.Data["username"]).NotTo(Equal(old.Data["username"]))
		Expect(fresh.Data["cluster"]).To(Equal(old.Data["cluster"]))
		Expect(s.accounts(ctx)).To(Equal([]string{string(fresh.Data["username"])}))
		entries, _ := w.since(ctx, seq)
		Expect(requests(entries)).To(Equal([]string{
			"a GET /svm/svms", "a GET /network/ip/interfaces", "a GET /security/accounts", "a POST /security/accounts",
			"a PATCH /security/accounts/{owner.uuid}/{name}", "a GET /security/accounts/{owner.uuid}/{name}", "a GET /security/accounts",
			"a DELETE /security/accounts/{owner.uuid}/{name}",
		}))
		Expect(w.takeEvents()).To(ContainElement(HavePrefix("Warning SeedSecretRecreated")))
	})

	It("should not retire the old account while the new one is not seen to be committed", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		old := s.secret(ctx)
		Expect(w.seed.Delete(ctx, old.DeepCopy())).To(Succeed())
		human, svm, looks := w.storageAdmin(), s.svmState(ctx), 0
		w.inject(interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			if err := c.Get(ctx, key, object, options...); err != nil {
				return err
			}
			if secret, ok := object.(*corev1.Secret); ok && key.Name == "ontap-svm-credentials" {
				if looks++; looks == 9 {
					By("removing the new account right before RetireAccounts")
					Expect(human.Accounts.Delete(ctx, svm.UUID, string(secret.Data["username"]))).To(Succeed())
				}
			}
			return nil
		}})
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(looks).To(Equal(9), "the look that found nothing is not counted")
		Expect(s.accounts(ctx)).To(Equal([]string{string(old.Data["username"])}))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.condition(ctx, "CredentialsReady")).To(Equal("False AccountsRetained"), "Trident has seen that the login failed")
		Expect(s.accounts(ctx)).To(ContainElement(string(old.Data["username"])))
		w.othersWork()
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
	})

	It("should replace the account of a seed secret that was edited by hand", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		edited := s.secret(ctx)
		edited.Data["password"] = []byte("by-Hand-0123456789")
		Expect(w.seed.Update(ctx, edited)).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
		Expect(s.secret(ctx).Data["username"]).NotTo(Equal(edited.Data["username"]))
	})

	It("should start again, and then give up, when the seed secret changes under the run", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		reads := 0
		w.inject(interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			if err := c.Get(ctx, key, object, options...); err != nil {
				return err
			}
			if secret, ok := object.(*corev1.Secret); ok {
				reads++
				secret.Data["password"] = fmt.Appendf(nil, "password-number-%d", reads)
			}
			return nil
		}})
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SeedSecretReady")).To(Equal("False SeedSecretUnstable"))
		Expect(reads).To(Equal(4), "the first look and one for each change, of which the third is too much")
	})

	It("should refuse a providerConfig that it does not understand, before anything is changed", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		extension := s.extension(ctx)
		extension.Spec.ProviderConfig = &runtime.RawExtension{Raw: []byte(
			`{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMConfig","size":"large"}`)}
		Expect(w.seed.Update(ctx, extension)).To(Succeed())
		Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring(`unknown field "size"`)))
		Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorConfigurationProblem))
		entries, _ := w.since(ctx, 0)
		Expect(entries).To(BeEmpty())
	})

	DescribeTable("should finish an account that was left half made",
		func(ctx SpecContext, fault simulator.Fault) {
			w := newWorld("a")
			s := w.newShoot(ctx, 1)
			Expect(w.sim.FailNext(ctx, fault)).To(Succeed())
			Expect(s.reconcile(ctx)).NotTo(Succeed())
			Expect(s.condition(ctx, "CredentialsReady")).To(Equal("Unknown Unreachable"))
			w.restart()
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.accounts(ctx)).To(Equal([]string{string(s.secret(ctx).Data["username"])}))
		},
		Entry("made without an answer", simulator.Fault{Method: "POST", Path: "/security/accounts", Kind: simulator.DropAfterEffect}),
		Entry("made without its password", simulator.Fault{Method: "POST", Path: "/security/accounts", Kind: simulator.DropHalfway}),
		Entry("not committed", simulator.Fault{Method: "PATCH", Path: "/security/accounts/{owner.uuid}/{name}", Kind: simulator.DropBefore}),
		Entry("committed without an answer", simulator.Fault{Method: "PATCH", Path: "/security/accounts/{owner.uuid}/{name}", Kind: simulator.DropAfterEffect}),
	)

	Describe("with two clusters", func() {
		It("should create nothing until both have answered", func(ctx SpecContext) {
			w := newWorld("a", "b")
			s := w.newShoot(ctx, 1)
			for _, down := range []string{"a", "b"} {
				Expect(w.sim.SetDown(ctx, down)).To(Succeed())
				Expect(s.reconcile(ctx)).NotTo(Succeed())
				Expect(s.condition(ctx, "SVMReady")).To(Equal("Unknown Unreachable"))
				Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(gardencorev1beta1.ErrorRetryableInfraDependencies))
				Expect(w.sim.SetUp(ctx, down)).To(Succeed())
			}
			entries, _ := w.since(ctx, 0)
			Expect(requests(entries)).To(HaveEach(HaveSuffix("GET /svm/svms")))
			Expect(s.svms(ctx)).To(BeEmpty())
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.svms(ctx)).To(HaveLen(1))
		})

		It("should keep an SVM that it has found although the other cluster is down", func(ctx SpecContext) {
			w := newWorld("a", "b")
			s := w.newShoot(ctx, 1)
			Expect(s.reconcile(ctx)).To(Succeed())
			other := map[string]string{"a": "b", "b": "a"}[string(s.secret(ctx).Data["cluster"])]
			Expect(w.sim.SetDown(ctx, other)).To(Succeed())
			Expect(s.reconcile(ctx)).To(Succeed())
		})

		It("should make the SVM where it was placed, also if another cluster would be chosen by now", func(ctx SpecContext) {
			number := 0
			for other, first := newWorld("a", "b"), ""; first != "a"; {
				number++
				s := other.newShoot(ctx, number)
				Expect(s.reconcile(ctx)).To(Succeed())
				first = string(s.secret(ctx).Data["cluster"])
			}
			w := newWorld("a", "b")
			s := w.newShoot(ctx, number)
			room := func(bytes string) {
				for _, aggregate := range []string{"a_01_aggr1", "a_01_aggr2", "a_02_aggr1", "a_02_aggr2", "a_03_aggr1", "a_03_aggr2", "a_04_aggr1", "a_04_aggr2"} {
					Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetAvailable, Name: aggregate, Value: bytes})).To(Succeed())
				}
			}
			room("0")
			Expect(w.sim.FailNext(ctx, simulator.Fault{Method: "POST", Path: "/svm/svms", Kind: simulator.ErrorBefore, Status: 503, Code: "8"})).To(Succeed())
			Expect(s.reconcile(ctx)).NotTo(Succeed())
			Expect(s.secret(ctx).Data).To(HaveKeyWithValue("cluster", []byte("b")))
			room("100000000000000")
			Expect(s.reconcile(ctx)).To(Succeed())
			state, err := w.sim.State(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(state.Cluster("b").SVMs).To(HaveLen(1))
			Expect(state.Cluster("a").SVMs).To(BeEmpty())
		})

		DescribeTable("should make one SVM, where it was begun, after the answer to the create was lost",
			func(ctx SpecContext, loseSecret bool) {
				w := newWorld("a", "b")
				s := w.newShoot(ctx, 1)
				for _, cluster := range []string{"a", "b"} {
					Expect(w.sim.HoldJobs(ctx, cluster, simulator.Queued)).To(Succeed())
				}
				Expect(w.sim.FailNext(ctx, simulator.Fault{Method: "POST", Path: "/svm/svms", Kind: simulator.DropAfterEffect})).To(Succeed())
				Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring("is being created")))
				Expect(s.condition(ctx, "SVMReady")).To(Equal("False SVMCreating"))
				begun := string(s.secret(ctx).Data["cluster"])
				Expect(begun).NotTo(BeEmpty())
				if loseSecret {
					Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed())
				}
				Expect(w.sim.AddSVMs(ctx, begun, 50)).To(Succeed(), "the other cluster is the emptier one")
				w.restart()
				Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring("creating SVM")), "the job is still held")
				for _, cluster := range []string{"a", "b"} {
					Expect(w.sim.ReleaseJobs(ctx, cluster)).To(Succeed())
				}
				Expect(s.reconcile(ctx)).To(Succeed())
				Expect(s.svms(ctx)).To(Equal([]string{begun + "/" + s.svmName()}))
				state, err := w.sim.State(ctx)
				Expect(err).NotTo(HaveOccurred())
				Expect(state.EverCreated).To(HaveLen(1))
				Expect(state.EverCreated).To(HaveEach(1))
			},
			Entry("with the placement in seed secret and providerStatus", false),
			Entry("with the placement in providerStatus alone", true),
		)
	})

	DescribeTable("should say what keeps ONTAP from making the SVM, and make it when that is over",
		func(ctx SpecContext, fault simulator.Fault, condition string, codes ...gardencorev1beta1.ErrorCode) {
			w := newWorld("a")
			s := w.newShoot(ctx, 1)
			fault.Method, fault.Path = "POST", "/svm/svms"
			Expect(w.sim.FailNext(ctx, fault)).To(Succeed())
			Expect(s.reconcile(ctx)).NotTo(Succeed())
			Expect(s.condition(ctx, "SVMReady")).To(Equal(condition))
			Expect(s.extension(ctx).Status.LastError.Codes).To(ConsistOf(codes))
			Expect(s.reconcile(ctx)).To(Succeed())
			Expect(s.svms(ctx)).To(HaveLen(1))
		},
		Entry("five jobs at a time", simulator.Fault{Kind: simulator.ErrorBefore, Status: 400, Code: "13434894", Message: "too many"}, "False NoJobSlot"),
		Entry("no room, at once", simulator.Fault{Kind: simulator.ErrorBefore, Status: 500, Code: "1245212", Message: "no space"},
			"False CapacityExhausted", gardencorev1beta1.ErrorInfraResourcesDepleted),
		Entry("no room, said by the job", simulator.Fault{Kind: simulator.FailJob, Code: "13434914", Message: "aggregate full"},
			"False CapacityExhausted", gardencorev1beta1.ErrorInfraResourcesDepleted),
		Entry("a right that is missing", simulator.Fault{Kind: simulator.ErrorBefore, Status: 403, Code: "6", Message: "not authorized"}, "False AccessDenied"),
		Entry("a request that it does not like", simulator.Fault{Kind: simulator.ErrorBefore, Status: 400, Code: "262197", Message: "invalid value"}, "False Rejected"),
	)

	It("should wait for a creation of which an older SVM is recorded", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		s.removeSVM(ctx)
		Expect(w.sim.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		w.restart()
		Expect(s.delete(ctx)).To(MatchError(errWaiting))
		Expect(w.sim.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(s.run(ctx)).To(Succeed())
		s.expectGone(ctx)
	})

	It("should not place an SVM on a cluster that is too old", func(ctx SpecContext) {
		w := newWorld("a")
		w.sim = simulator.Start(simulator.Options{Clock: w.clock, Clusters: []simulator.ClusterOptions{{Name: "a", Version: "9.14.1"}}})
		Expect(w.sim.Cluster("a").WriteCredentials(w.config.Clusters[0].CredentialsDirectory)).To(Succeed())
		w.config.Clusters[0].Endpoint = w.sim.Cluster("a").Endpoint()
		w.restart()
		s := w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(MatchError(ContainSubstring("9.15.1")))
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False NoEligibleCluster"))
	})

	It("should tell a refused login from an outage", func(ctx SpecContext) {
		w := newWorld("a")
		s := w.newShoot(ctx, 1)
		Expect(simulator.WriteFile(w.config.Clusters[0].CredentialsDirectory+"/password", []byte("wrong"))).To(Succeed())
		Expect(s.reconcile(ctx)).NotTo(Succeed())
		Expect(s.condition(ctx, "SVMReady")).To(Equal("False AccessDenied"))
		Expect(s.extension(ctx).Status.LastError.Codes).To(BeEmpty())
		Expect(w.sim.Cluster("a").WriteCredentials(w.config.Clusters[0].CredentialsDirectory)).To(Succeed())
		Expect(s.reconcile(ctx)).To(Succeed(), "the credentials are read again")
	})
})
