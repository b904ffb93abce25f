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
func (s *scope) ensureAccount(ctx context.Context, access Access) (step.Outcome, error) {
	svm, cluster, drift, err := s.accountDrift(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	secret, err := access.Secret()
	if err != nil {
		return step.Outcome{}, err
	}
	switch drift.Account {
	case AccountLocked:
		err = s.unlockAccount(ctx, cluster, svm, secret.Username())
	case AccountTaken:
		return step.Skipped("SeedSecretRenewed"), access.RenewSecret(ctx)
	case AccountUncommitted:
		if err = s.deleteAccount(ctx, cluster, svm, secret.Username()); err == nil {
			err = s.createAccount(ctx, access, cluster, svm)
		}
	case AccountMissing:
		err = s.createAccount(ctx, access, cluster, svm)
	case AccountInStep:
	default:
		err = fmt.Errorf("unknown drift %q", drift.Account)
	}
	if err != nil {
		return step.Outcome{}, err
	}
	return step.Done(), s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.Account = secret.Username() })
}

// accountDrift looks at the accounts of the SVM that the steps before have found.
func (s *scope) accountDrift(ctx context.Context, access Access) (*Located, Cluster, Drift, error) {
	svm, cluster, err := s.existing(ctx, access)
	if err == nil {
		_, err = s.accounts(ctx, cluster, svm)
	}
	if err != nil {
		return nil, Cluster{}, Drift{}, err
	}
	return svm, cluster, s.diff(cluster), nil
}

// createAccount makes the account with our mark, and commits it with the fingerprint in a write of its own: whatever is
// interrupted in between leaves an account without a fingerprint, which is deleted and made again. The record that the
// second write returns is what the steps after this one see.
func (s *scope) createAccount(ctx context.Context, access Access, cluster Cluster, svm *Located) error {
	secret, err := access.Secret()
	if err != nil {
		return err
	}
	before, err := s.accounts(ctx, cluster, svm)
	if err != nil {
		return err
	}
	s.observed.accounts.drop()
	if err := cluster.Accounts.Create(ctx, ontap.AccountCreate{
		SVMUUID: svm.UUID, Name: secret.Username(), Password: ontap.NewSecret(secret.Password()), Role: cluster.Settings.AccountRole,
		Comment: s.desired.accountMark("").String(),
	}); err != nil {
		return fmt.Errorf("making account %s of SVM %s: %w", secret.Username(), svm.Name, err)
	}
	committed, err := cluster.Accounts.SetComment(ctx, svm.UUID, secret.Username(), s.desired.accountMark(secret.Fingerprint()).String())
	if err != nil {
		return fmt.Errorf("committing account %s of SVM %s: %w", secret.Username(), svm.Name, err)
	}
	s.observed.accounts.set(append(before, committed))
	return nil
}

// deleteAccount deletes an account that the caller knows to be ours.
func (s *scope) deleteAccount(ctx context.Context, cluster Cluster, svm *Located, name string) error {
	s.observed.accounts.drop()
	if err := cluster.Accounts.Delete(ctx, svm.UUID, name); err != nil && !ontap.IsNotFound(err) {
		return fmt.Errorf("deleting account %s of SVM %s: %w", name, svm.Name, err)
	}
	return nil
}

// unlockAccount unlocks the account if administrative states are to be corrected.
func (s *scope) unlockAccount(ctx context.Context, cluster Cluster, svm *Located, name string) error {
	if !s.desired.CorrectAdminState {
		return humanNeeded(v1alpha1.ReasonAccountLocked, "account %s of SVM %s is locked", name, svm.Name)
	}
	s.observed.accounts.drop()
	if err := cluster.Accounts.SetLocked(ctx, svm.UUID, name, false); err != nil {
		return fmt.Errorf("unlocking account %s of SVM %s: %w", name, svm.Name, err)
	}
	return nil
}
