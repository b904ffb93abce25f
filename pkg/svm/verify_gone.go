// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// awaitCreation waits for the SVM's creation to end, if one was begun and never seen to succeed: until its job has started
// an SVM is invisible, and a deletion that took it for absent would leave it behind.
func (s *scope) awaitCreation(ctx context.Context, access Access) (step.Outcome, error) {
	placed, err := s.placement()
	if err != nil {
		return step.Outcome{}, err
	}
	if placed == "" || s.record.Status.SVMUUID != "" {
		return step.Skipped("NotCreating"), nil
	}
	cluster, err := placedOn(access, placed)
	if err != nil {
		return step.Outcome{}, err
	}
	return step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		jobs, err := creations(ctx, cluster)
		if err != nil || len(jobs) == 0 {
			return step.Done(), err
		}
		return step.Wait(lookAgain, v1alpha1.ReasonSVMCreating,
			fmt.Sprintf("the creation of SVM %s was begun on cluster %q and may be one of %d unfinished jobs", s.desired.SVMName(), placed, len(jobs))), nil
	})
}

// verifyGone ends the deletion only when every cluster has answered that no SVM has the shoot's name or owner mark. A
// parked SVM is not meant to be gone, and one that was never begun cannot be there.
func (s *scope) verifyGone(ctx context.Context, access Access) (step.Outcome, error) {
	if s.parked {
		return step.Skipped(reasonParked), nil
	}
	if s.untouched {
		return step.Skipped(reasonGone), nil
	}
	return step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		s.forgetSVM()
		svm, err := s.svmByAnyName(ctx, access)
		if err != nil {
			return step.Outcome{}, err
		}
		if svm != nil {
			return step.Wait(lookAgain, v1alpha1.ReasonSVMDeleting, fmt.Sprintf("SVM %s on cluster %q is %s", svm.Name, svm.Cluster, svm.State)), nil
		}
		return step.Done(), nil
	})
}

// forgetSeedSecret deletes the seed secret, the last that is left of the shoot.
func (s *scope) forgetSeedSecret(ctx context.Context, access Access) (step.Outcome, error) {
	return step.Done(), access.ForgetSecret(ctx)
}
