// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// nodes are the names of those with an aggregate that can take an SVM, or of all where there is none.
func (l layout) nodes() []string {
	var roomy, all []string
	for _, pair := range l.pairs {
		all = append(all, pair.nodes...)
		if pair.roomy {
			roomy = append(roomy, pair.nodes...)
		}
	}
	if len(roomy) > 0 {
		return roomy
	}
	return all
}

// networks looks for what the configured networks name, on all nodes that LIFs may have to be on.
func (p *Preflight) networks(ctx context.Context, cluster Cluster, nodes []string) {
	networks := cluster.Settings.Networks
	p.network(ctx, cluster, "Management network", networks.Management, nodes)
	for i, network := range networks.Data {
		p.network(ctx, cluster, fmt.Sprintf("Data network %d", i), network, nodes)
	}
}

func (p *Preflight) network(ctx context.Context, cluster Cluster, name string, network configv1alpha1.Network, nodes []string) {
	what, has, err := nodesWith(ctx, cluster, network)
	lacking := slices.DeleteFunc(slices.Clone(nodes), func(node string) bool { return slices.Contains(has, node) })
	switch {
	case err != nil && !ontap.IsNotFound(err):
		p.unknown(name, err)
	case err != nil:
		p.add(name, CheckMissing, "%s is not there", what)
	case network.Mode != configv1alpha1.NetworkModeSubnet && len(lacking) > 0:
		p.add(name, CheckMissing, "%s is missing on %s", what, strings.Join(lacking, ", "))
	default:
		p.add(name, CheckOK, "%s", what)
	}
}

// nodesWith says what a network names, and which nodes have it. No document says which nodes one of ONTAP's subnets is on.
func nodesWith(ctx context.Context, cluster Cluster, network configv1alpha1.Network) (what string, nodes []string, err error) {
	ipspace := cluster.Settings.IPspace
	switch network.Mode {
	case configv1alpha1.NetworkModeBroadcastDomain:
		what = fmt.Sprintf("broadcast domain %q in IPspace %q", network.BroadcastDomain, ipspace)
		domains, err := cluster.BroadcastDomains.List(ctx, ipspace)
		for _, domain := range domains {
			if domain.Name == network.BroadcastDomain {
				nodes = append(nodes, domain.Nodes...)
			}
		}
		return what, nodes, err
	case configv1alpha1.NetworkModeHomePort:
		ports, err := cluster.Ports.ListByName(ctx, network.HomePort)
		for _, port := range ports {
			nodes = append(nodes, port.Node)
		}
		return fmt.Sprintf("port %q", network.HomePort), nodes, err
	case configv1alpha1.NetworkModeVIP:
		groups, err := cluster.BGPPeerGroups.List(ctx, ipspace)
		for _, group := range groups {
			if group.State == bgpUp {
				nodes = append(nodes, group.Node)
			}
		}
		return fmt.Sprintf("a BGP session in IPspace %q that is up", ipspace), nodes, err
	case configv1alpha1.NetworkModeSubnet:
		_, err := cluster.Subnets.Find(ctx, network.Subnet, ipspace)
		return fmt.Sprintf("subnet %q in IPspace %q", network.Subnet, ipspace), nil, err
	}
	return "", nil, fmt.Errorf("unknown network mode %q", network.Mode)
}
