// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

const (
	// maxLIFsPerNode bounds the NVMe LIFs of an SVM on a node.
	maxLIFsPerNode = 2

	codeLIFOwnerUnknown     = "1967147"
	codeLIFOwnerNameUnknown = "1967146"
	codeLIFWithoutOwner     = "1967128"
	codeLIFNameTaken        = "1966140"
	codeAddressTaken        = "1376963"
	codeAddressInSubnet     = "1967387"
	codeIPv6Netmask         = "1966267"
	codeIPv4Netmask         = "1966269"
	codePolicyUnknown       = "53281065"
	codeServiceMissing      = "53281087"
	codePortUnknown         = "1967130"
	codeDomainUnknown       = "1967136"
	codeVIPWithPort         = "1967383"
	codeVIPWithoutBGP       = "1967384"
	codeVIPNetmask          = "1967385"
	codeRouteExists         = "1966345"
	codeRouteFamily         = "1966265"
	codeRouteDestination    = "53282375"
	policyNVMe              = "default-data-nvme-tcp"
	policyISCSI             = "default-data-iscsi"
	policyNFS               = "default-data-files"
	policyManagement        = "default-management"
)

type lif struct {
	uuid, name, svmUUID, svmName string
	address                      netip.Prefix
	homeNode, port, policy       string
	enabled, vip                 bool
}

// servicesOf are the services that a policy stands for.
func servicesOf(policy string) []any {
	return map[string][]any{
		policyNVMe:       {"data_core", "data_nvme_tcp"},
		policyISCSI:      {"data_core", "data_iscsi"},
		policyNFS:        {"data_core", "data_nfs", "data_cifs", "data_flexcache"},
		policyManagement: {"data_core", "management_ssh", "management_https", "management_http"},
	}[policy]
}

// protocolOf is the protocol without whose service a LIF with the policy cannot be.
func protocolOf(policy string) string {
	return map[string]string{policyNVMe: "nvme", policyISCSI: "iscsi"}[policy]
}

var lifResource = resource{
	fields: []string{
		"uuid", "name", "svm.uuid", "svm.name", "ip.address", "ip.netmask", "ip.family", "enabled", "state", "scope", "service_policy.name",
		"services", "location.home_node.name", "location.node.name", "location.home_port.name", "location.is_home", "vip",
	},
	keys:    []string{"uuid", "name"},
	filters: []string{"uuid", "name", "svm.uuid", "svm.name", "ip.address", "services", "service_policy.name", "state", "vip", "location.home_node.name"},
	self:    func(r record) string { return "/api/network/ip/interfaces/" + text(r, "uuid") },
}

func (c *cluster) lifRecord(l *lif) record {
	state, at := "down", l.homeNode
	if n := c.net.node(l.homeNode); n != nil && n.state != "up" && protocolOf(l.policy) == "" {
		at = n.partner
	}
	owner := c.svms[l.svmUUID]
	if n := c.net.node(at); l.enabled && n != nil && n.state == "up" && owner != nil && owner.state == svmRunning {
		state = "up"
	}
	family := "ipv6"
	if l.address.Addr().Is4() {
		family = "ipv4"
	}
	return record{
		"uuid": l.uuid, "name": l.name, "svm.uuid": l.svmUUID, "svm.name": l.svmName, "scope": "svm",
		"ip.address": l.address.Addr().String(), "ip.netmask": fmt.Sprint(l.address.Bits()), "ip.family": family,
		"enabled": l.enabled, "state": state, "service_policy.name": l.policy, "services": servicesOf(l.policy),
		"location.home_node.name": l.homeNode, "location.node.name": at, "location.home_port.name": l.port,
		"location.is_home": at == l.homeNode, "vip": l.vip,
	}
}

func (n *network) lifsOf(svmUUID string) []*lif {
	var own []*lif
	for _, l := range n.lifs {
		if l.svmUUID == svmUUID {
			own = append(own, l)
		}
	}
	slices.SortFunc(own, func(a, b *lif) int { return strings.Compare(a.name, b.name) })
	return own
}

func (s *Simulator) listLIFs(q *request) (*answer, *failure) {
	var records []record
	for _, l := range q.cluster.net.lifs {
		if q.login.sees(l.svmUUID) {
			records = append(records, q.cluster.lifRecord(l))
		}
	}
	return q.collection(lifResource, records)
}

