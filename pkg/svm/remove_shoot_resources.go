// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// removeShootResources takes what the shoot has for the SVM out of a shoot that lives on. In a shoot that goes no driver
// runs any more that could let go of its objects: they go with the shoot's etcd.
func (s *scope) removeShootResources(ctx context.Context, _ Access) (step.Outcome, error) {
	remove := s.shoots.Remove
	if s.desired.ShootDeleting {
		remove = s.shoots.Leave
	}
	outcome, err := step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		remaining, err := remove(ctx, s.desired.Namespace)
		if err != nil || remaining == "" || s.desired.Forced {
			return step.Done(), err
		}
		return step.Wait(lookAgain, v1alpha1.ReasonShootResourcesRemaining, remaining), nil
	})
	if err != nil || outcome.Kind == step.KindWaiting {
		return outcome, err
	}
	return outcome, s.shoots.Forget(ctx, s.desired.Namespace)
}
