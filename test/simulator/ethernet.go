// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

// listPorts lists the one port that each node has.
func (s *Simulator) listPorts(q *request) (*answer, *failure) {
	if q.login.svm != "" {
		return nil, s.denied()
	}
	var records []record
	for _, n := range q.cluster.net.nodes {
		records = append(records, record{
			"uuid": uuidOf("port", n.name), "name": homePort, "node.name": n.name, "node.uuid": n.uuid, "state": "up", "enabled": true, "type": "physical",
			"broadcast_domain.name": broadcastDomain, "broadcast_domain.ipspace.name": defaultIPspace,
		})
	}
	return q.collection(resource{
		fields: []string{
			"uuid", "name", "node.name", "node.uuid", "state", "enabled", "type", "broadcast_domain.name", "broadcast_domain.ipspace.name",
		},
		keys: []string{"uuid", "name", "node.name"}, filters: []string{"name", "node.name", "state", "broadcast_domain.name"},
		self: func(r record) string { return "/api/network/ethernet/ports/" + text(r, "uuid") },
	}, records)
}

// listBroadcastDomains lists the one that there is, with the ports of all nodes.
func (s *Simulator) listBroadcastDomains(q *request) (*answer, *failure) {
	if q.login.svm != "" {
		return nil, s.denied()
	}
	var ports []any
	for _, n := range q.cluster.net.nodes {
		ports = append(ports, map[string]any{"uuid": uuidOf("port", n.name), "name": homePort, "node": map[string]any{"name": n.name}})
	}
	return q.collection(resource{
		fields: []string{"uuid", "name", "ipspace.name", "mtu", "ports"}, keys: []string{"uuid", "name"}, filters: []string{"name", "ipspace.name"},
		self: func(r record) string { return "/api/network/ethernet/broadcast-domains/" + text(r, "uuid") },
	}, []record{{
		"uuid": uuidOf("broadcast domain", q.cluster.name), "name": broadcastDomain, "ipspace.name": defaultIPspace, "mtu": 9000, "ports": ports,
	}})
}
