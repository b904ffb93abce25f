// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// Record is what the Extension of a shoot tells of its SVM.
type Record struct {
	// Status is providerStatus, kept during runs. Where it was never saved, it has what Applied knows of the SVM.
	Status v1alpha1.SVMStatus
	// Applied is the state that the last successful Reconcile left, and that a control-plane migration carries over.
	Applied v1alpha1.SVMState
}

// Status keeps what a run decides and finds out in the Extension of a shoot, and makes reports known there.
type Status interface {
	// Load reads the record, uncached. A record that was never saved is the zero value.
	Load(ctx context.Context, namespace string) (Record, error)
	// Save replaces Record.Status.
	Save(ctx context.Context, namespace string, status v1alpha1.SVMStatus) error
	// Succeed replaces Record.Applied.
	Succeed(ctx context.Context, namespace string, applied v1alpha1.SVMState) error
	// Report makes the report of a run known.
	Report(ctx context.Context, namespace string, report step.Report) error
}

// Options is what a Keeper is made of; every field is required.
type Options struct {
	Clusters []Cluster
	Secrets  *seedsecret.Store
	Shoots   ShootResources
	Status   Status
	Clock    clock.WithDelayedExecution
}

// Keeper keeps the SVMs of shoots. It is the one door to ONTAP: it owns the lock, the guard and the runner.
type Keeper struct {
	options Options
	locks   locks
}

// NewKeeper returns a Keeper; it does no I/O.
func NewKeeper(options Options) (*Keeper, error) {
	if len(options.Clusters) == 0 || options.Secrets == nil || options.Shoots == nil || options.Status == nil || options.Clock == nil {
		return nil, errors.New("a keeper needs at least one cluster, a store for seed secrets, one for shoot resources, a status and a clock")
	}
	return &Keeper{options: options}, nil
}

// Reconcile makes the shoot's SVM what it should be, or continues what an earlier run has begun. Its guard makes the
// seed secret where it is missing. It waits for the SVM's lock within ctx. If nothing failed but ONTAP, and nothing is
// new since the last success, the error is an [OutageError].
func (k *Keeper) Reconcile(ctx context.Context, desired Desired) (step.Report, error) {
	r, err := k.begin(ctx, desired)
	if err != nil {
		return step.Report{}, err
	}
	defer r.lock.release()
	report, err := k.run(ctx, r, k.ensureSecret, (*scope).reconcileSteps)
	if _, waiting := report.Waiting(); err == nil && !waiting {
		return report, k.succeed(ctx, r)
	}
	return report, k.tolerate(r, report, err)
}

// Delete takes everything away that Reconcile made, the seed secret last. Its guard does not make the seed secret, and
// a missing one is no obstacle, since the cluster credentials do the work; one of another shoot is. Where the shoot
// lives on and its SVM is in use, nothing is taken away: the SVM is kept as Reconcile keeps it, and the error says so.
func (k *Keeper) Delete(ctx context.Context, desired Desired) (step.Report, error) {
	r, err := k.begin(ctx, desired)
	if err != nil {
		return step.Report{}, err
	}
	defer r.lock.release()
	report, err := k.run(ctx, r, k.lookAtSecret, (*scope).deleteSteps)
	if FailureOf(err).Class == ClassInUse && !desired.ShootDeleting && desired.ManagementLIF.IsValid() {
		return k.run(ctx, r, k.ensureSecret, (*scope).keepSteps)
	}
	return report, err
}

// run is what the attempts of one run share. The record is kept across them: what was decided in one attempt binds the
// next, also if the seed secret is lost in between. It has no way to ONTAP: that is what each step is granted.
type run struct {
	lock    *lock
	desired Desired
	record  Record
	status  Status
	shoots  ShootResources
	Clock   clock.WithDelayedExecution
	// secret is what the guard saw last, right before the step, with the placement if the step recorded it. healed is whether
	// it had to be restored in this run.
	secret seedsecret.Snapshot
	healed bool
	// held is whether an administrator holds the SVM.
	held bool
	// parked is whether the SVM stays on ONTAP though the shoot goes.
	parked bool
	// repairing is whether the run only restores what was lost, and waits for nothing.
	repairing bool
	// untouched is whether it is proven that nothing was ever begun on ONTAP, which cannot be asked.
	untouched bool
	// unreported is the error of the last report.
	unreported error
}

