// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

const (
	// switchTime is what a driver that works gets to log in with the credentials that the shoot has got: Trident does so
	// when the Secret changes, and does not tell when it has.
	switchTime = 30 * time.Second
	// switchGrace is what a driver gets that does not work.
	switchGrace = 15 * time.Minute
)

// errNotCommitted says that the account to retire others for is not what EnsureAccount left.
var errNotCommitted = errors.New("the account that the seed secret names is not committed")

// retireAccounts deletes the shoot's accounts that the seed secret no longer names, once the shoot is known to have turned
// to the one that it names, and only while another look finds that one committed on ONTAP.
func (s *scope) retireAccounts(ctx context.Context, _ Access, cluster Cluster, svm *Located) (step.Outcome, error) {
	drift, err := s.accountDrift(ctx, cluster, svm)
	switch {
	case err != nil:
		return step.Outcome{}, err
	case drift.Account != AccountInStep:
		return step.Outcome{}, errNotCommitted
	case len(drift.Retired) == 0:
		return step.Done(), nil
	}
	outcome, err := step.Poll(ctx, s.Clock, func(context.Context) (step.Outcome, error) { return s.switched(drift.Retired), nil })
	if err != nil || outcome.Kind != step.KindDone {
		return outcome, err
	}
	s.observed.accounts.drop()
	drift, err = s.accountDrift(ctx, cluster, svm)
	if err == nil && drift.Account != AccountInStep {
		err = errNotCommitted
	}
	if err != nil {
		return step.Outcome{}, err
	}
	for _, name := range drift.Retired {
		if err := s.deleteAccount(ctx, cluster, svm, name); err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Done(), nil
}

// switched is Done if the shoot has turned to the account that the seed secret names. A shoot that cannot be seen has not.
func (s *scope) switched(retired []string) step.Outcome {
	message := fmt.Sprintf("kept until the shoot is known to use %s instead: %s", s.secret.Username(), strings.Join(retired, ", "))
	account := s.record.Status.ShootAccount
	seen := !s.desired.Hibernated && s.shoot.Unseen == "" && s.shoot.Altered == ""
	if !seen || account == nil || account.Name != s.secret.Username() {
		return step.Postpone(v1alpha1.ReasonAccountsRetained, message)
	}
	switch had := s.Clock.Since(account.Since.Time); {
	case had >= switchGrace, s.shoot.Bound && had >= switchTime:
		return step.Done()
	case s.shoot.Bound:
		return step.Wait(switchTime-had, v1alpha1.ReasonAccountsRetained, message)
	}
	return step.Postpone(v1alpha1.ReasonAccountsRetained, message)
}
