// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"maps"
	"net/http"
	"slices"
)

// connection is a host that uses a LIF.
type connection struct{ svmUUID, protocol, host, lif, address string }

// storage is what SVMs hold and who uses it. Root volumes are not in it: each SVM has one.
type storage struct {
	unlicensed  []string
	volumes     []*volume
	namespaces  []*namespace
	groups      []*hostGroup
	maps        []*mapping
	connections []connection
	// lastID numbers the volumes of the recovery queue.
	lastID int
}

func newStorage(o ClusterOptions) storage { return storage{unlicensed: o.Unlicensed} }

// forget removes everything of an SVM, the recovery queue included.
func (t *storage) forget(svmUUID string) {
	t.maps = slices.DeleteFunc(t.maps, func(m *mapping) bool { return m.group.svmUUID == svmUUID })
	t.volumes = slices.DeleteFunc(t.volumes, func(v *volume) bool { return v.svmUUID == svmUUID })
	t.namespaces = slices.DeleteFunc(t.namespaces, func(n *namespace) bool { return n.volume.svmUUID == svmUUID })
	t.groups = slices.DeleteFunc(t.groups, func(g *hostGroup) bool { return g.svmUUID == svmUUID })
	t.connections = slices.DeleteFunc(t.connections, func(c connection) bool { return c.svmUUID == svmUUID })
}

// moveTo moves everything of an SVM to one of another cluster, which has a copy of the data.
func (t *storage) moveTo(other *storage, svmUUID, otherUUID string) {
	for _, v := range t.volumes {
		if v.svmUUID == svmUUID {
			other.volumes = append(other.volumes, v)
		}
	}
	for _, n := range t.namespaces {
		if n.volume.svmUUID == svmUUID {
			other.namespaces = append(other.namespaces, n)
		}
	}
	for _, m := range t.maps {
		if m.group.svmUUID == svmUUID {
			other.maps = append(other.maps, m)
		}
	}
	groups := t.groupsOf(svmUUID, "")
	other.groups = append(other.groups, groups...)
	t.forget(svmUUID)
	for _, g := range groups {
		g.svmUUID = otherUUID
	}
	for _, v := range other.volumes {
		if v.svmUUID == svmUUID {
			v.svmUUID = otherUUID
		}
	}
}

func storageRoutes() api {
	all := api{
		"/storage/volumes": {
			http.MethodGet:  on((*Simulator).listVolumes, 200),
			http.MethodPost: on((*Simulator).createVolume, 202, 503),
		},
		"/storage/volumes/{uuid}": {
			http.MethodGet:    on((*Simulator).getVolume, 200, 404),
			http.MethodPatch:  on((*Simulator).modifyVolume, 202, 404, 503),
			http.MethodDelete: on((*Simulator).deleteVolume, 202, 404),
		},
		"/storage/volumes/{volume.uuid}/snapshots": {
			http.MethodGet:  on((*Simulator).listSnapshots, 200),
			http.MethodPost: on((*Simulator).createSnapshot, 202),
		},
		"/storage/volumes/{volume.uuid}/snapshots/{uuid}": {
			http.MethodGet:    on((*Simulator).getSnapshot, 200),
			http.MethodDelete: on((*Simulator).deleteSnapshot, 202),
		},
		"/storage/namespaces": {
			http.MethodGet:  on((*Simulator).listNamespaces, 200),
			http.MethodPost: on((*Simulator).createNamespace, 201),
		},
		"/storage/namespaces/{uuid}": {
			http.MethodGet:    on((*Simulator).getNamespace, 200),
			http.MethodPatch:  on((*Simulator).modifyNamespace, 200),
			http.MethodDelete: on((*Simulator).deleteNamespace, 200, 404),
		},
	}
	maps.Copy(all, hostRoutes())
	maps.Copy(all, otherRoutes())
	return all
}

func hostRoutes() api {
	return api{
		"/protocols/nvme/subsystems": {
			http.MethodGet:  on((*Simulator).listSubsystems, 200),
			http.MethodPost: on((*Simulator).createSubsystem, 201),
		},
		"/protocols/nvme/subsystems/{uuid}": {
			http.MethodGet:    on((*Simulator).getSubsystem, 200),
			http.MethodDelete: on(deleteGroup("nvme"), 200),
		},
		"/protocols/nvme/subsystems/{subsystem.uuid}/hosts": {
			http.MethodGet:  on((*Simulator).listHosts, 200),
			http.MethodPost: on((*Simulator).createHost, 201),
		},
		"/protocols/nvme/subsystems/{subsystem.uuid}/hosts/{nqn}": {
			http.MethodGet:    on((*Simulator).getHost, 200),
			http.MethodDelete: on((*Simulator).deleteHost, 200),
		},
		"/protocols/nvme/subsystem-maps": {
			http.MethodGet:  on((*Simulator).listMaps, 200),
			http.MethodPost: on((*Simulator).createMap, 201),
		},
		"/protocols/nvme/subsystem-maps/{subsystem.uuid}/{namespace.uuid}": {
			http.MethodGet:    on((*Simulator).getMap, 200),
			http.MethodDelete: on((*Simulator).deleteMap, 200),
		},
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
