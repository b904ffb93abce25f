// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// correctAggregates gives the SVM all online aggregates of the HA pairs that it lives on.
func (s *scope) correctAggregates(ctx context.Context, cluster Cluster, svm *Located) (step.Outcome, error) {
	nodes, err := s.layout(ctx, cluster)
	if err != nil {
		return step.Outcome{}, err
	}
	names := aggregatesOf(nodes.of(svm, s.desired.Identity, len(s.desired.DataLIFs)))
	if len(names) == 0 {
		return step.Outcome{}, noRoom(cluster)
	}
	if err := s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.Aggregates = names }); err != nil {
		return step.Outcome{}, err
	}
	outcome, err := s.modifySVM(ctx, cluster, svm, ontap.SVMChange{Aggregates: names})
	return outcome, doing(err, "correcting the aggregates of SVM %s", svm.Name)
}
