// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// Metrics counts what runs did.
type Metrics interface {
	// ObserveStep counts one step, or the guard, of a run that has ended.
	ObserveStep(name, outcome string, duration time.Duration)
	// CountHealed counts a seed secret that had to be made or mended.
	CountHealed(reason string)
}

// Status keeps record and conditions in the status of a shoot's Extension. It implements svm.Status.
type Status struct {
	// Client must not read from a cache.
	Client   client.Client
	Recorder events.EventRecorder
	Metrics  Metrics
	Clock    clock.Clock
}

var recordType = metav1.TypeMeta{APIVersion: ontapv1alpha1.SchemeGroupVersion.String(), Kind: "SVMStatus"}

// Load reads the record from providerStatus. One that cannot be decoded is an error, never an empty record.
func (s *Status) Load(ctx context.Context, namespace string) (ontapv1alpha1.SVMStatus, error) {
	extension, err := s.read(ctx, namespace)
	if err != nil {
		return ontapv1alpha1.SVMStatus{}, err
	}
	record := ontapv1alpha1.SVMStatus{}
	if extension.Status.ProviderStatus == nil {
		return record, nil
	}
	if err := json.Unmarshal(extension.Status.ProviderStatus.Raw, &record); err != nil {
		return record, fmt.Errorf("decoding providerStatus: %w", err)
	}
	if record.TypeMeta != recordType {
		return record, fmt.Errorf("decoding providerStatus: it is a %s of %s, not a %s of %s", record.Kind, record.APIVersion, recordType.Kind, recordType.APIVersion)
	}
	return record, nil
}

// Save writes the record into providerStatus.
func (s *Status) Save(ctx context.Context, namespace string, record ontapv1alpha1.SVMStatus) error {
	record.TypeMeta = recordType
	raw, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return s.change(ctx, namespace, func(extension *extensionsv1alpha1.Extension) bool {
		extension.Status.ProviderStatus = &runtime.RawExtension{Raw: raw}
		return true
	})
}

// Report turns a report into conditions, written in one patch, and then into events and metrics.
func (s *Status) Report(ctx context.Context, namespace string, report step.Report) error {
	var due []event
	var about *extensionsv1alpha1.Extension
	if err := s.change(ctx, namespace, func(extension *extensionsv1alpha1.Extension) bool {
		old := extension.Status.Conditions
		extension.Status.Conditions, due = conditionsOf(extension, report, s.Clock)
		about = extension
		return v1beta1helper.ConditionsNeedUpdate(old, extension.Status.Conditions)
	}); err != nil {
		return err
	}
	if report.Ended {
		due = append(due, healed(report))
		s.count(report)
	}
	for _, e := range due {
		if e.reason != "" {
			s.Recorder.Eventf(about, nil, e.kind, e.reason, "Reconcile", "%s", e.message)
		}
	}
	return nil
}

func (s *Status) count(report step.Report) {
	for _, result := range report.Results {
		if result.Outcome.Kind != step.KindPending {
			s.Metrics.ObserveStep(result.Name, string(result.Outcome.Kind), result.Duration)
		}
	}
	if e := healed(report); e.reason != "" {
		s.Metrics.CountHealed(e.reason)
	}
}

func (s *Status) read(ctx context.Context, namespace string) (*extensionsv1alpha1.Extension, error) {
	extension := &extensionsv1alpha1.Extension{}
	if err := s.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: ontapv1alpha1.ExtensionType}, extension); err != nil {
		return nil, &seedError{doing: "reading the Extension", cause: err}
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
			return &seedError{doing: "writing the status of the Extension", cause: err}
		}
		return nil
	})
}
