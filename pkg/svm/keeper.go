// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// Status keeps what a run decides and finds out in the Extension of a shoot, and makes reports known there.
type Status interface {
	// Load reads the record, uncached. A record that was never saved is the zero value.
	Load(ctx context.Context, namespace string) (v1alpha1.SVMStatus, error)
	// Save replaces the record.
	Save(ctx context.Context, namespace string, record v1alpha1.SVMStatus) error
	// Report makes the report of a run known.
	Report(ctx context.Context, namespace string, report step.Report) error
}

// Options is what a Keeper is made of; every field is required.
type Options struct {
	Clusters []*ontap.Client
	Secrets  *seedsecret.Store
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
	if len(options.Clusters) == 0 || options.Secrets == nil || options.Status == nil || options.Clock == nil {
		return nil, errors.New("a keeper needs at least one cluster, a store for seed secrets, a status and a clock")
	}
	return &Keeper{options: options}, nil
}

// Reconcile makes the shoot's SVM what it should be, or continues what an earlier run has begun. Its guard makes the
// seed secret where it is missing. It waits for the SVM's lock within ctx.
func (k *Keeper) Reconcile(ctx context.Context, desired Desired) (step.Report, error) {
	return k.run(ctx, desired, (*run).ensureSecret, (*scope).reconcileSteps)
}

// Delete takes everything away that Reconcile made, the seed secret last. Its guard does not make the seed secret, and
// a missing one is no obstacle, since the cluster credentials do the work; one of another shoot is.
func (k *Keeper) Delete(ctx context.Context, desired Desired) (step.Report, error) {
	return k.run(ctx, desired, (*run).lookAtSecret, (*scope).deleteSteps)
}

// run is what the attempts of one run share. The record is kept across them: what was decided in one attempt binds the
// next, also if the seed secret is lost in between.
type run struct {
	Options
	desired Desired
	record  v1alpha1.SVMStatus
}

// scope is one attempt: nothing that it has observed outlives it.
type scope struct {
	*run
	observed Observed
}

func (k *Keeper) run(ctx context.Context, desired Desired, guard func(*run, context.Context) (step.Grant[Access], error), steps func(*scope) []step.Step[Access]) (step.Report, error) {
	unlock, err := k.locks.acquire(ctx, desired.SVMName())
	if err != nil {
		return step.Report{}, err
	}
	defer unlock()
	record, err := k.options.Status.Load(ctx, desired.Namespace)
	if err != nil {
		return step.Report{}, fmt.Errorf("reading what is recorded of the SVM: %w", err)
	}
	r := &run{Options: k.options, desired: desired, record: record}
	runner, err := step.NewRunner(step.Options[Access]{
		Guard:          func(ctx context.Context) (step.Grant[Access], error) { return guard(r, ctx) },
		GuardName:      "SeedSecret",
		GuardCondition: v1alpha1.ConditionSeedSecretReady,
		Reporter:       reporter{r},
		Clock:          k.options.Clock,
	})
	if err != nil {
		return step.Report{}, err
	}
	return runner.Run(ctx, func() []step.Step[Access] { return steps(&scope{run: r}) })
}

// ensureSecret is the guard of Reconcile: before every step the seed secret exists, is well formed and is the shoot's.
func (r *run) ensureSecret(ctx context.Context) (step.Grant[Access], error) {
	record := seedsecret.Record{Cluster: r.record.Cluster, Account: r.record.Account}
	snapshot, healed, err := r.Secrets.Ensure(ctx, r.desired.secretOwner(), record)
	if err != nil {
		return step.Grant[Access]{}, err
	}
	return step.Grant[Access]{Access: r.grant(snapshot), Epoch: snapshot.Fingerprint(), Healed: string(healed)}, nil
}

// lookAtSecret is the guard of Delete.
func (r *run) lookAtSecret(ctx context.Context) (step.Grant[Access], error) {
	snapshot, err := r.Secrets.Look(ctx, r.desired.secretOwner())
	if err != nil {
		return step.Grant[Access]{}, err
	}
	return step.Grant[Access]{Access: r.grant(snapshot), Epoch: snapshot.Fingerprint()}, nil
}

func (r *run) grant(snapshot seedsecret.Snapshot) Access {
	return Access{desired: r.desired, clusters: r.Clusters, secrets: r.Secrets, secret: &snapshot}
}

// remember saves a change of the record before anything relies on it.
func (r *run) remember(ctx context.Context, change func(*v1alpha1.SVMStatus)) error {
	record := r.record
	change(&record)
	if record == r.record {
		return nil
	}
	if err := r.Status.Save(ctx, r.desired.Namespace, record); err != nil {
		return fmt.Errorf("recording what is known of the SVM: %w", err)
	}
	r.record = record
	return nil
}

// diff compares what this attempt has seen so far with what should be.
func (s *scope) diff(access Access) (Drift, error) {
	secret, err := access.Secret()
	if err != nil {
		return Drift{}, err
	}
	wanted := Credentials{Account: secret.Username(), Fingerprint: secret.Fingerprint()}
	return Diff(s.desired, s.record.SVMUUID, wanted, s.observed), nil
}

type reporter struct{ *run }

func (r reporter) Report(ctx context.Context, report step.Report) error {
	return r.Status.Report(ctx, r.desired.Namespace, report)
}

// locks are one lock a name. They save work; what prevents twins are names, marks and the placement record.
type locks struct {
	mutex  sync.Mutex
	byName map[string]chan struct{}
}

func (l *locks) acquire(ctx context.Context, name string) (release func(), err error) {
	l.mutex.Lock()
	lock, ok := l.byName[name]
	if !ok {
		if l.byName == nil {
			l.byName = map[string]chan struct{}{}
		}
		lock = make(chan struct{}, 1)
		l.byName[name] = lock
	}
	l.mutex.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for another run on SVM %s: %w", name, context.Cause(ctx))
	}
}
