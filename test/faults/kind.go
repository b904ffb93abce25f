// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"errors"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// Kind is what goes wrong with a request.
type Kind string

// The kinds.
const (
	// Refused is an error instead of an effect.
	Refused Kind = "refused"
	// AnswerLost is an error after the effect.
	AnswerLost Kind = "answer-lost"
	// Late is an error at once, and the effect after the reads of the next run: right before its first write, or at its end.
	Late Kind = "late"
	// ProcessGone is the end of the process right after the effect: no later request of that image has an effect or an answer.
	ProcessGone Kind = "process-gone"
	// JobOutlasts lets the job that is asked for go on until the run has given up.
	JobOutlasts Kind = "job-outlasts"
	// JobFails lets the job that is asked for fail after it was accepted.
	JobFails Kind = "job-fails"
	// Unauthorized, Forbidden, TooMany and Unavailable are ONTAP's answers instead of an effect.
	Unauthorized Kind = "401"
	Forbidden    Kind = "403"
	TooMany      Kind = "429"
	Unavailable  Kind = "503"
	// Conflict is the API server's answer to a write whose object has changed meanwhile.
	Conflict Kind = "conflict"
	// Stale is the "not found" of a cache that does not know the object yet.
	Stale Kind = "stale"
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{Refused, AnswerLost, Late, ProcessGone, JobOutlasts, JobFails, Unauthorized, Forbidden, TooMany, Unavailable, Conflict, Stale}
}

// applies tells whether this can go wrong at a point.
func (k Kind) applies(p Point) bool {
	switch k {
	case Refused:
		return true
	case AnswerLost, Late, ProcessGone:
		return p.Write
	case JobOutlasts, JobFails:
		return p.job()
	case Unauthorized, Forbidden, TooMany, Unavailable:
		return p.Side == ONTAP
	case Conflict:
		return p.overwrites()
	case Stale:
		return p.Cached
	}
	return false
}

var (
	errGone = errors.New("the process is gone")
	errLost = errors.New("injected: the connection was lost")
)

// apiError is what the API server answers, or what is seen of its answer.
func (k Kind) apiError(p Point) error {
	resource := schema.GroupResource{Resource: p.Subject}
	switch k { //nolint:exhaustive // the others are no answers
	case Refused:
		return apierrors.NewInternalError(errors.New("injected"))
	case Conflict:
		return apierrors.NewConflict(resource, p.Subject, errors.New("injected"))
	case Stale:
		return apierrors.NewNotFound(resource, p.Subject)
	}
	return errLost
}

// onONTAP is the simulator's fault for the kinds that it knows.
func (k Kind) onONTAP() (simulator.Fault, bool) {
	switch k { //nolint:exhaustive // the others happen on the way
	case Refused:
		return simulator.Fault{Kind: simulator.DropBefore}, true
	case AnswerLost:
		return simulator.Fault{Kind: simulator.DropAfterEffect}, true
	case JobFails:
		return simulator.Fault{Kind: simulator.FailJob, Code: "13434914", Message: "injected"}, true
	case Unauthorized, Forbidden, TooMany, Unavailable:
		status, err := strconv.Atoi(string(k))
		code := map[Kind]string{Unauthorized: "6691623", Forbidden: "6", TooMany: "429", Unavailable: "8"}[k]
		return simulator.Fault{Kind: simulator.ErrorBefore, Status: status, Code: code, Message: "injected"}, err == nil
	}
	return simulator.Fault{}, false
}
