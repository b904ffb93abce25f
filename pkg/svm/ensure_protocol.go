// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// ensureProtocol makes the SVM serve the protocol of the shoot, and lets its administrator manage no other.
func (s *scope) ensureProtocol(ctx context.Context, access Access) (step.Outcome, error) {
	return step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		svm, cluster, err := s.existing(ctx, access)
		if err != nil {
			return step.Outcome{}, err
		}
		switch drift := s.diff(cluster); {
		case drift.Allowed:
			outcome, err := s.modifySVM(ctx, cluster, svm, ontap.SVMChange{Protocol: protocols[s.desired.Protocol].name})
			return again(outcome), doing(err, "allowing SVM %s no protocol but %s", svm.Name, s.desired.Protocol)
		case drift.ServiceDown:
			return again(step.Done()), s.startService(ctx, cluster, svm)
		}
		return step.Done(), s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.Protocol = s.desired.Protocol })
	})
}

// startService makes the SVM's service for the protocol. One that exists was switched off by somebody, which is an
// administrative state.
func (s *scope) startService(ctx context.Context, cluster Cluster, svm *Located) error {
	key := protocols[s.desired.Protocol].name
	s.forgetSVM()
	err := cluster.Protocols.CreateService(ctx, key, svm.UUID)
	if ontap.IsExists(err) {
		if !s.desired.CorrectAdminState {
			return humanNeeded(v1alpha1.ReasonProtocolDisabled, "%s of SVM %s is switched off", s.desired.Protocol, svm.Name)
		}
		err = cluster.Protocols.SetEnabled(ctx, key, svm.UUID, true)
	}
	return doing(err, "serving %s from SVM %s", s.desired.Protocol, svm.Name)
}
