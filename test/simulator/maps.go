// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	codeNoNamespace       = "72090007"
	codeNoSubsystem       = "72090021"
	codeNamespaceMismatch = "72090005"
	codeSubsystemMismatch = "72090020"
	codeAlreadyMapped     = "72089790"
	codeNotMapped         = "72090019"
	codeNodeWithoutLIF    = "72089902"
	codeNodesWithoutLIF   = "72089903"
)

// mapping lets the hosts of a group use a namespace.
type mapping struct {
	group     *hostGroup
	namespace *namespace
	nsid      int
}

func (t *storage) mapsOf(g *hostGroup) []*mapping {
	var own []*mapping
	for _, m := range t.maps {
		if m.group == g {
			own = append(own, m)
		}
	}
	return own
}

func (t *storage) mapped(n *namespace) bool {
	return slices.ContainsFunc(t.maps, func(m *mapping) bool { return m.namespace == n })
}

// add maps under the first number that the group has free.
func (t *storage) add(g *hostGroup, n *namespace) *mapping {
	made := &mapping{g, n, 1}
	for slices.ContainsFunc(t.mapsOf(g), func(m *mapping) bool { return m.nsid == made.nsid }) {
		made.nsid++
	}
	t.maps = append(t.maps, made)
	return made
}

var mapResource = resource{
	fields: []string{
		"svm.uuid", "svm.name", "subsystem.uuid", "subsystem.name", "namespace.uuid", "namespace.name", "nsid",
	},
	keys:    []string{"subsystem.uuid", "namespace.uuid"},
	filters: []string{"svm.uuid", "svm.name", "subsystem.uuid", "subsystem.name", "namespace.uuid", "namespace.name"},
	self: func(r record) string {
		return "/api/protocols/nvme/subsystem-maps/" + text(r, "subsystem.uuid") + "/" + text(r, "namespace.uuid")
	},
}

func (c *cluster) mapRecord(m *mapping) record {
	r := record{
		"svm.uuid": m.group.svmUUID, "subsystem.uuid": m.group.uuid, "subsystem.name": m.group.name, "namespace.uuid": m.namespace.uuid,
		"namespace.name": m.namespace.name(), "nsid": fmt.Sprintf("%08Xh", m.nsid),
	}
	if owner := c.svms[m.group.svmUUID]; owner != nil {
		r["svm.name"] = owner.name
	}
	return r
}

func (s *Simulator) listMaps(q *request) (*answer, *failure) {
	var records []record
	for _, g := range q.visibleGroups("nvme") {
		for _, m := range q.cluster.store.mapsOf(g) {
			records = append(records, q.cluster.mapRecord(m))
		}
	}
	return q.collection(mapResource, records)
}

// mapping returns the one that the path names.
func (q *request) mapping() (*mapping, *failure) {
	if g := q.group("nvme", "subsystem.uuid"); g != nil {
		for _, m := range q.cluster.store.mapsOf(g) {
			if m.namespace.uuid == q.params["namespace.uuid"] {
				return m, nil
			}
		}
	}
	return nil, fail(http.StatusBadRequest, codeNotMapped, "namespace %s is not mapped to subsystem %s", q.params["namespace.uuid"], q.params["subsystem.uuid"])
}

func (s *Simulator) getMap(q *request) (*answer, *failure) {
	m, failed := q.mapping()
	if failed != nil {
		return nil, failed
	}
	return q.instance(mapResource, q.cluster.mapRecord(m))
}

func (s *Simulator) deleteMap(q *request) (*answer, *failure) {
	m, failed := q.mapping()
	if failed != nil {
		return nil, failed
	}
	q.cluster.store.maps = slices.DeleteFunc(q.cluster.store.maps, func(one *mapping) bool { return one == m })
	q.touch(Deleted, MapObject, m.group.svmUUID, m.namespace.uuid, m.group.name)
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}

