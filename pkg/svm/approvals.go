// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// approvalLookAgain is when to look again for people to have approved something.
const approvalLookAgain = 2 * time.Minute

// minding wraps the steps of a plan for clusters with multi-admin rules. A write that ONTAP made a request for approval of
// is not repeated, in this run or in another, until the request is decided: the first step looks at that.
func (s *scope) minding(steps []step.Step[Access]) []step.Step[Access] {
	for i := range steps {
		run, first := steps[i].Run, i == 0
		steps[i].Run = func(ctx context.Context, access Access) (step.Outcome, error) {
			if first {
				if outcome, err := s.lookAtApproval(ctx, access); err != nil || outcome.Kind == step.KindWaiting {
					return outcome, err
				}
			}
			outcome, err := run(ctx, access)
			if e, ok := errors.AsType[*ontap.Error](err); ok && e.Kind == ontap.KindApproval {
				return s.awaitApproval(ctx, e)
			}
			return outcome, err
		}
	}
	return steps
}

// awaitApproval notes the request, before anything is written again.
func (s *scope) awaitApproval(ctx context.Context, e *ontap.Error) (step.Outcome, error) {
	pending := v1alpha1.Approval{Cluster: e.Cluster, Index: e.ApprovalIndex}
	if err := s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.PendingApproval = &pending }); err != nil {
		return step.Outcome{}, err
	}
	return waitForApproval(pending, e.Op), nil
}

func waitForApproval(pending v1alpha1.Approval, operation string) step.Outcome {
	return step.Wait(approvalLookAgain, v1alpha1.ReasonApprovalPending,
		fmt.Sprintf("multi-admin-verify request %d on cluster %q waits for approval: %s", pending.Index, pending.Cluster, operation))
}

// lookAtApproval waits while the request that an earlier run noted is undecided. One that was decided, has expired or is
// no longer known is forgotten, and the steps look at what there is. A veto stands until ONTAP forgets the request.
func (s *scope) lookAtApproval(ctx context.Context, access Access) (step.Outcome, error) {
	pending := s.record.Status.PendingApproval
	if pending == nil {
		return step.Done(), nil
	}
	cluster, err := access.Cluster(pending.Cluster)
	if err != nil {
		return step.Outcome{}, humanNeeded(v1alpha1.ReasonPlacementConflict, "a cluster that is gone has a request for approval: %v", err)
	}
	approval, err := cluster.Approvals.Get(ctx, pending.Index)
	switch {
	case ontap.IsNotFound(err):
	case err != nil:
		return step.Outcome{}, fmt.Errorf("looking at multi-admin-verify request %d: %w", pending.Index, err)
	case approval.State == ontap.ApprovalPending:
		return waitForApproval(*pending, approval.Operation), nil
	case approval.State == ontap.ApprovalVetoed:
		return step.Outcome{}, humanNeeded(v1alpha1.ReasonApprovalVetoed, "multi-admin-verify request %d on cluster %q was vetoed: %s", pending.Index, pending.Cluster, approval.Operation)
	}
	return step.Done(), s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.PendingApproval = nil })
}