func (q *request) lif() (*lif, *failure) {
	for _, l := range q.cluster.net.lifs {
		if l.uuid == q.params["uuid"] && q.login.sees(l.svmUUID) {
			return l, nil
		}
	}
	return nil, notFound("LIF " + q.params["uuid"])
}

func (s *Simulator) getLIF(q *request) (*answer, *failure) {
	l, failed := q.lif()
	if failed != nil {
		return nil, failed
	}
	return q.instance(lifResource, q.cluster.lifRecord(l))
}

func (s *Simulator) createLIF(q *request) (*answer, *failure) {
	if failed := q.body.only("svm.uuid", "svm.name", "name", "ip.address", "ip.netmask", "service_policy.name", "location.home_node.name",
		"location.home_port.name", "location.home_port.node.name", "location.broadcast_domain.name", "vip", "fail_if_subnet_conflicts"); failed != nil {
		return nil, failed
	}
	if _, byUUID := q.body["svm.uuid"]; !byUUID && q.body["svm.name"] == nil {
		return nil, fail(http.StatusBadRequest, codeLIFWithoutOwner, "a LIF needs an SVM, or an IPspace, which is not simulated")
	}
	owner, failed := q.innerOwner(codeLIFOwnerUnknown, codeSVMNotAccessible)
	if failed != nil {
		return nil, failed
	}
	l, failed := q.newLIF(owner)
	if failed != nil {
		return nil, failed
	}
	if failed := q.lifAllowed(l, owner); failed != nil {
		return nil, failed
	}
	l.uuid = s.newUUID()
	q.cluster.net.lifs = append(q.cluster.net.lifs, l)
	if key := ownerKey(owner.comment); key != "" {
		s.lifsEverCreated[key]++
	}
	q.effects = append(q.effects, Effect{Op: Created, Object: LIFObject, UUID: l.uuid, Name: l.name, Before: owner.comment, After: owner.comment})
	return q.done(http.StatusCreated, lifResource, q.cluster.lifRecord(l)), nil
}

// newLIF returns the LIF that a body describes.
func (q *request) newLIF(owner *svm) (*lif, *failure) {
	l := &lif{svmUUID: owner.uuid, svmName: owner.name, enabled: true}
	var failed *failure
	for _, part := range []struct {
		into *string
		path string
	}{{&l.name, "name"}, {&l.homeNode, "location.home_node.name"}, {&l.policy, "service_policy.name"}} {
		if *part.into, failed = q.body.required(part.path); failed != nil {
			return nil, failed
		}
	}
	if l.address, failed = q.body.prefix("ip"); failed != nil {
		return nil, failed
	}
	if l.vip, _, failed = q.body.flag("vip"); failed != nil {
		return nil, failed
	}
	return l, q.lifLocation(l)
}

// lifLocation finds the port. A VIP has none, but needs a BGP session of its home node.
func (q *request) lifLocation(l *lif) *failure {
	if q.cluster.net.node(l.homeNode) == nil {
		return badRequest(codeInvalidValue, "location.home_node.name", "there is no node %q", l.homeNode)
	}
	port, hasPort, failed := q.body.text("location.home_port.name")
	if failed != nil {
		return failed
	}
	domain, hasDomain, failed := q.body.text("location.broadcast_domain.name")
	if failed != nil {
		return failed
	}
	switch {
	case l.vip && (hasPort || hasDomain):
		return badRequest(codeVIPWithPort, "location", "a VIP has no port")
	case l.vip && l.address.Bits() != l.address.Addr().BitLen():
		return badRequest(codeVIPNetmask, "ip.netmask", "a VIP is one address")
	case l.vip && !q.cluster.net.announces(l.homeNode):
		return badRequest(codeVIPWithoutBGP, "location.home_node.name", "node %q has no active BGP session", l.homeNode)
	case hasPort && port != homePort:
		return badRequest(codePortUnknown, "location.home_port.name", "there is no port %q", port)
	case hasDomain && domain != broadcastDomain:
		return badRequest(codeDomainUnknown, "location.broadcast_domain.name", "there is no broadcast domain %q", domain)
	case !l.vip:
		l.port = homePort
	}
	return nil
}

