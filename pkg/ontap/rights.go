// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// rights are the requests that a client makes: a method and a path template. What is not among them is not sent, so that the role of
// the operator's account can be made of them.
var rights = map[string]bool{
	"GET /cluster/nodes":              true,
	"GET /cluster/metrocluster":       true,
	"GET /cluster/licensing/licenses": true,
	"GET /cluster/jobs":               true,
	"GET /cluster/jobs/{uuid}":        true,

	"GET /storage/aggregates": true,
	"GET /storage/volumes":    true,

	"GET /svm/svms":           true,
	"POST /svm/svms":          true,
	"GET /svm/svms/{uuid}":    true,
	"PATCH /svm/svms/{uuid}":  true,
	"DELETE /svm/svms/{uuid}": true,

	"GET /network/ip/interfaces":           true,
	"POST /network/ip/interfaces":          true,
	"PATCH /network/ip/interfaces/{uuid}":  true,
	"DELETE /network/ip/interfaces/{uuid}": true,
	"GET /network/ip/routes":               true,
	"POST /network/ip/routes":              true,
	"GET /network/ip/subnets":              true,
	"GET /network/ip/bgp/peer-groups":      true,
	// Only a preflight looks at these two.
	"GET /network/ethernet/broadcast-domains": true,
	"GET /network/ethernet/ports":             true,

	"GET /security/accounts":                             true,
	"POST /security/accounts":                            true,
	"GET /security/accounts/{owner.uuid}/{name}":         true,
	"PATCH /security/accounts/{owner.uuid}/{name}":       true,
	"DELETE /security/accounts/{owner.uuid}/{name}":      true,
	"GET /security/roles/{owner.uuid}/{name}/privileges": true, // a preflight
	"GET /security/multi-admin-verify/requests/{index}":  true,
	"POST /protocols/nvme/services":                      true,
	"PATCH /protocols/nvme/services/{svm.uuid}":          true,
	"DELETE /protocols/nvme/services/{svm.uuid}":         true,
	"GET /protocols/nvme/subsystem-controllers":          true,
	"GET /protocols/nvme/subsystems":                     true,
	"DELETE /protocols/nvme/subsystems/{uuid}":           true,
	"POST /protocols/san/iscsi/services":                 true,
	"PATCH /protocols/san/iscsi/services/{svm.uuid}":     true,
	"DELETE /protocols/san/iscsi/services/{svm.uuid}":    true,
	"GET /protocols/san/iscsi/sessions":                  true,
	"GET /protocols/san/igroups":                         true,
	"DELETE /protocols/san/igroups/{uuid}":               true,
	"POST /protocols/nfs/services":                       true,
	"PATCH /protocols/nfs/services/{svm.uuid}":           true,
	"DELETE /protocols/nfs/services/{svm.uuid}":          true,
	"GET /protocols/nfs/connected-clients":               true,
}

// Rights are the requests that a client makes, as "GET /svm/svms/{uuid}", sorted. It makes no others.
func Rights() []string { return slices.Sorted(maps.Keys(rights)) }

// Privilege is what a role of the REST API may do with a path and all that is below it.
type Privilege struct {
	// Path begins with /api.
	Path string `json:"path"`
	// Access is one of ONTAP's levels: none, readonly, read_create, read_modify, read_create_modify, all.
	Access string `json:"access"`
}

type level struct {
	access  string
	methods []string
}

// levels are what ONTAP's access levels allow, the smallest first.
var levels = []level{
	{"none", nil},
	{"readonly", []string{http.MethodGet}},
	{"read_create", []string{http.MethodGet, http.MethodPost}},
	{"read_modify", []string{http.MethodGet, http.MethodPatch}},
	{"read_create_modify", []string{http.MethodGet, http.MethodPost, http.MethodPatch}},
	{"all", []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete}},
}

// PrivilegesFor returns the smallest privileges that allow the given requests, one for each path up to
// its first key: roles cannot tell one object from another. No level allows a DELETE but all.
func PrivilegesFor(rights []string) []Privilege {
	methods := map[string][]string{}
	for _, right := range rights {
		method, path, _ := strings.Cut(right, " ")
		path, _, _ = strings.Cut(path, "/{")
		methods["/api"+path] = append(methods["/api"+path], method)
	}
	var privileges []Privilege
	for _, path := range slices.Sorted(maps.Keys(methods)) {
		needed := methods[path]
		i := slices.IndexFunc(levels, func(one level) bool { return containsAll(one.methods, needed) })
		privileges = append(privileges, Privilege{Path: path, Access: levels[i].access})
	}
	return privileges
}

// Allows reports whether somebody with these privileges may do what another one allows: the longest path that it is below counts.
func Allows(granted []Privilege, wanted Privilege) bool {
	return containsAll(methodsOf(Granted(granted, wanted.Path)), methodsOf(wanted.Access))
}

// Granted is the access that privileges give to a path; none where they do not speak of it.
func Granted(granted []Privilege, path string) string {
	best := Privilege{Access: "none"}
	for _, one := range granted {
		if below(path, one.Path) && len(one.Path) > len(best.Path) {
			best = one
		}
	}
	return cmp.Or(best.Access, "none")
}

// below reports whether a path is another one or a part of it.
func below(path, of string) bool {
	return path == of || strings.HasPrefix(path, strings.TrimSuffix(of, "/")+"/")
}

func methodsOf(access string) []string {
	for _, level := range levels {
		if level.access == access {
			return level.methods
		}
	}
	return nil
}

func containsAll(all, some []string) bool {
	return !slices.ContainsFunc(some, func(one string) bool { return !slices.Contains(all, one) })
}
