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

// accountRole is the built-in role of an SVM's administrator, which Trident needs.
const accountRole = "vsadmin"

// errSVMVanished says that a step found no SVM although the steps before it did.
var errSVMVanished = errors.New("the SVM has vanished during the run")

// ensureAccount makes the SVM have the account that the seed secret names. An account is never changed, only replaced:
// one that is not as it should be is made again, under another name if there is any doubt that it is ours.
func (s *scope) ensureAccount(ctx context.Context, access Access) (step.Outcome, error) {
	svm, drift, err := s.accountDrift(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	secret, err := access.Secret()
	if err != nil {
		return step.Outcome{}, err
	}
	switch drift.Account {
	case AccountLocked:
		return step.Outcome{}, humanNeeded(v1alpha1.ReasonAccountLocked, "account %s of SVM %s is locked", secret.Username(), svm.Name)
	case AccountTaken:
		return step.Skipped("SeedSecretRenewed"), access.RenewSecret(ctx)
	case AccountUncommitted:
		if err := s.deleteAccount(ctx, access, svm, secret.Username()); err != nil {
			return step.Outcome{}, err
		}
		err = s.createAccount(ctx, access, svm)
	case AccountMissing:
		err = s.createAccount(ctx, access, svm)
	case AccountInStep:
	default:
		err = fmt.Errorf("unknown drift %q", drift.Account)
	}
	if err != nil {
		return step.Outcome{}, fmt.Errorf("making account %s of SVM %s: %w", secret.Username(), svm.Name, err)
	}
	return step.Done(), s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.Account = secret.Username() })
}

// accountDrift looks at the accounts of the SVM that the steps before have found.
func (s *scope) accountDrift(ctx context.Context, access Access) (*Located, Drift, error) {
	svm, err := s.svm(ctx, access)
	if err == nil && svm == nil {
		err = errSVMVanished
	}
	if err == nil {
		_, err = s.accounts(ctx, access, svm)
	}
	if err != nil {
		return nil, Drift{}, err
	}
	drift, err := s.diff(access)
	return svm, drift, err
}

// createAccount makes the account with our mark, and commits it with the fingerprint in a write of its own: whatever is
// interrupted in between leaves an account without a fingerprint, which is deleted and made again.
func (s *scope) createAccount(ctx context.Context, access Access, svm *Located) error {
	secret, err := access.Secret()
	if err != nil {
		return err
	}
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return err
	}
	s.observed.accounts.drop()
	if err := cluster.Accounts.Create(ctx, ontap.AccountCreate{
		SVMUUID: svm.UUID, Name: secret.Username(), Password: ontap.NewSecret(secret.Password()), Role: accountRole,
		Comment: s.desired.accountMark("").String(),
	}); err != nil {
		return err
	}
	return cluster.Accounts.SetComment(ctx, svm.UUID, secret.Username(), s.desired.accountMark(secret.Fingerprint()).String())
}

// deleteAccount deletes an account that the caller knows to be ours.
func (s *scope) deleteAccount(ctx context.Context, access Access, svm *Located, name string) error {
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return err
	}
	s.observed.accounts.drop()
	if err := cluster.Accounts.Delete(ctx, svm.UUID, name); err != nil && !ontap.IsNotFound(err) {
		return fmt.Errorf("deleting account %s of SVM %s: %w", name, svm.Name, err)
	}
	return nil
}
