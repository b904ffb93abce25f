// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
)

const (
	namespace      = "shoot--local--demo"
	providerConfig = `{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMConfig",` +
		`"managementLIF":"10.10.0.1","dataLIFs":["10.11.0.1","10.11.0.2"],"limits":{"volumes":7}}`
)

var (
	retryable = []gardencorev1beta1.ErrorCode{"ERR_RETRYABLE_INFRA_DEPENDENCIES"}
	unsuited  = []gardencorev1beta1.ErrorCode{"ERR_RETRYABLE_CONFIGURATION_PROBLEM"}
	cleanup   = []gardencorev1beta1.ErrorCode{"ERR_CLEANUP_CLUSTER_RESOURCES"}
	depleted  = []gardencorev1beta1.ErrorCode{"ERR_INFRA_RESOURCES_DEPLETED"}
)

// verdicts are the errors that a run can end with and what each means: the condition as "Status Reason", and the codes.
func verdicts() []any {
	seedSecret := func(kind seedsecret.Kind) error {
		return fmt.Errorf("SeedSecret: %w", &seedsecret.Error{Kind: kind, Namespace: namespace, Doing: "reading it"})
	}
	answer := func(kind ontap.Kind) error {
		return fmt.Errorf("step EnsureSVM: %w", &ontap.Error{Kind: kind, Cluster: "a", Op: "POST /svm/svms", Code: "1", Message: "no"})
	}
	secrets := schema.GroupResource{Group: "extensions.gardener.cloud", Resource: "extensions"}
	var none []gardencorev1beta1.ErrorCode
	return []any{
		Entry("an unreadable seed secret", seedSecret("Unknown"), "Unknown SeedSecretUnreadable", retryable),
		Entry("a seed secret that cannot be written", seedSecret("NotWritten"), "False SeedSecretNotWritten", retryable),
		Entry("a seed secret of another shoot", seedSecret("Foreign"), "False SeedSecretForeign", none),
		Entry("a seed secret that is being deleted", seedSecret("Deleting"), "False SeedSecretDeleting", none),
		Entry("a seed secret that names another cluster", seedSecret("PlacedElsewhere"), "False PlacementConflict", none),
		Entry("a seed secret that keeps changing", fmt.Errorf("SeedSecret: %w", step.ErrUnstable), "False SeedSecretUnstable", none),
		Entry("a conflict on the Extension", fmt.Errorf("recording: %w", apierrors.NewConflict(secrets, "ontap", errors.New("changed"))), "Unknown Interrupted", retryable),
		Entry("a refusal of the seed's API server", fmt.Errorf("recording: %w", apierrors.NewForbidden(secrets, "ontap", errors.New("policy"))), "Unknown Interrupted", retryable),
		Entry("a seed that does not answer", fmt.Errorf("step EnsureShootResources: %w", &svm.SeedError{Doing: "listing", Cause: errors.New("no route")}), "Unknown Interrupted", retryable),
		Entry("a shoot that does not answer", fmt.Errorf("step RefuseWhileInUse: %w", svm.ErrShootUnreachable), "Unknown ShootUnreachable", retryable),
		Entry("an ONTAP that does not answer", answer("Unavailable"), "Unknown Unreachable", retryable),
		Entry("a refused login", answer("Denied"), "False AccessDenied", none),
		Entry("no room on ONTAP", answer("Exhausted"), "False CapacityExhausted", depleted),
		Entry("a busy ONTAP", answer("Busy"), "False Conflict", retryable),
		Entry("an object that exists already", answer("Exists"), "False Conflict", retryable),
		Entry("several objects where one was meant", answer("Conflict"), "False Conflict", retryable),
		Entry("an object that vanished", answer("NotFound"), "False Conflict", retryable),
		Entry("a rejected request", answer("Invalid"), "False Rejected", none),
		Entry("a job that failed without a code", answer("Internal"), "False Rejected", none),
		Entry("a licence that is missing", answer("Unlicensed"), "False ProtocolUnlicensed", unsuited),
		Entry("something that is still in use", answer("InUse"), "False InUse", cleanup),
		Entry("a write while an administrator holds the SVM", answer("Held"), "False HeldByAdministrator", none),
		Entry("a canceled run", fmt.Errorf("waiting: %w", context.Canceled), "False Interrupted", retryable),
		Entry("the end of the run's time", fmt.Errorf("waiting: %w", context.DeadlineExceeded), "False Interrupted", retryable),
		Entry("a panic", errors.New("panic: nil map"), "Unknown InternalError", none),
	}
}

// counters remembers what was counted.
type counters struct {
	steps, guard, tolerated, forgotten []string
	parked                             int
	failing                            map[string]float64
}

func (c *counters) ObserveStep(name, outcome string, duration time.Duration) {
	c.steps = append(c.steps, fmt.Sprintf("%s %s %s", name, outcome, duration))
}

func (c *counters) CountGuard(result string) { c.guard = append(c.guard, result) }

func (c *counters) ForgetShoot(namespace string) { c.forgotten = append(c.forgotten, namespace) }

func (c *counters) CountParked() { c.parked++ }

func (c *counters) CountTolerated(reason string) { c.tolerated = append(c.tolerated, reason) }

