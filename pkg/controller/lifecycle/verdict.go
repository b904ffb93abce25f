// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"errors"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// verdict is what an error means to a reader of the Extension.
type verdict struct {
	status gardencorev1beta1.ConditionStatus
	reason string
	// codes are Gardener's. None of them is one that puts a shoot into Failed: what goes wrong here may be cured without
	// the shoot's owner. Without a code the shoot is retried as well.
	codes []gardencorev1beta1.ErrorCode
}

func verdictOf(err error) verdict {
	const (
		isFalse   = gardencorev1beta1.ConditionFalse
		isUnknown = gardencorev1beta1.ConditionUnknown
	)
	retryable := []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorRetryableInfraDependencies}
	switch seedsecret.KindOf(err) {
	case seedsecret.KindUnknown:
		return verdict{isUnknown, ontapv1alpha1.ReasonSeedSecretUnreadable, retryable}
	case seedsecret.KindNotWritten:
		return verdict{isFalse, ontapv1alpha1.ReasonSeedSecretNotWritten, retryable}
	case seedsecret.KindForeign:
		return verdict{isFalse, ontapv1alpha1.ReasonSeedSecretForeign, nil}
	case seedsecret.KindDeleting:
		return verdict{isFalse, ontapv1alpha1.ReasonSeedSecretDeleting, nil}
	case seedsecret.KindPlacedElsewhere:
		return verdict{isFalse, ontapv1alpha1.ReasonPlacementConflict, nil}
	}
	if errors.Is(err, step.ErrUnstable) {
		return verdict{isFalse, ontapv1alpha1.ReasonSeedSecretUnstable, nil}
	}
	if _, ok := errors.AsType[*svm.SeedError](err); ok || apierrors.ReasonForError(err) != "" {
		return verdict{isUnknown, ontapv1alpha1.ReasonInterrupted, retryable}
	}
	failure := svm.FailureOf(err)
	switch failure.Class {
	case svm.ClassOutage:
		return verdict{isUnknown, failure.Reason, retryable}
	case svm.ClassExhausted:
		return verdict{isFalse, failure.Reason, []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorInfraResourcesDepleted}}
	case svm.ClassConfiguration:
		return verdict{isFalse, failure.Reason, []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorRetryableConfigurationProblem}}
	case svm.ClassInUse:
		return verdict{isFalse, failure.Reason, []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorCleanupClusterResources}}
	case svm.ClassConflict:
		return verdict{isFalse, failure.Reason, retryable}
	case svm.ClassInternal:
		return verdict{isUnknown, failure.Reason, nil}
	case svm.ClassDenied, svm.ClassRejected, svm.ClassHuman:
	}
	return verdict{isFalse, failure.Reason, nil}
}
