// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"slices"
	"strings"
)

const (
	codeNoNamespace     = "72090007"
	codeNoSubsystem     = "72090021"
	codeNodeWithoutLIF  = "72089902"
	codeNodesWithoutLIF = "72089903"
	namespaceName       = "/namespace0"
)

// mapNamespace maps the one namespace of a volume, /vol/<volume>/namespace0, to a subsystem. ONTAP demands an NVMe LIF of
// the SVM on the node that the volume lies on and on that node's HA partner.
func (s *Simulator) mapNamespace(q *request) (*answer, *failure) {
	if failed := q.body.only("svm.uuid", "subsystem.name", "namespace.name"); failed != nil {
		return nil, failed
	}
	owner, failed := q.innerOwner(codeSVMNotAccessible, codeSVMNotAccessible)
	if failed != nil {
		return nil, failed
	}
	name, failed := q.body.required("namespace.name")
	if failed != nil {
		return nil, failed
	}
	subsystem, failed := q.body.required("subsystem.name")
	if failed != nil {
		return nil, failed
	}
	store, volumeName := &q.cluster.store, strings.TrimSuffix(strings.TrimPrefix(name, "/vol/"), namespaceName)
	at := slices.IndexFunc(store.volumes, func(v volume) bool { return v.svmUUID == owner.uuid && v.name == volumeName })
	if at < 0 {
		return nil, badRequest(codeNoNamespace, "namespace.name", "there is no namespace %q", name)
	}
	group := slices.IndexFunc(store.groups, func(g hostGroup) bool { return g.svmUUID == owner.uuid && g.protocol == "nvme" && g.name == subsystem })
	if group < 0 {
		return nil, badRequest(codeNoSubsystem, "subsystem.name", "there is no subsystem %q", subsystem)
	}
	if failed := q.cluster.reachable(owner, store.volumes[at]); failed != nil {
		return nil, failed
	}
	store.groups[group].mapped = true
	q.touch(Changed, HostGroupObject, owner.uuid, store.groups[group].uuid, subsystem)
	return &answer{status: http.StatusCreated, body: map[string]any{}}, nil
}

// reachable looks for NVMe LIFs where a volume lies.
func (c *cluster) reachable(owner *svm, v volume) *failure {
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
