// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import "github.com/gardener-community/gardener-extension-ontap/pkg/ontap"

// HumanNeeded makes the error of a state that only a human may change.
var HumanNeeded = humanNeeded

// ObservedSVM is what an attempt has seen that looked for the SVM alone; nil stands for none.
func ObservedSVM(svm *Located) Observed {
	return Observed{svm: part[*Located]{value: svm, looked: true}}
}

// ObservedAccounts is what an attempt has seen that looked at the accounts alone.
func ObservedAccounts(accounts ...ontap.Account) Observed {
	return Observed{accounts: part[[]ontap.Account]{value: accounts, looked: true}}
}

// Homes is homes on all pairs of some nodes, in their order.
func Homes(nodes []ontap.Node, dataLIFs int, kept, surplus []ontap.IPInterface) []string {
	return homes(newLayout(nodes, nil).pairs, dataLIFs, kept, surplus)
}

// ChosenAggregates are those of a new SVM.
func ChosenAggregates(nodes []ontap.Node, aggregates []ontap.Aggregate, shootUID string, dataLIFs int) []string {
	return aggregatesOf(newLayout(nodes, aggregates).choose(Identity{ShootUID: shootUID}, dataLIFs))
}
