// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// ensureShootResources makes the shoot have what it needs to use the SVM, and waits until that is applied. It does not wait
// for the driver, which needs nodes, and for nothing in a shoot that hibernates. Whoever changes in the shoot what was applied
// there, again and again, harms that shoot alone and stops nothing.
func (s *scope) ensureShootResources(ctx context.Context, _ Access, cluster Cluster, _ *Located) (step.Outcome, error) {
	content := ShootContent{
		Desired: s.desired, Credentials: s.secret, CredentialsOnly: s.repairing,
		ReachableFrom: cluster.Settings.Zones, QoSPolicies: s.desired.qosPolicies(cluster.Settings),
	}
	pass := s.shoots.Ensure(content)
	outcome, err := step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		view, err := pass(ctx)
		if err != nil {
			return step.Outcome{}, err // what was seen before still holds
		}
		s.shoot = view
		switch {
		case view.Pending != "":
			return step.Wait(lookAgain, v1alpha1.ReasonShootResourcesPending, view.Pending), nil
		case view.Altered != "":
			return step.Wait(lookAgain, v1alpha1.ReasonShootResourcesAltered, view.Altered), nil
		}
		return step.Done(), nil
	})
	switch {
	case err == nil && outcome.Reason == v1alpha1.ReasonShootResourcesAltered:
		return step.Postpone(outcome.Reason, outcome.Message), nil
	case err != nil || outcome.Kind == step.KindWaiting:
		return outcome, err
	case s.desired.Hibernated:
		return step.Postpone(v1alpha1.ReasonHibernated, "what the shoot needs stands ready in the seed; nothing is known of it until it wakes up"), nil
	case s.shoot.Unseen != "":
		return step.Postpone(v1alpha1.ReasonShootUnreachable, s.shoot.Unseen), nil
	}
	if err := s.rememberShootAccount(ctx, s.secret.Username()); err != nil {
		return step.Outcome{}, err
	}
	if !s.shoot.Bound {
		return step.Postpone(v1alpha1.ReasonBackendNotBound, s.shoot.Backend), nil
	}
	if s.shoot.Unprepared != "" {
		return step.Postpone(v1alpha1.ReasonNodesUnprepared, s.shoot.Unprepared), nil
	}
	return step.Done(), nil
}

// rememberShootAccount records since when the shoot has the credentials of the account.
func (s *scope) rememberShootAccount(ctx context.Context, name string) error {
	return s.remember(ctx, func(record *v1alpha1.SVMStatus) {
		if record.ShootAccount == nil || record.ShootAccount.Name != name {
			now := metav1.NewTime(s.Clock.Now())
			record.ShootAccount = &v1alpha1.ShootAccount{Name: name, Since: now.Rfc3339Copy()}
		}
	})
}
