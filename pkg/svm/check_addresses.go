// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// checkAddresses makes sure, before anything is made, that nobody else has the addresses that no LIF of the SVM has yet.
// It only looks.
func (s *scope) checkAddresses(ctx context.Context, access Access) (step.Outcome, error) {
	svm, cluster, err := s.locatedOrTarget(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	wanted := s.wanted(cluster)
	missing := append(wanted.dataLIFs(), wanted.managementLIF())
	if svm != nil {
		lifs, err := s.lifs(ctx, cluster, svm)
		if err != nil {
			return step.Outcome{}, err
		}
		data, management := diffLIFs(wanted, lifs)
		missing = slices.Concat(data.Missing, management.Missing)
	}
	if len(missing) == 0 {
		return step.Skipped("InPlace"), nil
	}
	for _, one := range missing {
		if _, err := s.prefix(ctx, cluster, one); err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Done(), refuseTaken(ctx, cluster, svm, missing)
}

// locatedOrTarget returns the SVM and its cluster, or nil and the cluster where it is to be made.
func (s *scope) locatedOrTarget(ctx context.Context, access Access) (*Located, Cluster, error) {
	svm, err := s.svm(ctx, access)
	if err != nil {
		return nil, Cluster{}, err
	}
	if svm != nil {
		cluster, err := access.Cluster(svm.Cluster)
		return svm, cluster, err
	}
	_, cluster, err := s.targetCluster(ctx, access)
	return nil, cluster, err
}

func refuseTaken(ctx context.Context, cluster Cluster, svm *Located, missing []WantedLIF) error {
	var addresses []netip.Addr
	for _, one := range missing {
		addresses = append(addresses, one.Address)
	}
	holders, err := cluster.IPInterfaces.ListByAddress(ctx, addresses)
	if err != nil {
		return fmt.Errorf("looking for LIFs that have the addresses: %w", err)
	}
	i := slices.IndexFunc(holders, func(lif ontap.IPInterface) bool { return svm == nil || lif.SVMUUID != svm.UUID })
	if i < 0 {
		return nil
	}
	holder := "the cluster"
	if holders[i].SVMName != "" {
		holder = "SVM " + holders[i].SVMName
	}
	return unsuitable(v1alpha1.ReasonAddressTaken, "address %s belongs to LIF %s of %s on cluster %q",
		holders[i].Address, holders[i].Name, holder, cluster.Name())
}

// prefix returns address and prefix length of a LIF. In the mode Subnet both are up to ONTAP's subnet.
func (s *scope) prefix(ctx context.Context, cluster Cluster, lif WantedLIF) (netip.Prefix, error) {
	if lif.Network.Mode != configv1alpha1.NetworkModeSubnet {
		return netip.PrefixFrom(lif.Address, lif.Network.PrefixLength(lif.Address)), nil
	}
	subnet, err := cluster.Subnets.Find(ctx, lif.Network.Subnet, cluster.Settings.IPspace)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("looking for subnet %q: %w", lif.Network.Subnet, err)
	}
	if !subnet.Contains(lif.Address) {
		return netip.Prefix{}, unsuitable(v1alpha1.ReasonAddressRejected, "address %s is not in the ranges of subnet %q on cluster %q",
			lif.Address, subnet.Name, cluster.Name())
	}
	return netip.PrefixFrom(lif.Address, subnet.Prefix.Bits()), nil
}
