// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// ensureSVM makes the SVM if it is missing, waits until it runs, and keeps its owner mark. Whatever it is not certain to
// be ours it does not touch.
func (s *scope) ensureSVM(ctx context.Context, access Access) (step.Outcome, error) {
	svm, err := s.svm(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	creation := &creation{scope: s}
	if svm == nil {
		defer creation.end()
		if outcome, err := creation.begin(ctx, access); err != nil || outcome.Kind == step.KindWaiting {
			return outcome, err
		}
	}
	return step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		svm, err := s.svm(ctx, access)
		if err != nil {
			return step.Outcome{}, err
		}
		drift, err := s.diff(access)
		if err != nil {
			return step.Outcome{}, err
		}
		if drift.SVM == SVMMissing {
			return creation.creating()
		}
		return s.settle(ctx, access, svm, drift.SVM)
	})
}

// settle brings an SVM that exists to where it should be.
func (s *scope) settle(ctx context.Context, access Access, svm *Located, drift SVMDrift) (step.Outcome, error) {
	switch {
	case drift == SVMUnsettled:
		return s.waitForSVM(svm), nil
	case drift == SVMForeign, drift == SVMOfOtherSeed && !s.desired.TakeOver:
		return step.Outcome{}, notOurs(svm, drift)
	case drift == SVMStopped:
		return step.Outcome{}, humanNeeded(v1alpha1.ReasonSVMStopped, "SVM %s on cluster %q is stopped", svm.Name, svm.Cluster)
	case drift == SVMOfOtherSeed, drift == SVMMisMarked:
		return s.remark(ctx, access, svm, MarkActive)
	}
	return step.Done(), s.recordSVM(ctx, access, svm)
}

// waitForSVM is the outcome of a look at an SVM between two states; the next look is a real one.
func (s *scope) waitForSVM(svm *Located) step.Outcome {
	s.observed.svm.drop()
	return step.Wait(lookAgain, v1alpha1.ReasonSVMNotRunning, fmt.Sprintf("SVM %s on cluster %q is %s", svm.Name, svm.Cluster, svm.State))
}

// notOurs is the error of a step that found the SVM in other hands.
func notOurs(svm *Located, drift SVMDrift) error {
	if drift == SVMOfOtherSeed {
		return humanNeeded(v1alpha1.ReasonSVMOfOtherSeed, "SVM %s on cluster %q is marked for another seed of this garden and is left alone", svm.Name, svm.Cluster)
	}
	return humanNeeded(v1alpha1.ReasonSVMForeign, "SVM %s on cluster %q does not carry this shoot's owner mark and is left alone", svm.Name, svm.Cluster)
}

// remark writes the owner mark in the given state into the SVM's comment and records the SVM.
func (s *scope) remark(ctx context.Context, access Access, svm *Located, state MarkState) (step.Outcome, error) {
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return step.Outcome{}, err
	}
	marked := *svm
	marked.Comment = s.desired.mark(state).Into(svm.Comment)
	s.observed.svm.drop()
	job, err := cluster.SVMs.SetComment(ctx, svm.UUID, marked.Comment)
	if err != nil {
		return step.Outcome{}, fmt.Errorf("marking SVM %s: %w", svm.Name, err)
	}
	outcome, err := s.awaitJob(ctx, cluster, job, v1alpha1.ReasonSVMNotRunning, "marking SVM "+svm.Name)
	if err != nil || outcome.Kind == step.KindWaiting {
		return outcome, err
	}
	s.observed.svm.set(&marked)
	return outcome, s.recordSVM(ctx, access, &marked)
}

// recordSVM completes the placement record and notes name and UUID.
func (s *scope) recordSVM(ctx context.Context, access Access, svm *Located) error {
	if secret, err := access.Secret(); err != nil || secret.Exists() && secret.Cluster() != svm.Cluster {
		if err != nil {
			return err
		}
		if err := access.RecordPlacement(ctx, svm.Cluster); err != nil {
			return err
		}
	}
	return s.remember(ctx, func(record *v1alpha1.SVMStatus) {
		record.Cluster, record.SVMName, record.SVMUUID = svm.Cluster, svm.Name, svm.UUID
	})
}
