// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const (
	// builtInAccount is the account that every data SVM comes with, and the role that accounts of an SVM have by default.
	builtInAccount = "vsadmin"
	// maxAccountComment is the limit of ONTAP's command line (security login create); the REST documents name none.
	maxAccountComment = 128

	codeLockWithoutPassword = "7077929"
)

var (
	accountNames = regexp.MustCompile(`^[A-Za-z0-9_.-]*$`)
	letters      = regexp.MustCompile(`[A-Za-z]`)
	digits       = regexp.MustCompile(`[0-9]`)
)

func (a *account) record() record {
	r := record{
		"owner.uuid": a.ownerUUID, "owner.name": a.ownerName, "name": a.name, "role.name": a.role, "scope": "svm",
		"applications": []any{map[string]any{"application": "http", "authentication_methods": []any{"password"}}},
	}
	if a.cluster {
		r["scope"] = "cluster"
	}
	if a.comment != "" {
		r["comment"] = a.comment
	}
	if a.password != "" {
		r["locked"] = a.locked
	}
	return r
}

func (a *account) effect(op Op, before, after string) Effect {
	return Effect{Op: op, Object: AccountObject, UUID: a.ownerUUID, Name: a.name, Before: before, After: after}
}

func (s *Simulator) listAccounts(q *request) (*answer, *failure) {
	var records []record
	for _, a := range q.cluster.accounts {
		if q.login.sees(a.ownerUUID) {
			records = append(records, a.record())
		}
	}
	return q.collection(accountResource, records)
}

// account returns the account that the path names.
func (q *request) account() (*account, *failure) {
	key := accountKey{q.params["owner.uuid"], q.params["name"]}
	a, ok := q.cluster.accounts[key]
	if !ok || !q.login.sees(a.ownerUUID) {
		failed := notFound("account " + key.name + " of " + key.ownerUUID)
		failed.target = "name"
		return nil, failed
	}
	return a, nil
}

func (s *Simulator) getAccount(q *request) (*answer, *failure) {
	a, failed := q.account()
	if failed != nil {
		return nil, failed
	}
	return q.instance(accountResource, a.record())
}

func (s *Simulator) createAccount(q *request) (*answer, *failure) {
	failed := q.body.only("owner.uuid", "owner.name", "name", "role", "role.name", "applications", "password", "comment")
	if failed != nil {
		return nil, failed
	}
	a, failed := accountFields(q.body)
	if failed != nil {
		return nil, failed
	}
	owner, failed := q.accountOwner()
	if failed != nil {
		return nil, failed
	}
	a.ownerUUID, a.ownerName = owner.uuid, owner.name
	if _, found := q.cluster.findRole(owner.uuid, a.role); !found {
		return nil, badRequest(codeRoleUnknown, "role", "there is no role %q", a.role)
	}
	if _, taken := q.cluster.accounts[a.key()]; taken {
		failed := fail(http.StatusConflict, codeDuplicate, "duplicate entry: account %s", a.name)
		failed.target = "name"
		return nil, failed
	}
	if q.fault != nil && q.fault.Kind == DropHalfway {
		a.password = ""
	}
	q.cluster.addAccount(a)
	q.effects = append(q.effects, a.effect(Created, "", a.comment))
	return q.done(http.StatusCreated, accountResource, a.record()), nil
}

// accountOwner returns the SVM that the body names. An account without one would be the cluster's own.
func (q *request) accountOwner() (*svm, *failure) {
	uuid, byUUID, failed := q.body.text("owner.uuid")
	if failed != nil {
		return nil, failed
	}
	name, byName, failed := q.body.text("owner.name")
	if failed != nil {
		return nil, failed
	}
	var owner *svm
	switch {
	case !byUUID && !byName:
		return nil, unknown("an account of the cluster")
	case byUUID && byName:
		return nil, unknown("an owner by UUID and name")
	case byUUID:
		if owner = q.cluster.svms[uuid]; owner == nil {
			return nil, badRequest(codeUUIDNotFound, "owner.uuid", "no SVM has this UUID")
		}
	default:
		if owner = q.cluster.findSVM(name); owner == nil {
			return nil, badRequest(codeSVMNotFound, "owner.name", "no SVM has this name")
		}
	}
	if failed := owner.standby(codeDestination); failed != nil {
		return nil, failed
	}
	if owner.state != svmRunning {
		return nil, fail(http.StatusBadRequest, codeSVMNotAccessible, "SVM %q is %s", owner.name, owner.state)
	}
	return owner, nil
}

// accountFields returns the account that a body describes, without an owner.
func accountFields(b body) (*account, *failure) {
	name, failed := b.required("name")
	if failed != nil {
		return nil, failed
	}
	if failed := accountName(name); failed != nil {
		return nil, failed
	}
	if failed := accountApplications(b); failed != nil {
		return nil, failed
	}
	role, failed := accountRole(b)
	if failed != nil {
		return nil, failed
	}
	password, given, failed := b.text("password")
	if failed != nil {
		return nil, failed
	}
	if given {
		if failed := accountPassword(name, password); failed != nil {
			return nil, failed
		}
	}
	comment, _, failed := b.comment(maxAccountComment)
	return &account{name: name, role: role, password: password, comment: comment}, failed
}

