// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"errors"
	"strings"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

var _ = Describe("Status", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	done := func() []step.Result {
		return []step.Result{
			result("LocateSVM", "SVMReady", step.Done()), result("EnsureSVM", "SVMReady", step.Skipped("Gone")),
			result("EnsureAccount", "CredentialsReady", step.Done()),
		}
	}
	outage := func() step.Result {
		return failed("LocateSVM", "SVMReady", &ontap.Error{Kind: "Unavailable", Cluster: "a", Op: "GET /svm/svms", Message: "no answer"})
	}

	Describe("#Report", func() {
		DescribeTable("should say in the condition what an error means", append([]any{
			func(ctx SpecContext, err error, want string, codes []gardencorev1beta1.ErrorCode) {
				Expect(w.report(ctx, result("LocateSVM", "SVMReady", step.Done()), failed("EnsureSVM", "SVMReady", err), pending("EnsureAccount", "CredentialsReady"))).To(Succeed())
				Expect(w.summary(ctx, "SVMReady")).To(Equal(want))
				Expect(w.condition(ctx, "SVMReady").Message).To(Equal("EnsureSVM: " + err.Error()))
				Expect(w.condition(ctx, "SVMReady").Codes).To(Equal(codes))
				Expect(v1beta1helper.HasNonRetryableErrorCode(gardencorev1beta1.LastError{Codes: codes})).To(BeFalse())
				Expect(w.summary(ctx, "SeedSecretReady")).To(Equal("True Ready"))
				Expect(w.summary(ctx, "CredentialsReady")).To(Equal("absent "))
				_, reason, _ := strings.Cut(want, " ")
				Expect(w.takeEvents()).To(Equal([]string{"Warning " + reason + " EnsureSVM: " + err.Error()}))
			},
		}, verdicts()...)...)

		It("should say what a human has to decide", func(ctx SpecContext) {
			cluster, err := ontap.New(ontap.Config{Name: "a", Endpoint: "https://127.0.0.1:1", CredentialsDirectory: GinkgoT().TempDir()}, ontap.Options{})
			Expect(err).NotTo(HaveOccurred())
			store := seedsecret.NewStore(w.seed)
			keeper, err := svm.NewKeeper(svm.Options{
				Clusters: []svm.Cluster{{Client: cluster}}, Secrets: store, Shoots: trident.NewShootResources(w.seed, nil, nil, w.clock), Status: w.status, Clock: w.clock,
			})
			Expect(err).NotTo(HaveOccurred())
			_, _, err = store.Ensure(ctx, seedsecret.Owner{Namespace: namespace, ShootName: "demo", ShootUID: "uid"}, seedsecret.Record{Cluster: "a"})
			Expect(err).NotTo(HaveOccurred())
			Expect(w.status.Save(ctx, namespace, ontapv1alpha1.SVMStatus{Cluster: "b"})).To(Succeed())
			_, err = keeper.Reconcile(ctx, svm.Desired{Identity: svm.Identity{Namespace: namespace, ShootName: "demo", ShootUID: "uid"}})
			Expect(err).To(MatchError(ContainSubstring("providerStatus on cluster \"b\"")))
			Expect(w.summary(ctx, "SVMReady")).To(Equal("False PlacementConflict"))
			Expect(w.condition(ctx, "SVMReady").Codes).To(BeEmpty())
		})

		It("should be True where every step is done or had nothing to do", func(ctx SpecContext) {
			Expect(w.report(ctx, done()...)).To(Succeed())
			for _, conditionType := range []gardencorev1beta1.ConditionType{"SeedSecretReady", "SVMReady", "CredentialsReady"} {
				Expect(w.summary(ctx, conditionType)).To(Equal("True Ready"))
				Expect(w.condition(ctx, conditionType).Message).NotTo(BeEmpty())
			}
			Expect(w.takeEvents()).To(BeEmpty(), "nothing has changed for anybody")
		})

		It("should leave conditions alone whose steps were not all reached", func(ctx SpecContext) {
			w.setCondition(ctx, "SVMReady", "False", "SVMStopped")
			w.setCondition(ctx, "CredentialsReady", "True", "Ready")
			guard := failed("SeedSecret", "SeedSecretReady", &seedsecret.Error{Kind: "Foreign", Namespace: namespace, Doing: "it is another's"})
			before := w.extension(ctx).Status.Conditions
			Expect(w.status.Report(ctx, namespace, step.Report{Ended: true, Results: []step.Result{
				guard, result("LocateSVM", "SVMReady", step.Done()), pending("EnsureSVM", "SVMReady"), pending("EnsureAccount", "CredentialsReady"),
			}})).To(Succeed())
			Expect(w.summary(ctx, "SeedSecretReady")).To(Equal("False SeedSecretForeign"))
			Expect(w.extension(ctx).Status.Conditions).To(ContainElements(before))
		})

		DescribeTable("should be Progressing while it waits only if it was well before",
			func(ctx SpecContext, before gardencorev1beta1.ConditionStatus, want string) {
				if before != "" {
					w.setCondition(ctx, "SVMReady", before, "Before")
				}
				Expect(w.report(ctx, waiting(), pending("EnsureAccount", "CredentialsReady"))).To(Succeed())
				Expect(w.summary(ctx, "SVMReady")).To(Equal(want))
				Expect(w.condition(ctx, "SVMReady").Message).To(Equal("EnsureSVM: SVM s1 is being created"))
				Expect(w.condition(ctx, "SVMReady").Codes).To(BeEmpty())
				Expect(w.takeEvents()).To(BeEmpty())
			},
			Entry("never set", gardencorev1beta1.ConditionStatus(""), "False SVMCreating"),
			Entry("False", gardencorev1beta1.ConditionFalse, "False SVMCreating"),
			Entry("Unknown", gardencorev1beta1.ConditionUnknown, "False SVMCreating"),
			Entry("True", gardencorev1beta1.ConditionTrue, "Progressing SVMCreating"),
			Entry("Progressing", gardencorev1beta1.ConditionProgressing, "Progressing SVMCreating"),
		)

		DescribeTable("should say of a postponed step what can be known, and tell of it only if it was well before",
			func(ctx SpecContext, before gardencorev1beta1.ConditionStatus, outcome step.Outcome, expected string, told []string) {
				if before != "" {
					w.setCondition(ctx, "ShootResourcesReady", before, "Before")
				}
				Expect(w.report(ctx, result("EnsureShootResources", "ShootResourcesReady", outcome), result("RetireAccounts", "CredentialsReady", step.Done()))).To(Succeed())
				Expect(w.summary(ctx, "ShootResourcesReady")).To(Equal(expected))
				Expect(w.summary(ctx, "CredentialsReady")).To(Equal("True Ready"))
				Expect(w.takeEvents()).To(HaveExactElements(told))
			},
			Entry("a backend that nobody has made yet", gardencorev1beta1.ConditionStatus(""),
				step.Postpone("BackendNotBound", "no node"), "False BackendNotBound", []string{}),
			Entry("a backend that still is not made", gardencorev1beta1.ConditionFalse,
				step.Postpone("BackendNotBound", "no node"), "False BackendNotBound", []string{}),
			Entry("a backend that was lost", gardencorev1beta1.ConditionTrue,
				step.Postpone("BackendNotBound", "no login"), "Progressing BackendNotBound", []string{"Warning BackendNotBound EnsureShootResources: no login"}),
			Entry("a shoot that has gone to sleep", gardencorev1beta1.ConditionTrue,
				step.Postpone("Hibernated", "nothing is known"), "Unknown Hibernated", []string{}),
			Entry("a shoot that does not answer", gardencorev1beta1.ConditionTrue,
				step.Postpone("ShootUnreachable", "no answer"), "Unknown ShootUnreachable", []string{"Warning ShootUnreachable EnsureShootResources: no answer"}),
			Entry("a backend that is bound", gardencorev1beta1.ConditionFalse, step.Done(), "True Ready",
				[]string{"Normal ShootResourcesReady What the shoot needs is applied there, and Trident's backend works with it."}),
		)

		It("should let a failure and a wait speak rather than what is postponed", func(ctx SpecContext) {
			postponed := result("EnsureAccount", "CredentialsReady", step.Postpone("AccountsRetained", "later"))
			Expect(w.report(ctx, postponed, failed("RetireAccounts", "CredentialsReady", errors.New("panic: no")))).To(Succeed())
			Expect(w.summary(ctx, "CredentialsReady")).To(Equal("Unknown InternalError"))
			Expect(w.report(ctx, postponed, pending("RetireAccounts", "CredentialsReady"))).To(Succeed())
			Expect(w.summary(ctx, "CredentialsReady")).To(Equal("Unknown InternalError"), "not reached")
		})

		It("should give events for transitions only", func(ctx SpecContext) {
			Expect(w.report(ctx, done()...)).To(Succeed())
			Expect(w.report(ctx, outage())).To(Succeed())
			Expect(w.takeEvents()).To(ConsistOf(HavePrefix("Warning Unreachable LocateSVM: ")))
			Expect(w.report(ctx, outage())).To(Succeed())
			Expect(w.takeEvents()).To(BeEmpty(), "the same again")
			Expect(w.report(ctx, failed("LocateSVM", "SVMReady", &ontap.Error{Kind: "Denied"}))).To(Succeed())
			Expect(w.takeEvents()).To(ConsistOf(HavePrefix("Warning AccessDenied LocateSVM: ")))
			Expect(w.report(ctx, done()...)).To(Succeed())
			Expect(w.takeEvents()).To(ConsistOf(HavePrefix("Normal SVMReady ")))
			Expect(w.report(ctx, done()...)).To(Succeed())
			Expect(w.takeEvents()).To(BeEmpty())
		})

		It("should say that an Extension which is being deleted has lost what its run has taken away", func(ctx SpecContext) {
			w.setCondition(ctx, "SVMReady", "True", "Ready")
			Expect(w.seed.Delete(ctx, w.extension(ctx))).To(Succeed())
			Expect(w.report(ctx, result("VerifyGone", "SVMReady", step.Done()), pending("ForgetSeedSecret", "SeedSecretReady"))).To(Succeed())
			Expect(w.summary(ctx, "SVMReady")).To(Equal("False Deleted"))
			Expect(w.summary(ctx, "SeedSecretReady")).To(Equal("absent "))
			Expect(w.takeEvents()).To(BeEmpty())
		})

		It("should leave everything alone that is not ours", func(ctx SpecContext) {
			w.setCondition(ctx, "ControlPlaneHealthy", "False", "Unhealthy")
			w.write(ctx, func(extension *extensionsv1alpha1.Extension) {
				extension.Status.LastOperation = &gardencorev1beta1.LastOperation{State: "Processing", Description: "theirs", LastUpdateTime: extension.CreationTimestamp}
				extension.Status.State = &runtime.RawExtension{Raw: []byte(`{"hash":"1"}`)}
			})
			before := w.extension(ctx)
			Expect(w.report(ctx, done()...)).To(Succeed())
			after := w.extension(ctx)
			Expect(after.Status.Conditions).To(HaveLen(4))
			Expect(after.Status.Conditions).To(ContainElements(before.Status.Conditions))
			before.Status.Conditions, after.Status.Conditions = nil, nil
			Expect(after.Status).To(Equal(before.Status))
			Expect(after.Spec).To(Equal(before.Spec))
		})

		It("should write nothing if nothing has changed", func(ctx SpecContext) {
			patches := 0
			w.inject(interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
				patches++
				return c.SubResource(sub).Patch(ctx, object, patch, options...)
			}})
			for i, steps := range [][]step.Result{done(), {outage()}, {waiting()}} {
				Expect(w.report(ctx, steps...)).To(Succeed())
				before := w.extension(ctx)
				w.clock.Step(time.Hour)
				Expect(w.report(ctx, steps...)).To(Succeed())
				Expect(w.extension(ctx).ResourceVersion).To(Equal(before.ResourceVersion))
				Expect(patches).To(Equal(i+1), "not even a request that changes nothing")
			}
		})

		It("should merge with what another writer has written meanwhile", func(ctx SpecContext) {
			patches := 0
			w.inject(interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
				if patches++; patches == 1 {
					w.setCondition(ctx, "ControlPlaneHealthy", "True", "Healthy")
					w.setCondition(ctx, "SVMReady", "True", "Ready")
				}
				return c.SubResource(sub).Patch(ctx, object, patch, options...)
			}})
			Expect(w.report(ctx, waiting())).To(Succeed())
			Expect(patches).To(Equal(2))
			Expect(w.summary(ctx, "ControlPlaneHealthy")).To(Equal("True Healthy"))
			Expect(w.summary(ctx, "SVMReady")).To(Equal("Progressing SVMCreating"), "computed anew from what the other has written")
			Expect(w.metrics.steps).To(HaveLen(2))
		})

		It("should fail without events or counters if it cannot be written", func(ctx SpecContext) {
			patches := 0
			w.inject(interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
				patches++
				w.setCondition(ctx, "ControlPlaneHealthy", "True", strings.Repeat("x", patches))
				return c.SubResource(sub).Patch(ctx, object, patch, options...)
			}})
			Expect(apierrors.IsConflict(w.report(ctx, outage()))).To(BeTrue())
			Expect(patches).To(Equal(5))
			Expect(w.takeEvents()).To(BeEmpty())
			Expect(w.metrics.steps).To(BeEmpty())
		})

		DescribeTable("should cut a long message between two characters, and not write it again",
			func(ctx SpecContext, text string) {
				long := failed("EnsureSVM", "SVMReady", errors.New(text))
				Expect(w.report(ctx, long)).To(Succeed())
				message := w.condition(ctx, "SVMReady").Message
				Expect(len(message)).To(BeNumerically("<=", 300))
				Expect("EnsureSVM: " + text).To(HavePrefix(strings.TrimSuffix(message, "...")))
				before := w.extension(ctx).ResourceVersion
				w.clock.Step(time.Hour)
				Expect(w.report(ctx, long)).To(Succeed())
				Expect(w.extension(ctx).ResourceVersion).To(Equal(before), "which is not so once it says how often")
			},
			Entry("of two bytes each", strings.Repeat("é", 300)),
			Entry("of two bytes each, shifted", "x"+strings.Repeat("é", 300)),
			Entry("of four bytes each", strings.Repeat("🐳", 100)),
		)

		It("should keep the message at 300 bytes and the text that says where it comes from", func(ctx SpecContext) {
			Expect(w.report(ctx, failed("EnsureSVM", "SVMReady", errors.New(strings.Repeat("x", 289))))).To(Succeed())
			Expect(w.condition(ctx, "SVMReady").Message).To(Equal("EnsureSVM: " + strings.Repeat("x", 289)))
			Expect(w.report(ctx, failed("EnsureSVM", "SVMReady", errors.New(strings.Repeat("x", 290))))).To(Succeed())
			Expect(w.condition(ctx, "SVMReady").Message).To(Equal("EnsureSVM: " + strings.Repeat("x", 286) + "..."))
		})

		DescribeTable("should say once, at the end of the run, that the guard has healed the seed secret",
			func(ctx SpecContext, reason, event string) {
				report := ended(step.Outcome{Kind: step.KindDone, Reason: reason}, done()...)
				report.Ended = false
				Expect(w.status.Report(ctx, namespace, report)).To(Succeed())
				Expect(w.takeEvents()).To(BeEmpty())
				Expect(*w.metrics).To(Equal(counters{}))
				report.Ended = true
				Expect(w.status.Report(ctx, namespace, report)).To(Succeed())
				Expect(w.takeEvents()).To(ConsistOf(HavePrefix(event)))
				Expect(w.metrics.guard).To(Equal([]string{reason}))
			},
			Entry("that was made", "SeedSecretCreated", "Normal SeedSecretCreated "),
			Entry("that was lost", "SeedSecretRecreated", "Warning SeedSecretRecreated "),
			Entry("that was not complete", "SeedSecretCompleted", "Warning SeedSecretCompleted "),
		)

		It("should count the steps that were reached, with how each ended and how long it took", func(ctx SpecContext) {
			steps := []step.Result{result("LocateSVM", "SVMReady", step.Done()), waiting(), pending("EnsureAccount", "CredentialsReady")}
			steps[1].Duration = time.Minute
			Expect(w.report(ctx, steps...)).To(Succeed())
			Expect(w.metrics.steps).To(Equal([]string{"SeedSecret Done 1s", "LocateSVM Done 0s", "EnsureSVM Waiting 1m0s"}))
			Expect(w.metrics.guard).To(Equal([]string{"SeedSecretInOrder"}))
		})

		It("should fail if there is no Extension", func(ctx SpecContext) {
			Expect(apierrors.IsNotFound(w.status.Report(ctx, "elsewhere", ended(step.Done())))).To(BeTrue())
		})
	})

	Describe("#Load and #Save", func() {
		record := ontapv1alpha1.SVMStatus{Cluster: "a", SVMName: "s1", SVMUUID: "uuid-1", Account: "demo-1"}

		It("should read what was saved, and nothing before", func(ctx SpecContext) {
			Expect(w.status.Load(ctx, namespace)).To(BeZero())
			w.setCondition(ctx, "SVMReady", "True", "Ready")
			Expect(w.status.Save(ctx, namespace, record)).To(Succeed())
			Expect(w.extension(ctx).Status.ProviderStatus.Raw).To(MatchJSON(`{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1",
				"kind":"SVMStatus","cluster":"a","svmName":"s1","svmUUID":"uuid-1","account":"demo-1"}`))
			loaded, err := w.status.Load(ctx, namespace)
			Expect(err).NotTo(HaveOccurred())
			loaded.Status.TypeMeta = record.TypeMeta
			Expect(loaded).To(Equal(svm.Record{Status: record}))
			Expect(w.summary(ctx, "SVMReady")).To(Equal("True Ready"))
		})

		It("should read the state, from which a seed that has nothing else starts", func(ctx SpecContext) {
			applied := ontapv1alpha1.SVMState{DesiredHash: "h", Cluster: "a", SVMName: "s1", SVMUUID: "uuid-1"}
			Expect(w.status.Succeed(ctx, namespace, applied)).To(Succeed())
			Expect(w.extension(ctx).Status.State.Raw).To(MatchJSON(`{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1",
				"kind":"SVMState","desiredHash":"h","cluster":"a","svmName":"s1","svmUUID":"uuid-1"}`))
			loaded, err := w.status.Load(ctx, namespace)
			Expect(err).NotTo(HaveOccurred())
			loaded.Applied.TypeMeta = applied.TypeMeta
			Expect(loaded).To(Equal(svm.Record{Status: ontapv1alpha1.SVMStatus{Cluster: "a", SVMName: "s1", SVMUUID: "uuid-1"}, Applied: applied}))
		})

		It("should tell of a step that is remarkable although it did what it had to", func(ctx SpecContext) {
			parked := step.Outcome{Kind: step.KindDone, Reason: "SVMParked", Message: "SVM s1 is left on ONTAP."}
			Expect(w.report(ctx, result("CheckVolumes", "SVMReady", parked))).To(Succeed())
			Expect(w.takeEvents()).To(ContainElement("Warning SVMParked SVM s1 is left on ONTAP."))
			Expect(w.metrics.parked).To(Equal(1))
		})

		It("should save again what another writer's write has undone meanwhile", func(ctx SpecContext) {
			patches := 0
			w.inject(interceptor.Funcs{SubResourcePatch: func(ctx context.Context, c client.Client, sub string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
				if patches++; patches == 1 {
					w.setCondition(ctx, "ControlPlaneHealthy", "True", "Healthy")
				}
				return c.SubResource(sub).Patch(ctx, object, patch, options...)
			}})
			Expect(w.status.Save(ctx, namespace, record)).To(Succeed())
			Expect(w.status.Load(ctx, namespace)).To(HaveField("Status.Cluster", "a"))
			Expect(w.summary(ctx, "ControlPlaneHealthy")).To(Equal("True Healthy"))
		})

		DescribeTable("should never take a record that it cannot decode for an empty one",
			func(ctx SpecContext, raw string) {
				w.inject(interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
					defer func() {
						object.(*extensionsv1alpha1.Extension).Status.ProviderStatus = &runtime.RawExtension{Raw: []byte(raw)}
					}()
					return c.Get(ctx, key, object, options...)
				}})
				_, err := w.status.Load(ctx, namespace)
				Expect(err).To(MatchError(HavePrefix("decoding providerStatus: ")))
			},
			Entry("which is cut off", `{"cluster":"a"`),
			Entry("which is empty", ``),
			Entry("which is a list", `[]`),
			Entry("with a number for a name", `{"cluster":1}`),
			Entry("of a later version", `{"apiVersion":"ontap.extensions.gardener.cloud/v2","kind":"SVMStatus","placement":{"cluster":"a"}}`),
		)

		It("should fail if there is no Extension", func(ctx SpecContext) {
			_, err := w.status.Load(ctx, "elsewhere")
			Expect(apierrors.IsNotFound(err)).To(BeTrue())
			Expect(apierrors.IsNotFound(w.status.Save(ctx, "elsewhere", record))).To(BeTrue())
		})
	})
})
