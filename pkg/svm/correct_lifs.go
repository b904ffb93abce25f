// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// correctLIFs gives LIFs the service policy that they should have, and switches them on if administrative states are to be
// corrected.
func (s *scope) correctLIFs(ctx context.Context, cluster Cluster, drift LIFDrift) error {
	for _, lif := range drift.MisServed {
		s.observed.lifs.drop()
		if err := cluster.IPInterfaces.Modify(ctx, lif.UUID, ontap.IPInterfaceChange{ServicePolicy: drift.Policy}); err != nil {
			return fmt.Errorf("correcting the service policy of LIF %s: %w", lif.Name, err)
		}
	}
	for _, lif := range drift.Disabled {
		if !s.desired.CorrectAdminState {
			return humanNeeded(v1alpha1.ReasonLIFDisabled, "LIF %s (%s) of SVM %s is switched off", lif.Name, lif.Address, lif.SVMName)
		}
		s.observed.lifs.drop()
		if err := cluster.IPInterfaces.Modify(ctx, lif.UUID, ontap.IPInterfaceChange{Enabled: new(true)}); err != nil {
			return fmt.Errorf("switching LIF %s on: %w", lif.Name, err)
		}
	}
	return nil
}