func accountName(name string) *failure {
	switch {
	case slices.Contains([]string{"admin", "diag", "autosupport", "root"}, name):
		return badRequest(codeAccountReserved, "name", "the name %q is reserved", name)
	case len(name) < 3 || len(name) > 64:
		return badRequest(codeAccountNameLength, "name", "an account name has 3 to 64 characters")
	case !accountNames.MatchString(name):
		return badRequest(codeAccountNameCharacter, "name", "the account name has a character that is not allowed")
	case !letters.MatchString(name) || !digits.MatchString(name):
		return badRequest(codeAccountNameComposition, "name", "an account name has both letters and digits")
	default:
		return nil
	}
}

// accountRole takes the role in both forms of NetApp's documents, an object and a bare name.
func accountRole(b body) (string, *failure) {
	for _, path := range []string{"role.name", "role"} {
		role, given, failed := b.text(path)
		if failed != nil {
			return "", failed
		}
		if given {
			return role, nil
		}
	}
	return builtInAccount, nil
}

// accountApplications demands exactly what a REST login needs.
func accountApplications(b body) *failure {
	applications, given := b["applications"]
	if !given {
		return badRequest(codeRequiredMissing, "applications", "applications is required")
	}
	list, _ := applications.([]any) // anything but a list is not simulated either
	if len(list) != 1 {
		return unknown("applications other than one for http")
	}
	entry, _ := list[0].(map[string]any)
	methods, _ := entry["authentication_methods"].([]any)
	if len(entry) != 2 || entry["application"] != "http" || len(methods) != 1 || methods[0] != "password" {
		return unknown("an application other than http with a password")
	}
	return nil
}

func accountPassword(name, password string) *failure {
	switch {
	case len(password) < 8:
		return badRequest(codePasswordTooShort, "password", "a password has at least 8 characters")
	case len(password) > 128:
		return badRequest(codePasswordTooLong, "password", "a password has at most 128 characters")
	case strings.Contains(password, name):
		return badRequest(codePasswordHasUsername, "password", "a password does not contain the user name")
	case !letters.MatchString(password) || !digits.MatchString(password):
		return badRequest(codePasswordComposition, "password", "a password has both letters and digits")
	default:
		return nil
	}
}

func (s *Simulator) modifyAccount(q *request) (*answer, *failure) {
	a, failed := q.account()
	if failed != nil {
		return nil, failed
	}
	if failed := q.cluster.svms[a.ownerUUID].standby(codeDestination); failed != nil {
		return nil, failed
	}
	if failed := q.body.only("comment", "locked", "password"); failed != nil {
		return nil, failed
	}
	if len(q.body) == 0 {
		return nil, fail(http.StatusBadRequest, codeEmptyPatch, "the PATCH changes nothing")
	}
	comment, commented, failed := q.body.comment(maxAccountComment)
	if failed != nil {
		return nil, failed
	}
	locked, lock, failed := q.body.flag("locked")
	if failed != nil {
		return nil, failed
	}
	if _, sets := q.body["password"]; lock && a.password == "" && !sets {
		return nil, badRequest(codeLockWithoutPassword, "locked", "an account without a password cannot be locked or unlocked")
	}
	if failed := s.changePassword(q, a); failed != nil {
		return nil, failed
	}
	before := a.comment
	if commented {
		a.comment = comment
	}
	if lock {
		a.locked = locked
	}
	q.effects = append(q.effects, a.effect(Changed, before, a.comment))
	return q.done(http.StatusOK, accountResource, a.record()), nil
}

// changePassword gives the account the password of the body, if there is one. ONTAP's history of passwords is not simulated,
// only that the new one must not be the old one.
func (s *Simulator) changePassword(q *request, a *account) *failure {
	password, given, failed := q.body.text("password")
	if failed != nil || !given {
		return failed
	}
	s.violate(PasswordChanged, q.cluster.name, q.method+" "+q.path)
	if failed := accountPassword(a.name, password); failed != nil {
		return failed
	}
	if password == a.password {
		return badRequest(codePasswordSame, "password", "the new password is the old one")
	}
	a.password = password
	return nil
}

func (s *Simulator) deleteAccount(q *request) (*answer, *failure) {
	a, failed := q.account()
	if failed != nil {
		return nil, failed
	}
	if failed := q.cluster.svms[a.ownerUUID].standby(codeDestination); failed != nil {
		return nil, failed
	}
	delete(q.cluster.accounts, a.key())
	q.effects = append(q.effects, a.effect(Deleted, a.comment, ""))
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}
