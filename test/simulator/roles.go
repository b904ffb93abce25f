// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	codeRolePredefined    = "1263347"
	codeRoleForbidden     = "5636143"
	codeRoleAccess        = "5636144"
	codeRoleURICharacter  = "5636169"
	codeRoleExists        = "5636171"
	codeRoleInUse         = "5636172"
	codeRoleQueryWithPath = "5636192"
)

// role is a named set of privileges of an SVM or of the cluster.
type role struct {
	ownerUUID, ownerName, name string
	privileges                 []any
	builtIn                    bool
}

// builtInRoles are those that every data SVM comes with.
func builtInRoles() []string {
	return []string{builtInAccount, "vsadmin-volume", "vsadmin-protocol", "vsadmin-readonly"}
}

func roleRoutes() api {
	return api{
		"/security/roles": {
			http.MethodGet:  on((*Simulator).listRoles, 200),
			http.MethodPost: on((*Simulator).createRole, 201),
		},
		"/security/roles/{owner.uuid}/{name}": {
			http.MethodGet:    on((*Simulator).getRole, 200, 404),
			http.MethodDelete: on((*Simulator).deleteRole, 200, 404),
		},
		"/security/roles/{owner.uuid}/{name}/privileges": {
			http.MethodGet: on((*Simulator).listPrivileges, 200, 404),
		},
	}
}

var roleResource = resource{
	fields:  []string{"owner.uuid", "owner.name", "name", "privileges", "builtin", "scope"},
	keys:    []string{"owner.uuid", "owner.name", "name"},
	filters: []string{"owner.uuid", "owner.name", "name", "builtin", "scope"},
	self: func(r record) string {
		return "/api/security/roles/" + text(r, "owner.uuid") + "/" + url.PathEscape(text(r, "name"))
	},
}

func (c *cluster) roleRecord(r role) record {
	scope := "svm"
	if r.ownerUUID == c.adminUUID {
		scope = "cluster"
	}
	return record{
		"owner.uuid": r.ownerUUID, "owner.name": r.ownerName, "name": r.name, "privileges": r.privileges, "builtin": r.builtIn, "scope": scope,
	}
}

func privilege(path, access string) any { return map[string]any{"path": path, "access": access} }

// allRoles are the roles that somebody has made, and the built-in ones with the beginning of their privileges.
func (c *cluster) allRoles() []role {
	everything := []any{privilege("/api", "all"), privilege("DEFAULT", "all")}
	all := []role{{c.adminUUID, c.name, "admin", everything, true}}
	for _, v := range c.svms {
		for _, name := range builtInRoles() {
			all = append(all, role{v.uuid, v.name, name, []any{privilege("/api/cluster", "readonly"), privilege("DEFAULT", "none")}, true})
		}
	}
	return append(all, c.roles...)
}

// findRole returns the role of an owner. Accounts of an SVM have roles of that SVM.
func (c *cluster) findRole(ownerUUID, name string) (role, bool) {
	all := c.allRoles()
	if i := slices.IndexFunc(all, func(r role) bool { return r.ownerUUID == ownerUUID && r.name == name }); i >= 0 {
		return all[i], true
	}
	return role{}, false
}

func (s *Simulator) listRoles(q *request) (*answer, *failure) {
	var records []record
	for _, r := range q.cluster.allRoles() {
		if q.login.sees(r.ownerUUID) {
			records = append(records, q.cluster.roleRecord(r))
		}
	}
	return q.collection(roleResource, records)
}

// role returns the role that the path names.
func (q *request) role() (role, *failure) {
	r, found := q.cluster.findRole(q.params["owner.uuid"], q.params["name"])
	if !found || !q.login.sees(r.ownerUUID) {
		return role{}, notFound("role " + q.params["name"] + " of " + q.params["owner.uuid"])
	}
	return r, nil
}

func (s *Simulator) getRole(q *request) (*answer, *failure) {
	r, failed := q.role()
	if failed != nil {
		return nil, failed
	}
	return q.instance(roleResource, q.cluster.roleRecord(r))
}

