// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// modifySVM changes the SVM and waits until ONTAP has done it.
func (s *scope) modifySVM(ctx context.Context, cluster Cluster, svm *Located, change ontap.SVMChange) (step.Outcome, error) {
	s.forgetSVM()
	job, err := cluster.SVMs.Modify(ctx, svm.UUID, change)
	if err != nil {
		return step.Outcome{}, err
	}
	return s.awaitJob(ctx, cluster, job, v1alpha1.ReasonSVMNotRunning, "changing SVM "+svm.Name)
}

// again makes a step that polls look at what it has changed.
func again(outcome step.Outcome) step.Outcome {
	if outcome.Kind == step.KindDone {
		return step.Wait(lookAgain, v1alpha1.ReasonSVMNotRunning, "the SVM was changed, which does not show yet")
	}
	return outcome
}

// remark writes the owner mark in the given state into the SVM's comment and records the SVM.
func (s *scope) remark(ctx context.Context, access Access, svm *Located, state MarkState) (step.Outcome, error) {
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return step.Outcome{}, err
	}
	marked := *svm
	marked.Comment = s.desired.mark(state).Into(svm.Comment)
	outcome, err := s.modifySVM(ctx, cluster, svm, ontap.SVMChange{Comment: &marked.Comment})
	if err != nil {
		return step.Outcome{}, doing(err, "marking SVM %s", svm.Name)
	}
	if outcome.Kind == step.KindWaiting {
		return outcome, nil
	}
	s.observed.svm.set(&marked)
	return outcome, s.recordSVM(ctx, access, &marked)
}

// recordSVM completes the placement record and notes name and UUID.
func (s *scope) recordSVM(ctx context.Context, access Access, svm *Located) error {
	if s.secret.Exists() && s.secret.Cluster() != svm.Cluster {
		if err := access.RecordPlacement(ctx, svm.Cluster); err != nil {
			return err
		}
	}
	return s.remember(ctx, func(record *v1alpha1.SVMStatus) {
		record.Cluster, record.SVMName, record.SVMUUID = svm.Cluster, svm.Name, svm.UUID
	})
}

// notOurs is the error of a step that found the SVM in other hands.
func notOurs(svm *Located, drift SVMDrift) error {
	if drift == SVMOfOtherSeed {
		return humanNeeded(v1alpha1.ReasonSVMOfOtherSeed, "SVM %s on cluster %q is marked for another seed of this garden and is left alone", svm.Name, svm.Cluster)
	}
	return humanNeeded(v1alpha1.ReasonSVMForeign, "SVM %s on cluster %q does not carry this shoot's owner mark and is left alone", svm.Name, svm.Cluster)
}

// correctAggregates gives the SVM all online aggregates of the HA pairs that it lives on.
func (s *scope) correctAggregates(ctx context.Context, cluster Cluster, svm *Located) (step.Outcome, error) {
	nodes, err := s.layout(ctx, cluster)
	if err != nil {
		return step.Outcome{}, err
	}
	names := aggregatesOf(nodes.of(svm, s.desired.Identity, len(s.desired.DataLIFs)))
	if len(names) == 0 {
		return step.Outcome{}, noRoom(cluster)
	}
	if err := s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.Aggregates = names }); err != nil {
		return step.Outcome{}, err
	}
	outcome, err := s.modifySVM(ctx, cluster, svm, ontap.SVMChange{Aggregates: names})
	return outcome, doing(err, "correcting the aggregates of SVM %s", svm.Name)
}
