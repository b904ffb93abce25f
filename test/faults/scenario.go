// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"slices"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// deed is what somebody does who is not the extension.
type deed func(context.Context, *world.Shoot) error

// Scenario is a part of a shoot's life.
type Scenario struct {
	Name string
	// prepare is what comes before it, with nothing going wrong.
	prepare deed
	phases  []phase
	// moreLIFs are those that it takes beyond the first set.
	moreLIFs int
	// between is what somebody does between any two runs.
	between deed
	// familiar is whether it sends the seed no verb for a kind that other scenarios do not send, which Unfamiliar checks. On a
	// kube-apiserver its cases are lived only where all are asked for.
	familiar bool
}

// phase is what gardenlet asks for once, and waits for.
type phase struct {
	begin deed
	// operation is what it asks for before each run; nothing where a deletion was asked for.
	operation string
	// reached tells whether it need not wait any longer.
	reached func(*extensionsv1alpha1.Extension) bool
	// repair is a run of the extension that nobody asks for; one of Gardener's reconciler where nil.
	repair deed
	// and is what else has to be so.
	and func(context.Context, *world.Shoot) bool
}

// reaches looks at the Extension as gardenlet does; nil is one that is gone.
func (p phase) reaches(ctx context.Context, shoot *world.Shoot) (bool, error) {
	extension, err := shoot.Extension(ctx)
	if apierrors.IsNotFound(err) {
		return p.reached(nil), nil
	}
	return err == nil && p.reached(extension) && (p.and == nil || p.and(ctx, shoot)), err
}

// ready is succeeded, with nothing left that the next reconcile has to see to.
func ready(extension *extensionsv1alpha1.Extension) bool {
	return succeeded(extension) && len(extension.Status.Conditions) > 0 &&
		!slices.ContainsFunc(extension.Status.Conditions, func(c gardencorev1beta1.Condition) bool { return c.Status != gardencorev1beta1.ConditionTrue })
}

func gone(extension *extensionsv1alpha1.Extension) bool { return extension == nil }

// succeeded is what gardenlet's health check of an Extension asks for.
func succeeded(extension *extensionsv1alpha1.Extension) bool {
	if extension == nil {
		return false
	}
	last := extension.Status.LastOperation
	return extension.Annotations[v1beta1constants.GardenerOperation] == "" && last != nil &&
		last.State == gardencorev1beta1.LastOperationStateSucceeded && extension.Status.LastError == nil &&
		extension.Status.ObservedGeneration == extension.Generation
}

// refused is what comes of what must not be done: the error stays, and the condition says why.
func refused(conditionType gardencorev1beta1.ConditionType, reason string) func(*extensionsv1alpha1.Extension) bool {
	return func(extension *extensionsv1alpha1.Extension) bool {
		if extension == nil || extension.Status.LastOperation == nil || extension.Status.LastError == nil {
			return false
		}
		condition := v1beta1helper.GetCondition(extension.Status.Conditions, conditionType)
		return extension.Annotations[v1beta1constants.GardenerOperation] == "" &&
			extension.Status.LastOperation.State == gardencorev1beta1.LastOperationStateError &&
			condition != nil && condition.Status == gardencorev1beta1.ConditionFalse && condition.Reason == reason
	}
}

func reconciling(begin deed) phase {
	return phase{begin: begin, operation: v1beta1constants.GardenerOperationReconcile, reached: ready}
}

// lifs is how many LIFs it takes, those before it included.
func (s Scenario) lifs() int { return 3 + s.moreLIFs }
