// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// ensureRoutes makes the routes of the networks that are missing. It removes none: whose a route is cannot be seen, and
// ONTAP makes some of its own.
func (s *scope) ensureRoutes(ctx context.Context, _ Access, cluster Cluster, svm *Located) (step.Outcome, error) {
	if len(s.wanted(cluster).routes()) == 0 {
		return step.Skipped("NoRoutes"), nil
	}
	if _, err := s.routes(ctx, cluster, svm); err != nil {
		return step.Outcome{}, err
	}
	for _, route := range s.diff(cluster).MissingRoutes {
		s.observed.routes.drop()
		// That the route exists means that an earlier write of ours had its effect.
		if err := cluster.Routes.Create(ctx, svm.UUID, route); err != nil && !ontap.IsExists(err) {
			return step.Outcome{}, fmt.Errorf("making the route to %s by %s for SVM %s: %w", route.Destination, route.Gateway, svm.Name, err)
		}
	}
	return step.Done(), nil
}
