// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// locateSVM asks every cluster for the shoot's SVM by name. It only looks: found, absent by unanimous answer, or an error
// because a cluster did not answer and nothing was found. What was found must be where the placement record says.
func (s *scope) locateSVM(ctx context.Context, access Access) (step.Outcome, error) {
	placed, err := s.placement(access)
	if err != nil {
		return step.Outcome{}, err
	}
	svm, err := s.svm(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	if svm != nil && placed != "" && svm.Cluster != placed {
		return step.Outcome{}, humanNeeded(v1alpha1.ReasonPlacementConflict,
			"SVM %s is on cluster %q, but the placement record names cluster %q", svm.Name, svm.Cluster, placed)
	}
	return step.Done(), nil
}