// scope is one attempt: nothing that it has observed outlives it.
type scope struct {
	*run
	observed Observed
	// shoot is what EnsureShootResources has seen.
	shoot ShootView
}

// begin returns a run that holds the lock of the SVM.
func (k *Keeper) begin(ctx context.Context, desired Desired) (*run, error) {
	lock, err := k.locks.acquire(ctx, desired.SVMName())
	if err != nil {
		return nil, err
	}
	r, err := k.beginUnder(ctx, lock, desired)
	if err != nil {
		lock.release()
	}
	return r, err
}

func (k *Keeper) beginUnder(ctx context.Context, lock *lock, desired Desired) (*run, error) {
	record, err := k.options.Status.Load(ctx, desired.Namespace)
	if err != nil {
		return nil, fmt.Errorf("reading what is recorded of the SVM: %w", err)
	}
	return &run{lock: lock, desired: desired, record: record, status: k.options.Status, shoots: k.options.Shoots, Clock: k.options.Clock}, nil
}

// guard checks the seed secret and grants access for one step.
type guard func(context.Context, *run) (step.Grant[Access], error)

func (k *Keeper) run(ctx context.Context, r *run, check guard, steps func(*scope) []step.Step[Access]) (step.Report, error) {
	runner, err := step.NewRunner(step.Options[Access]{
		Guard: func(ctx context.Context) (step.Grant[Access], error) {
			if r.desired.Paused {
				return step.Grant[Access]{}, ErrPaused
			}
			return check(ctx, r)
		},
		GuardName:      "SeedSecret",
		GuardCondition: v1alpha1.ConditionSeedSecretReady,
		Reporter:       r,
		Clock:          k.options.Clock,
		LookOnce:       r.repairing,
	})
	if err != nil {
		return step.Report{}, err
	}
	report, err := runner.Run(ctx, func() []step.Step[Access] { return steps(&scope{run: r}) })
	r.lock.epoch = report.Epoch
	return report, err
}

// ensureSecret is the guard of Reconcile: before every step the seed secret exists, is well formed and is the shoot's.
func (k *Keeper) ensureSecret(ctx context.Context, r *run) (step.Grant[Access], error) {
	known := seedsecret.Record{Cluster: r.record.Status.Cluster, Account: r.record.Status.Account}
	snapshot, healed, err := k.options.Secrets.Ensure(ctx, r.desired.secretOwner(), known)
	if err != nil {
		return step.Grant[Access]{}, err
	}
	r.healed = r.healed || healed != ""
	return k.grant(r, snapshot, string(healed)), nil
}

// lookAtSecret is the guard of Delete.
func (k *Keeper) lookAtSecret(ctx context.Context, r *run) (step.Grant[Access], error) {
	snapshot, err := k.options.Secrets.Look(ctx, r.desired.secretOwner())
	if err != nil {
		return step.Grant[Access]{}, err
	}
	return k.grant(r, snapshot, ""), nil
}

func (k *Keeper) grant(r *run, snapshot seedsecret.Snapshot, healed string) step.Grant[Access] {
	r.secret = snapshot
	access := Access{
		owner: r.desired.secretOwner(), clusters: k.options.Clusters, secrets: k.options.Secrets, held: &r.held, secret: &r.secret,
	}
	return step.Grant[Access]{Access: access, Epoch: snapshot.Fingerprint(), Healed: healed}
}

// remember saves a change of the record before anything relies on it.
func (r *run) remember(ctx context.Context, change func(*v1alpha1.SVMStatus)) error {
	status := *r.record.Status.DeepCopy()
	change(&status)
	if equality.Semantic.DeepEqual(status, r.record.Status) {
		return nil
	}
	if err := r.status.Save(ctx, r.desired.Namespace, status); err != nil {
		return fmt.Errorf("recording what is known of the SVM: %w", err)
	}
	r.record.Status = status
	return nil
}

// Report implements step.Reporter.
func (r *run) Report(ctx context.Context, report step.Report) error {
	r.unreported = r.status.Report(ctx, r.desired.Namespace, report)
	return r.unreported
}
