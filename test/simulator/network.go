// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const (
	defaultNodes             = 4
	defaultAggregatesPerNode = 2
	// aggregateSize is the size of every aggregate, all of it free at first.
	aggregateSize = 1 << 40
	// broadcastDomain and homePort are the ones of every cluster.
	broadcastDomain = "Default"
	homePort        = "e0d"
	unlimited       = "unlimited"
)

type node struct{ uuid, name, partner, state string }

type aggregate struct {
	uuid, name, state, homeNode string
	available                   int64
	// mirrored is whether the other half of a MetroCluster has a copy.
	mirrored bool
	// switchedOver is whether this is the copy of an aggregate of the other half, which is lost.
	switchedOver bool
}

type route struct {
	uuid, svmUUID string
	destination   netip.Prefix
	gateway       netip.Addr
}

type subnet struct {
	name        string
	prefix      netip.Prefix
	first, last netip.Addr
}

func (n subnet) contains(address netip.Addr) bool {
	return n.first.Compare(address) <= 0 && address.Compare(n.last) <= 0
}

// network is what a cluster has beside SVMs: nodes, what is on them, and what connects them.
type network struct {
	nodes      []*node
	aggregates []*aggregate
	lifs       []*lif
	routes     []*route
	subnets    []subnet
	bgpNodes   []string
}

// newNetwork makes HA pairs of neighbours. UUIDs of what is never asked for by UUID are made of the names.
func newNetwork(o ClusterOptions) network {
	n := network{bgpNodes: o.BGPPeersUp}
	for i := range o.Nodes {
		one := &node{name: nodeName(o.Name, i), state: "up"}
		if partner := i ^ 1; partner < o.Nodes {
			one.partner = nodeName(o.Name, partner)
		}
		one.uuid = uuidOf("node", one.name)
		n.nodes = append(n.nodes, one)
		for k := range o.AggregatesPerNode {
			name := fmt.Sprintf("%s_aggr%d", strings.ReplaceAll(one.name, "-", "_"), k+1)
			n.aggregates = append(n.aggregates, &aggregate{
				uuid: uuidOf("aggregate", name), name: name, state: "online", homeNode: one.name, available: aggregateSize,
				mirrored: o.MetroClusterPartner != "",
			})
		}
	}
	for _, s := range o.Subnets {
		n.subnets = append(n.subnets, subnet{
			s.Name, netip.MustParsePrefix(s.Prefix), netip.MustParseAddr(s.First), netip.MustParseAddr(s.Last),
		})
	}
	return n
}

// uuidOf is the UUID of something whose name never changes.
func uuidOf(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + " " + name))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

func nodeName(cluster string, index int) string { return fmt.Sprintf("%s-%02d", cluster, index+1) }

func (n *network) node(name string) *node {
	if i := slices.IndexFunc(n.nodes, func(one *node) bool { return one.name == name }); i >= 0 {
		return n.nodes[i]
	}
	return nil
}

func (n *network) aggregate(name string) *aggregate {
	if i := slices.IndexFunc(n.aggregates, func(one *aggregate) bool { return one.name == name }); i >= 0 {
		return n.aggregates[i]
	}
	return nil
}

// announces tells whether a node has a BGP session.
func (n *network) announces(node string) bool {
	return slices.Contains(n.bgpNodes, "*") || slices.Contains(n.bgpNodes, node)
}

func networkRoutes() api {
	return api{
		"/cluster/nodes":                      {http.MethodGet: on((*Simulator).listNodes, 200)},
		"/storage/aggregates":                 {http.MethodGet: on((*Simulator).listAggregates, 200)},
		"/network/ip/bgp/peer-groups":         {http.MethodGet: on((*Simulator).listBGPPeerGroups, 200)},
		"/network/ethernet/broadcast-domains": {http.MethodGet: on((*Simulator).listBroadcastDomains, 200)},
		"/network/ethernet/ports":             {http.MethodGet: on((*Simulator).listPorts, 200)},
		"/network/ip/subnets":                 {http.MethodGet: on((*Simulator).listSubnets, 200)},
		"/network/ip/interfaces": {
			http.MethodGet:  on((*Simulator).listLIFs, 200),
			http.MethodPost: on((*Simulator).createLIF, 201, 409, 503),
		},
		"/network/ip/interfaces/{uuid}": {
			http.MethodGet:    on((*Simulator).getLIF, 200, 404),
			http.MethodPatch:  on((*Simulator).modifyLIF, 200, 404),
			http.MethodDelete: on((*Simulator).deleteLIF, 200, 404, 409),
		},
		"/network/ip/routes": {
			http.MethodGet:  on((*Simulator).listRoutes, 200),
			http.MethodPost: on((*Simulator).createRoute, 201, 409),
		},
	}
}

