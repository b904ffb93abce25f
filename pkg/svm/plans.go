// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
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
)

// reconcileSteps is the plan that makes a shoot's SVM and keeps it.
func (s *scope) reconcileSteps() []step.Step[Access] {
	return []step.Step[Access]{
		{Name: "LocateSVM", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.locateSVM},
		{Name: "EnsureSVM", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.ensureSVM},
		{Name: "EnsureAccount", Condition: v1alpha1.ConditionCredentialsReady, Timeout: lookTimeout, Run: s.ensureAccount},
		{Name: "RetireAccounts", Condition: v1alpha1.ConditionCredentialsReady, Timeout: lookTimeout, Run: s.retireAccounts},
	}
}

// deleteSteps is the plan that takes everything away again; a list of its own, not the first one reversed.
func (s *scope) deleteSteps() []step.Step[Access] {
	return []step.Step[Access]{
		{Name: "AwaitCreation", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.awaitCreation},
		{Name: "LocateSVM", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.locateSVM},
		{Name: "MarkDeleting", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.markDeleting},
		{Name: "DeleteAccounts", Condition: v1alpha1.ConditionCredentialsReady, Timeout: lookTimeout, Run: s.deleteAccounts},
		{Name: "DeleteSVM", Condition: v1alpha1.ConditionSVMReady, Timeout: jobTimeout, Run: s.deleteSVM},
		{Name: "VerifyGone", Condition: v1alpha1.ConditionSVMReady, Timeout: lookTimeout, Run: s.verifyGone},
		{Name: "ForgetSeedSecret", Condition: v1alpha1.ConditionSeedSecretReady, Timeout: lookTimeout, Run: s.forgetSeedSecret},
	}
}
