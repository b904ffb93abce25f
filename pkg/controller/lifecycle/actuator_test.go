// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	reconcilerutils "github.com/gardener/gardener/pkg/controllerutils/reconciler"
	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

// keeper remembers what it was asked for and answers as told.
type keeper struct {
	reconciled, deleted []svm.Desired
	report              step.Report
	err                 error
	onDelete            func(context.Context)
}

func (k *keeper) Reconcile(_ context.Context, desired svm.Desired) (step.Report, error) {
	k.reconciled = append(k.reconciled, desired)
	return k.report, k.err
}

func (k *keeper) Delete(ctx context.Context, desired svm.Desired) (step.Report, error) {
	k.deleted = append(k.deleted, desired)
	if k.onDelete != nil {
		k.onDelete(ctx)
	}
	return k.report, k.err
}

// configuration is the operator's: cluster a has the addresses of the providerConfig, the other one does not.
func configuration() *configv1alpha1.ControllerConfiguration {
	network := configv1alpha1.Network{Mode: "BroadcastDomain", BroadcastDomain: "Default", IPv4PrefixLength: 16}
	elsewhere := network
	elsewhere.AllowedCIDRs = []string{"192.168.0.0/16"}
	return &configv1alpha1.ControllerConfiguration{
		GardenIdentity: "garden-1",
		Limits: configv1alpha1.LimitsPolicy{
			Default: ontapv1alpha1.Limits{Capacity: "1Ti", Volumes: 5}, Maximum: ontapv1alpha1.Limits{Volumes: 10, IOPS: 1000},
		},
		DriftCorrection: configv1alpha1.DriftCorrection{AdminState: true},
		Clusters: []configv1alpha1.ONTAPCluster{
			{Name: "a", Networks: configv1alpha1.Networks{Management: network, Data: []configv1alpha1.Network{network}}},
			{Name: "elsewhere", Networks: configv1alpha1.Networks{Management: elsewhere, Data: []configv1alpha1.Network{elsewhere}}},
		},
	}
}

