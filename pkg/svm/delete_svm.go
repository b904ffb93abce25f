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

// markDeleting writes into the owner mark that the deletion has begun. An SVM that is not ours ends the deletion with an
// error: nobody but a human can say what it is.
func (s *scope) markDeleting(ctx context.Context, access Access) (step.Outcome, error) {
	return step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		svm, err := s.svmByAnyName(ctx, access)
		if err != nil {
			return step.Outcome{}, err
		}
		drift, err := s.diff(access)
		if err != nil {
			return step.Outcome{}, err
		}
		switch {
		case svm == nil || svm.State == ontap.SVMDeleting:
			return step.Skipped("Gone"), nil
		case drift.SVM == SVMUnsettled:
			return s.waitForSVM(svm), nil
		case drift.SVM == SVMForeign, drift.SVM == SVMOfOtherSeed:
			return step.Outcome{}, notOurs(svm, drift.SVM)
		}
		if mark, _ := ParseMark(svm.Comment); mark.State == MarkDeleting {
			return step.Done(), nil
		}
		return s.remark(ctx, access, svm, MarkDeleting)
	})
}

// svmByAnyName is svm, and where no cluster has an SVM of the shoot's name, one that carries its mark.
func (s *scope) svmByAnyName(ctx context.Context, access Access) (*Located, error) {
	svm, err := s.svm(ctx, access)
	if err != nil || svm != nil {
		return svm, err
	}
	if svm, err = s.svmByMark(ctx, access); err == nil {
		s.observed.svm.set(svm)
	}
	return svm, err
}

// deleteAccounts deletes the shoot's accounts, so that nobody uses the SVM any more.
func (s *scope) deleteAccounts(ctx context.Context, access Access) (step.Outcome, error) {
	svm, err := s.svm(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	if svm == nil || svm.State == ontap.SVMDeleting {
		return step.Skipped("Gone"), nil
	}
	accounts, err := s.accounts(ctx, access, svm)
	if err != nil {
		return step.Outcome{}, err
	}
	for _, account := range accounts {
		if !s.desired.sameShoot(account.Comment) {
			continue
		}
		if err := s.deleteAccount(ctx, access, svm, account.Name); err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Done(), nil
}

// deleteSVM deletes the SVM by UUID. ONTAP refuses that while there are data volumes.
func (s *scope) deleteSVM(ctx context.Context, access Access) (step.Outcome, error) {
	svm, err := s.svm(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	if svm == nil || svm.State == ontap.SVMDeleting {
		return step.Skipped("Gone"), nil
	}
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return step.Outcome{}, err
	}
	release, err := acquireJobSlot(ctx, s.Clock, cluster)
	if err != nil {
		return waitForJobSlot(cluster, err)
	}
	defer release()
	s.observed.svm.drop()
	job, err := cluster.SVMs.Delete(ctx, svm.UUID)
	if ontap.IsBusy(err) {
		return waitForJobSlot(cluster, err)
	}
	if err != nil && !ontap.IsNotFound(err) {
		return step.Outcome{}, fmt.Errorf("deleting SVM %s: %w", svm.Name, err)
	}
	return s.awaitJob(ctx, cluster, job, v1alpha1.ReasonSVMDeleting, "deleting SVM "+svm.Name)
}
