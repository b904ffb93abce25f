// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"slices"
	"strings"
)

const (
	codeSubsystemMissing = "72090001"
	codeSubsystemMapped  = "72090023"
	codeSubsystemHosts   = "72090024"
	codeIgroupMissing    = "5374852"
	codeIgroupMapped     = "1254213"
)

// hostGroup is a subsystem of NVMe or an igroup of iSCSI. Only acts make igroups.
type hostGroup struct {
	uuid, svmUUID, protocol, name, osType, comment string
	// hosts are NQNs or names of initiators.
	hosts []string
}

func (t *storage) groupsOf(svmUUID, protocol string) []*hostGroup {
	var own []*hostGroup
	for _, g := range t.groups {
		if g.svmUUID == svmUUID && (protocol == "" || g.protocol == protocol) {
			own = append(own, g)
		}
	}
	return own
}

func (t *storage) groupNames(svmUUID string) []string {
	var names []string
	for _, g := range t.groupsOf(svmUUID, "") {
		names = append(names, g.name)
	}
	slices.Sort(names)
	return names
}

// visibleGroups returns the host groups of a protocol that a login sees.
func (q *request) visibleGroups(protocol string) []*hostGroup {
	var visible []*hostGroup
	for _, g := range q.cluster.store.groups {
		if g.protocol == protocol && q.login.sees(g.svmUUID) {
			visible = append(visible, g)
		}
	}
	return visible
}

// group returns the host group that the path names under this key, nil where there is none for the login.
func (q *request) group(protocol, key string) *hostGroup {
	visible := q.visibleGroups(protocol)
	if i := slices.IndexFunc(visible, func(g *hostGroup) bool { return g.uuid == q.params[key] }); i >= 0 {
		return visible[i]
	}
	return nil
}

// groups lists igroups, which have no more to them.
func groups(protocol string) handler {
	return func(_ *Simulator, q *request) (*answer, *failure) {
		r := resource{
			fields: []string{"uuid", "name", "svm.uuid", "os_type"}, keys: []string{"uuid", "name"}, filters: []string{"name", "svm.uuid"},
			self: func(r record) string { return strings.TrimSuffix(q.path, "/") + "/" + text(r, "uuid") },
		}
		var records []record
		for _, g := range q.visibleGroups(protocol) {
			records = append(records, record{"uuid": g.uuid, "name": g.name, "svm.uuid": g.svmUUID, "os_type": g.osType})
		}
		return q.collection(r, records)
	}
}

func deleteGroup(protocol string) handler {
	return func(_ *Simulator, q *request) (*answer, *failure) {
		missing, mapped := codeSubsystemMissing, codeSubsystemMapped
		if protocol == "iscsi" {
			missing, mapped = codeIgroupMissing, codeIgroupMapped
		}
		g := q.group(protocol, "uuid")
		if g == nil {
			return nil, fail(http.StatusBadRequest, missing, "there is no host group %s", q.params["uuid"])
		}
		whileMapped, failed := q.flag(allowMapped)
		if failed != nil {
			return nil, failed
		}
		withHosts, failed := q.flag(allowHosts)
		if failed != nil {
			return nil, failed
		}
		store := &q.cluster.store
		switch {
		case len(store.mapsOf(g)) > 0 && !whileMapped:
			return nil, fail(http.StatusBadRequest, mapped, "host group %q is mapped", g.name)
		case protocol == "nvme" && len(g.hosts) > 0 && !withHosts:
			return nil, fail(http.StatusBadRequest, codeSubsystemHosts, "subsystem %q has hosts", g.name)
		}
		store.maps = slices.DeleteFunc(store.maps, func(m *mapping) bool { return m.group == g })
		store.groups = slices.DeleteFunc(store.groups, func(one *hostGroup) bool { return one == g })
		q.touch(Deleted, HostGroupObject, g.svmUUID, g.uuid, g.name)
		return &answer{status: http.StatusOK, body: map[string]any{}}, nil
	}
}
