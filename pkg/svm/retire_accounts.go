// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"

	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// errNotCommitted says that the account to retire others for is not what EnsureAccount left.
var errNotCommitted = errors.New("the account that the seed secret names is not committed")

// retireAccounts deletes the shoot's accounts that the seed secret no longer names, but only while the one that it names
// is seen to be committed on ONTAP: by the record of the commit if there is nothing to retire, else by another look.
func (s *scope) retireAccounts(ctx context.Context, access Access) (step.Outcome, error) {
	svm, cluster, drift, err := s.accountDrift(ctx, access)
	if err == nil && len(drift.Retired) > 0 {
		s.observed.accounts.drop()
		svm, cluster, drift, err = s.accountDrift(ctx, access)
	}
	if err != nil {
		return step.Outcome{}, err
	}
	if drift.Account != AccountInStep {
		return step.Outcome{}, errNotCommitted
	}
	for _, name := range drift.Retired {
		if err := s.deleteAccount(ctx, cluster, svm, name); err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Done(), nil
}
