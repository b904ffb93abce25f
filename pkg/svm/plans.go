// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

const (
	// lookTimeout bounds steps that only send single requests, jobTimeout those that wait for a job of ONTAP.
	lookTimeout = time.Minute
	jobTimeout  = 2 * time.Minute
	// lookAgain is when a run that ended in waiting is worth another.
	lookAgain = 10 * time.Second
	// wokenUp is when it is worth another look whether a shoot that hibernated has woken up.
	wokenUp = time.Minute
)

// FirstStepThatTakesAway is the name of the step after which the SVM is no longer what a shoot needs.
const FirstStepThatTakesAway = "MarkDeleting"

// LastStepOfDeletion is the name of the step that only the plan of a deletion has.
const LastStepOfDeletion = "ForgetSeedSecret"

// reconcileSteps is the plan that makes a shoot's SVM and keeps it.
func (s *scope) reconcileSteps() []step.Step[Access] {
	return s.minding([]step.Step[Access]{
		{Name: "LocateSVM", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.locateOrPlaceSVM},
		{Name: "CheckAddresses", Condition: v1alpha1.ConditionNetworkReady, Timeout: lookTimeout, Run: s.checkAddresses},
		{Name: "EnsureSVM", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.ensureSVM},
		{Name: "EnsureProtocol", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.ensureProtocol},
		{Name: "EnsureDataLIFs", Condition: v1alpha1.ConditionNetworkReady, Timeout: lookTimeout, Run: s.onSVM(s.ensureDataLIFs)},
		{Name: "EnsureManagementLIF", Condition: v1alpha1.ConditionNetworkReady, Timeout: lookTimeout, Run: s.onSVM(s.ensureManagementLIF)},
		{Name: "EnsureRoutes", Condition: v1alpha1.ConditionNetworkReady, Timeout: lookTimeout, Run: s.onSVM(s.ensureRoutes)},
		{Name: "EnsureAccount", Condition: v1alpha1.ConditionCredentialsReady, Timeout: lookTimeout, Run: s.onSVM(s.ensureAccount)},
		{Name: "EnsureShootResources", Condition: v1alpha1.ConditionShootResourcesReady, Timeout: lookTimeout, Run: s.onSVM(s.ensureShootResources)},
		{Name: "RetireAccounts", Condition: v1alpha1.ConditionCredentialsReady, Timeout: lookTimeout, Run: s.onSVM(s.retireAccounts)},
	})
}

// keepSteps is the plan for an SVM whose deletion is refused: it is kept as the shoot needs it, and the refusal stands.
func (s *scope) keepSteps() []step.Step[Access] {
	refusal := step.Step[Access]{Name: "RefuseWhileInUse", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.refuseWhileInUse}
	return append(s.reconcileSteps(), refusal)
}

// deleteSteps is the plan that takes everything away again; a list of its own, not the first one reversed.
func (s *scope) deleteSteps() []step.Step[Access] {
	return s.minding([]step.Step[Access]{
		{Name: "AwaitCreation", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.awaitCreation},
		{Name: "LocateSVM", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.locateToDelete},
		{Name: "RefuseWhileInUse", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.refuseWhileInUse},
		{Name: "RemoveShootResources", Condition: v1alpha1.ConditionShootResourcesReady, Timeout: jobTimeout, Run: s.removeShootResources},
		{Name: "CheckVolumes", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.checkVolumes},
		{Name: FirstStepThatTakesAway, Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.markDeleting},
		{Name: "DeleteAccounts", Condition: v1alpha1.ConditionCredentialsReady, Timeout: lookTimeout, Run: s.onRemains(s.deleteAccounts)},
		{Name: "DeleteLIFs", Condition: v1alpha1.ConditionNetworkReady, Timeout: lookTimeout, Run: s.onRemains(s.deleteLIFs)},
		{Name: "CheckVolumesAgain", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.checkVolumesAgain},
		{Name: "RemoveProtocolObjects", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.removeProtocolObjects},
		{Name: "DeleteSVM", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.onRemains(s.deleteSVM)},
		{Name: "VerifyGone", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.verifyGone},
		{Name: LastStepOfDeletion, Condition: v1alpha1.ConditionSeedSecretReady, Timeout: lookTimeout, Run: s.forgetSeedSecret},
	})
}

// work is what a step does to the SVM, with what was granted for it.
type work func(ctx context.Context, access Access, cluster Cluster, svm *Located) (step.Outcome, error)

// onSVM is for work on the SVM that the steps before have found.
func (s *scope) onSVM(do work) func(context.Context, Access) (step.Outcome, error) {
	return func(ctx context.Context, access Access) (step.Outcome, error) {
		svm, cluster, err := s.existing(ctx, access)
		if err != nil {
			return step.Outcome{}, err
		}
		return do(ctx, access, cluster, svm)
	}
}

// onRemains is for work on what is left of the SVM to be taken away.
func (s *scope) onRemains(do work) func(context.Context, Access) (step.Outcome, error) {
	return func(ctx context.Context, access Access) (step.Outcome, error) {
		svm, cluster, err := s.deletable(ctx, access)
		if svm == nil {
			return step.Skipped(reasonGone), err
		}
		return do(ctx, access, cluster, svm)
	}
}

// wanted is what this attempt compares its observations with.
func (s *scope) wanted(cluster Cluster) Wanted {
	return Wanted{
		Desired:     s.desired,
		Credentials: Credentials{Account: s.secret.Username(), Fingerprint: s.secret.Fingerprint()},
		Recorded:    s.record.Status,
		Networks:    cluster.Settings.Networks,
	}
}

// diff compares what this attempt has seen so far on a cluster with what should be.
func (s *scope) diff(cluster Cluster) Drift { return Diff(s.wanted(cluster), s.observed) }

// svmDrift is diff for the SVM alone, which may be on no cluster.
func (s *scope) svmDrift() SVMDrift {
	return diffSVM(s.desired, s.record.Status.SVMUUID, s.observed.svm.value)
}
