// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const (
	maxSubsystemName    = 64
	maxSubsystemComment = 255

	codeSubsystemCharacter = "72089709"
	codeSubsystemTaken     = "72090025"
	codeNoNVMeService      = "72090029"
	codeHostTaken          = "72089705"
	codeNQNQualifier       = "72089771"
	codeNQNPrefix          = "72089772"
	codeNQNDate            = "72089773"
	codeHostWithoutNQN     = "72090003"
	codeHostMissing        = "72090004"
)

// subsystemNames allows what Trident uses; the documents do not say which characters are not allowed.
var subsystemNames = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

var subsystemResource = resource{
	fields:  []string{"uuid", "name", "svm.uuid", "svm.name", "os_type", "comment", "target_nqn", "serial_number"},
	keys:    []string{"uuid", "name"},
	filters: []string{"uuid", "name", "svm.uuid", "svm.name", "os_type", "target_nqn"},
	self:    func(r record) string { return "/api/protocols/nvme/subsystems/" + text(r, "uuid") },
}

func (c *cluster) subsystemRecord(g *hostGroup) record {
	plain := strings.ReplaceAll(g.svmUUID, "-", "")
	r := record{
		"uuid": g.uuid, "name": g.name, "svm.uuid": g.svmUUID, "os_type": g.osType, "serial_number": strings.ReplaceAll(g.uuid, "-", "")[:20],
		"target_nqn": "nqn.1992-08.com.netapp:sn." + plain + ":subsystem." + g.name,
	}
	if owner := c.svms[g.svmUUID]; owner != nil {
		r["svm.name"] = owner.name
	}
	if g.comment != "" {
		r["comment"] = g.comment
	}
	return r
}

func (s *Simulator) listSubsystems(q *request) (*answer, *failure) {
	var records []record
	for _, g := range q.visibleGroups("nvme") {
		records = append(records, q.cluster.subsystemRecord(g))
	}
	return q.collection(subsystemResource, records)
}

// subsystem returns the subsystem that the path names under this key.
func (q *request) subsystem(key string) (*hostGroup, *failure) {
	if g := q.group("nvme", key); g != nil {
		return g, nil
	}
	return nil, fail(http.StatusBadRequest, codeSubsystemMissing, "there is no subsystem %s", q.params[key])
}

func (s *Simulator) getSubsystem(q *request) (*answer, *failure) {
	g, failed := q.subsystem("uuid")
	if failed != nil {
		return nil, failed
	}
	return q.instance(subsystemResource, q.cluster.subsystemRecord(g))
}

func (s *Simulator) createSubsystem(q *request) (*answer, *failure) {
	if failed := q.body.only("svm.uuid", "svm.name", "name", "os_type", "comment"); failed != nil {
		return nil, failed
	}
	owner, failed := q.storageOwner()
	if failed != nil {
		return nil, failed
	}
	g := &hostGroup{svmUUID: owner.uuid, protocol: "nvme"}
	if g.name, failed = q.body.required("name"); failed != nil {
		return nil, failed
	}
	if g.osType, failed = q.body.required("os_type"); failed != nil {
		return nil, failed
	}
	if g.comment, _, failed = q.body.comment(maxSubsystemComment); failed != nil {
		return nil, failed
	}
	named := func(one *hostGroup) bool { return one.name == g.name }
	switch {
	case !slices.Contains(systems(), g.osType):
		return nil, badRequest(codeInvalidValue, "os_type", "os_type is one of %v", systems())
	case len(g.name) > maxSubsystemName:
		return nil, badRequest(codeInvalidValue, "name", "the name of a subsystem has at most %d characters", maxSubsystemName)
	case !subsystemNames.MatchString(g.name):
		return nil, badRequest(codeSubsystemCharacter, "name", "the name of the subsystem has a character that is not allowed")
	case !owner.protocols["nvme"].service:
		return nil, fail(http.StatusBadRequest, codeNoNVMeService, "SVM %q has no NVMe service", owner.name)
	case slices.ContainsFunc(q.cluster.store.groupsOf(owner.uuid, "nvme"), named):
		return nil, badRequest(codeSubsystemTaken, "name", "SVM %q has a subsystem %q", owner.name, g.name)
	}
	g.uuid = s.newUUID()
	q.cluster.store.groups = append(q.cluster.store.groups, g)
	q.touch(Created, HostGroupObject, owner.uuid, g.uuid, g.name)
	return q.done(http.StatusCreated, subsystemResource, q.cluster.subsystemRecord(g)), nil
}

