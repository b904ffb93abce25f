// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// incompleteAfter is how long an SVM may be seen initializing, without a job that makes it, before it counts as half made:
// it would stay so for good.
const incompleteAfter = time.Minute

// unsettled watches an SVM between two states.
type unsettled struct {
	*scope
	since   time.Time
	deleted bool
}

// wait is the outcome of a look at the SVM; the next look is a real one. A half-made SVM is deleted, so that it is made
// again.
func (u *unsettled) wait(ctx context.Context, access Access, svm *Located) (step.Outcome, error) {
	if u.since.IsZero() {
		u.since = u.Clock.Now()
	}
	if svm.State == ontap.SVMInitializing && u.Clock.Since(u.since) >= incompleteAfter {
		cluster, err := access.Cluster(svm.Cluster)
		if err != nil {
			return step.Outcome{}, err
		}
		jobs, err := creations(ctx, cluster)
		if err != nil {
			return step.Outcome{}, err
		}
		if len(jobs) == 0 {
			return u.deleteHalfMade(ctx, cluster, svm)
		}
	}
	return u.waitForSVM(svm), nil
}

func (u *unsettled) deleteHalfMade(ctx context.Context, cluster Cluster, svm *Located) (step.Outcome, error) {
	volumes, err := dataVolumes(ctx, cluster, svm)
	if err != nil {
		return step.Outcome{}, err
	}
	if svm.Name != u.desired.SVMName() || !u.desired.sameShoot(svm.Comment) || len(volumes) > 0 {
		return step.Outcome{}, humanNeeded(v1alpha1.ReasonSVMIncomplete,
			"SVM %s on cluster %q was never finished, and it is not certain that nothing of it is anybody else's", svm.Name, svm.Cluster)
	}
	u.deleted = true
	outcome, err := u.requestDeletion(ctx, cluster, svm)
	if err != nil || outcome.Kind == step.KindWaiting {
		return outcome, err
	}
	return u.waitForSVM(svm), nil
}

// waitForSVM is the outcome of a look at an SVM between two states.
func (s *scope) waitForSVM(svm *Located) step.Outcome {
	s.forgetSVM()
	return step.Wait(lookAgain, v1alpha1.ReasonSVMNotRunning, fmt.Sprintf("SVM %s on cluster %q is %s", svm.Name, svm.Cluster, svm.State))
}
