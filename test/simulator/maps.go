// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"slices"
	"strings"
)

const (
	codeNoNamespace       = "72090006"
	codeNoSubsystem       = "72090007"
	codeNodeWithoutLIF    = "72089902"
	codePartnerWithoutLIF = "72089903"
	namespaceName         = "/namespace0"
)

// mapNamespace maps the one namespace of a volume, /vol/<volume>/namespace0, to a subsystem. ONTAP demands an NVMe LIF of
// the SVM on the node that the volume lies on and on that node's HA partner.
func (s *Simulator) mapNamespace(q *request) (*answer, *failure) {
	if failed := q.body.only("svm.uuid", "subsystem.name", "namespace.name"); failed != nil {
		return nil, failed
	}
	owner, failed := q.innerOwner()
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
	served := func(node string) bool {
		return slices.ContainsFunc(c.net.lifsOf(owner.uuid), func(l *lif) bool { return l.homeNode == node && l.policy == policyNVMe && l.enabled })
	}
	aggregate := c.net.aggregate(v.aggregate)
	if aggregate == nil || !served(aggregate.homeNode) {
		return fail(http.StatusBadRequest, codeNodeWithoutLIF, "the node of aggregate %q has no NVMe LIF of SVM %q", v.aggregate, owner.name)
	}
	if n := c.net.node(aggregate.homeNode); n.partner != "" && !served(n.partner) {
		return fail(http.StatusBadRequest, codePartnerWithoutLIF, "node %q has no NVMe LIF of SVM %q", n.partner, owner.name)
	}
	return nil
}
