// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// handler serves one operation, under the simulator's lock.
type handler func(*Simulator, *request) (*answer, *failure)

// operation is one method of one path: what serves it, and the statuses that it answers with, beside those that every
// operation may answer with.
type operation struct {
	serve    handler
	statuses []int
}

func on(serve handler, statuses ...int) operation { return operation{serve, statuses} }

// api is operations by path template and method.
type api map[string]map[string]operation

// routes is the API as far as it is simulated.
func routes() api {
	all := api{
		"/cluster":              {http.MethodGet: on((*Simulator).getCluster, 200)},
		"/cluster/metrocluster": {http.MethodGet: on((*Simulator).getMetroCluster, 200)},
		"/cluster/jobs":         {http.MethodGet: on((*Simulator).listJobs, 200)},
		"/cluster/jobs/{uuid}":  {http.MethodGet: on((*Simulator).getJob, 200, 404)},
		"/svm/svms": {
			http.MethodGet:  on((*Simulator).listSVMs, 200),
			http.MethodPost: on((*Simulator).createSVM, 201, 202),
		},
		"/svm/svms/{uuid}": {
			http.MethodGet:    on((*Simulator).getSVM, 200, 404),
			http.MethodPatch:  on((*Simulator).modifySVM, 200, 404),
			http.MethodDelete: on((*Simulator).deleteSVM, 200, 202, 404, 409),
		},
		"/security/accounts": {
			http.MethodGet:  on((*Simulator).listAccounts, 200),
			http.MethodPost: on((*Simulator).createAccount, 201, 409),
		},
		"/security/accounts/{owner.uuid}/{name}": {
			http.MethodGet:    on((*Simulator).getAccount, 200, 404),
			http.MethodPatch:  on((*Simulator).modifyAccount, 200, 404),
			http.MethodDelete: on((*Simulator).deleteAccount, 200, 404),
		},
	}
	maps.Copy(all, networkRoutes())
	maps.Copy(all, protocolRoutes())
	maps.Copy(all, roleRoutes())
	maps.Copy(all, storageRoutes())
	return all
}

// Operation names what the simulator serves, with every status that it answers with.
type Operation struct {
	// Method and Path are the operation; Path is a template without /api, such as /svm/svms/{uuid}.
	Method   string `json:"method"`
	Path     string `json:"path"`
	Statuses []int  `json:"statuses"`
}

// Operations returns all that is simulated, in a stable order.
func Operations() []Operation {
	var all []Operation
	for path, methods := range routes() {
		for method, o := range methods {
			statuses := slices.Concat(commonStatuses(method), o.statuses)
			slices.Sort(statuses)
			all = append(all, Operation{method, path, slices.Compact(statuses)})
		}
	}
	slices.SortFunc(all, func(a, b Operation) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
	return all
}

// commonStatuses are those that every operation may answer with: to a request that is wrong, without a login, or without
// the right; and to a write that other administrators have to approve.
func commonStatuses(method string) []int {
	statuses := []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}
	if classOf(method) == Write {
		statuses = append(statuses, http.StatusAccepted)
	}
	return statuses
}

var (
	clusterResource = resource{
		fields: []string{"name", "uuid", "version.full", "version.generation", "version.major", "version.minor", "san_optimized", "disaggregated"},
		keys:   []string{"uuid", "name"},
		self:   func(record) string { return "/api/cluster" },
	}
	svmResource = resource{
		fields: []string{
			"uuid", "name", "state", "subtype", "comment", "ipspace.name", "aggregates", "max_volumes", "storage.limit", "storage.allocated",
			"qos_policy.max_throughput_iops", "qos_policy.max_throughput_mbps", "qos_policy.name",
			"nvme.enabled", "nvme.allowed", "iscsi.enabled", "iscsi.allowed", "nfs.enabled", "nfs.allowed", "cifs.enabled", "cifs.allowed",
			"fcp.enabled", "fcp.allowed", "number_of_volumes_in_recovery_queue", "total_volume_size_in_recovery_queue",
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
		if strings.Count(template, "/") != len(given)-1 {
			continue
		}
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
	r := record{
		"uuid": c.uuid, "name": c.name, "version.full": "NetApp Release " + strings.TrimSuffix(short, ".0") + ": simulated",
		"version.generation": c.version[0], "version.major": c.version[1], "version.minor": c.version[2],
	}
	for _, name := range []string{"san_optimized", "disaggregated"} {
		// To the login of an SVM ONTAP does not tell these for ** (a comment in Trident's source says so).
		if q.login.svm == "" || strings.Contains(q.query.Get("fields"), name) {
			r[name] = false
		}
	}
	return q.instance(clusterResource, r)
}
