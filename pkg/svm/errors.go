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
	// ClassPaused is the class of runs that were kept from looking at anything.
	ClassPaused Class = "Paused"
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
	Failure
	message string
}

func (e *stateError) Error() string { return e.message }

// humanNeeded is the error of a state that only a human may change.
func humanNeeded(reason, format string, args ...any) error {
	return &stateError{Failure{ClassHuman, reason}, fmt.Sprintf(format, args...)}
}

// ErrPaused is the error of every run for a shoot whose Extension is paused.
var ErrPaused error = &stateError{
	Failure{ClassPaused, ontapv1alpha1.ReasonPaused},
	"the annotation " + ontapv1alpha1.AnnotationPaused + " on the Extension is set, so nothing is looked at or changed",
}

// unsuitable is the error of a wish that ONTAP does not grant as it is now.
func unsuitable(reason, format string, args ...any) error {
	return &stateError{Failure{ClassConfiguration, reason}, fmt.Sprintf(format, args...)}
}

// inUse is the error of a removal that is refused.
func inUse(format string, args ...any) error {
	return &stateError{Failure{ClassInUse, ontapv1alpha1.ReasonInUse}, fmt.Sprintf(format, args...)}
}

// noRoom is the error of a cluster on which no volume fits.
func noRoom(cluster Cluster) error {
	message := fmt.Sprintf("no online aggregate of cluster %q has room", cluster.Name())
	return &stateError{Failure{ClassExhausted, ontapv1alpha1.ReasonCapacityExhausted}, message}
}

// doing says of an error what was being done; no error stays none.
func doing(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

// wishing is doing for a write by which a wish of the shoot's owner was to be granted. What ONTAP refuses of it is the wish;
// all else is what it is.
func wishing(err error, reason, format string, args ...any) error {
	if ontap.IsInvalid(err) {
		return unsuitable(reason, "%s: %v", fmt.Sprintf(format, args...), err)
	}
	return doing(err, format, args...)
}

// failures are what the errors of ONTAP mean.
var failures = map[ontap.Kind]Failure{
	ontap.KindUnavailable: {ClassOutage, ontapv1alpha1.ReasonUnreachable},
	ontap.KindDenied:      {ClassDenied, ontapv1alpha1.ReasonAccessDenied},
	ontap.KindExhausted:   {ClassExhausted, ontapv1alpha1.ReasonCapacityExhausted},
	ontap.KindHeld:        {ClassHuman, ontapv1alpha1.ReasonHeldByAdministrator},
	ontap.KindApproval:    {ClassHuman, ontapv1alpha1.ReasonApprovalPending}, // steps wait for approvals; nothing else should meet one
	ontap.KindInUse:       {ClassInUse, ontapv1alpha1.ReasonInUse},
	ontap.KindUnlicensed:  {ClassConfiguration, ontapv1alpha1.ReasonProtocolUnlicensed},
	ontap.KindBusy:        {ClassConflict, ontapv1alpha1.ReasonConflict},
	ontap.KindExists:      {ClassConflict, ontapv1alpha1.ReasonConflict},
	ontap.KindConflict:    {ClassConflict, ontapv1alpha1.ReasonConflict},
	ontap.KindNotFound:    {ClassConflict, ontapv1alpha1.ReasonConflict},
	ontap.KindInvalid:     {ClassRejected, ontapv1alpha1.ReasonRejected},
	ontap.KindInternal:    {ClassRejected, ontapv1alpha1.ReasonRejected},
}

// FailureOf classifies an error that a Keeper returned. Errors of the seed secret are not its business.
func FailureOf(err error) Failure {
	if e, ok := errors.AsType[*stateError](err); ok {
		return e.Failure
	}
	if errors.Is(err, ErrShootUnreachable) {
		return Failure{ClassOutage, ontapv1alpha1.ReasonShootUnreachable}
	}
	if failure, ok := failures[ontap.KindOf(err)]; ok {
		return failure
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Failure{ClassConflict, ontapv1alpha1.ReasonInterrupted}
	}
	return Failure{ClassInternal, ontapv1alpha1.ReasonInternalError}
}
