// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm_test

import (
	"context"
	"errors"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// demoOwner is the key of demo's SVM in the simulator's count of creations.
const demoOwner = "f55d7aa3/" + shootUID

var _ = Describe("Keeper", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	DescribeTable("should not be made without one of its parts",
		func(remove func(*svm.Options)) {
			options := svm.Options{Clusters: w.clusters, Secrets: seedsecret.NewStore(w.seed), Shoots: content{}, Status: w.status, Clock: w.clock}
			remove(&options)
			keeper, err := svm.NewKeeper(options)
			Expect(err).To(MatchError(ContainSubstring("a keeper needs")))
			Expect(keeper).To(BeNil())
		},
		Entry("the clusters", func(o *svm.Options) { o.Clusters = nil }),
		Entry("the seed secrets", func(o *svm.Options) { o.Secrets = nil }),
		Entry("the shoot resources", func(o *svm.Options) { o.Shoots = nil }),
		Entry("the status", func(o *svm.Options) { o.Status = nil }),
		Entry("the clock", func(o *svm.Options) { o.Clock = nil }),
	)

	It("should do nothing if the record cannot be read", func(ctx SpecContext) {
		lost := errors.New("no answer from the seed")
		w.status.onLoad = func(context.Context, string) error { return lost }
		for _, run := range []func(context.Context, svm.Desired) (step.Report, error){w.keeper(w.seed).Reconcile, w.keeper(w.seed).Delete} {
			_, err := run(ctx, demo())
			Expect(err).To(MatchError(lost))
		}
		Expect(w.requests(ctx)).To(BeEmpty())
		Expect(w.status.reports).To(BeEmpty())
	})

	It("should not create an SVM whose placement cannot be recorded", func(ctx SpecContext) {
		lost := errors.New("no answer from the seed")
		w.status.onSave = func() error { return lost }
		_, err := w.keeper(w.seed).Reconcile(ctx, demo())
		Expect(err).To(MatchError(lost))
		Expect(w.requests(ctx)).NotTo(ContainElement(ContainSubstring("POST")))
	})

	It("should call the steps by these names", func(ctx SpecContext) {
		names := func(report step.Report, err error) (names []string) {
			Expect(err).NotTo(HaveOccurred())
			for _, result := range report.Results {
				names = append(names, result.Name+"/"+result.Condition)
			}
			return names
		}
		Expect(names(w.keeper(w.seed).Reconcile(ctx, demo()))).To(Equal([]string{
			"SeedSecret/SeedSecretReady", "LocateSVM/SVMReady", "CheckAddresses/NetworkReady", "EnsureSVM/SVMReady", "EnsureProtocol/SVMReady",
			"EnsureDataLIFs/NetworkReady", "EnsureManagementLIF/NetworkReady", "EnsureRoutes/NetworkReady",
			"EnsureAccount/CredentialsReady", "EnsureShootResources/ShootResourcesReady", "RetireAccounts/CredentialsReady",
		}))
		Expect(names(w.keeper(w.seed).Delete(ctx, demo()))).To(Equal([]string{
			"SeedSecret/SeedSecretReady", "AwaitCreation/SVMReady", "LocateSVM/SVMReady", "RefuseWhileInUse/SVMReady",
			"RemoveShootResources/ShootResourcesReady", "CheckVolumes/SVMReady", "MarkDeleting/SVMReady", "DeleteAccounts/CredentialsReady", "DeleteLIFs/NetworkReady", "CheckVolumesAgain/SVMReady",
			"RemoveProtocolObjects/SVMReady", "DeleteSVM/SVMReady", "VerifyGone/SVMReady", "ForgetSeedSecret/SeedSecretReady",
		}))
	})

	Describe("with two runs at once", func() {
		var (
			keeper         *svm.Keeper
			begun, goOn    chan struct{}
			first          chan error
			canceled       error
			loads          map[string]int
			endWithoutRest context.CancelCauseFunc
		)

		// The first run is held right after it has got the lock.
		BeforeEach(func(ctx SpecContext) {
			begun, goOn, first = make(chan struct{}), make(chan struct{}), make(chan error, 1)
			canceled, loads = errors.New("the process ends"), map[string]int{}
			w.status.onLoad = func(ctx context.Context, namespace string) error {
				w.status.mutex.Lock()
				loads[namespace]++
				hold := namespace == demo().Namespace && loads[namespace] == 1
				w.status.mutex.Unlock()
				if !hold {
					return nil
				}
				close(begun)
				select {
				case <-goOn:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			}
			keeper = w.keeper(w.seed)
			var held context.Context
			held, endWithoutRest = context.WithCancelCause(context.WithoutCancel(ctx))
			DeferCleanup(func() { endWithoutRest(nil) })
			go func() {
				_, err := keeper.Reconcile(held, demo())
				first <- err
			}()
			Eventually(begun).Should(BeClosed())
		})

		It("should let the second run on an SVM wait no longer than its context", func(ctx SpecContext) {
			for _, run := range []func(context.Context, svm.Desired) (step.Report, error){keeper.Reconcile, keeper.Delete} {
				waiting, cancel := context.WithCancelCause(ctx)
				second := make(chan error, 1)
				go func() {
					_, err := run(waiting, demo())
					second <- err
				}()
				cancel(canceled)
				Eventually(second).Should(Receive(MatchError(canceled)))
			}
			Expect(loads).To(HaveKeyWithValue(demo().Namespace, 1), "the second runs have not begun")
			close(goOn)
			Eventually(first).Should(Receive(BeNil()))
			_, err := keeper.Reconcile(ctx, demo())
			Expect(err).NotTo(HaveOccurred(), "nobody holds the lock any more")
		})

		It("should free the lock of a run that ends before its first step", func(ctx SpecContext) {
			endWithoutRest(canceled)
			Eventually(first).Should(Receive(MatchError(canceled)))
			_, err := keeper.Reconcile(ctx, demo())
			Expect(err).NotTo(HaveOccurred())
		})

		It("should not let runs on different SVMs wait for each other", func(ctx SpecContext) {
			_, err := keeper.Reconcile(ctx, other())
			Expect(err).NotTo(HaveOccurred())
			Expect(first).NotTo(Receive())
			close(goOn)
			Eventually(first).Should(Receive(BeNil()))
		})

		It("should run one after another on one SVM and make it once", func(ctx SpecContext) {
			ended := make(chan error, 5)
			for range cap(ended) {
				go func() {
					_, err := keeper.Reconcile(ctx, demo())
					ended <- err
				}()
			}
			close(goOn)
			for range cap(ended) {
				Eventually(ended).Should(Receive(BeNil()))
			}
			Eventually(first).Should(Receive(BeNil()))
			Expect(w.status.most).To(Equal(1))
			Expect(w.state(ctx).EverCreated).To(Equal(map[string]int{demoOwner: 1}))
		})
	})

	Describe("when the seed secret is lost between two steps, right after the POST to ONTAP", func() {
		// The seed secret places the SVM where a fresh choice would not.
		BeforeEach(func(ctx SpecContext) {
			owner := seedsecret.Owner{Namespace: demo().Namespace, ShootName: demo().ShootName, ShootUID: demo().ShootUID}
			_, _, err := seedsecret.NewStore(w.seed).Ensure(ctx, owner, seedsecret.Record{Cluster: "b"})
			Expect(err).NotTo(HaveOccurred())
		})

		// loseSecret deletes the seed secret before the first look at it after the POST, and does what else is asked.
		loseSecret := func(andThen func(context.Context)) client.Client {
			lost := false
			return interceptor.NewClient(w.seed, interceptor.Funcs{
				Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
					Expect(object.(*corev1.Secret).Data).To(HaveKeyWithValue("cluster", []byte("b")), "the placement is there from the first moment")
					return c.Create(ctx, object, options...)
				},
				Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
					if _, ok := object.(*corev1.Secret); ok && !lost && slices.Contains(w.requests(ctx), "b POST /svm/svms") {
						lost = true
						Expect(c.Delete(ctx, w.secret(ctx))).To(Succeed())
						andThen(ctx)
					}
					return c.Get(ctx, key, object, options...)
				},
			})
		}

		It("should start again with fresh credentials and the same placement", func(ctx SpecContext) {
			before := w.secret(ctx)
			report, err := w.keeper(loseSecret(func(context.Context) {})).Reconcile(ctx, demo())
			Expect(err).NotTo(HaveOccurred())
			Expect(report.Restarts).To(Equal(1))
			Expect(report.Results[0].Outcome.Kind).To(Equal(step.KindDone))

			after := w.secret(ctx)
			Expect(after.Data["username"]).NotTo(Equal(before.Data["username"]))
			Expect(after.Data).To(HaveKeyWithValue("cluster", []byte("b")))
			state := w.state(ctx)
			Expect(state.EverCreated).To(Equal(map[string]int{demoOwner: 1}))
			Expect(state.Cluster("a").SVMs).To(BeEmpty())
			Expect(state.Cluster("b").SVMs).To(ConsistOf(HaveField("Name", svmName)))
			Expect(state.Cluster("b").Accounts).To(ContainElement(HaveField("Name", string(after.Data["username"]))))
			Expect(w.status.record(demo().Namespace).Cluster).To(Equal("b"))
		})

		It("should make the SVM again in the same place if it is lost as well", func(ctx SpecContext) {
			lose := loseSecret(func(ctx context.Context) {
				found, err := w.clusters[1].SVMs.Find(ctx, svmName)
				Expect(err).NotTo(HaveOccurred())
				Expect(w.clusters[1].Protocols.SetEnabled(ctx, "nvme", found.UUID, false)).To(Succeed())
				Expect(w.clusters[1].Protocols.DeleteService(ctx, "nvme", found.UUID)).To(Succeed())
				_, err = w.clusters[1].SVMs.Delete(ctx, found.UUID)
				Expect(err).NotTo(HaveOccurred())
			})
			report, err := w.keeper(lose).Reconcile(ctx, demo())
			Expect(err).NotTo(HaveOccurred())
			Expect(report.Restarts).To(Equal(1))
			Expect(w.state(ctx).Cluster("b").SVMs).To(ConsistOf(HaveField("Name", svmName)))
			Expect(w.requests(ctx)).NotTo(ContainElement("a POST /svm/svms"))
			Expect(w.requests(ctx)).NotTo(ContainElement("a GET /cluster/nodes"), "no cluster is chosen anew")
		})
	})
})