var _ = Describe("Actuator", func() {
	var (
		w         *world
		k         *keeper
		actuator  *lifecycle.Actuator
		extension *extensionsv1alpha1.Extension
		log       = logr.Discard()
		desired   = svm.Desired{
			Identity: svm.Identity{
				Namespace: namespace, ShootName: "demo", ShootUID: "uid-1", TechnicalID: namespace, GardenIdentity: "garden-1", SeedName: "seed-1",
			},
			Site: svm.Site{Region: "region-1", Zones: []string{"zone-1", "zone-2"}, Provider: "local"},
			Wishes: svm.Wishes{
				ManagementLIF:     netip.MustParseAddr("10.10.0.1"),
				DataLIFs:          []netip.Addr{netip.MustParseAddr("10.11.0.1"), netip.MustParseAddr("10.11.0.2")},
				Protocol:          "NVMe",
				Limits:            svm.Limits{StorageBytes: 1 << 40, Volumes: 7, MaxIOPS: 1000},
				StorageClasses:    []ontapv1alpha1.StorageClass{{Name: "ontap-gold"}, {Name: "ontap-encrypted", Encrypted: true}},
				CorrectAdminState: true,
			},
		}
	)

	writeCluster := func(ctx context.Context, status gardencorev1beta1.ShootStatus, changes ...func(*gardencorev1beta1.Shoot)) {
		GinkgoHelper()
		typeMeta := func(kind string) metav1.TypeMeta {
			return metav1.TypeMeta{APIVersion: "core.gardener.cloud/v1beta1", Kind: kind}
		}
		shoot := &gardencorev1beta1.Shoot{
			TypeMeta: typeMeta("Shoot"), ObjectMeta: metav1.ObjectMeta{Name: "demo", UID: "not-this-one"}, Status: status,
			Spec: gardencorev1beta1.ShootSpec{Region: "region-1", Provider: gardencorev1beta1.Provider{Type: "local", Workers: []gardencorev1beta1.Worker{
				{Name: "pool-1", Zones: []string{"zone-2"}}, {Name: "pool-2", Zones: []string{"zone-1", "zone-2"}},
			}}},
		}
		for _, change := range changes {
			change(shoot)
		}
		Expect(client.IgnoreNotFound(w.seed.Delete(ctx, &extensionsv1alpha1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: namespace}}))).To(Succeed())
		Expect(w.seed.Create(ctx, &extensionsv1alpha1.Cluster{
			ObjectMeta: metav1.ObjectMeta{Name: namespace},
			Spec: extensionsv1alpha1.ClusterSpec{
				CloudProfile: runtime.RawExtension{Object: &gardencorev1beta1.CloudProfile{TypeMeta: typeMeta("CloudProfile")}},
				Seed:         &runtime.RawExtension{Object: &gardencorev1beta1.Seed{TypeMeta: typeMeta("Seed"), ObjectMeta: metav1.ObjectMeta{Name: "seed-1"}}},
				Shoot:        runtime.RawExtension{Object: shoot},
			},
		})).To(Succeed())
	}

	BeforeEach(func(ctx SpecContext) {
		w, k = newWorld(ctx), &keeper{}
		extension = w.extension(ctx)
		var err error
		actuator, err = lifecycle.NewActuator(lifecycle.Options{
			Reader: w.seed, Shoots: trident.NewShootResources(w.seed, nil, nil, clock.RealClock{}), Keeper: k, Status: w.status, Clock: clock.RealClock{}, Config: configuration(),
		})
		Expect(err).NotTo(HaveOccurred())
	})

	Context("with a Cluster", func() {
		BeforeEach(func(ctx SpecContext) {
			writeCluster(ctx, gardencorev1beta1.ShootStatus{UID: "uid-1", TechnicalID: namespace})
		})

		It("should ask for the SVM of the shoot's status, and take it over in a restoration only", func(ctx SpecContext) {
			Expect(actuator.Reconcile(ctx, log, extension)).To(Succeed())
			Expect(actuator.Delete(ctx, log, extension)).To(Succeed())
			takenOver := desired
			takenOver.TakeOver = true
			Expect(actuator.Restore(ctx, log, extension)).To(Succeed())
			Expect(k.reconciled).To(Equal([]svm.Desired{desired, takenOver}))
			Expect(k.deleted).To(Equal([]svm.Desired{desired}))
			Expect(w.metrics.forgotten).To(Equal([]string{namespace}), "by the deletion")
		})

		It("should not fail for an outage in which nothing new is to be done, and count it", func(ctx SpecContext) {
			k.err = &svm.OutageError{Reason: "Unreachable", Cause: errors.New("no answer")}
			Expect(actuator.Reconcile(ctx, log, extension)).To(Succeed())
			Expect(w.metrics.tolerated).To(Equal([]string{"Unreachable"}))
		})

		It("should pass on what the owner has confirmed, and whether the shoot itself goes", func(ctx SpecContext) {
			extension.Annotations = map[string]string{"ontap.extensions.gardener.cloud/confirm-path-loss": "true"}
			Expect(actuator.Reconcile(ctx, log, extension)).To(Succeed())
			Expect(k.reconciled).To(HaveExactElements(And(HaveField("ConfirmPathLoss", true), HaveField("ShootDeleting", false))))
		})

		It("should pass on what state the shoot is in", func(ctx SpecContext) {
			status := gardencorev1beta1.ShootStatus{UID: "uid-1", TechnicalID: namespace}
			writeCluster(ctx, status, func(shoot *gardencorev1beta1.Shoot) {
				shoot.Spec.Hibernation = &gardencorev1beta1.Hibernation{Enabled: new(true)}
			})
			Expect(actuator.Reconcile(ctx, log, extension)).To(Succeed())
			Expect(k.reconciled).To(HaveExactElements(And(HaveField("Hibernated", true), HaveField("ShootDeleting", false), HaveField("Forced", false))))
			writeCluster(ctx, status, func(shoot *gardencorev1beta1.Shoot) {
				shoot.Annotations = map[string]string{"confirmation.gardener.cloud/force-deletion": "true"}
			})
			Expect(actuator.ForceDelete(ctx, log, extension)).To(Succeed())
			Expect(k.deleted).To(HaveExactElements(And(HaveField("Hibernated", false), HaveField("ShootDeleting", true), HaveField("Forced", true))))
		})

		It("should pass on what infrastructure the shoot has, and whether it has a vertical pod autoscaler", func(ctx SpecContext) {
			for _, autoscaler := range []*gardencorev1beta1.VerticalPodAutoscaler{nil, {Enabled: false}, {Enabled: true}} {
				writeCluster(ctx, gardencorev1beta1.ShootStatus{UID: "uid-1", TechnicalID: namespace}, func(shoot *gardencorev1beta1.Shoot) {
					shoot.Spec.Provider.Type, shoot.Spec.Kubernetes.VerticalPodAutoscaler = "metal", autoscaler
				})
				Expect(actuator.Reconcile(ctx, log, extension)).To(Succeed())
			}
			Expect(k.reconciled).To(HaveEach(HaveField("Provider", "metal")))
			Expect(k.reconciled).To(HaveExactElements(
				HaveField("VerticalPodAutoscaler", false), HaveField("VerticalPodAutoscaler", false), HaveField("VerticalPodAutoscaler", true)))
		})

		DescribeTable("should want a VolumeSnapshotClass where its API is, or the owner says so",
			func(ctx SpecContext, provider, config string, expected bool) {
				writeCluster(ctx, gardencorev1beta1.ShootStatus{UID: "uid-1", TechnicalID: namespace}, func(shoot *gardencorev1beta1.Shoot) {
					shoot.Spec.Provider.Type = provider
				})
				extension.Spec.ProviderConfig.Raw = []byte(strings.Replace(providerConfig, "{", "{"+config, 1))
				Expect(actuator.Reconcile(ctx, log, extension)).To(Succeed())
				Expect(k.reconciled).To(HaveExactElements(HaveField("SnapshotClass", expected)))
			},
			Entry("on a provider that brings it", "openstack", "", true),
			Entry("on one that does not", "metal", "", false),
			Entry("on one that does not, and wanted", "metal", `"snapshotClass":{"enabled":true},`, true),
			Entry("on a provider that brings it, and not wanted", "aws", `"snapshotClass":{"enabled":false},`, false),
		)

		DescribeTable("should take the worker pools that the shoot has, and refuse others by name",
			func(ctx SpecContext, wanted, problem string) {
				writeCluster(ctx, gardencorev1beta1.ShootStatus{UID: "uid-1", TechnicalID: namespace}, func(shoot *gardencorev1beta1.Shoot) {
					shoot.Spec.Provider.Workers = []gardencorev1beta1.Worker{{Name: "gpu"}, {Name: "storage"}}
				})
				extension.Spec.ProviderConfig.Raw = []byte(strings.Replace(providerConfig, "{", `{"workers":`+wanted+`,`, 1))
				err := actuator.Reconcile(ctx, log, extension)
				if problem == "" {
					Expect(err).NotTo(HaveOccurred())
					Expect(k.reconciled).To(HaveExactElements(HaveField("Workers", []string{"storage"})))
					return
				}
				Expect(err).To(MatchError(ContainSubstring(problem)))
				Expect(v1beta1helper.ExtractErrorCodes(err)).To(ConsistOf(gardencorev1beta1.ErrorCode("ERR_CONFIGURATION_PROBLEM")))
				Expect(k.reconciled).To(BeEmpty())
			},
			Entry("known", `["storage"]`, ""),
			Entry("unknown", `["storage","db"]`, `spec.providerConfig.workers[1]: Unsupported value: "db": supported values: "gpu", "storage"`),
			Entry("twice", `["storage","storage"]`, `spec.providerConfig.workers[1]: Duplicate value: "storage"`),
			Entry("no name", `[""]`, `spec.providerConfig.workers[0]: Invalid value: ""`),
		)

		It("should refuse another protocol than the SVM serves, and addresses that its cluster does not have", func(ctx SpecContext) {
			extension.Status.ProviderStatus = &runtime.RawExtension{Raw: []byte(
				`{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMStatus","cluster":"a","protocol":"iSCSI"}`)}
			Expect(actuator.Reconcile(ctx, log, extension)).To(MatchError(ContainSubstring("spec.providerConfig.protocol")))
			extension.Status.ProviderStatus = &runtime.RawExtension{Raw: []byte(
				`{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMStatus","cluster":"elsewhere","protocol":"NVMe"}`)}
			Expect(actuator.Reconcile(ctx, log, extension)).To(MatchError(And(ContainSubstring("managementLIF"), ContainSubstring("192.168.0.0/16"))))
			Expect(k.reconciled).To(BeEmpty())
		})

		It("should take its ManagedResources out of the seed in a migration, and keep their objects", func(ctx SpecContext) {
			ours := &resourcesv1alpha1.ManagedResource{ObjectMeta: metav1.ObjectMeta{
				Namespace: namespace, Name: "ours", Labels: map[string]string{"origin": "extension-ontap"}, Finalizers: []string{"test/grm"},
			}}
			others := &resourcesv1alpha1.ManagedResource{ObjectMeta: metav1.ObjectMeta{
				Namespace: namespace, Name: "others", Labels: map[string]string{"origin": "gardener"},
			}}
			Expect(w.seed.Create(ctx, ours)).To(Succeed())
			Expect(w.seed.Create(ctx, others)).To(Succeed())
			migrated := make(chan error, 1)
			go func() { migrated <- actuator.Migrate(ctx, log, extension) }()
			Eventually(ctx, func(g Gomega) {
				g.Expect(w.seed.Get(ctx, client.ObjectKeyFromObject(ours), ours)).To(Succeed())
				g.Expect(ours.DeletionTimestamp).NotTo(BeNil())
			}).Should(Succeed())
			Expect(ours.Spec.KeepObjects).To(HaveValue(BeTrue()))
			Expect(migrated).NotTo(Receive())
			ours.Finalizers = nil
			Expect(w.seed.Update(ctx, ours)).To(Succeed())
			Eventually(ctx, migrated).WithTimeout(20 * time.Second).Should(Receive(BeNil()))
			Expect(w.seed.Get(ctx, client.ObjectKeyFromObject(others), others)).To(Succeed())
			Expect(k.reconciled).To(BeEmpty())
			Expect(k.deleted).To(BeEmpty())
		})

		It("should forget how often the shoot has failed where the Extension goes, but not before", func(ctx SpecContext) {
			for _, leave := range []func(context.Context, logr.Logger, *extensionsv1alpha1.Extension) error{actuator.ForceDelete, actuator.Migrate} {
				for range 5 {
					Expect(w.report(ctx, failed("DeleteSVM", "SVMReady", errors.New("no answer")))).To(Succeed())
				}
				k.err = errors.New("no answer")
				Expect(actuator.Delete(ctx, log, extension)).NotTo(Succeed())
				Expect(w.metrics.failing).To(Equal(map[string]float64{"DeleteSVM": 1}))
				Expect(leave(ctx, log, extension)).To(Succeed())
				Expect(w.metrics.failing).To(Equal(map[string]float64{"DeleteSVM": 0}))
			}
		})

		It("should leave everything alone in a migration", func(ctx SpecContext) {
			Expect(actuator.Migrate(ctx, log, extension)).To(Succeed())
			Expect(k.reconciled).To(BeEmpty())
			Expect(k.deleted).To(BeEmpty())
		})

		DescribeTable("should give Gardener the codes of an error, none of which puts a shoot into Failed", append([]any{
			func(ctx SpecContext, err error, _ string, codes []gardencorev1beta1.ErrorCode) {
				k.err = err
				for _, operate := range []func(context.Context, logr.Logger, *extensionsv1alpha1.Extension) error{actuator.Reconcile, actuator.Restore, actuator.Delete} {
					got := operate(ctx, log, extension)
					Expect(got).To(MatchError(err.Error()))
					Expect(v1beta1helper.ExtractErrorCodes(got)).To(Equal(codes))
					Expect(v1beta1helper.HasNonRetryableErrorCode(gardencorev1beta1.LastError{Codes: v1beta1helper.ExtractErrorCodes(got)})).To(BeFalse())
				}
				Expect(actuator.ForceDelete(ctx, log, extension)).To(Succeed())
			},
		}, verdicts()...)...)

		It("should ask to be called again when a run ends in waiting", func(ctx SpecContext) {
			k.report = ended(step.Done(), waiting())
			again := &reconcilerutils.RequeueAfterError{RequeueAfter: time.Minute, Cause: errors.New("SVM s1 is being created")}
			Expect(actuator.Delete(ctx, log, extension)).To(Equal(error(again)), "bare and outermost")
			Expect(actuator.Restore(ctx, log, extension)).To(Equal(error(again)))
			Expect(actuator.Reconcile(ctx, log, extension)).To(Equal(again.Cause), "Gardener would never come back")
			Expect(actuator.ForceDelete(ctx, log, extension)).To(Succeed())
		})

		It("should give a forced deletion two minutes", func(ctx SpecContext) {
			var until time.Time
			k.onDelete = func(ctx context.Context) { until, _ = ctx.Deadline() }
			begun := time.Now()
			Expect(actuator.ForceDelete(ctx, log, extension)).To(Succeed())
			Expect(until).To(BeTemporally("~", begun.Add(2*time.Minute), 10*time.Second))
		})

		DescribeTable("should hold the shoot's owner responsible for a providerConfig that it does not understand",
			func(ctx SpecContext, config, message string) {
				extension.Spec.ProviderConfig = &runtime.RawExtension{Raw: []byte(config)}
				for _, operate := range []func(context.Context, logr.Logger, *extensionsv1alpha1.Extension) error{actuator.Reconcile, actuator.Restore} {
					err := operate(ctx, log, extension)
					Expect(err).To(MatchError(And(HavePrefix("spec.providerConfig: it is not an SVMConfig of ontap.extensions.gardener.cloud/v1alpha1: "), ContainSubstring(message))))
					Expect(v1beta1helper.ExtractErrorCodes(err)).To(ConsistOf(gardencorev1beta1.ErrorCode("ERR_CONFIGURATION_PROBLEM")))
				}
				Expect(k.reconciled).To(BeEmpty())
				Expect(actuator.Delete(ctx, log, extension)).To(Succeed(), "a deletion does not need it")
				Expect(k.deleted).To(HaveLen(1))
			},
			Entry("with an unknown field", `{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMConfig","size":"large"}`, `unknown field "size"`),
			Entry("of another version", `{"apiVersion":"ontap.extensions.gardener.cloud/v9","kind":"SVMConfig"}`, "v9"),
			Entry("of another kind", `{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMStatus"}`, "SVMStatus"),
			Entry("with an unknown field and without a kind", `{"size":"large"}`, `unknown field "size"`),
			Entry("which is no JSON", `{`, ""),
			Entry("which is a list", `[]`, ""),
		)

		It("should demand a providerConfig", func(ctx SpecContext) {
			extension.Spec.ProviderConfig = nil
			Expect(actuator.Reconcile(ctx, log, extension)).To(MatchError(HavePrefix("spec.providerConfig: it is required")))
			Expect(k.reconciled).To(BeEmpty())
		})
	})

	DescribeTable("should do nothing for a shoot that it cannot name",
		func(ctx SpecContext, status *gardencorev1beta1.ShootStatus) {
			if status != nil {
				writeCluster(ctx, *status)
			}
			Expect(actuator.Reconcile(ctx, log, extension)).To(MatchError(ContainSubstring("Cluster " + namespace)))
			Expect(actuator.Delete(ctx, log, extension)).To(MatchError(ContainSubstring("Cluster " + namespace)))
			Expect(k.reconciled).To(BeEmpty())
			Expect(k.deleted).To(BeEmpty())
		},
		Entry("because there is no Cluster", nil),
		Entry("because it has no UID", &gardencorev1beta1.ShootStatus{TechnicalID: namespace}),
		Entry("because it has no technical ID", &gardencorev1beta1.ShootStatus{UID: "uid-1"}),
	)
})
