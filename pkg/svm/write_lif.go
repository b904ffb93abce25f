// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"
	"slices"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// bgpUp is the state of a BGP peer group with a session.
const bgpUp = "up"

// createLIF makes a LIF with the given home. The record that ONTAP returns is what the steps after this one see. That name
// or address exist is looked into: it may be our own earlier write.
func (s *scope) createLIF(ctx context.Context, cluster Cluster, svm *Located, name, home string, lif WantedLIF) error {
	address, err := s.prefix(ctx, cluster, lif)
	if err != nil {
		return err
	}
	create := ontap.IPInterfaceCreate{
		SVMUUID: svm.UUID, Name: name, Address: address, ServicePolicy: lif.Policy, HomeNode: home,
		// A network has the names that its mode needs, and no others.
		BroadcastDomain: lif.Network.BroadcastDomain, HomePort: lif.Network.HomePort,
		VIP: lif.Network.Mode == configv1alpha1.NetworkModeVIP, WithinSubnet: lif.Network.Mode == configv1alpha1.NetworkModeSubnet,
	}
	if create.VIP {
		if err := s.requireBGP(ctx, cluster, home); err != nil {
			return err
		}
	}
	before, err := s.lifs(ctx, cluster, svm)
	if err != nil {
		return err
	}
	s.observed.lifs.drop()
	made, err := cluster.IPInterfaces.Create(ctx, create)
	if ontap.IsExists(err) {
		return s.explainExisting(ctx, cluster, svm, lif, err)
	}
	if err != nil {
		return wishing(err, v1alpha1.ReasonAddressRejected, "making LIF %s (%s) of SVM %s", name, lif.Address, svm.Name)
	}
	s.observed.lifs.set(append(slices.Clone(before), made))
	return nil
}

// explainExisting returns nil if the address is the SVM's after all.
func (s *scope) explainExisting(ctx context.Context, cluster Cluster, svm *Located, lif WantedLIF, exists error) error {
	lifs, err := s.lifs(ctx, cluster, svm)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(lifs, func(other ontap.IPInterface) bool { return other.Address == lif.Address }) {
		return nil
	}
	if err := refuseTaken(ctx, cluster, svm, []WantedLIF{lif}); err != nil {
		return err
	}
	return fmt.Errorf("making a LIF with address %s: %w", lif.Address, exists)
}

// requireBGP makes sure that a virtual IP address can be announced from its home node.
func (s *scope) requireBGP(ctx context.Context, cluster Cluster, node string) error {
	groups, err := cluster.BGPPeerGroups.List(ctx, cluster.Settings.IPspace)
	if err != nil {
		return fmt.Errorf("listing the BGP peer groups of cluster %q: %w", cluster.Name(), err)
	}
	if !slices.ContainsFunc(groups, func(group ontap.BGPPeerGroup) bool { return group.Node == node && group.State == bgpUp }) {
		return humanNeeded(v1alpha1.ReasonBGPPeerDown, "node %s of cluster %q has no BGP session, so it cannot announce a virtual IP address", node, cluster.Name())
	}
	return nil
}

// deleteLIF switches a LIF off and deletes it.
func (s *scope) deleteLIF(ctx context.Context, cluster Cluster, lif ontap.IPInterface) error {
	s.observed.lifs.drop()
	if lif.Enabled {
		err := cluster.IPInterfaces.Modify(ctx, lif.UUID, ontap.IPInterfaceChange{Enabled: new(false)})
		if ontap.IgnoreNotFound(err) != nil {
			return doing(err, "switching LIF %s off", lif.Name)
		}
	}
	err := ontap.IgnoreNotFound(cluster.IPInterfaces.Delete(ctx, lif.UUID))
	return doing(err, "deleting LIF %s", lif.Name)
}

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
