// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// markDeleting writes into the owner mark that the deletion has begun, or that the SVM stays though the shoot goes. An SVM
// that is not ours ends the deletion with an error: nobody but a human can say what it is.
func (s *scope) markDeleting(ctx context.Context, access Access) (step.Outcome, error) {
	return step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		svm, err := s.svmByAnyName(ctx, access)
		if err != nil {
			return step.Outcome{}, err
		}
		switch drift := s.svmDrift(); {
		case svm == nil || svm.leaving():
			return step.Skipped(reasonGone), nil
		case drift == SVMUnsettled:
			return s.waitForSVM(svm), nil
		case drift == SVMForeign, drift == SVMOfOtherSeed:
			return step.Outcome{}, notOurs(svm, drift)
		}
		mark, _ := ParseMark(svm.Comment)
		switch {
		case s.parked && mark.State.Parked(), !s.parked && mark.State == MarkDeleting:
			return step.Done(), nil
		case s.parked:
			return s.remark(ctx, access, svm, MarkParked(s.Clock.Now()))
		}
		return s.remark(ctx, access, svm, MarkDeleting)
	})
}

const (
	// reasonGone is the reason of steps for which there is no SVM any more.
	reasonGone = "Gone"
	// reasonParked is the reason of steps that leave a parked SVM where it is.
	reasonParked = "Parked"
)

// deleteSVM deletes the SVM by UUID. ONTAP refuses that while there are data volumes.
func (s *scope) deleteSVM(ctx context.Context, _ Access, cluster Cluster, svm *Located) (step.Outcome, error) {
	if s.parked {
		return step.Skipped(reasonParked), nil
	}
	return s.requestDeletion(ctx, cluster, svm)
}

// requestDeletion has ONTAP delete an SVM and waits for the job.
func (s *scope) requestDeletion(ctx context.Context, cluster Cluster, svm *Located) (step.Outcome, error) {
	return s.runJob(ctx, cluster, v1alpha1.ReasonSVMDeleting, "deleting SVM "+svm.Name, func() (ontap.Job, error) {
		job, err := cluster.SVMs.Delete(ctx, svm.UUID)
		if ontap.IsBusy(err) {
			return job, err
		}
		return job, doing(ontap.IgnoreNotFound(err), "deleting SVM %s", svm.Name)
	})
}