func (s *Simulator) listNodes(q *request) (*answer, *failure) {
	if q.login.svm != "" {
		return nil, s.denied()
	}
	r := resource{
		fields: []string{
			"uuid", "name", "state", "serial_number", "version.full", "version.generation", "version.major", "version.minor", "ha.partners",
			"metrocluster.type",
		},
		keys: []string{"uuid", "name"}, filters: []string{"name", "state"},
		self: func(r record) string { return "/api/cluster/nodes/" + text(r, "uuid") },
	}
	var records []record
	for _, n := range q.cluster.net.nodes {
		one := record{
			"uuid": n.uuid, "name": n.name, "state": n.state, "serial_number": "sn-" + n.name,
			"version.generation": q.cluster.version[0], "version.major": q.cluster.version[1], "version.minor": q.cluster.version[2],
		}
		if n.partner != "" {
			one["ha.partners"] = []any{map[string]any{"name": n.partner, "uuid": uuidOf("node", n.partner)}}
		}
		if q.cluster.metro != nil {
			one["metrocluster.type"] = "ip"
		}
		records = append(records, one)
	}
	return q.collection(r, records)
}

func (s *Simulator) listAggregates(q *request) (*answer, *failure) {
	r := resource{
		fields: []string{
			"uuid", "name", "state", "node.name", "home_node.name", "snaplock_type", "space.block_storage.size", "space.block_storage.available",
			"block_storage.primary.disk_type", "block_storage.mirror.enabled", "block_storage.mirror.state",
		},
		keys: []string{"uuid", "name"}, filters: []string{"name", "state", "home_node.name"},
		self: func(r record) string { return "/api/storage/aggregates/" + text(r, "uuid") },
	}
	var records []record
	for _, a := range q.cluster.net.aggregates {
		mirror := map[bool]string{true: "normal", false: "unmirrored"}[a.mirrored]
		records = append(records, record{
			"uuid": a.uuid, "name": a.name, "state": a.state, "node.name": a.homeNode, "home_node.name": a.homeNode,
			"snaplock_type": "non_snaplock", "space.block_storage.size": int64(aggregateSize), "space.block_storage.available": a.available,
			"block_storage.primary.disk_type": "ssd",
			"block_storage.mirror.enabled":    a.mirrored, "block_storage.mirror.state": mirror,
		})
	}
	return q.collection(r, records)
}

func (s *Simulator) listBGPPeerGroups(q *request) (*answer, *failure) {
	r := resource{
		fields: []string{"uuid", "name", "state", "ipspace.name", "local.port.node.name", "local.port.name"},
		keys:   []string{"uuid", "name"}, filters: []string{"name", "state", "ipspace.name"},
	}
	var records []record
	for _, n := range q.cluster.net.nodes {
		state := "down"
		if q.cluster.net.announces(n.name) {
			state = "up"
		}
		records = append(records, record{
			"uuid": uuidOf("bgp", n.name), "name": "to-router-of-" + n.name, "state": state, "ipspace.name": defaultIPspace,
			"local.port.node.name": n.name, "local.port.name": homePort,
		})
	}
	return q.collection(r, records)
}

func (s *Simulator) listSubnets(q *request) (*answer, *failure) {
	r := resource{
		fields: []string{"uuid", "name", "ipspace.name", "broadcast_domain.name", "subnet.address", "subnet.netmask", "ip_ranges"},
		keys:   []string{"uuid", "name"}, filters: []string{"name", "ipspace.name"},
		self: func(r record) string { return "/api/network/ip/subnets/" + text(r, "uuid") },
	}
	var records []record
	for _, n := range q.cluster.net.subnets {
		records = append(records, record{
			"uuid": uuidOf("subnet", n.name), "name": n.name, "ipspace.name": defaultIPspace, "broadcast_domain.name": broadcastDomain,
			"subnet.address": n.prefix.Addr().String(), "subnet.netmask": fmt.Sprint(n.prefix.Bits()),
			"ip_ranges": []any{map[string]any{"start": n.first.String(), "end": n.last.String(), "family": "ipv4"}},
		})
	}
	return q.collection(r, records)
}

var routeResource = resource{
	fields:  []string{"uuid", "svm.uuid", "svm.name", "destination.address", "destination.netmask", "gateway", "metric"},
	keys:    []string{"uuid"},
	filters: []string{"svm.uuid", "svm.name", "gateway"},
	self:    func(r record) string { return "/api/network/ip/routes/" + text(r, "uuid") },
}

func (r *route) record() record {
	return record{
		"uuid": r.uuid, "svm.uuid": r.svmUUID, "destination.address": r.destination.Addr().String(),
		"destination.netmask": fmt.Sprint(r.destination.Bits()), "gateway": r.gateway.String(), "metric": 20,
	}
}