var hostResource = resource{
	fields:  []string{"nqn", "subsystem.uuid", "subsystem.name"},
	keys:    []string{"nqn", "subsystem.uuid"},
	filters: []string{"nqn"},
	self: func(r record) string {
		return "/api/protocols/nvme/subsystems/" + text(r, "subsystem.uuid") + "/hosts/" + url.PathEscape(text(r, "nqn"))
	},
}

func (g *hostGroup) hostRecord(nqn string) record {
	return record{"nqn": nqn, "subsystem.uuid": g.uuid, "subsystem.name": g.name}
}

func (s *Simulator) listHosts(q *request) (*answer, *failure) {
	g, failed := q.subsystem("subsystem.uuid")
	if failed != nil {
		return nil, failed
	}
	var records []record
	for _, nqn := range g.hosts {
		records = append(records, g.hostRecord(nqn))
	}
	return q.collection(hostResource, records)
}

func (s *Simulator) createHost(q *request) (*answer, *failure) {
	g, failed := q.subsystem("subsystem.uuid")
	if failed != nil {
		return nil, failed
	}
	if failed := q.body.only("nqn"); failed != nil {
		return nil, failed
	}
	nqn, given, failed := q.body.text("nqn")
	if failed != nil {
		return nil, failed
	}
	if !given {
		return nil, badRequest(codeHostWithoutNQN, "nqn", "nqn is required")
	}
	if failed := validNQN(nqn); failed != nil {
		return nil, failed
	}
	if slices.Contains(g.hosts, nqn) {
		return nil, badRequest(codeHostTaken, "nqn", "subsystem %q has the host %q", g.name, nqn)
	}
	if failed := q.cluster.ownerRunning(g.svmUUID); failed != nil {
		return nil, failed
	}
	g.hosts = append(g.hosts, nqn)
	q.touch(Changed, HostGroupObject, g.svmUUID, g.uuid, g.name)
	return q.done(http.StatusCreated, hostResource, g.hostRecord(nqn)), nil
}

var nqnDate = regexp.MustCompile(`^\d{4}-\d{2}$`)

// validNQN wants nqn.<yyyy-mm>.<domain>:<qualifier>.
func validNQN(nqn string) *failure {
	rest, prefixed := strings.CutPrefix(nqn, "nqn.")
	date, rest, _ := strings.Cut(rest, ".")
	_, qualifier, _ := strings.Cut(rest, ":")
	switch {
	case !prefixed:
		return badRequest(codeNQNPrefix, "nqn", "the NQN does not begin with nqn")
	case !nqnDate.MatchString(date):
		return badRequest(codeNQNDate, "nqn", "the NQN has no date")
	case qualifier == "":
		return badRequest(codeNQNQualifier, "nqn", "the NQN has no qualifier")
	}
	return nil
}

// host returns the subsystem and the host in it that the path names.
func (q *request) host() (*hostGroup, string, *failure) {
	g, failed := q.subsystem("subsystem.uuid")
	if failed != nil {
		return nil, "", failed
	}
	nqn := q.params["nqn"]
	if failed := validNQN(nqn); failed != nil {
		return nil, "", failed
	}
	if !slices.Contains(g.hosts, nqn) {
		return nil, "", fail(http.StatusBadRequest, codeHostMissing, "subsystem %q has no host %q", g.name, nqn)
	}
	return g, nqn, nil
}

func (s *Simulator) getHost(q *request) (*answer, *failure) {
	g, nqn, failed := q.host()
	if failed != nil {
		return nil, failed
	}
	return q.instance(hostResource, g.hostRecord(nqn))
}

func (s *Simulator) deleteHost(q *request) (*answer, *failure) {
	g, nqn, failed := q.host()
	if failed != nil {
		return nil, failed
	}
	g.hosts = slices.DeleteFunc(g.hosts, func(one string) bool { return one == nqn })
	q.touch(Changed, HostGroupObject, g.svmUUID, g.uuid, g.name)
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}
