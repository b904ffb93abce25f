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
// the operator's account can be made of them. A write has the commands that it comes to, as NetApp's OpenAPI document relates them:
// multi-admin rules are for commands.
var rights = map[string][]string{
	"GET /cluster/nodes":              nil,
	"GET /cluster/metrocluster":       nil,
	"GET /cluster/licensing/licenses": nil,
	"GET /cluster/jobs":               nil,
	"GET /cluster/jobs/{uuid}":        nil,

	"GET /storage/aggregates": nil,
	"GET /storage/volumes":    nil,

	"GET /svm/svms":           nil,
	"POST /svm/svms":          {"vserver create"},
	"GET /svm/svms/{uuid}":    nil,
	"PATCH /svm/svms/{uuid}":  {"vserver add-protocols", "vserver modify", "vserver remove-protocols", "vserver start", "vserver stop"},
	"DELETE /svm/svms/{uuid}": {"vserver delete"},

	"GET /network/ip/interfaces":           nil,
	"POST /network/ip/interfaces":          {"network interface create"},
	"PATCH /network/ip/interfaces/{uuid}":  {"network interface modify"},
	"DELETE /network/ip/interfaces/{uuid}": {"network interface delete"},
	"GET /network/ip/routes":               nil,
	"POST /network/ip/routes":              {"network route create"},
	"GET /network/ip/subnets":              nil,
	"GET /network/ip/bgp/peer-groups":      nil,
	// Only a preflight looks at these two.
	"GET /network/ethernet/broadcast-domains": nil,
	"GET /network/ethernet/ports":             nil,

	"GET /security/accounts":                             nil,
	"POST /security/accounts":                            {"security login create"},
	"GET /security/accounts/{owner.uuid}/{name}":         nil,
	"PATCH /security/accounts/{owner.uuid}/{name}":       {"security login modify", "security login unlock"},
	"DELETE /security/accounts/{owner.uuid}/{name}":      {"security login delete"},
	"GET /security/roles/{owner.uuid}/{name}/privileges": nil, // a preflight
	"GET /security/multi-admin-verify/requests/{index}":  nil,
	"GET /security/multi-admin-verify":                   nil, // a preflight, as for the next one
	"GET /security/multi-admin-verify/rules":             nil,
	"POST /protocols/nvme/services":                      {"vserver nvme create"},
	"PATCH /protocols/nvme/services/{svm.uuid}":          {"vserver nvme modify"},
	"DELETE /protocols/nvme/services/{svm.uuid}":         {"vserver nvme delete"},
	"GET /protocols/nvme/subsystem-controllers":          nil,
	"GET /protocols/nvme/subsystems":                     nil,
	"DELETE /protocols/nvme/subsystems/{uuid}":           {"vserver nvme subsystem delete"},
	"POST /protocols/san/iscsi/services":                 {"vserver iscsi create"},
	"PATCH /protocols/san/iscsi/services/{svm.uuid}":     {"vserver iscsi modify", "vserver iscsi start", "vserver iscsi stop"},
	"DELETE /protocols/san/iscsi/services/{svm.uuid}":    {"vserver iscsi delete"},
	"GET /protocols/san/iscsi/sessions":                  nil,
	"GET /protocols/san/igroups":                         nil,
	"DELETE /protocols/san/igroups/{uuid}":               {"lun igroup delete"},
	"POST /protocols/nfs/services":                       {"vserver nfs create"},
	"PATCH /protocols/nfs/services/{svm.uuid}":           {"vserver nfs modify", "vserver nfs off", "vserver nfs on"},
	"DELETE /protocols/nfs/services/{svm.uuid}":          {"vserver nfs delete"},
	"GET /protocols/nfs/connected-clients":               nil,
}

// Rights are the requests that a client makes, as "GET /svm/svms/{uuid}", sorted. It makes no others.
func Rights() []string { return slices.Sorted(maps.Keys(rights)) }

// Commands are those that the writes of a client come to, sorted. A multi-admin rule for one of them holds such writes up.
func Commands() []string {
	var all []string
	for _, commands := range rights {
		all = append(all, commands...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

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
