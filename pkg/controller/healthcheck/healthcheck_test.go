// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package healthcheck_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/healthcheck"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

var _ = Describe("Health checks", func() {
	var (
		now          = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
		c            *testclock.FakeClock
		seed         client.WithWatch
		observations *healthcheck.Observations
		checks       reconcile.Reconciler
	)

	key := func(number int) types.NamespacedName {
		return types.NamespacedName{Namespace: fmt.Sprintf("shoot--local--%d", number), Name: "ontap"}
	}

	newShoot := func(ctx context.Context, number int) {
		GinkgoHelper()
		namespace := key(number).Namespace
		raw := func(kind string) runtime.RawExtension {
			return runtime.RawExtension{Raw: fmt.Appendf(nil, `{"apiVersion":"core.gardener.cloud/v1beta1","kind":%q}`, kind)}
		}
		Expect(seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
		Expect(seed.Create(ctx, &extensionsv1alpha1.Cluster{
			ObjectMeta: metav1.ObjectMeta{Name: namespace},
			Spec:       extensionsv1alpha1.ClusterSpec{CloudProfile: raw("CloudProfile"), Seed: new(raw("Seed")), Shoot: raw("Shoot")},
		})).To(Succeed())
		Expect(seed.Create(ctx, &extensionsv1alpha1.Extension{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "ontap"},
			Spec:       extensionsv1alpha1.ExtensionSpec{DefaultSpec: extensionsv1alpha1.DefaultSpec{Type: "ontap"}},
		})).To(Succeed())
	}

	// check is one check of a shoot, and tells when the next one is.
	check := func(ctx context.Context, number int) time.Duration {
		GinkgoHelper()
		result, err := checks.Reconcile(ctx, reconcile.Request{NamespacedName: key(number)})
		Expect(err).NotTo(HaveOccurred())
		return result.RequeueAfter
	}

	// verdict is what a condition says, as "Status message".
	verdict := func(ctx context.Context, number int, conditionType gardencorev1beta1.ConditionType) string {
		GinkgoHelper()
		extension := &extensionsv1alpha1.Extension{}
		Expect(seed.Get(ctx, key(number), extension)).To(Succeed())
		condition := v1beta1helper.GetCondition(extension.Status.Conditions, conditionType)
		Expect(condition).NotTo(BeNil())
		return string(condition.Status) + " " + condition.Message
	}

	BeforeEach(func() {
		c = testclock.NewFakeClock(now)
		kinds, err := worlds.SeedScheme()
		Expect(err).NotTo(HaveOccurred())
		seed = apiserver.New(apiserver.Options{Scheme: kinds, Clock: c})
		observations = &healthcheck.Observations{}
		config := &configv1alpha1.ControllerConfiguration{}
		configv1alpha1.SetDefaults(config)
		checks, err = worlds.NewHealthChecks(seed, config, observations, c)
		Expect(err).NotTo(HaveOccurred())
	})

	It("should be made each minute, with an observation that says when it was made", func(ctx SpecContext) {
		newShoot(ctx, 1)
		observations.Observe(now, map[string]svm.Verdict{"shoot--local--1": {Health: svm.HealthDown, Message: "SVM s1 is stopped"}})
		c.Step(3 * time.Minute)
		Expect(check(ctx, 1)).To(Equal(time.Minute))
		Expect(verdict(ctx, 1, "ControlPlaneHealthy")).To(Equal("False SVM s1 is stopped (seen at 2026-11-26T12:00:00Z)."))
		Expect(verdict(ctx, 1, "SystemComponentsHealthy")).To(And(HavePrefix("False "), ContainSubstring(`"extension-ontap-driver" in namespace "shoot--local--1" not found`)))
	})

	DescribeTable("should rest on nothing older than two intervals",
		func(ctx SpecContext, age time.Duration, expected string) {
			newShoot(ctx, 1)
			observations.Observe(now, map[string]svm.Verdict{"shoot--local--1": {Health: svm.HealthServing}})
			c.Step(age)
			check(ctx, 1)
			Expect(verdict(ctx, 1, "ControlPlaneHealthy")).To(Equal(expected))
		},
		Entry("two intervals", 20*time.Minute, "True All health checks successful"),
		Entry("a little more", 20*time.Minute+1, "Unknown failed to execute 1 health check: nothing was found out about the SVM since 2026-11-26T12:00:00Z,"+
			" more than 20m0s ago: no sweep gets to its end, see the log of the extension."),
		Entry("an hour and a half", 95*time.Minute, "Unknown failed to execute 1 health check: nothing was found out about the SVM since 2026-11-26T12:00:00Z,"+
			" more than 1h30m0s ago: no sweep gets to its end, see the log of the extension."),
	)

	It("should give each of many shoots its own verdict, while sweeps replace them", func(ctx SpecContext) {
		const shoots = 20
		verdicts := func() map[string]svm.Verdict {
			all := map[string]svm.Verdict{}
			for number := range shoots {
				all[key(number).Namespace] = svm.Verdict{Health: svm.HealthDown, Message: fmt.Sprintf("SVM %d is stopped", number)}
			}
			return all
		}
		for number := range shoots {
			newShoot(ctx, number)
		}
		observations.Observe(now, verdicts())
		var all sync.WaitGroup
		for number := range shoots {
			all.Go(func() {
				defer GinkgoRecover()
				for range 5 {
					observations.Begin(now)
					observations.Observe(now, verdicts())
					check(ctx, number)
				}
			})
		}
		all.Wait()
		for number := range shoots {
			Expect(verdict(ctx, number, "ControlPlaneHealthy")).To(Equal(fmt.Sprintf("False SVM %d is stopped (seen at 2026-11-26T12:00:00Z).", number)))
			Expect(verdict(ctx, number, "SystemComponentsHealthy")).To(ContainSubstring(fmt.Sprintf("shoot--local--%d\"", number)))
		}
	})

	DescribeTable("should begin between operations, never in the way of one that begins",
		func(before, after *extensionsv1alpha1.Extension, started, changed bool) {
			Expect(healthcheck.Between.Create(event.CreateEvent{Object: after})).To(Equal(started))
			Expect(healthcheck.Between.Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after})).To(Equal(changed))
			Expect(healthcheck.Between.Generic(event.GenericEvent{Object: after})).To(Equal(started && after.Status.LastOperation.State != "Processing"))
		},
		Entry("new", operated("", "reconcile"), operated("", "reconcile"), false, false),
		Entry("new, and taken up", operated("", "reconcile"), operated("", ""), false, false),
		Entry("in its first operation", operated("", ""), operated("Processing", ""), true, false),
		Entry("at the end of that", operated("Processing", ""), operated("Succeeded", ""), true, true),
		Entry("at its end in an error", operated("Processing", ""), operated("Error", ""), true, true),
		Entry("with nothing new", operated("Succeeded", ""), operated("Succeeded", ""), true, false),
		Entry("with an operation asked for", operated("Succeeded", ""), operated("Succeeded", "reconcile"), false, false),
		Entry("with an operation taken up", operated("Succeeded", "reconcile"), operated("Processing", ""), true, false),
	)
})

// operated is an Extension with the state of its last operation, and the one that is asked for.
func operated(state gardencorev1beta1.LastOperationState, asked string) *extensionsv1alpha1.Extension {
	extension := &extensionsv1alpha1.Extension{}
	if asked != "" {
		extension.Annotations = map[string]string{"gardener.cloud/operation": asked}
	}
	if state != "" {
		extension.Status.LastOperation = &gardencorev1beta1.LastOperation{State: state}
	}
	return extension
}
