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

// ensureSVM makes the SVM if it is missing, waits until it runs, and keeps its owner mark, limits and aggregates. Whatever
// it is not certain to be ours it does not touch.
func (s *scope) ensureSVM(ctx context.Context, access Access) (step.Outcome, error) {
	svm, err := s.svmByAnyName(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	look := func(ctx context.Context) (*Located, error) { return s.svmByAnyName(ctx, access) }
	creation, unsettled, remarked := &creation{scope: s}, &unsettled{scope: s}, false
	if svm == nil {
		if outcome, err := creation.begin(ctx, access); err != nil || outcome.Kind == step.KindWaiting {
			return outcome, err
		}
		look = creation.look
	}
	outcome, err := step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		svm, err := look(ctx)
		if err != nil {
			return step.Outcome{}, err
		}
		drift := s.svmDrift()
		switch {
		case drift == SVMMissing:
			return creation.wait(unsettled.deleted)
		case drift == SVMUnsettled:
			return unsettled.wait(ctx, access, svm)
		case drift == SVMMisMarked, drift == SVMOfOtherSeed && s.desired.TakeOver:
			remarked = remarked || drift == SVMMisMarked
			if outcome, err := s.remark(ctx, access, svm, MarkActive); err != nil || outcome.Kind == step.KindWaiting {
				return outcome, err
			}
			return s.settle(ctx, access)
		default:
			return s.settle(ctx, access)
		}
	})
	if err == nil && outcome.Kind == step.KindDone && remarked {
		outcome.Reason, outcome.Message = v1alpha1.ReasonSVMRemarked, "The owner mark of SVM "+s.desired.SVMName()+" was written again."
	}
	return outcome, err
}

// settle brings an SVM that is marked to where it should be.
func (s *scope) settle(ctx context.Context, access Access) (step.Outcome, error) {
	svm, cluster, err := s.existing(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	drift := s.diff(cluster)
	switch drift.SVM {
	case SVMForeign, SVMOfOtherSeed:
		return step.Outcome{}, notOurs(svm, drift.SVM)
	case SVMStopped:
		return s.startSVM(ctx, cluster, svm)
	default:
	}
	if err := s.recordSVM(ctx, access, svm); err != nil {
		return step.Outcome{}, err
	}
	switch {
	case drift.Aggregates:
		outcome, err := s.correctAggregates(ctx, cluster, svm)
		return again(outcome), err
	case drift.Limits:
		change := ontap.SVMChange{Limits: &ontap.LimitsChange{From: svm.Limits, To: s.desired.Limits}}
		outcome, err := s.modifySVM(ctx, cluster, svm, change)
		return again(outcome), wishing(err, v1alpha1.ReasonLimitsRejected, "limiting SVM %s", svm.Name)
	}
	return step.Done(), nil
}

// startSVM starts a stopped SVM if administrative states are to be corrected, and if it is certain that it may run: every
// cluster has answered.
func (s *scope) startSVM(ctx context.Context, cluster Cluster, svm *Located) (step.Outcome, error) {
	switch {
	case !s.desired.CorrectAdminState:
		return step.Outcome{}, humanNeeded(v1alpha1.ReasonSVMStopped, "SVM %s on cluster %q is stopped", svm.Name, svm.Cluster)
	case svm.unanswered != nil:
		return step.Outcome{}, fmt.Errorf("whether stopped SVM %s may be started is unknown: %w", svm.Name, svm.unanswered)
	}
	outcome, err := s.modifySVM(ctx, cluster, svm, ontap.SVMChange{State: ontap.SVMRunning})
	return again(outcome), doing(err, "starting SVM %s", svm.Name)
}