// lifAllowed looks whether the LIF can be beside what there is.
func (q *request) lifAllowed(l *lif, owner *svm) *failure {
	if servicesOf(l.policy) == nil {
		return badRequest(codePolicyUnknown, "service_policy.name", "there is no service policy %q", l.policy)
	}
	if key := protocolOf(l.policy); key != "" && !owner.protocols[key].service {
		return badRequest(codeServiceMissing, "service_policy.name", "SVM %q has no %s service", owner.name, key)
	}
	onNode := 0
	for _, other := range q.cluster.net.lifs {
		if failed := beside(l, other); failed != nil {
			return failed
		}
		if other.svmUUID == l.svmUUID && other.homeNode == l.homeNode && other.policy == policyNVMe {
			onNode++
		}
	}
	if l.policy == policyNVMe && onNode >= maxLIFsPerNode {
		return refuse(codeTooMany, "SVM %q has %d NVMe LIFs on node %q", owner.name, onNode, l.homeNode)
	}
	return q.outsideSubnets(l)
}

// outsideSubnets refuses an address of one of the cluster's subnets, unless the body says that this is meant.
func (q *request) outsideSubnets(l *lif) *failure {
	conflicts := q.body["fail_if_subnet_conflicts"] != false
	for _, n := range q.cluster.net.subnets {
		if conflicts && n.contains(l.address.Addr()) {
			return badRequest(codeAddressInSubnet, "ip.address", "the address belongs to subnet %q", n.name)
		}
	}
	return nil
}

func beside(l, other *lif) *failure {
	if other.svmUUID == l.svmUUID && other.name == l.name {
		return fail(http.StatusConflict, codeLIFNameTaken, "the SVM has a LIF %q", l.name)
	}
	if other.address.Addr() == l.address.Addr() {
		return badRequest(codeAddressTaken, "ip.address", "duplicate IP address %s", l.address.Addr())
	}
	return nil
}

func (s *Simulator) modifyLIF(q *request) (*answer, *failure) {
	l, failed := q.lif()
	if failed != nil {
		return nil, failed
	}
	if failed := q.cluster.svms[l.svmUUID].standby(codeDestination); failed != nil {
		return nil, failed
	}
	if failed := q.body.only("enabled", "ip.address", "ip.netmask", "service_policy.name", "fail_if_subnet_conflicts"); failed != nil {
		return nil, failed
	}
	changed := *l
	if enabled, given, failed := q.body.flag("enabled"); failed != nil {
		return nil, failed
	} else if given {
		changed.enabled = enabled
	}
	if policy, given, failed := q.body.text("service_policy.name"); failed != nil {
		return nil, failed
	} else if given {
		if servicesOf(policy) == nil {
			return nil, badRequest(codePolicyUnknown, "service_policy.name", "there is no service policy %q", policy)
		}
		changed.policy = policy
	}
	if _, given := q.body["ip.address"]; given {
		if failed := q.readdress(&changed); failed != nil {
			return nil, failed
		}
	}
	*l = changed
	q.touch(Changed, LIFObject, l.svmUUID, l.uuid, l.name)
	return q.done(http.StatusOK, lifResource, q.cluster.lifRecord(l)), nil
}

// readdress gives a LIF the address of the body.
func (q *request) readdress(l *lif) (failed *failure) {
	if l.address, failed = q.body.prefix("ip"); failed != nil {
		return failed
	}
	for _, other := range q.cluster.net.lifs {
		if other.uuid != l.uuid && other.address.Addr() == l.address.Addr() {
			return badRequest(codeAddressTaken, "ip.address", "duplicate IP address %s", l.address.Addr())
		}
	}
	return q.outsideSubnets(l)
}

func (s *Simulator) deleteLIF(q *request) (*answer, *failure) {
	l, failed := q.lif()
	if failed != nil {
		return nil, failed
	}
	if failed := q.cluster.svms[l.svmUUID].standby(codeDestination); failed != nil {
		return nil, failed
	}
	if l.enabled && !s.options.DeleteEnabledLIFs {
		return nil, refuse(codeInUse, "LIF %q is administratively up", l.name)
	}
	q.cluster.net.lifs = slices.DeleteFunc(q.cluster.net.lifs, func(other *lif) bool { return other == l })
	q.touch(Deleted, LIFObject, l.svmUUID, l.uuid, l.name)
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}

// touch notes an effect on something that is part of an SVM.
func (q *request) touch(op Op, object Object, svmUUID, uuid, name string) {
	q.effects = append(q.effects, q.cluster.inside(op, object, svmUUID, uuid, name))
}

// inside is an effect on something that is part of an SVM.
func (c *cluster) inside(op Op, object Object, svmUUID, uuid, name string) Effect {
	comment := ""
	if owner := c.svms[svmUUID]; owner != nil {
		comment = owner.comment
	}
	return Effect{Op: op, Object: object, UUID: uuid, Name: name, Before: comment, After: comment}
}
