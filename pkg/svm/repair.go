// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// Repair is an attempt to restore what was lost of a shoot's SVM between two reconciles of Gardener.
type Repair struct {
	SVMName string
	// Look is asked under the lock, and reads uncached, what the SVM should be. It reports false if the shoot is to be left
	// alone.
	Look func(context.Context) (desired Desired, allowed bool, err error)
	// Drifted is whether something may be wrong on ONTAP. Where it is not, nothing is asked there if the seed secret holds
	// what the last run ended with.
	Drifted bool
}

// Finding is what a repair came to, or a look at what there may be to repair.
type Finding string

const (
	// FindingBusy is that of a repair that did nothing, since another run is at the SVM.
	FindingBusy Finding = "Busy"
	// FindingExcluded is that of a shoot that repair leaves alone.
	FindingExcluded Finding = "Excluded"
	// FindingPending is that of a shoot for which something new is to be applied. That is for Gardener's next reconcile.
	FindingPending Finding = "Pending"
	// FindingUnknown is that of a shoot about which a cluster that did not answer may know more.
	FindingUnknown Finding = "Unknown"
	// FindingInStep is that of a shoot of which nothing was found lost.
	FindingInStep Finding = "InStep"
	// FindingDrifted is that of a shoot that has to be looked at by itself.
	FindingDrifted Finding = "Drifted"
	// FindingRun is that of a repair that has run all steps as far as they went.
	FindingRun Finding = "Run"
)

// TryReconcile is the Reconcile of a repair. It waits neither for the lock nor inside a step, carries out no new intention,
// makes no SVM, and leaves everything in the shoot but its credentials as it is.
func (k *Keeper) TryReconcile(ctx context.Context, repair Repair) (step.Report, Finding, error) {
	lock := k.locks.try(repair.SVMName)
	if lock == nil {
		return step.Report{}, FindingBusy, nil
	}
	defer lock.release()
	desired, allowed, err := repair.Look(ctx)
	if err != nil || !allowed {
		return step.Report{}, FindingExcluded, err
	}
	r, err := k.beginUnder(ctx, lock, desired)
	if err != nil {
		return step.Report{}, FindingUnknown, err
	}
	r.repairing = true
	if applied, err := desired.isApplied(k.options.Clusters, r.record); err != nil || !applied {
		return step.Report{}, FindingPending, err
	}
	if !repair.Drifted {
		known := lock.epoch
		if report, err := k.run(ctx, r, k.ensureSecret, (*scope).secretSteps); err != nil || report.Epoch == known {
			return report, FindingInStep, err
		}
	}
	report, err := k.run(ctx, r, k.ensureSecret, (*scope).reconcileSteps)
	return report, FindingRun, err
}

// secretSteps is the plan for a seed secret that may have been changed: there is nothing to do but what the guard does.
func (s *scope) secretSteps() []step.Step[Access] {
	return []step.Step[Access]{{
		Name: "CheckSeedSecret", Condition: v1alpha1.ConditionSeedSecretReady, Timeout: lookTimeout,
		Run: func(context.Context, Access) (step.Outcome, error) { return step.Done(), nil },
	}}
}

// isApplied reports whether nothing is new since the last success.
func (d Desired) isApplied(clusters []Cluster, record Record) (bool, error) {
	hash, err := d.hash(settingsOf(clusters, record.Status.Cluster))
	return hash == record.Applied.DesiredHash, err
}
