// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

// Inventory reads what all clusters have of this extension, in as few requests as that takes. It has no way to write, and
// no shoot's credentials.
type Inventory struct{ clusters []Cluster }

// NewInventory returns an Inventory; it does no I/O.
func NewInventory(clusters []Cluster) *Inventory {
	inventory := &Inventory{}
	for _, cluster := range clusters {
		cluster.Client = cluster.ReadOnly()
		inventory.clusters = append(inventory.clusters, cluster)
	}
	return inventory
}

// Census is what an Inventory has seen. That something is missing from it means that it has to be looked at, never that it
// does not exist.
type Census struct {
	clusters   []Cluster
	svms       map[string][]Located // by the owner in the mark
	lifs       map[string][]ontap.IPInterface
	routes     map[string][]ontap.Route
	accounts   map[string][]ontap.Account
	aggregates map[string][]ontap.Aggregate // by the name of the cluster, of those that have answered
	unanswered []error
	// silent are the same, by the clusters' names.
	silent map[string]error
}

// Take reads all clusters. One that does not answer completely counts as not read, and its error is among Unanswered.
func (i *Inventory) Take(ctx context.Context) Census { return i.take(ctx, Census.readRest) }

// TakeForViews is Take without what no View shows: routes and aggregates. Nothing is to be judged by such a census.
func (i *Inventory) TakeForViews(ctx context.Context) Census { return i.take(ctx) }

// reading reads something of a cluster into a census, or nothing if it fails.
type reading func(Census, context.Context, Cluster) error

func (i *Inventory) take(ctx context.Context, more ...reading) Census {
	census := Census{
		clusters: i.clusters, svms: map[string][]Located{}, lifs: map[string][]ontap.IPInterface{},
		routes: map[string][]ontap.Route{}, accounts: map[string][]ontap.Account{}, aggregates: map[string][]ontap.Aggregate{},
		silent: map[string]error{},
	}
	for _, cluster := range i.clusters {
		if err := census.read(ctx, cluster, more...); err != nil {
			census.unanswered = append(census.unanswered, fmt.Errorf("reading what cluster %q has: %w", cluster.Name(), err))
			census.silent[cluster.Name()] = err
		}
	}
	return census
}

// Unanswered are the errors of clusters that did not answer.
func (c Census) Unanswered() []error { return c.unanswered }

// ofAnybody matches the comments of everything that this extension makes, for whomever.
const ofAnybody = markPrefix + "*"

func (c Census) read(ctx context.Context, cluster Cluster, more ...reading) error {
	svms, err := cluster.SVMs.ListByComment(ctx, ofAnybody)
	if err != nil {
		return err
	}
	lifs, err := cluster.IPInterfaces.ListAll(ctx)
	if err != nil {
		return err
	}
	accounts, err := cluster.Accounts.ListByComment(ctx, ofAnybody)
	if err != nil {
		return err
	}
	for _, read := range more {
		if err := read(c, ctx, cluster); err != nil {
			return err
		}
	}
	for _, svm := range svms {
		mark, _ := ParseMark(svm.Comment)
		c.svms[mark.Owner] = append(c.svms[mark.Owner], Located{Cluster: cluster.Name(), SVM: svm})
	}
	group(c.lifs, lifs, func(lif ontap.IPInterface) string { return lif.SVMUUID })
	group(c.accounts, accounts, func(account ontap.Account) string { return account.SVMUUID })
	return nil
}

// readRest reads what only sweeps need.
func (c Census) readRest(ctx context.Context, cluster Cluster) error {
	var routes []ontap.Route
	if cluster.Settings.Networks.HaveRoutes() {
		var err error
		if routes, err = cluster.Routes.ListAll(ctx); err != nil {
			return err
		}
	}
	aggregates, err := cluster.Aggregates.List(ctx)
	if err != nil {
		return err
	}
	c.aggregates[cluster.Name()] = aggregates
	group(c.routes, routes, func(route ontap.Route) string { return route.SVMUUID })
	return nil
}

func group[T any](groups map[string][]T, all []T, key func(T) string) {
	for _, one := range all {
		groups[key(one)] = append(groups[key(one)], one)
	}
}

// Judge tells whether a shoot has to be looked at by itself.
func (c Census) Judge(desired Desired, record Record, secret seedsecret.Snapshot) (Finding, error) {
	if applied, err := desired.isApplied(c.clusters, record); err != nil || !applied {
		return FindingPending, err
	}
	svms, _ := whole(c.svms[desired.ShootUID])
	switch {
	case !secret.Usable(desired.secretOwner()):
		return FindingDrifted, nil
	case len(svms) == 0 && len(c.unanswered) > 0:
		return FindingUnknown, nil
	case len(svms) != 1 || svms[0].Name != desired.SVMName() || svms[0].Cluster != secret.Cluster():
		return FindingDrifted, nil
	}
	svm := &svms[0]
	observed := Observed{}
	observed.svm.set(svm)
	observed.lifs.set(c.lifs[svm.UUID])
	observed.accounts.set(c.accounts[svm.UUID])
	observed.routes.set(c.routes[svm.UUID])
	drift := Diff(Wanted{
		Desired: desired, Recorded: record.Status, Networks: settingsOf(c.clusters, svm.Cluster).Networks,
		Credentials: Credentials{Account: secret.Username(), Fingerprint: secret.Fingerprint()},
	}, observed)
	if drift.none() {
		return FindingInStep, nil
	}
	return FindingDrifted, nil
}

// none reports whether there is no drift in anything that was looked at.
func (d Drift) none() bool {
	return d.SVM == SVMInStep && d.Account == AccountInStep && !d.Limits && !d.Aggregates && !d.Allowed && !d.ServiceDown &&
		d.DataLIFs.none() && d.ManagementLIF.none() && len(d.MissingRoutes)+len(d.Retired) == 0
}

func (d LIFDrift) none() bool {
	return len(d.Missing)+len(d.MisServed)+len(d.Disabled)+len(d.Surplus) == 0
}