func (s *Simulator) listRoutes(q *request) (*answer, *failure) {
	var records []record
	for _, r := range q.cluster.net.routes {
		if q.login.sees(r.svmUUID) {
			records = append(records, r.record())
		}
	}
	return q.collection(routeResource, records)
}

func (s *Simulator) createRoute(q *request) (*answer, *failure) {
	if failed := q.body.only("svm.uuid", "svm.name", "destination.address", "destination.netmask", "gateway"); failed != nil {
		return nil, failed
	}
	owner, failed := q.innerOwner(codeSVMNotAccessible, codeSVMNotAccessible)
	if failed != nil {
		return nil, failed
	}
	text, failed := q.body.required("gateway")
	if failed != nil {
		return nil, failed
	}
	gateway, err := netip.ParseAddr(text)
	if err != nil {
		return nil, badRequest(codeInvalidValue, "gateway", "the gateway is not an address")
	}
	destination, failed := q.body.prefix("destination")
	if failed != nil {
		return nil, badRequest(codeRouteDestination, failed.target, "%s", failed.message)
	}
	made := &route{uuid: s.newUUID(), svmUUID: owner.uuid, destination: destination, gateway: gateway}
	for _, r := range q.cluster.net.routes {
		if r.svmUUID == owner.uuid && r.destination == destination && r.gateway == gateway {
			return nil, fail(http.StatusConflict, codeRouteExists, "duplicate route")
		}
	}
	if destination.Addr().Is4() != gateway.Is4() {
		return nil, badRequest(codeRouteFamily, "gateway", "destination and gateway are of different families")
	}
	q.cluster.net.routes = append(q.cluster.net.routes, made)
	q.effects = append(q.effects, Effect{Op: Created, Object: RouteObject, UUID: made.uuid, Name: gateway.String(), Before: owner.comment, After: owner.comment})
	return q.done(http.StatusCreated, routeResource, made.record()), nil
}

// innerOwner returns the SVM that a new object of a body is to be part of. Each call has codes of its own for one that
// there is not, and for one that does not run.
func (q *request) innerOwner(missing, stopped string) (*svm, *failure) {
	name, byName, failed := q.body.text("svm.name")
	if failed != nil {
		return nil, failed
	}
	_, byUUID := q.body["svm.uuid"]
	if byName && byUUID {
		return nil, unknown("an SVM by UUID and name")
	}
	if byName {
		if owner := q.cluster.findSVM(name); owner != nil {
			return owner.running(stopped)
		}
		return nil, badRequest(byNameCode(missing), "svm.name", "no SVM has the name %q", name)
	}
	uuid, failed := q.body.required("svm.uuid")
	if failed != nil {
		return nil, failed
	}
	owner := q.cluster.svms[uuid]
	if owner == nil || !q.login.sees(uuid) {
		return nil, badRequest(missing, "svm.uuid", "no SVM has this UUID")
	}
	return owner.running(stopped)
}

// byNameCode is the code for a name where there are two.
func byNameCode(code string) string {
	if code == codeLIFOwnerUnknown {
		return codeLIFOwnerNameUnknown
	}
	return code
}

// running refuses with the code an SVM that does not run.
func (v *svm) running(stopped string) (*svm, *failure) {
	if v.state != svmRunning {
		return nil, fail(http.StatusBadRequest, stopped, "SVM %q is %s", v.name, v.state)
	}
	return v, nil
}

// prefix returns an address with its netmask, which is a prefix length or, for IPv4, dotted.
func (b body) prefix(path string) (netip.Prefix, *failure) {
	address, failed := b.required(path + ".address")
	if failed != nil {
		return netip.Prefix{}, failed
	}
	netmask, failed := b.required(path + ".netmask")
	if failed != nil {
		return netip.Prefix{}, failed
	}
	bits := netmask
	if mask, err := netip.ParseAddr(netmask); err == nil && mask.Is4() {
		ones := 0
		for _, octet := range mask.As4() {
			for ; octet&0x80 != 0; octet <<= 1 {
				ones++
			}
		}
		bits = fmt.Sprint(ones)
	}
	parsed, err := netip.ParseAddr(address)
	if err != nil {
		return netip.Prefix{}, badRequest(codeInvalidValue, path+".address", "%q is not an IP address", address)
	}
	prefix, err := netip.ParsePrefix(address + "/" + bits)
	if err != nil {
		code := map[bool]string{true: codeIPv4Netmask, false: codeIPv6Netmask}[parsed.Is4()]
		return netip.Prefix{}, badRequest(code, path+".netmask", "the netmask %q is out of range", netmask)
	}
	return prefix, nil
}