// createMap maps a namespace to a subsystem. ONTAP demands an NVMe LIF of the SVM on the node that the volume lies on and on
// that node's HA partner. A namespace is mapped to one subsystem at most; the code for a second one is that for the same once
// more, as the documents have no other.
func (s *Simulator) createMap(q *request) (*answer, *failure) {
	if failed := q.body.only("svm.uuid", "svm.name", "subsystem.uuid", "subsystem.name", "namespace.uuid", "namespace.name"); failed != nil {
		return nil, failed
	}
	owner, failed := q.storageOwner()
	if failed != nil {
		return nil, failed
	}
	n, failed := q.mappedNamespace(owner)
	if failed != nil {
		return nil, failed
	}
	g, failed := q.mappedSubsystem(owner)
	if failed != nil {
		return nil, failed
	}
	if failed := q.cluster.reachable(owner, n.volume); failed != nil {
		return nil, failed
	}
	if q.cluster.store.mapped(n) {
		return nil, fail(http.StatusBadRequest, codeAlreadyMapped, "namespace %q is already mapped", n.name())
	}
	made := q.cluster.store.add(g, n)
	q.touch(Created, MapObject, owner.uuid, n.uuid, g.name)
	return q.done(http.StatusCreated, mapResource, q.cluster.mapRecord(made)), nil
}

// reference returns UUID and name of what a body refers to; one of them is empty where it is not given.
func (b body) reference(path string) (uuid, name string, failed *failure) {
	if uuid, _, failed = b.text(path + ".uuid"); failed != nil {
		return "", "", failed
	}
	if name, _, failed = b.text(path + ".name"); failed != nil {
		return "", "", failed
	}
	if uuid == "" && name == "" {
		return "", "", badRequest(codeRequiredMissing, path, "%s.uuid or %s.name is required", path, path)
	}
	return uuid, name, nil
}

func (q *request) mappedNamespace(owner *svm) (*namespace, *failure) {
	uuid, name, failed := q.body.reference("namespace")
	if failed != nil {
		return nil, failed
	}
	for _, n := range q.visibleNamespaces() {
		switch {
		case n.volume.svmUUID != owner.uuid || uuid != "" && n.uuid != uuid || uuid == "" && n.name() != name:
		case name != "" && n.name() != name:
			return nil, badRequest(codeNamespaceMismatch, "namespace", "namespace.uuid and namespace.name are of different namespaces")
		default:
			return n, nil
		}
	}
	code := map[bool]string{true: codeNoNamespace, false: codeNamespaceUUIDMissing}[uuid == ""]
	return nil, badRequest(code, "namespace", "there is no namespace %q", cmp.Or(uuid, name))
}

func (q *request) mappedSubsystem(owner *svm) (*hostGroup, *failure) {
	uuid, name, failed := q.body.reference("subsystem")
	if failed != nil {
		return nil, failed
	}
	for _, g := range q.cluster.store.groupsOf(owner.uuid, "nvme") {
		switch {
		case uuid != "" && g.uuid != uuid || uuid == "" && g.name != name:
		case name != "" && g.name != name:
			return nil, badRequest(codeSubsystemMismatch, "subsystem", "subsystem.uuid and subsystem.name are of different subsystems")
		default:
			return g, nil
		}
	}
	code := map[bool]string{true: codeNoSubsystem, false: codeSubsystemMissing}[uuid == ""]
	return nil, badRequest(code, "subsystem", "there is no subsystem %q", cmp.Or(uuid, name))
}

// reachable looks for NVMe LIFs where a volume lies.
func (c *cluster) reachable(owner *svm, v *volume) *failure {
	var unserved []string
	look := func(node string) {
		served := func(l *lif) bool { return l.homeNode == node && l.policy == policyNVMe && l.enabled }
		if !slices.ContainsFunc(c.net.lifsOf(owner.uuid), served) {
			unserved = append(unserved, node)
		}
	}
	if aggregate := c.net.aggregate(v.aggregate); aggregate == nil {
		unserved = append(unserved, "of aggregate "+v.aggregate)
	} else if look(aggregate.homeNode); c.net.node(aggregate.homeNode).partner != "" {
		look(c.net.node(aggregate.homeNode).partner)
	}
	switch len(unserved) {
	case 0:
		return nil
	case 1:
		return fail(http.StatusBadRequest, codeNodeWithoutLIF, "node %s has no NVMe LIF of SVM %q", unserved[0], owner.name)
	default:
		return fail(http.StatusBadRequest, codeNodesWithoutLIF, "nodes %s have no NVMe LIF of SVM %q", strings.Join(unserved, ", "), owner.name)
	}
}
