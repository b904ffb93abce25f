// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// Class says who or what has to act so that an error goes away.
type Class string

const (
	// ClassOutage is the class of errors that end when ONTAP answers again; nothing is known until then.
	ClassOutage Class = "Outage"
	// ClassDenied is the class of errors that the operator's cluster credentials or role cause.
	ClassDenied Class = "Denied"
	// ClassExhausted is the class of errors that end when ONTAP has room again.
	ClassExhausted Class = "Exhausted"
	// ClassConflict is the class of errors that another try may clear: ONTAP was busy or had changed meanwhile.
	ClassConflict Class = "Conflict"
	// ClassRejected is the class of requests that ONTAP refuses as they are.
	ClassRejected Class = "Rejected"
	// ClassConfiguration is the class of wishes of the shoot's owner that ONTAP does not grant as it is now.
	ClassConfiguration Class = "Configuration"
	// ClassInUse is the class of removals that are refused because something is still in use.
	ClassInUse Class = "InUse"
	// ClassHuman is the class of states that only a human may change.
	ClassHuman Class = "Human"
	// ClassInternal is the class of everything that should not happen.
	ClassInternal Class = "Internal"
)

// Failure is what an error of a step means: a class, and a reason for the condition.
type Failure struct {
	Class  Class
	Reason string
}

// stateError is a state found on ONTAP in which the extension must not go on by itself.
type stateError struct {
	class           Class
	reason, message string
}

func (e *stateError) Error() string { return e.message }

// humanNeeded is the error of a state that only a human may change.
func humanNeeded(reason, format string, args ...any) error {
	return &stateError{class: ClassHuman, reason: reason, message: fmt.Sprintf(format, args...)}
}

// unsuitable is the error of a wish that ONTAP does not grant as it is now.
func unsuitable(reason, format string, args ...any) error {
	return &stateError{class: ClassConfiguration, reason: reason, message: fmt.Sprintf(format, args...)}
}

// inUse is the error of a removal that is refused.
func inUse(format string, args ...any) error {
	return &stateError{class: ClassInUse, reason: ontapv1alpha1.ReasonInUse, message: fmt.Sprintf(format, args...)}
}

// rejectedWish is the error of a write by which a wish of the shoot's owner was to be granted. What ONTAP refuses of it is
// the wish; all else is what it is.
func rejectedWish(reason, doing string, err error) error {
	if err != nil && ontap.IsInvalid(err) {
		return unsuitable(reason, "%s: %v", doing, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// FailureOf classifies an error that a Keeper returned. Errors of the seed secret are not its business.
func FailureOf(err error) Failure {
	if e, ok := errors.AsType[*stateError](err); ok {
		return Failure{e.class, e.reason}
	}
	if errors.Is(err, ErrShootUnreachable) {
		return Failure{ClassOutage, ontapv1alpha1.ReasonShootUnreachable}
	}
	switch ontap.KindOf(err) {
	case ontap.KindUnavailable:
		return Failure{ClassOutage, ontapv1alpha1.ReasonUnreachable}
	case ontap.KindDenied:
		return Failure{ClassDenied, ontapv1alpha1.ReasonAccessDenied}
	case ontap.KindExhausted:
		return Failure{ClassExhausted, ontapv1alpha1.ReasonCapacityExhausted}
	case ontap.KindHeld:
		return Failure{ClassHuman, ontapv1alpha1.ReasonHeldByAdministrator}
	case ontap.KindApproval: // steps wait for approvals; nothing else should meet one
		return Failure{ClassHuman, ontapv1alpha1.ReasonApprovalPending}
	case ontap.KindInUse:
		return Failure{ClassInUse, ontapv1alpha1.ReasonInUse}
	case ontap.KindUnlicensed:
		return Failure{ClassConfiguration, ontapv1alpha1.ReasonProtocolUnlicensed}
	case ontap.KindBusy, ontap.KindExists, ontap.KindConflict, ontap.KindNotFound:
		return Failure{ClassConflict, ontapv1alpha1.ReasonConflict}
	case ontap.KindInvalid, ontap.KindInternal:
		return Failure{ClassRejected, ontapv1alpha1.ReasonRejected}
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Failure{ClassConflict, ontapv1alpha1.ReasonInterrupted}
	}
	return Failure{ClassInternal, ontapv1alpha1.ReasonInternalError}
}
