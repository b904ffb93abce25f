// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package repair

import (
	"context"
	"errors"
	"fmt"
	"time"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// Cause is why a shoot is looked at.
type Cause string

const (
	// CauseSecret is a change of the seed secret, by whomever.
	CauseSecret Cause = "Secret"
	// CauseRetry is a repair that has not ended well.
	CauseRetry Cause = "Retry"
	// CauseSweep is drift that a sweep has found.
	CauseSweep Cause = "Sweep"
)

// Request asks for a look at the shoot with this namespace, or for a sweep where it is empty.
type Request struct {
	Namespace string
	Cause     Cause
}

// Keeper keeps the SVMs of shoots.
type Keeper interface {
	TryReconcile(context.Context, svm.Repair) (step.Report, svm.Finding, error)
}

// Metrics counts what repair does.
type Metrics interface {
	// CountRepair counts one look at a shoot by its cause and what it came to.
	CountRepair(cause, result string)
	// SetSwept tells how many shoots a sweep has found to be what.
	SetSwept(finding string, shoots int)
	// BeginSweeps tells that sweeps begin now, and how often they come.
	BeginSweeps(now time.Time, interval time.Duration)
	// ObserveSweep replaces what is shown of clusters, by name, and of SVMs, by the namespaces of shoots, by what a complete sweep
	// has seen that began at this time.
	ObserveSweep(at time.Time, clusters map[string]svm.ClusterState, shoots map[string]svm.State)
}

// Health remembers what sweeps have found out about the health of SVMs.
type Health interface {
	// Begin tells that sweeps begin now, the first one within an interval.
	Begin(now time.Time)
	// Observe replaces what is remembered by what a complete sweep has seen, by the namespaces of shoots. It has no verdict on
	// shoots that it left alone.
	Observe(at time.Time, verdicts map[string]svm.Verdict)
}

// Options is what a Reconciler is made of; every field is required.
type Options struct {
	// Cached may answer from a cache; Uncached must not.
	Cached, Uncached client.Reader
	Secrets          *seedsecret.Store
	Keeper           Keeper
	Inventory        *svm.Inventory
	Metrics          Metrics
	Health           Health
	Clock            clock.PassiveClock
	Config           *configv1alpha1.ControllerConfiguration
}

// Reconciler repairs one shoot, or finds out which have to be. It is the source of its own requests as well.
type Reconciler struct {
	options Options
	queue   workqueue.TypedRateLimitingInterface[Request]
}

// NewReconciler returns a Reconciler; it does no I/O.
func NewReconciler(options Options) (*Reconciler, error) {
	if options.Cached == nil || options.Uncached == nil || options.Secrets == nil || options.Keeper == nil || options.Inventory == nil ||
		options.Metrics == nil || options.Health == nil || options.Clock == nil || options.Config == nil {
		return nil, errors.New("repair needs two readers, seed secrets, a keeper, an inventory, metrics, health, a clock and a configuration")
	}
	return &Reconciler{options: options}, nil
}

// Start asks for the first sweep, half an interval after the process has started at the earliest: a restart is no reason to
// look at everything.
func (r *Reconciler) Start(_ context.Context, queue workqueue.TypedRateLimitingInterface[Request]) error {
	r.queue = queue
	r.options.Health.Begin(r.options.Clock.Now())
	r.options.Metrics.BeginSweeps(r.options.Clock.Now(), r.options.Config.RepairInterval.Duration)
	queue.AddAfter(Request{Cause: CauseSweep}, wait.Jitter(r.options.Config.RepairInterval.Duration/2, 1))
	return nil
}

// lookAgain is when to look again at a shoot that somebody else is at.
const lookAgain = 250 * time.Millisecond

// Reconcile looks at one shoot, or sweeps. What a look that was caused by a sweep could not repair is left to the next sweep;
// so is what only a human can.
func (r *Reconciler) Reconcile(ctx context.Context, request Request) (reconcile.Result, error) {
	if request.Namespace == "" {
		return r.sweep(ctx)
	}
	report, finding, err := r.repair(ctx, request)
	waiting, unfinished := report.Waiting()
	result, retry := string(finding), Request{request.Namespace, CauseRetry}
	switch {
	case err != nil:
		result = "Failed"
	case unfinished:
		result = string(step.KindWaiting)
		r.queue.AddAfter(retry, wait.Jitter(waiting.After, 0.1))
	case finding == svm.FindingBusy:
		r.queue.AddAfter(request, wait.Jitter(lookAgain, 1))
	}
	r.options.Metrics.CountRepair(string(request.Cause), result)
	again := err != nil && request.Cause != CauseSweep && svm.FailureOf(err).Class != svm.ClassHuman
	switch {
	case again && request.Cause == CauseRetry:
		return reconcile.Result{}, err
	case again:
		r.queue.AddRateLimited(retry)
	}
	if err != nil {
		logr.FromContextOrDiscard(ctx).Error(err, "Could not repair what was lost", "namespace", request.Namespace, "cause", request.Cause)
	}
	return reconcile.Result{}, nil
}

func (r *Reconciler) repair(ctx context.Context, request Request) (step.Report, svm.Finding, error) {
	cluster, err := extensionscontroller.GetCluster(ctx, r.options.Cached, request.Namespace)
	switch {
	case apierrors.IsNotFound(err):
		return step.Report{}, svm.FindingExcluded, nil
	case err != nil:
		return step.Report{}, svm.FindingUnknown, fmt.Errorf("reading Cluster %s: %w", request.Namespace, err)
	case cluster.Shoot == nil:
		return step.Report{}, svm.FindingExcluded, nil
	}
	return r.options.Keeper.TryReconcile(ctx, svm.Repair{
		SVMName: svm.Identity{ShootUID: string(cluster.Shoot.Status.UID)}.SVMName(),
		Drifted: request.Cause != CauseSecret,
		Look: func(ctx context.Context) (svm.Desired, bool, error) {
			return r.look(ctx, request.Namespace)
		},
	})
}
