// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// Metrics counts what runs did.
type Metrics interface {
	// ObserveStep counts one step, or the guard, of a run that has ended.
	ObserveStep(name, outcome string, duration time.Duration)
	// CountGuard counts what the guard of a run has found: the reason of the condition if it could not let the run go on, what it
	// had to do to the seed secret, or that the secret was in order.
	CountGuard(result string)
	// CountParked counts an SVM that was left on ONTAP because it holds volumes.
	CountParked()
	// CountFailing counts the shoots whose runs end with a failure of the same step again and again.
	CountFailing(step string, more float64)
	// CountTolerated counts an outage of ONTAP that did not fail a reconcile.
	CountTolerated(reason string)
	// ForgetShoot takes away what is shown of the SVM of a shoot whose Extension goes.
	ForgetShoot(namespace string)
}

// Status keeps record and conditions in the status of a shoot's Extension. It implements svm.Status.
type Status struct {
	// Client must not read from a cache.
	Client   client.Client
	Recorder events.EventRecorder
	Metrics  Metrics
	Clock    clock.Clock

	mutex sync.Mutex
	// streaks are by the namespaces of the shoots.
	streaks map[string]streak
}

// Load reads the record from providerStatus and state. What cannot be decoded is an error, never an empty record. A seed
// that the shoot has just come to has the state alone.
func (s *Status) Load(ctx context.Context, namespace string) (svm.Record, error) {
	extension, err := s.read(ctx, namespace)
	if err != nil {
		return svm.Record{}, err
	}
	return RecordOf(extension)
}

// RecordOf is what Load reads.
func RecordOf(extension *extensionsv1alpha1.Extension) (record svm.Record, err error) {
	if err := decode("providerStatus", extension.Status.ProviderStatus, &record.Status, kindOfStatus); err != nil {
		return svm.Record{}, err
	}
	if err := decode("state", extension.Status.State, &record.Applied, kindOfState); err != nil {
		return svm.Record{}, err
	}
	if applied := record.Applied; extension.Status.ProviderStatus == nil {
		record.Status.Cluster, record.Status.SVMName, record.Status.SVMUUID = applied.Cluster, applied.SVMName, applied.SVMUUID
	}
	return record, nil
}

// The kinds of what stands in providerStatus and state.
var (
	kindOfStatus = ontapv1alpha1.SchemeGroupVersion.WithKind("SVMStatus")
	kindOfState  = ontapv1alpha1.SchemeGroupVersion.WithKind("SVMState")
)

// decode leaves an object as it is where there is nothing to decode.
func decode(name string, raw *runtime.RawExtension, into runtime.Object, kind schema.GroupVersionKind) error {
	if raw == nil {
		return nil
	}
	if err := json.Unmarshal(raw.Raw, into); err != nil {
		return fmt.Errorf("decoding %s: %w", name, err)
	}
	if found := into.GetObjectKind().GroupVersionKind(); found != kind {
		return fmt.Errorf("decoding %s: it is a %s of %s, not a %s of %s", name, found.Kind, found.GroupVersion(), kind.Kind, kind.GroupVersion())
	}
	return nil
}

// Save writes providerStatus.
func (s *Status) Save(ctx context.Context, namespace string, status ontapv1alpha1.SVMStatus) error {
	return s.store(ctx, namespace, &status, kindOfStatus, func(e *extensionsv1alpha1.Extension, raw runtime.RawExtension) { e.Status.ProviderStatus = &raw })
}

// Succeed writes the state.
func (s *Status) Succeed(ctx context.Context, namespace string, applied ontapv1alpha1.SVMState) error {
	return s.store(ctx, namespace, &applied, kindOfState, func(e *extensionsv1alpha1.Extension, raw runtime.RawExtension) { e.Status.State = &raw })
}

func (s *Status) store(
	ctx context.Context, namespace string, object runtime.Object, kind schema.GroupVersionKind, put func(*extensionsv1alpha1.Extension, runtime.RawExtension),
) error {
	object.GetObjectKind().SetGroupVersionKind(kind)
	raw, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return s.change(ctx, namespace, func(extension *extensionsv1alpha1.Extension) bool {
		put(extension, runtime.RawExtension{Raw: raw})
		return true
	})
}

// Report turns a report into conditions, written in one patch, and then into events and metrics. What could not be
// written is not counted either.
func (s *Status) Report(ctx context.Context, namespace string, report step.Report) error {
	var due []event
	var about *extensionsv1alpha1.Extension
	failures := s.streakOf(namespace).after(report, s.Clock.Now())
	if err := s.change(ctx, namespace, func(extension *extensionsv1alpha1.Extension) bool {
		old := extension.Status.Conditions
		extension.Status.Conditions, due = conditionsOf(extension, report, failures, s.Clock)
		about = extension
		return v1beta1helper.ConditionsNeedUpdate(old, extension.Status.Conditions)
	}); err != nil {
		return err
	}
	if report.Ended {
		due = append(due, healed(report), escalated(report, failures))
		due = append(due, remarkable(report)...)
		s.count(report)
		s.keep(namespace, failures)
	}
	for _, e := range due {
		if e.reason != "" {
			s.Recorder.Eventf(about, nil, e.kind, e.reason, "Reconcile", "%s", e.message)
		}
	}
	return nil
}

// Forget forgets a shoot whose Extension goes: the failures of its runs, and what is shown of its SVM.
func (s *Status) Forget(namespace string) {
	s.keep(namespace, streak{})
	s.Metrics.ForgetShoot(namespace)
}

func (s *Status) count(report step.Report) {
	for _, result := range report.Results {
		if result.Outcome.Kind != step.KindPending {
			s.Metrics.ObserveStep(result.Name, string(result.Outcome.Kind), result.Duration)
		}
		if result.Outcome.Reason == ontapv1alpha1.ReasonSVMParked {
			s.Metrics.CountParked()
		}
	}
	if result := guardResult(report.Results[0]); result != "" {
		s.Metrics.CountGuard(result)
	}
}

// guardResult is what the guard of a run has found; empty if it was not asked.
func guardResult(guard step.Result) string {
	switch {
	case guard.Err != nil:
		return verdictOf(guard.Err).reason
	case guard.Outcome.Kind == step.KindPending:
		return ""
	}
	return cmp.Or(guard.Outcome.Reason, string(seedsecret.InOrder))
}

func (s *Status) read(ctx context.Context, namespace string) (*extensionsv1alpha1.Extension, error) {
	extension := &extensionsv1alpha1.Extension{}
	if err := s.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: ontapv1alpha1.ExtensionType}, extension); err != nil {
		return nil, &svm.SeedError{Doing: "reading the Extension", Cause: err}
	}
	return extension, nil
}

// change patches the status with an optimistic lock, since the health-check library writes whole statuses, and starts
// over from a fresh read on a conflict. Nothing is written if mutate reports false.
func (s *Status) change(ctx context.Context, namespace string, mutate func(*extensionsv1alpha1.Extension) bool) error {
	return retry.RetryOnConflict(retry.DefaultRetry, func() error {
		extension, err := s.read(ctx, namespace)
		if err != nil {
			return err
		}
		before := extension.DeepCopy()
		if !mutate(extension) {
			return nil
		}
		if err := s.Client.Status().Patch(ctx, extension, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
			return &svm.SeedError{Doing: "writing the status of the Extension", Cause: err}
		}
		return nil
	})
}
