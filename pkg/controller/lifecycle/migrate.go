// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"errors"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"github.com/go-logr/logr"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// migrateTimeout bounds the wait for our ManagedResources to go.
const migrateTimeout = 2 * time.Minute

// Migrate takes our ManagedResources out of the seed, and leaves their objects in the shoot: gardenlet waits until no
// ManagedResource is left. Nothing else is touched: the SVM and its data stay on ONTAP, and gardenlet carries the seed
// secret over.
func (a *Actuator) Migrate(ctx context.Context, _ logr.Logger, extension *extensionsv1alpha1.Extension) error {
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
