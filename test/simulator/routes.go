// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
)

// handler serves one method of one route, under the simulator's lock.
type handler func(*Simulator, *request) (*answer, *failure)

// routes is the API as far as it is simulated: template, method, handler.
func routes() map[string]map[string]handler {
	all := map[string]map[string]handler{
		"/cluster":             {http.MethodGet: (*Simulator).getCluster},
		"/cluster/jobs":        {http.MethodGet: (*Simulator).listJobs},
		"/cluster/jobs/{uuid}": {http.MethodGet: (*Simulator).getJob},
		"/svm/svms":            {http.MethodGet: (*Simulator).listSVMs, http.MethodPost: (*Simulator).createSVM},
		"/svm/svms/{uuid}": {
			http.MethodGet: (*Simulator).getSVM, http.MethodPatch: (*Simulator).modifySVM, http.MethodDelete: (*Simulator).deleteSVM,
		},
		"/security/accounts": {http.MethodGet: (*Simulator).listAccounts, http.MethodPost: (*Simulator).createAccount},
		"/security/accounts/{owner.uuid}/{name}": {
			http.MethodGet: (*Simulator).getAccount, http.MethodPatch: (*Simulator).modifyAccount, http.MethodDelete: (*Simulator).deleteAccount,
		},
	}
	maps.Copy(all, networkRoutes())
	maps.Copy(all, protocolRoutes())
	return all
}

var (
	clusterResource = resource{
		fields: []string{"name", "uuid", "version.full", "version.generation", "version.major", "version.minor"},
		keys:   []string{"uuid", "name"},
		self:   func(record) string { return "/api/cluster" },
	}
	svmResource = resource{
		fields: []string{
			"uuid", "name", "state", "subtype", "comment", "ipspace.name", "aggregates", "max_volumes", "storage.limit",
			"qos_policy.max_throughput_iops", "qos_policy.max_throughput_mbps", "qos_policy.name",
			"nvme.enabled", "nvme.allowed", "iscsi.enabled", "iscsi.allowed", "nfs.enabled", "nfs.allowed", "cifs.enabled", "cifs.allowed",
			"fcp.enabled", "fcp.allowed",
		},
		keys:    []string{"uuid", "name"},
		filters: []string{"uuid", "name", "state", "subtype", "comment", "ipspace.name"},
		self:    func(r record) string { return "/api/svm/svms/" + text(r, "uuid") },
	}
	jobResource = resource{
		fields: []string{
			"uuid", "description", "state", "message", "code", "error.code", "error.message", "start_time", "end_time",
			"svm.uuid", "svm.name",
		},
		keys:    []string{"uuid"},
		filters: []string{"uuid", "description", "state"},
		self:    func(r record) string { return "/api/cluster/jobs/" + text(r, "uuid") },
	}
	accountResource = resource{
		fields:  []string{"owner.uuid", "owner.name", "name", "role.name", "scope", "comment", "locked", "applications"},
		keys:    []string{"owner.uuid", "owner.name", "name"},
		filters: []string{"owner.uuid", "owner.name", "name", "role.name", "scope", "comment", "locked"},
		self: func(r record) string {
			return "/api/security/accounts/" + text(r, "owner.uuid") + "/" + url.PathEscape(text(r, "name"))
		},
	}
)

// match finds the route of an escaped path, without /api, and the values in it.
func (s *Simulator) match(escaped string) (template string, params map[string]string) {
	given := strings.Split(escaped, "/")
	for template := range s.routes {
		if params := matchTemplate(strings.Split(template, "/"), given); params != nil {
			return template, params
		}
	}
	return "", nil
}

func matchTemplate(template, given []string) map[string]string {
	if len(template) != len(given) {
		return nil
	}
	params := map[string]string{}
	for i, part := range template {
		name, variable := strings.CutPrefix(part, "{")
		value, err := url.PathUnescape(given[i])
		switch {
		case err != nil || value == "" && part != "":
			return nil
		case variable:
			params[strings.TrimSuffix(name, "}")] = value
		case part != value:
			return nil
		}
	}
	return params
}

func (s *Simulator) getCluster(q *request) (*answer, *failure) {
	c := q.cluster
	short := fmt.Sprintf("%d.%d.%d", c.version[0], c.version[1], c.version[2])
	return q.instance(clusterResource, record{
		"uuid": c.uuid, "name": c.name, "version.full": "NetApp Release " + strings.TrimSuffix(short, ".0") + ": simulated",
		"version.generation": c.version[0], "version.major": c.version[1], "version.minor": c.version[2],
	})
}
