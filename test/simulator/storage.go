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

type volume struct{ uuid, svmUUID, name, aggregate string }

// hostGroup is a subsystem of NVMe or an igroup of iSCSI, with one host.
type hostGroup struct {
	uuid, svmUUID, protocol, name string
	mapped                        bool
}

// connection is a host that uses a LIF.
type connection struct{ svmUUID, protocol, host, lif, address string }

// storage is what SVMs hold and who uses it.
type storage struct {
	unlicensed  []string
	volumes     []volume
	groups      []hostGroup
	connections []connection
}

func newStorage(o ClusterOptions) storage { return storage{unlicensed: o.Unlicensed} }

// dataVolumes returns the names of an SVM's volumes but its root volume.
func (t *storage) dataVolumes(svmUUID string) []string {
	var names []string
	for _, v := range t.volumes {
		if v.svmUUID == svmUUID {
			names = append(names, v.name)
		}
	}
	slices.Sort(names)
	return names
}

func (t *storage) groupsOf(svmUUID, protocol string) []hostGroup {
	var own []hostGroup
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

// forget removes everything of an SVM.
func (t *storage) forget(svmUUID string) {
	t.volumes = slices.DeleteFunc(t.volumes, func(v volume) bool { return v.svmUUID == svmUUID })
	t.groups = slices.DeleteFunc(t.groups, func(g hostGroup) bool { return g.svmUUID == svmUUID })
	t.connections = slices.DeleteFunc(t.connections, func(c connection) bool { return c.svmUUID == svmUUID })
}

func (s *Simulator) listVolumes(q *request) (*answer, *failure) {
	r := resource{
		fields: []string{"uuid", "name", "state", "type", "style", "is_svm_root", "svm.uuid", "svm.name"},
		keys:   []string{"uuid", "name"}, filters: []string{"name", "state", "is_svm_root", "svm.uuid", "svm.name"},
		self: func(r record) string { return "/api/storage/volumes/" + text(r, "uuid") },
	}
	var records []record
	add := func(uuid, name string, owner *svm, root bool) {
		if owner != nil && q.login.sees(owner.uuid) {
			records = append(records, record{
				"uuid": uuid, "name": name, "state": "online", "type": "rw", "style": "flexvol", "is_svm_root": root,
				"svm.uuid": owner.uuid, "svm.name": owner.name,
			})
		}
	}
	for _, v := range q.cluster.svms {
		add("root-"+v.uuid, v.name+"_root", v, true)
	}
	for _, v := range q.cluster.store.volumes {
		add(v.uuid, v.name, q.cluster.svms[v.svmUUID], false)
	}
	return q.collection(r, records)
}

func groups(protocol string) handler {
	return func(_ *Simulator, q *request) (*answer, *failure) {
		r := resource{
			fields: []string{"uuid", "name", "svm.uuid", "os_type"}, keys: []string{"uuid", "name"}, filters: []string{"name", "svm.uuid"},
			self: func(r record) string { return strings.TrimSuffix(q.path, "/") + "/" + text(r, "uuid") },
		}
		var records []record
		for _, g := range q.cluster.store.groups {
			if g.protocol == protocol && q.login.sees(g.svmUUID) {
				records = append(records, record{"uuid": g.uuid, "name": g.name, "svm.uuid": g.svmUUID, "os_type": "linux"})
			}
		}
		return q.collection(r, records)
	}
}

func deleteGroup(protocol string) handler {
	return func(_ *Simulator, q *request) (*answer, *failure) {
		i := slices.IndexFunc(q.cluster.store.groups, func(g hostGroup) bool { return g.protocol == protocol && g.uuid == q.params["uuid"] })
		missing, mapped := codeSubsystemMissing, codeSubsystemMapped
		if protocol == "iscsi" {
			missing, mapped = codeIgroupMissing, codeIgroupMapped
		}
		if i < 0 {
			return nil, fail(http.StatusBadRequest, missing, "there is no host group %s", q.params["uuid"])
		}
		g := q.cluster.store.groups[i]
		switch {
		case g.mapped:
			return nil, fail(http.StatusBadRequest, mapped, "host group %q is mapped", g.name)
		case protocol == "nvme" && q.query.Get("allow_delete_with_hosts") != "true":
			return nil, fail(http.StatusBadRequest, codeSubsystemHosts, "subsystem %q has hosts", g.name)
		}
		q.cluster.store.groups = slices.Delete(q.cluster.store.groups, i, i+1)
		q.touch(Deleted, HostGroupObject, g.svmUUID, g.uuid, g.name)
		return &answer{status: http.StatusOK, body: map[string]any{}}, nil
	}
}

// connected answers who uses an SVM by one protocol. The first two fields tell one of them from another.
func (q *request) connected(protocol string, fields []string, render func(connection) record) (*answer, *failure) {
	r := resource{
		fields: append(fields, "svm.uuid"), keys: append([]string{"svm.uuid"}, fields[:2]...), filters: []string{"svm.uuid"},
	}
	var records []record
	for _, c := range q.cluster.store.connections {
		if c.protocol == protocol && q.login.sees(c.svmUUID) {
			one := render(c)
			one["svm.uuid"] = c.svmUUID
			records = append(records, one)
		}
	}
	return q.collection(r, records)
}

func (s *Simulator) listControllers(q *request) (*answer, *failure) {
	return q.connected("nvme", []string{"host.nqn", "interface.name", "interface.transport_address"}, func(c connection) record {
		return record{"host.nqn": c.host, "interface.name": c.lif, "interface.transport_address": c.address}
	})
}

func (s *Simulator) listSessions(q *request) (*answer, *failure) {
	return q.connected("iscsi", []string{"initiator.name", "target_portal_group", "connections"}, func(c connection) record {
		at := map[string]any{"name": c.lif, "ip": map[string]any{"address": c.address}}
		return record{"initiator.name": c.host, "target_portal_group": c.lif, "connections": []any{map[string]any{"interface": at}}}
	})
}

func (s *Simulator) listClients(q *request) (*answer, *failure) {
	return q.connected("nfs", []string{"client_ip", "server_ip"}, func(c connection) record {
		return record{"client_ip": c.host, "server_ip": c.address}
	})
}
