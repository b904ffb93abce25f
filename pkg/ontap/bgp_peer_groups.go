// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"net/url"
)

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
	records, err := list[wireBGPPeerGroup](ctx, s.client, "/network/ip/bgp/peer-groups", url.Values{
		"fields": {"name,state,local.port.node.name"}, "ipspace.name": {exact(ipspace)},
	})
	if err != nil {
		return nil, err
	}
	var groups []BGPPeerGroup
	for _, r := range records {
		groups = append(groups, BGPPeerGroup{Name: r.Name, State: r.State, Node: r.Local.Port.Node.Name})
	}
	return groups, nil
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
