// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// SVMDrift is how the observed SVM differs from the desired one; empty while it was not looked at.
type SVMDrift string

const (
	// SVMInStep is an SVM as desired.
	SVMInStep SVMDrift = "InStep"
	// SVMMissing is an SVM that no cluster has.
	SVMMissing SVMDrift = "Missing"
	// SVMForeign is one without our mark, or with that of another garden or shoot.
	SVMForeign SVMDrift = "Foreign"
	// SVMOfOtherSeed is one that is marked for another seed of this garden.
	SVMOfOtherSeed SVMDrift = "OfOtherSeed"
	// SVMMisMarked is ours for certain, with a mark that is lost or says that it is being deleted.
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

// Drift is the difference between desired and observed.
type Drift struct {
	SVM     SVMDrift
	Account AccountDrift
	// Retired are the names of the shoot's accounts that the seed secret no longer names.
	Retired []string
}

// Diff compares what should be with what was seen. recordedUUID is the SVM's UUID by providerStatus. It is pure; a part
// that was not looked at has no drift.
func Diff(desired Desired, recordedUUID string, wanted Credentials, observed Observed) Drift {
	drift := Drift{}
	if observed.svm.looked {
		drift.SVM = diffSVM(desired, recordedUUID, observed.svm.value)
	}
	if !observed.accounts.looked {
		return drift
	}
	drift.Account = AccountMissing
	for _, account := range observed.accounts.value {
		switch {
		case account.Name == wanted.Account:
			drift.Account = diffAccount(desired, wanted, account)
		case desired.sameShoot(account.Comment):
			drift.Retired = append(drift.Retired, account.Name)
		}
	}
	return drift
}

func diffSVM(desired Desired, recordedUUID string, svm *Located) SVMDrift {
	if svm == nil {
		return SVMMissing
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

// diffAccount judges the account that the seed secret names. ONTAP omits locked for an account without a password.
func diffAccount(desired Desired, wanted Credentials, account ontap.Account) AccountDrift {
	mark, _ := ParseMark(account.Comment)
	switch {
	case !desired.sameShoot(account.Comment):
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
