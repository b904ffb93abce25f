// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	reconcilerutils "github.com/gardener/gardener/pkg/controllerutils/reconciler"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// forceDeleteTimeout bounds what ForceDelete tries: gardenlet gives all Extensions together five minutes.
const forceDeleteTimeout = 2 * time.Minute

// Keeper keeps the SVMs of shoots.
type Keeper interface {
	Reconcile(context.Context, svm.Desired) (step.Report, error)
	Delete(context.Context, svm.Desired) (step.Report, error)
}

// Actuator answers the five verbs of Gardener's Extension controller.
type Actuator struct {
	reader         client.Reader
	keeper         Keeper
	gardenIdentity string
	decoder        runtime.Decoder
}

// NewActuator returns an Actuator that reads Clusters from reader, which may be a cache.
func NewActuator(reader client.Reader, keeper Keeper, gardenIdentity string) (*Actuator, error) {
	scheme := runtime.NewScheme()
	if err := ontapv1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder(ontapv1alpha1.SchemeGroupVersion)
	return &Actuator{reader: reader, keeper: keeper, gardenIdentity: gardenIdentity, decoder: decoder}, nil
}

// Reconcile makes the shoot's SVM and keeps it.
func (a *Actuator) Reconcile(ctx context.Context, _ logr.Logger, extension *extensionsv1alpha1.Extension) error {
	desired, err := a.desired(ctx, extension)
	if err != nil {
		return err
	}
	err = conclude(a.keeper.Reconcile(ctx, desired))
	if waiting, ok := errors.AsType[*reconcilerutils.RequeueAfterError](err); ok {
		// For this one verb Gardener v1.149.3 replaces the time of the requeue by its resync period, which is none:
		// the Extension would never be looked at again. An ordinary error is retried with backoff.
		return waiting.Cause
	}
	return err
}

// Delete takes the SVM and the seed secret away.
func (a *Actuator) Delete(ctx context.Context, _ logr.Logger, extension *extensionsv1alpha1.Extension) error {
	desired, err := a.identity(ctx, extension)
	if err != nil {
		return err
	}
	return conclude(a.keeper.Delete(ctx, desired))
}

// ForceDelete is Delete as far as ONTAP answers within two minutes. It always succeeds, as Gardener asks; what is left
// is in the log, since the Extension is gone afterwards.
func (a *Actuator) ForceDelete(ctx context.Context, log logr.Logger, extension *extensionsv1alpha1.Extension) error {
	ctx, cancel := context.WithTimeout(ctx, forceDeleteTimeout)
	defer cancel()
	if err := a.Delete(ctx, log, extension); err != nil {
		log.Info("Forced deletion ends with the SVM possibly left on ONTAP", "reason", err.Error())
	}
	return nil
}

// Migrate leaves everything as it is: the SVM and its data stay on ONTAP, gardenlet carries the seed secret over, and
// nothing of ours stands in the way of the control plane.
func (a *Actuator) Migrate(context.Context, logr.Logger, *extensionsv1alpha1.Extension) error {
	return nil
}

// Restore is Reconcile that may take an SVM of this garden and shoot over from the seed that the shoot came from.
func (a *Actuator) Restore(ctx context.Context, _ logr.Logger, extension *extensionsv1alpha1.Extension) error {
	desired, err := a.desired(ctx, extension)
	if err != nil {
		return err
	}
	desired.TakeOver = true
	return conclude(a.keeper.Reconcile(ctx, desired))
}

// desired reads what the SVM should be. A providerConfig that is not understood is the shoot owner's to mend, and
// nothing is changed before.
func (a *Actuator) desired(ctx context.Context, extension *extensionsv1alpha1.Extension) (svm.Desired, error) {
	if config := extension.Spec.ProviderConfig; config != nil {
		if err := runtime.DecodeInto(a.decoder, config.Raw, &ontapv1alpha1.SVMConfig{}); err != nil {
			err = fmt.Errorf("spec.providerConfig is not an SVMConfig of %s: %w", ontapv1alpha1.SchemeGroupVersion, err)
			return svm.Desired{}, v1beta1helper.NewErrorWithCodes(err, gardencorev1beta1.ErrorConfigurationProblem)
		}
	}
	return a.identity(ctx, extension)
}

// identity reads whose SVM it is.
func (a *Actuator) identity(ctx context.Context, extension *extensionsv1alpha1.Extension) (svm.Desired, error) {
	cluster, err := extensionscontroller.GetCluster(ctx, a.reader, extension.Namespace)
	if err != nil {
		return svm.Desired{}, fmt.Errorf("reading Cluster %s: %w", extension.Namespace, err)
	}
	shoot, seed := cluster.Shoot, cluster.Seed
	if shoot == nil || seed == nil || shoot.Status.UID == "" || shoot.Status.TechnicalID == "" {
		return svm.Desired{}, fmt.Errorf("the Cluster %s has no shoot with status.uid and status.technicalID, or no seed", extension.Namespace)
	}
	return svm.Desired{
		Namespace:      extension.Namespace,
		ShootName:      shoot.Name,
		ShootUID:       string(shoot.Status.UID),
		TechnicalID:    shoot.Status.TechnicalID,
		GardenIdentity: a.gardenIdentity,
		SeedName:       seed.Name,
	}, nil
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