func (c *counters) CountFailing(name string, more float64) {
	if c.failing == nil {
		c.failing = map[string]float64{}
	}
	c.failing[name] += more
}

// world is a seed with the Extension of one shoot, and the Status under test.
type world struct {
	seed    client.WithWatch
	clock   *testclock.FakeClock
	events  *events.FakeRecorder
	metrics *counters
	status  *lifecycle.Status
}

func newWorld(ctx context.Context) *world {
	GinkgoHelper()
	w := &world{clock: testclock.NewFakeClock(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)), events: events.NewFakeRecorder(20), metrics: &counters{}}
	s := runtime.NewScheme()
	Expect(scheme.AddToScheme(s)).To(Succeed())
	Expect(extensionsv1alpha1.AddToScheme(s)).To(Succeed())
	Expect(resourcesv1alpha1.AddToScheme(s)).To(Succeed())
	w.seed = apiserver.New(apiserver.Options{Scheme: s, Clock: w.clock})
	w.newExtension(ctx, namespace)
	w.inject(interceptor.Funcs{})
	return w
}

func (w *world) newExtension(ctx context.Context, namespace string) {
	GinkgoHelper()
	Expect(w.seed.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
	Expect(w.seed.Create(ctx, &extensionsv1alpha1.Extension{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "ontap", Finalizers: []string{"extensions.gardener.cloud/ontap"}},
		Spec: extensionsv1alpha1.ExtensionSpec{DefaultSpec: extensionsv1alpha1.DefaultSpec{
			Type: "ontap", ProviderConfig: &runtime.RawExtension{Raw: []byte(providerConfig)},
		}},
	})).To(Succeed())
}

// inject puts faults between Status and the API server.
func (w *world) inject(faults interceptor.Funcs) {
	w.status = &lifecycle.Status{Client: interceptor.NewClient(w.seed, faults), Recorder: w.events, Metrics: w.metrics, Clock: w.clock}
}

func (w *world) extension(ctx context.Context) *extensionsv1alpha1.Extension {
	GinkgoHelper()
	extension := &extensionsv1alpha1.Extension{}
	Expect(w.seed.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "ontap"}, extension)).To(Succeed())
	return extension
}

// write changes the status as another writer does.
func (w *world) write(ctx context.Context, change func(*extensionsv1alpha1.Extension)) {
	GinkgoHelper()
	extension := w.extension(ctx)
	change(extension)
	Expect(w.seed.Status().Update(ctx, extension)).To(Succeed())
}

// setCondition writes a condition as an earlier run would have left it.
func (w *world) setCondition(ctx context.Context, conditionType gardencorev1beta1.ConditionType, status gardencorev1beta1.ConditionStatus, reason string) {
	GinkgoHelper()
	w.write(ctx, func(extension *extensionsv1alpha1.Extension) {
		condition := v1beta1helper.InitConditionWithClock(w.clock, conditionType)
		condition = v1beta1helper.UpdatedConditionWithClock(w.clock, condition, status, reason, "as it was")
		extension.Status.Conditions = v1beta1helper.MergeConditions(extension.Status.Conditions, condition)
	})
}

func (w *world) condition(ctx context.Context, conditionType gardencorev1beta1.ConditionType) gardencorev1beta1.Condition {
	GinkgoHelper()
	condition := v1beta1helper.GetCondition(w.extension(ctx).Status.Conditions, conditionType)
	if condition == nil {
		return gardencorev1beta1.Condition{Status: "absent"}
	}
	return *condition
}

// summary is a condition as "Status Reason".
func (w *world) summary(ctx context.Context, conditionType gardencorev1beta1.ConditionType) string {
	GinkgoHelper()
	condition := w.condition(ctx, conditionType)
	return fmt.Sprintf("%s %s", condition.Status, condition.Reason)
}

// takeEvents returns the events so far, each as "Type Reason message".
func (w *world) takeEvents() []string {
	lines := []string{}
	for {
		select {
		case line := <-w.events.Events:
			lines = append(lines, line)
		default:
			return lines
		}
	}
}

// report sends the report of a run that has ended: the guard is content, and these are the steps.
func (w *world) report(ctx context.Context, steps ...step.Result) error {
	return w.status.Report(ctx, namespace, ended(step.Done(), steps...))
}

func ended(guard step.Outcome, steps ...step.Result) step.Report {
	results := append([]step.Result{{Name: "SeedSecret", Condition: "SeedSecretReady", Outcome: guard, Duration: time.Second}}, steps...)
	return step.Report{Results: results, Ended: true}
}

func result(name, condition string, outcome step.Outcome) step.Result {
	return step.Result{Name: name, Condition: condition, Outcome: outcome}
}

func failed(name, condition string, err error) step.Result {
	return step.Result{Name: name, Condition: condition, Outcome: step.Outcome{Kind: step.KindFailed}, Err: err}
}

func pending(name, condition string) step.Result {
	return result(name, condition, step.Outcome{Kind: step.KindPending})
}

// waiting is the result of a step that waits for ONTAP.
func waiting() step.Result {
	return result("EnsureSVM", "SVMReady", step.Wait(time.Minute, "SVMCreating", "SVM s1 is being created"))
}
