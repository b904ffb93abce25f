// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// errSVMVanished says that a step found no SVM although the steps before it did.
var errSVMVanished = errors.New("the SVM has vanished during the run")

// ensureAccount makes the SVM have the account that the seed secret names. An account is never changed, only replaced:
// one that is not as it should be is made again, under another name if there is any doubt that it is ours.
func (s *scope) ensureAccount(ctx context.Context, access Access, cluster Cluster, svm *Located) (step.Outcome, error) {
	drift, err := s.accountDrift(ctx, cluster, svm)
	if err != nil {
		return step.Outcome{}, err
	}
	name := s.secret.Username()
	switch drift.Account {
	case AccountLocked:
		err = s.unlockAccount(ctx, cluster, svm, name)
	case AccountTaken:
		return step.Skipped("SeedSecretRenewed"), access.RenewSecret(ctx)
	case AccountUncommitted:
		if err = s.deleteAccount(ctx, cluster, svm, name); err == nil {
			err = s.createAccount(ctx, cluster, svm)
		}
	case AccountMissing:
		err = s.createAccount(ctx, cluster, svm)
	case AccountInStep:
	default:
		err = fmt.Errorf("unknown drift %q", drift.Account)
	}
	if err != nil {
		return step.Outcome{}, err
	}
	return step.Done(), s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.Account = name })
}

// accountDrift looks at the accounts of the SVM.
func (s *scope) accountDrift(ctx context.Context, cluster Cluster, svm *Located) (Drift, error) {
	_, err := s.accounts(ctx, cluster, svm)
	return s.diff(cluster), err
}

// createAccount makes the account with our mark, and commits it with the fingerprint in a write of its own: whatever is
// interrupted in between leaves an account without a fingerprint, which is deleted and made again. The record that the
// second write returns is what the steps after this one see.
func (s *scope) createAccount(ctx context.Context, cluster Cluster, svm *Located) error {
	secret := s.secret
	before, err := s.accounts(ctx, cluster, svm)
	if err != nil {
		return err
	}
	s.observed.accounts.drop()
	if err := cluster.Accounts.Create(ctx, ontap.AccountCreate{
		SVMUUID: svm.UUID, Name: secret.Username(), Password: ontap.NewSecret(secret.Password()), Role: cluster.Settings.AccountRole,
		Comment: s.desired.accountMark("").String(),
	}); err != nil {
		return doing(err, "making account %s of SVM %s", secret.Username(), svm.Name)
	}
	committed, err := cluster.Accounts.SetComment(ctx, svm.UUID, secret.Username(), s.desired.accountMark(secret.Fingerprint()).String())
	if err != nil {
		return doing(err, "committing account %s of SVM %s", secret.Username(), svm.Name)
	}
	s.observed.accounts.set(append(before, committed))
	return nil
}

// deleteAccount deletes an account that the caller knows to be ours.
func (s *scope) deleteAccount(ctx context.Context, cluster Cluster, svm *Located, name string) error {
	s.observed.accounts.drop()
	err := ontap.IgnoreNotFound(cluster.Accounts.Delete(ctx, svm.UUID, name))
	return doing(err, "deleting account %s of SVM %s", name, svm.Name)
}

// unlockAccount unlocks the account if administrative states are to be corrected.
func (s *scope) unlockAccount(ctx context.Context, cluster Cluster, svm *Located, name string) error {
	if !s.desired.CorrectAdminState {
		return humanNeeded(v1alpha1.ReasonAccountLocked, "account %s of SVM %s is locked", name, svm.Name)
	}
	s.observed.accounts.drop()
	err := cluster.Accounts.SetLocked(ctx, svm.UUID, name, false)
	return doing(err, "unlocking account %s of SVM %s", name, svm.Name)
}
