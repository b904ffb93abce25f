// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import "context"

// BGPPeerGroupService reads /network/ip/bgp/peer-groups.
type BGPPeerGroupService struct{ client *Client }

// BGPPeerGroup is a BGP session of a node with a router.
type BGPPeerGroup struct {
	Name string
	// State is up or down.
	State string
	// Node is the node that the session starts from.
	Node string
}

// List returns the sessions in an IPspace.
func (s *BGPPeerGroupService) List(ctx context.Context, ipspace string) ([]BGPPeerGroup, error) {
	return list[wireBGPPeerGroup](ctx, s.client, "/network/ip/bgp/peer-groups", "name,state,local.port.node.name", filter{"ipspace.name": exact(ipspace)})
}

type wireBGPPeerGroup struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Local struct {
		Port struct {
			Node wireName `json:"node"`
		} `json:"port"`
	} `json:"local"`
}

func (w wireBGPPeerGroup) read() BGPPeerGroup {
	return BGPPeerGroup{Name: w.Name, State: w.State, Node: w.Local.Port.Node.Name}
}
