// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import "context"

// NodeService reads /cluster/nodes.
type NodeService struct{ client *Client }

// Node is a node of the cluster.
type Node struct {
	UUID, Name, State string
	// Version is the release that the node runs.
	Version Version
	// Partners are the names of the nodes that take over for this one; none on a cluster without HA.
	Partners []string
	// InMetroCluster is whether the node belongs to a MetroCluster.
	InMetroCluster bool
}

// List returns all nodes.
func (s *NodeService) List(ctx context.Context) ([]Node, error) {
	return list[wireNode](ctx, s.client, "/cluster/nodes", "uuid,name,state,version,ha.partners,metrocluster.type", nil)
}

type wireNode struct {
	UUID    string  `json:"uuid"`
	Name    string  `json:"name"`
	State   string  `json:"state"`
	Version Version `json:"version"`
	HA      struct {
		Partners []wireName `json:"partners"`
	} `json:"ha"`
	MetroCluster struct {
		Type string `json:"type"`
	} `json:"metrocluster"`
}

func (w wireNode) read() Node {
	return Node{
		UUID: w.UUID, Name: w.Name, State: w.State, Version: w.Version, Partners: names(w.HA.Partners), InMetroCluster: w.MetroCluster.Type != "",
	}
}

// wireName is a reference to an object by name.
type wireName struct {
	Name string `json:"name,omitempty"`
}

// wireUUID is a reference to an object by UUID.
type wireUUID struct {
	UUID string `json:"uuid"`
}

// names returns the names of references.
func names(references []wireName) []string {
	var found []string
	for _, reference := range references {
		found = append(found, reference.Name)
	}
	return found
}
