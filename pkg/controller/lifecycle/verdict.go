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

const (
	isFalse   = gardencorev1beta1.ConditionFalse
	isUnknown = gardencorev1beta1.ConditionUnknown
)

var (
	retryable  = []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorRetryableInfraDependencies}
	depleted   = []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorInfraResourcesDepleted}
	unsuitable = []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorRetryableConfigurationProblem}
	cleanup    = []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorCleanupClusterResources}
)

// ofSeedSecret are the verdicts on errors of the seed secret.
var ofSeedSecret = map[seedsecret.Kind]verdict{
	seedsecret.KindUnknown:         {isUnknown, ontapv1alpha1.ReasonSeedSecretUnreadable, retryable},
	seedsecret.KindNotWritten:      {isFalse, ontapv1alpha1.ReasonSeedSecretNotWritten, retryable},
	seedsecret.KindForeign:         {isFalse, ontapv1alpha1.ReasonSeedSecretForeign, nil},
	seedsecret.KindDeleting:        {isFalse, ontapv1alpha1.ReasonSeedSecretDeleting, nil},
	seedsecret.KindPlacedElsewhere: {isFalse, ontapv1alpha1.ReasonPlacementConflict, nil},
}

// ofClass are the verdicts on the classes of all other errors, which have reasons of their own.
var ofClass = map[svm.Class]verdict{
	svm.ClassOutage:        {status: isUnknown, codes: retryable},
	svm.ClassDenied:        {status: isFalse},
	svm.ClassExhausted:     {status: isFalse, codes: depleted},
	svm.ClassConflict:      {status: isFalse, codes: retryable},
	svm.ClassRejected:      {status: isFalse},
	svm.ClassConfiguration: {status: isFalse, codes: unsuitable},
	svm.ClassInUse:         {status: isFalse, codes: cleanup},
	svm.ClassHuman:         {status: isFalse},
	svm.ClassPaused:        {status: isUnknown},
	svm.ClassInternal:      {status: isUnknown},
}

func verdictOf(err error) verdict {
	if known, ok := ofSeedSecret[seedsecret.KindOf(err)]; ok {
		return known
	}
	if errors.Is(err, step.ErrUnstable) {
		return verdict{isFalse, ontapv1alpha1.ReasonSeedSecretUnstable, nil}
	}
	if _, ok := errors.AsType[*svm.SeedError](err); ok || apierrors.ReasonForError(err) != "" {
		return verdict{isUnknown, ontapv1alpha1.ReasonInterrupted, retryable}
	}
	failure := svm.FailureOf(err)
	of := ofClass[failure.Class]
	of.reason = failure.Reason
	return of
}
