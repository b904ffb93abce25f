// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"slices"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// SVMDrift is how the observed SVM differs from the desired one; empty while it was not looked at.
type SVMDrift string

const (
	// SVMInStep is an SVM that is the shoot's and runs.
	SVMInStep SVMDrift = "InStep"
	// SVMMissing is an SVM that no cluster has.
	SVMMissing SVMDrift = "Missing"
	// SVMForeign is one without our mark, or with that of another garden or shoot.
	SVMForeign SVMDrift = "Foreign"
	// SVMOfOtherSeed is one that is marked for another seed of this garden.
	SVMOfOtherSeed SVMDrift = "OfOtherSeed"
	// SVMMisMarked is ours for certain, with a mark that is lost or does not say that it is in use.
	SVMMisMarked SVMDrift = "MisMarked"
	// SVMUnsettled is one between two states.
	SVMUnsettled SVMDrift = "Unsettled"
	// SVMStopped is one that is ours and does not run.
	SVMStopped SVMDrift = "Stopped"
)

// AccountDrift is how the observed account differs from what the seed secret says; empty while it was not looked at.
type AccountDrift string

const (
	// AccountInStep is an account that was committed with the seed secret's credentials.
	AccountInStep AccountDrift = "InStep"
	// AccountMissing is one that the SVM does not have.
	AccountMissing AccountDrift = "Missing"
	// AccountUncommitted is one of ours whose making was not finished.
	AccountUncommitted AccountDrift = "Uncommitted"
	// AccountTaken is one that is foreign or has other credentials; the seed secret must name another one.
	AccountTaken AccountDrift = "Taken"
	// AccountLocked is ours and locked.
	AccountLocked AccountDrift = "Locked"
)

// Credentials are what the seed secret wants of the SVM's accounts.
type Credentials struct {
	// Account is the account's name, Fingerprint what commits it.
	Account, Fingerprint string
}

// Wanted is everything that observations are compared with.
type Wanted struct {
	Desired
	Credentials
	// Recorded is providerStatus.
	Recorded v1alpha1.SVMStatus
	// Networks are those of the SVM's cluster.
	Networks configv1alpha1.Networks
}

// Drift is the difference between desired and observed.
type Drift struct {
	SVM SVMDrift
	// Limits, Aggregates and Allowed tell which settings of the SVM are not as they should be: what it may use, where
	// its volumes may lie, and which protocols its administrator may manage.
	Limits, Aggregates, Allowed bool
	// ServiceDown is whether the protocol of the SVM is not served.
	ServiceDown bool
	// DataLIFs and ManagementLIF are the drifts of the two kinds of LIFs.
	DataLIFs, ManagementLIF LIFDrift
	// MissingRoutes are those that the SVM does not have.
	MissingRoutes []ontap.Route
	Account       AccountDrift
	// Retired are the names of the shoot's accounts that the seed secret no longer names.
	Retired []string
}

// Diff compares what should be with what was seen. It is pure; a part that was not looked at has no drift.
func Diff(wanted Wanted, observed Observed) Drift {
	drift := Drift{}
	if observed.svm.looked {
		drift.SVM = diffSVM(wanted.Desired, wanted.Recorded.SVMUUID, observed.svm.value)
		diffSettings(&drift, wanted, observed.svm.value)
	}
	if observed.lifs.looked {
		drift.DataLIFs, drift.ManagementLIF = diffLIFs(wanted, observed.lifs.value)
	}
	if observed.routes.looked {
		drift.MissingRoutes = missingRoutes(wanted, observed.routes.value)
	}
	if observed.accounts.looked {
		diffAccounts(&drift, wanted, observed.accounts.value)
	}
	return drift
}

func diffSVM(desired Desired, recordedUUID string, svm *Located) SVMDrift {
	if svm == nil {
		return SVMMissing
	}
	if svm.standsBy() {
		return SVMUnsettled // its source has just gone, or has still to show
	}
	switch svm.State {
	case ontap.SVMRunning, ontap.SVMStopped:
	default:
		return SVMUnsettled // ONTAP may not show the comment yet, so there is nothing to judge
	}
	switch mark, marked := ParseMark(svm.Comment); {
	case !marked && svm.Name == desired.SVMName() && svm.UUID == recordedUUID:
		return SVMMisMarked
	case !desired.sameShoot(svm.Comment):
		return SVMForeign
	case mark.Seed != desired.mark(MarkActive).Seed:
		return SVMOfOtherSeed
	case mark.State != MarkActive:
		return SVMMisMarked
	}
	if svm.State == ontap.SVMStopped {
		return SVMStopped
	}
	return SVMInStep
}

// diffSettings looks at an SVM that runs. One that is stopped does not show its protocols.
func diffSettings(drift *Drift, wanted Wanted, svm *Located) {
	if svm == nil || svm.State != ontap.SVMRunning {
		return
	}
	drift.Limits = svm.Limits != wanted.Limits
	drift.Aggregates = len(svm.Aggregates) == 0 || slices.ContainsFunc(wanted.Recorded.Aggregates, func(name string) bool {
		return !slices.Contains(svm.Aggregates, name)
	})
	key := protocols[wanted.Protocol].name
	for protocol, state := range svm.Protocols {
		drift.Allowed = drift.Allowed || state.Allowed != (protocol == key)
	}
	drift.ServiceDown = !svm.Protocols[key].Enabled
}

func diffAccounts(drift *Drift, wanted Wanted, accounts []ontap.Account) {
	drift.Account = AccountMissing
	for _, account := range accounts {
		switch {
		case account.Name == wanted.Account:
			drift.Account = diffAccount(wanted, account)
		case wanted.sameShoot(account.Comment):
			drift.Retired = append(drift.Retired, account.Name)
		}
	}
}

// diffAccount judges the account that the seed secret names. ONTAP omits locked for an account without a password.
func diffAccount(wanted Wanted, account ontap.Account) AccountDrift {
	mark, _ := ParseMark(account.Comment)
	switch {
	case !wanted.sameShoot(account.Comment):
		return AccountTaken
	case mark.Fingerprint == "" || account.Locked == nil:
		return AccountUncommitted
	case mark.Fingerprint != wanted.Fingerprint:
		return AccountTaken
	case *account.Locked:
		return AccountLocked
	}
	return AccountInStep
}
