// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// customRole is the role of the cluster account where the privileges of that are given.
const customRole = "gardener"

// PrivilegeOptions are one privilege of a role.
type PrivilegeOptions struct {
	// Path begins with /api. A longer path that a request is below takes precedence over a shorter one.
	Path string `json:"path"`
	// Access is none, readonly, read_create, read_modify, read_create_modify or all.
	Access string `json:"access"`
}

// accessLevels are the methods that each level allows.
var accessLevels = map[string][]string{
	"none":               {},
	"readonly":           {http.MethodGet},
	"read_create":        {http.MethodGet, http.MethodPost},
	"read_modify":        {http.MethodGet, http.MethodPatch},
	"read_create_modify": {http.MethodGet, http.MethodPost, http.MethodPatch},
	"all":                {http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete},
}

// mayRequest tells whether the role of the login has the right for the request.
func (q *request) mayRequest() bool {
	owner := q.login.svm
	if owner == "" {
		owner = q.cluster.adminUUID
	}
	a := q.cluster.accounts[accountKey{owner, q.login.user}]
	if a == nil {
		return false
	}
	for _, r := range q.cluster.roles { // those that somebody has made
		if r.ownerUUID == owner && r.name == a.role {
			return r.allows(q.method, q.path)
		}
	}
	return q.method == http.MethodGet || q.mayWrite()
}

// allows finds the longest path of the privileges that the request is below, which alone counts.
func (r role) allows(method, path string) bool {
	longest, access := "", "none"
	for _, one := range r.privileges {
		granted, _ := one.(map[string]any) // there are no others
		of, _ := granted["path"].(string)
		if level, _ := granted["access"].(string); len(of) > len(longest) && (path == of || strings.HasPrefix(path, strings.TrimSuffix(of, "/")+"/")) {
			longest, access = of, level
		}
	}
	return slices.Contains(accessLevels[access], method)
}

func (s *Simulator) listPrivileges(q *request) (*answer, *failure) {
	r, failed := q.role()
	if failed != nil {
		return nil, failed
	}
	var records []record
	for _, one := range r.privileges {
		granted, _ := one.(map[string]any) // there are no others
		records = append(records, record{"path": granted["path"], "access": granted["access"]})
	}
	return q.collection(resource{
		fields: []string{"path", "access"}, keys: []string{"path", "access"},
		self: func(one record) string {
			return "/api/security/roles/" + r.ownerUUID + "/" + url.PathEscape(r.name) + "/privileges/" + url.PathEscape(text(one, "path"))
		},
	}, records)
}
