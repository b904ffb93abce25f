// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

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
		case svm == nil || svm.State == ontap.SVMDeleting:
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

// deletable returns the SVM as far as there is something left of it to take away, and its cluster.
func (s *scope) deletable(ctx context.Context, access Access) (*Located, Cluster, error) {
	svm, err := s.svmByAnyName(ctx, access)
	if err != nil || svm == nil || svm.State == ontap.SVMDeleting {
		return nil, Cluster{}, err
	}
	cluster, err := access.Cluster(svm.Cluster)
	return svm, cluster, err
}

// deleteAccounts deletes the shoot's accounts, so that nobody uses the SVM any more.
func (s *scope) deleteAccounts(ctx context.Context, access Access) (step.Outcome, error) {
	svm, cluster, err := s.deletable(ctx, access)
	if svm == nil {
		return step.Skipped(reasonGone), err
	}
	accounts, err := s.accounts(ctx, cluster, svm)
	if err != nil {
		return step.Outcome{}, err
	}
	for _, account := range accounts {
		if !s.desired.sameShoot(account.Comment) {
			continue
		}
		if err := s.deleteAccount(ctx, cluster, svm, account.Name); err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Done(), nil
}

// deleteLIFs deletes all LIFs of the SVM, so that their addresses are free.
func (s *scope) deleteLIFs(ctx context.Context, access Access) (step.Outcome, error) {
	svm, cluster, err := s.deletable(ctx, access)
	if svm == nil {
		return step.Skipped(reasonGone), err
	}
	lifs, err := s.lifs(ctx, cluster, svm)
	if err != nil {
		return step.Outcome{}, err
	}
	for _, lif := range lifs {
		if err := s.deleteLIF(ctx, cluster, lif); err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Done(), nil
}

// deleteSVM deletes the SVM by UUID. ONTAP refuses that while there are data volumes.
func (s *scope) deleteSVM(ctx context.Context, access Access) (step.Outcome, error) {
	svm, cluster, err := s.deletable(ctx, access)
	switch {
	case svm == nil:
		return step.Skipped(reasonGone), err
	case s.parked:
		return step.Skipped(reasonParked), nil
	}
	return s.requestDeletion(ctx, cluster, svm)
}

// requestDeletion has ONTAP delete an SVM and waits for the job.
func (s *scope) requestDeletion(ctx context.Context, cluster Cluster, svm *Located) (step.Outcome, error) {
	release, err := acquireJobSlot(ctx, s.Clock, cluster)
	if err != nil {
		return waitForJobSlot(cluster, err)
	}
	defer release()
	s.forgetSVM()
	job, err := cluster.SVMs.Delete(ctx, svm.UUID)
	if ontap.IsBusy(err) {
		return waitForJobSlot(cluster, err)
	}
	if err != nil && !ontap.IsNotFound(err) {
		return step.Outcome{}, fmt.Errorf("deleting SVM %s: %w", svm.Name, err)
	}
	return s.awaitJob(ctx, cluster, job, v1alpha1.ReasonSVMDeleting, "deleting SVM "+svm.Name)
}