func (s *Simulator) createRole(q *request) (*answer, *failure) {
	if q.login.svm != "" {
		return nil, fail(http.StatusBadRequest, codeRoleForbidden, "an administrator of an SVM cannot make roles")
	}
	if failed := q.body.only("name", "owner.uuid", "owner.name", "privileges"); failed != nil {
		return nil, failed
	}
	name, failed := q.body.required("name")
	if failed != nil {
		return nil, failed
	}
	made := role{ownerUUID: q.cluster.adminUUID, ownerName: q.cluster.name, name: name}
	if made.privileges, failed = q.body.privileges(); failed != nil {
		return nil, failed
	}
	if failed := q.roleOwner(&made); failed != nil {
		return nil, failed
	}
	// Each role has a twin of its name in the table of the roles of the command line.
	if _, taken := q.cluster.findRole(made.ownerUUID, name); taken {
		return nil, badRequest(codeRoleExists, "name", "there is a role %q", name)
	}
	q.cluster.roles = append(q.cluster.roles, made)
	q.touchRole(Created, made)
	return q.done(http.StatusCreated, roleResource, q.cluster.roleRecord(made)), nil
}

// touchRole notes an effect on a role of an SVM. The cluster's own are nobody's who is looked after.
func (q *request) touchRole(op Op, r role) {
	if r.ownerUUID != q.cluster.adminUUID {
		q.touch(op, RoleObject, r.ownerUUID, r.ownerUUID, r.name)
	}
}

// roleOwner makes the role one of the SVM that the body names, if it names one.
func (q *request) roleOwner(made *role) *failure {
	uuid, byUUID, failed := q.body.text("owner.uuid")
	if failed != nil {
		return failed
	}
	name, byName, failed := q.body.text("owner.name")
	if failed != nil {
		return failed
	}
	if !byUUID && !byName {
		return nil
	}
	for _, v := range q.cluster.svms {
		if v.uuid == cmp.Or(uuid, v.uuid) && v.name == cmp.Or(name, v.name) {
			made.ownerUUID, made.ownerName = v.uuid, v.name
			return nil
		}
	}
	return badRequest(codeSVMNotAccessible, "owner", "there is no such SVM")
}

// privileges returns the privileges of a body. They are those of the REST API only.
func (b body) privileges() ([]any, *failure) {
	list, _ := b["privileges"].([]any) // anything else is none
	if len(list) == 0 {
		return nil, badRequest(codeRequiredMissing, "privileges", "privileges is required")
	}
	var privileges []any
	for _, one := range list {
		object, _ := one.(map[string]any) // anything else has no path
		path, _ := object["path"].(string)
		access, _ := object["access"].(string)
		switch query, _ := object["query"].(string); {
		case !strings.HasPrefix(path, "/api"):
			return nil, unknown("a role with privileges for commands")
		case strings.ContainsAny(path, " ?#"):
			return nil, badRequest(codeRoleURICharacter, "privileges.path", "the path %q has a character that is not allowed", path)
		case !slices.Contains([]string{"none", "readonly", "read_create", "read_modify", "read_create_modify", "all"}, access):
			return nil, badRequest(codeRoleAccess, "privileges.access", "there is no access level %q", access)
		case query != "":
			return nil, badRequest(codeRoleQueryWithPath, "privileges.query", "a privilege for a path of the API has no query")
		}
		privileges = append(privileges, privilege(path, access))
	}
	return privileges, nil
}

func (s *Simulator) deleteRole(q *request) (*answer, *failure) {
	r, failed := q.role()
	if failed != nil {
		return nil, failed
	}
	switch {
	case q.login.svm != "":
		return nil, fail(http.StatusBadRequest, codeRoleForbidden, "an administrator of an SVM cannot delete roles")
	case r.builtIn:
		return nil, badRequest(codeRolePredefined, "name", "the role %q is predefined", r.name)
	case slices.ContainsFunc(q.cluster.accountsOf(r.ownerUUID), func(a *account) bool { return a.role == r.name }):
		return nil, badRequest(codeRoleInUse, "name", "accounts have the role %q", r.name)
	}
	q.cluster.roles = slices.DeleteFunc(q.cluster.roles, func(other role) bool { return other.ownerUUID == r.ownerUUID && other.name == r.name })
	q.touchRole(Deleted, r)
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}
