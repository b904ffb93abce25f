// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"errors"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	reconcilerutils "github.com/gardener/gardener/pkg/controllerutils/reconciler"
	"github.com/go-logr/logr"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	// forceDeleteTimeout bounds what ForceDelete tries: gardenlet gives all Extensions together five minutes.
	forceDeleteTimeout = 2 * time.Minute
	// migrateTimeout bounds the wait for our ManagedResources to go.
	migrateTimeout = 2 * time.Minute
	// confirmPathLoss, set to true on an Extension, lets data LIFs go while hosts are connected through them.
	confirmPathLoss = "ontap.extensions.gardener.cloud/confirm-path-loss"
)

// Keeper keeps the SVMs of shoots.
type Keeper interface {
	Reconcile(context.Context, svm.Desired) (step.Report, error)
	Delete(context.Context, svm.Desired) (step.Report, error)
}

// Shoots lets go of what stands in shoots.
type Shoots interface {
	Leave(ctx context.Context, namespace string) (remaining string, err error)
}

// Options is what an Actuator is made of; every field is required.
type Options struct {
	// Reader reads Clusters and may be a cache.
	Reader client.Reader
	Shoots Shoots
	Keeper Keeper
	// Status is the one that the keeper reports to.
	Status *Status
	Clock  clock.Clock
	Config *configv1alpha1.ControllerConfiguration
}

// Actuator answers the five verbs of Gardener's Extension controller.
type Actuator struct{ options Options }

// NewActuator returns an Actuator; it does no I/O.
func NewActuator(options Options) (*Actuator, error) {
	if options.Reader == nil || options.Shoots == nil || options.Keeper == nil || options.Status == nil ||
		options.Clock == nil || options.Config == nil {
		return nil, errors.New("an actuator needs a reader, shoots, a keeper, a status, a clock and a configuration")
	}
	return &Actuator{options: options}, nil
}

// Reconcile makes the shoot's SVM and keeps it. An outage of ONTAP in which nothing new is to be done does not fail it.
func (a *Actuator) Reconcile(ctx context.Context, log logr.Logger, extension *extensionsv1alpha1.Extension) error {
	desired, err := a.desired(ctx, extension)
	if err != nil {
		return err
	}
	report, err := a.options.Keeper.Reconcile(ctx, desired)
	if outage, ok := errors.AsType[*svm.OutageError](err); ok {
		log.Info("ONTAP could not or may not be asked, and nothing new is to be done", "reason", outage.Reason, "cause", outage.Error())
		a.options.Status.Metrics.CountTolerated(outage.Reason)
		return nil
	}
	err = conclude(report, err)
	if waiting, ok := errors.AsType[*reconcilerutils.RequeueAfterError](err); ok {
		// For this one verb Gardener v1.149.3 replaces the time of the requeue by its resync period, which is none:
		// the Extension would never be looked at again. An ordinary error is retried with backoff.
		return waiting.Cause
	}
	return err
}

// Delete takes the SVM and the seed secret away. A providerConfig that is not valid is no obstacle.
func (a *Actuator) Delete(ctx context.Context, _ logr.Logger, extension *extensionsv1alpha1.Extension) error {
	cluster, err := a.cluster(ctx, extension)
	if err != nil {
		return err
	}
	desired, err := identity(a.options.Config, extension, cluster)
	if err != nil {
		return err
	}
	if wishes, err := wishes(a.options.Config, extension, cluster.Shoot); err == nil {
		desired.Wishes = wishes
	}
	if err := conclude(a.options.Keeper.Delete(ctx, desired)); err != nil {
		return err
	}
	a.options.Status.Forget(extension.Namespace)
	return nil
}

// ForceDelete is Delete as far as ONTAP answers within two minutes. It always succeeds, as Gardener asks; what is left
// is in the log, since the Extension is gone afterwards.
func (a *Actuator) ForceDelete(ctx context.Context, log logr.Logger, extension *extensionsv1alpha1.Extension) error {
	ctx, cancel := context.WithTimeout(ctx, forceDeleteTimeout)
	defer cancel()
	defer a.options.Status.Forget(extension.Namespace)
	if err := a.Delete(ctx, log, extension); err != nil {
		log.Info("Forced deletion ends with the SVM possibly left on ONTAP", "reason", err.Error())
	}
	return nil
}

// Restore is Reconcile that may take an SVM of this garden and shoot over from the seed that the shoot came from.
func (a *Actuator) Restore(ctx context.Context, _ logr.Logger, extension *extensionsv1alpha1.Extension) error {
	desired, err := a.desired(ctx, extension)
	if err != nil {
		return err
	}
	desired.TakeOver = true
	return conclude(a.options.Keeper.Reconcile(ctx, desired))
}

// Migrate takes our ManagedResources out of the seed, and leaves their objects in the shoot: gardenlet waits until no
// ManagedResource is left. Nothing else is touched: the SVM and its data stay on ONTAP, and gardenlet carries the seed
// secret over.
func (a *Actuator) Migrate(ctx context.Context, _ logr.Logger, extension *extensionsv1alpha1.Extension) error {
	if paused(extension) {
		return svm.ErrPaused
	}
	ctx, cancel := context.WithTimeout(ctx, migrateTimeout)
	defer cancel()
	outcome, err := step.Poll(ctx, a.options.Clock, func(ctx context.Context) (step.Outcome, error) {
		remaining, err := a.options.Shoots.Leave(ctx, extension.Namespace)
		if err != nil || remaining == "" {
			return step.Done(), err
		}
		return step.Wait(time.Minute, ontapv1alpha1.ReasonShootResourcesRemaining, remaining), nil
	})
	if err == nil && outcome.Kind == step.KindWaiting {
		err = errors.New("ManagedResources do not go: " + outcome.Message)
	}
	if err == nil {
		a.options.Status.Forget(extension.Namespace)
	}
	return err
}

// conclude turns the end of a run into what Gardener's controller understands. A requeue has to be the outermost error
// and bare; Gardener shows it as an error, so it carries what is waited for.
func conclude(report step.Report, err error) error {
	if err != nil {
		return v1beta1helper.NewErrorWithCodes(err, verdictOf(err).codes...)
	}
	if waiting, ok := report.Waiting(); ok {
		return &reconcilerutils.RequeueAfterError{Cause: errors.New(waiting.Message), RequeueAfter: waiting.After}
	}
	return nil
}
