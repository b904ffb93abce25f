// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import "context"

// BroadcastDomainService reads /network/ethernet/broadcast-domains.
type BroadcastDomainService struct{ client *Client }

// BroadcastDomain is a set of ports that hear each other.
type BroadcastDomain struct {
	Name string
	// Nodes are the names of the nodes with a port in it.
	Nodes []string
}

// List returns the broadcast domains of an IPspace.
func (s *BroadcastDomainService) List(ctx context.Context, ipspace string) ([]BroadcastDomain, error) {
	return list[wireBroadcastDomain](ctx, s.client, "/network/ethernet/broadcast-domains", "name,ports", filter{"ipspace.name": exact(ipspace)})
}

// PortService reads /network/ethernet/ports.
type PortService struct{ client *Client }

// Port is a port of a node.
type Port struct{ Name, Node string }

// ListByName returns the ports of this name, at most one of each node.
func (s *PortService) ListByName(ctx context.Context, name string) ([]Port, error) {
	return list[wirePort](ctx, s.client, "/network/ethernet/ports", "name,node.name", filter{"name": exact(name)})
}

type wireBroadcastDomain struct {
	Name  string     `json:"name"`
	Ports []wirePort `json:"ports"`
}

func (w wireBroadcastDomain) read() BroadcastDomain {
	domain := BroadcastDomain{Name: w.Name}
	for _, port := range w.Ports {
		domain.Nodes = append(domain.Nodes, port.Node.Name)
	}
	return domain
}

type wirePort struct {
	Name string   `json:"name"`
	Node wireName `json:"node"`
}

func (w wirePort) read() Port { return Port{Name: w.Name, Node: w.Node.Name} }
