// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// OutageError is the error of a Reconcile that found nothing to complain of but that ONTAP did not answer or let nobody
// in, while what is desired and the credentials are those of the last success. So is that of one that is paused, and of which
// nothing new is desired. It need not stop the shoot's maintenance: the conditions tell of it.
type OutageError struct {
	// Reason is the reason of the condition.
	Reason string
	// Cause is what the run failed with.
	Cause error
}

func (e *OutageError) Error() string { return e.Cause.Error() }

// Unwrap returns what the run failed with.
func (e *OutageError) Unwrap() error { return e.Cause }

// succeed notes what was applied. It writes only what is new.
func (k *Keeper) succeed(ctx context.Context, r *run) error {
	hash, err := r.desired.hash(settingsOf(k.options.Clusters, r.record.Status.Cluster))
	if err != nil {
		return err
	}
	applied, now := r.record.Applied, r.record.Status
	applied.DesiredHash, applied.Cluster, applied.SVMName, applied.SVMUUID = hash, now.Cluster, now.SVMName, now.SVMUUID
	if applied == r.record.Applied {
		return nil
	}
	return k.options.Status.Succeed(ctx, r.desired.Namespace, applied)
}

// tolerate makes an OutageError of an error that is no more than an outage. What the seed secret holds must be what
// worked the last time: a fresh one is work that the outage has kept from being done.
func (k *Keeper) tolerate(r *run, report step.Report, err error) error {
	failed, _ := report.Failed()
	failure := FailureOf(failed.Err)
	applied, hashErr := r.desired.isApplied(k.options.Clusters, r.record)
	switch {
	case err == nil || hashErr != nil || r.unreported != nil || r.healed:
	case failure.Class == ClassPaused && applied:
		return &OutageError{Reason: failure.Reason, Cause: err}
	case failure.Class != ClassOutage && failure.Class != ClassDenied:
	case !applied || r.secret.Username() != r.record.Status.Account:
	default:
		return &OutageError{Reason: failure.Reason, Cause: err}
	}
	return err
}

// settingsOf are the operator's for one cluster, empty for one that is not configured.
func settingsOf(clusters []Cluster, name string) configv1alpha1.ONTAPCluster {
	if i := indexOf(clusters, name); i >= 0 {
		return clusters[i].Settings
	}
	return configv1alpha1.ONTAPCluster{}
}
