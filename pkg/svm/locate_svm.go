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
	placed, err := s.placement()
	if err != nil {
		return step.Outcome{}, err
	}
	svm, err := s.svm(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	if svm != nil && !svm.standsBy() && placed != "" && svm.Cluster != placed {
		return step.Outcome{}, humanNeeded(v1alpha1.ReasonPlacementConflict,
			"SVM %s is on cluster %q, but the placement record names cluster %q", svm.Name, svm.Cluster, placed)
	}
	return step.Done(), nil
}

// locateOrPlaceSVM is locateSVM, and where no cluster has an SVM of the shoot's name or mark, finds out where one can be
// made. It only looks, too.
func (s *scope) locateOrPlaceSVM(ctx context.Context, access Access) (step.Outcome, error) {
	outcome, err := s.locateSVM(ctx, access)
	if err != nil {
		return outcome, err
	}
	if svm, err := s.svmByAnyName(ctx, access); err != nil || svm != nil {
		return outcome, err
	}
	if s.repairing {
		return step.Outcome{}, s.vanished()
	}
	_, err = s.target(ctx, access)
	return outcome, err
}

// locateToDelete is locateSVM. Where ONTAP cannot be asked, and the seed secret, which knows the cluster before anything is
// made there, proves that nothing was ever begun, there is nothing to find.
func (s *scope) locateToDelete(ctx context.Context, access Access) (step.Outcome, error) {
	outcome, err := s.locateSVM(ctx, access)
	if class := FailureOf(err).Class; err == nil || seenNotNormal(err) || class != ClassOutage && class != ClassDenied {
		return outcome, err
	}
	placed := s.secret.Cluster() + s.record.Status.Cluster + s.record.Applied.Cluster
	if !s.secret.Exists() || placed != "" {
		return outcome, err
	}
	s.untouched = true
	s.observed.svm.set(nil)
	s.observed.marked.set(nil)
	return step.Skipped("NeverBegun"), nil
}
