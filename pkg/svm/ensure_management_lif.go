// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// errNoDataLIF says that EnsureDataLIFs has left nothing to be at home beside.
var errNoDataLIF = errors.New("the SVM has no data LIF")

// ensureManagementLIF makes the SVM have the management LIF of providerConfig, at home beside the first data LIF. No data
// goes through it, so it is the one LIF that may be given another address.
func (s *scope) ensureManagementLIF(ctx context.Context, _ Access, cluster Cluster, svm *Located) (step.Outcome, error) {
	for range maxLIFWrites {
		_, err := s.lifs(ctx, cluster, svm)
		if err != nil {
			return step.Outcome{}, err
		}
		drift := s.diff(cluster)
		management := drift.ManagementLIF
		switch {
		case len(management.Missing) == 0:
			if err = s.correctLIFs(ctx, cluster, management); err == nil {
				err = s.recordLIFs(ctx, drift)
			}
			return step.Done(), err
		case len(management.Surplus) > 0:
			err = s.moveLIF(ctx, cluster, management.Surplus[0], management.Missing[0])
		case len(drift.DataLIFs.Kept) == 0:
			err = errNoDataLIF
		default:
			err = s.createLIF(ctx, cluster, svm, managementLIF, drift.DataLIFs.Kept[0].HomeNode, management.Missing[0])
		}
		if err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Outcome{}, errLIFsUnstable
}

// moveLIF gives the management LIF another address.
func (s *scope) moveLIF(ctx context.Context, cluster Cluster, lif ontap.IPInterface, wanted WantedLIF) error {
	address, err := s.prefix(ctx, cluster, wanted)
	if err != nil {
		return err
	}
	s.observed.lifs.drop()
	change := ontap.IPInterfaceChange{Address: &address, WithinSubnet: wanted.Network.Mode == configv1alpha1.NetworkModeSubnet}
	err = cluster.IPInterfaces.Modify(ctx, lif.UUID, change)
	return wishing(err, v1alpha1.ReasonAddressRejected, "giving LIF %s of SVM %s the address %s", lif.Name, lif.SVMName, wanted.Address)
}

// recordLIFs notes which LIFs the SVM has.
func (s *scope) recordLIFs(ctx context.Context, drift Drift) error {
	var lifs []v1alpha1.LIFStatus
	for _, lif := range append(drift.DataLIFs.Kept, drift.ManagementLIF.Kept...) {
		lifs = append(lifs, v1alpha1.LIFStatus{Name: lif.Name, Address: lif.Address.String(), HomeNode: lif.HomeNode})
	}
	return s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.LIFs = lifs })
}
