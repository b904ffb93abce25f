// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

// View is what a Census has seen of the SVM of one shoot, for people to look at. What could not be looked at is not in it, and
// Unanswered says so; it never passes for missing.
type View struct {
	// SVM is the shoot's, nil where none was seen. Standbys are the halves of it that stand by on a MetroCluster.
	SVM      *Located
	Standbys []Located
	// Others are SVMs that carry the same owner, which is one too many.
	Others []Located
	// Drift is that of the SVM. SVMMissing is said only if every cluster has answered that it has none of the shoot's name, mark or
	// recorded UUID.
	Drift SVMDrift
	// Held is whether an administrator keeps the SVM as it is, in its comment or by the configuration of its cluster.
	Held bool
	// LIFs are those that the SVM has.
	LIFs []ontap.IPInterface
	// Account is the drift of the account that the seed secret names. It is empty where there is no such name, or nothing is known.
	Account AccountDrift
	// Unanswered is why something is not known of the SVM or of its account.
	Unanswered error
}

// View looks for the SVM of a shoot in the census, and asks the clusters by name for what the census cannot show: what has lost
// its mark. The zero Snapshot stands for a seed secret that cannot be used to judge an account.
func (c Census) View(ctx context.Context, desired Desired, record Record, secret seedsecret.Snapshot) View {
	found := slices.Clone(c.svms[desired.ShootUID])
	view := View{Unanswered: errors.Join(c.unanswered...)}
	if len(found) == 0 {
		var err error
		found, err = c.unmarked(ctx, desired, record)
		view.Unanswered = errors.Join(view.Unanswered, err)
	}
	svms, standbys := whole(found)
	view.Standbys = standbys
	if len(svms) == 0 {
		if view.Unanswered == nil {
			view.Drift = SVMMissing
		}
		return view
	}
	i := max(0, slices.IndexFunc(svms, func(one Located) bool { return one.UUID == record.Status.SVMUUID }))
	view.SVM, view.Others, view.Unanswered = &svms[i], slices.Delete(slices.Clone(svms), i, i+1), nil
	if view.SVM.standsBy() {
		view.Standbys = nil
		view.Unanswered = errors.Join(c.unanswered...)
	}
	view.Held = holdRequested(view.SVM.Comment) || settingsOf(c.clusters, view.SVM.Cluster).Hold
	view.Drift = diffSVM(desired, record.Status.SVMUUID, view.SVM)
	view.LIFs = c.lifs[view.SVM.UUID]
	var err error
	view.Account, err = c.accountOf(ctx, desired, view.SVM, secret)
	view.Unanswered = errors.Join(view.Unanswered, err)
	return view
}

// unmarked looks for an SVM of the shoot's name or recorded UUID on the clusters that have answered so far.
func (c Census) unmarked(ctx context.Context, desired Desired, record Record) (found []Located, err error) {
	if recorded := record.Status.Cluster; recorded != "" && indexOf(c.clusters, recorded) < 0 {
		err = fmt.Errorf("looking for SVM %s: cluster %q, where it is recorded, is not in the configuration", desired.SVMName(), recorded)
	}
	for _, cluster := range c.answering() {
		svms, failure := cluster.SVMs.FindHalves(ctx, desired.SVMName())
		if uuid := record.Status.SVMUUID; failure == nil && len(svms) == 0 && uuid != "" && record.Status.Cluster == cluster.Name() {
			var known ontap.SVM
			if known, failure = cluster.SVMs.Get(ctx, uuid); failure == nil {
				svms = append(svms, known)
			}
			failure = ontap.IgnoreNotFound(failure)
		}
		if failure != nil {
			err = errors.Join(err, fmt.Errorf("looking for SVM %s on cluster %q: %w", desired.SVMName(), cluster.Name(), failure))
		}
		for _, svm := range svms {
			found = append(found, Located{Cluster: cluster.Name(), SVM: svm})
		}
	}
	return found, err
}

// accountOf judges the account that the seed secret names. One without our mark is in no census, so it is asked for.
func (c Census) accountOf(ctx context.Context, desired Desired, svm *Located, secret seedsecret.Snapshot) (AccountDrift, error) {
	if secret.Username() == "" {
		return "", nil
	}
	wanted := Wanted{Desired: desired, Credentials: Credentials{Account: secret.Username(), Fingerprint: secret.Fingerprint()}}
	for _, account := range c.accounts[svm.UUID] {
		if account.Name == secret.Username() {
			return diffAccount(wanted, account), nil
		}
	}
	i := indexOf(c.answering(), svm.Cluster)
	if i < 0 {
		return "", fmt.Errorf("looking at account %s: cluster %q did not answer", secret.Username(), svm.Cluster)
	}
	account, err := c.answering()[i].Accounts.Get(ctx, svm.UUID, secret.Username())
	switch {
	case ontap.IsNotFound(err):
		return AccountMissing, nil
	case err != nil:
		return "", fmt.Errorf("looking at account %s of SVM %s: %w", secret.Username(), svm.Name, err)
	}
	return diffAccount(wanted, account), nil
}

// answering are the clusters that have answered.
func (c Census) answering() []Cluster {
	return slices.DeleteFunc(slices.Clone(c.clusters), func(cluster Cluster) bool { return c.silent[cluster.Name()] != nil })
}

// Silent are the errors of the clusters that did not answer, by the clusters' names.
func (c Census) Silent() map[string]error { return c.silent }
