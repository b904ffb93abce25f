// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"maps"
	"net/http"
	"slices"
)

const (
	codeUnlicensed         = "1115127"
	codeProtocolDisallowed = "2621507"
)

// serviceCodes are those that a protocol's own tables give: for a service that exists, that is missing, whose SVM does not
// run, that would be beside another one; and, where it is to be removed, that is enabled or has host groups or LIFs.
type serviceCodes struct{ exists, missing, stopped, exclusive, enabled, groupsLeft, lifsLeft string }

// codesOf fills up with general codes what the tables do not name.
func codesOf(key string) serviceCodes {
	switch key {
	case "nvme":
		return serviceCodes{"72089650", "72089651", "5374893", "72089900", "72090028", "72089653", "72089654"}
	case "iscsi":
		return serviceCodes{"5374077", "5374078", "5374893", "5373966", "5373960", codeInUse, codeInUse}
	default:
		return serviceCodes{codeDuplicate, codeNotFound, "3276916", codeContext, codeInUse, codeInUse, codeInUse}
	}
}

func protocolRoutes() api {
	all := api{
		"/cluster/licensing/licenses":                   {http.MethodGet: on((*Simulator).listLicenses, 200)},
		"/protocols/nvme/subsystem-controllers":         {http.MethodGet: on((*Simulator).listControllers, 200)},
		"/protocols/san/iscsi/sessions":                 {http.MethodGet: on((*Simulator).listSessions, 200)},
		"/protocols/nfs/connected-clients":              {http.MethodGet: on((*Simulator).listClients, 200)},
		"/protocols/san/igroups":                        {http.MethodGet: on(groups("iscsi"), 200)},
		"/protocols/san/igroups/{uuid}":                 {http.MethodDelete: on(deleteGroup("iscsi"), 200)},
		"/security/multi-admin-verify":                  {http.MethodGet: on((*Simulator).getApprovals, 200)},
		"/security/multi-admin-verify/rules":            {http.MethodGet: on((*Simulator).listApprovalRules, 200)},
		"/security/multi-admin-verify/requests/{index}": {http.MethodGet: on((*Simulator).getApproval, 200, 404)},
	}
	maps.Copy(all, serviceRoutes("/protocols/nvme/services", "nvme", []int{201}, []int{200}, []int{200}))
	maps.Copy(all, serviceRoutes("/protocols/san/iscsi/services", "iscsi", []int{201}, []int{200}, []int{200, 409}))
	maps.Copy(all, serviceRoutes("/protocols/nfs/services", "nfs", []int{201, 409}, []int{200, 404}, []int{200, 404, 409}))
	return all
}

// serviceRoutes are the operations on the services of a protocol, with what they answer. Where a protocol's own table names
// no code for something, the general code decides on the status.
func serviceRoutes(path, key string, created, modified, deleted []int) api {
	return api{
		path: {
			http.MethodGet:  on(func(s *Simulator, q *request) (*answer, *failure) { return s.listServices(q, key) }, 200),
			http.MethodPost: on(func(s *Simulator, q *request) (*answer, *failure) { return s.createService(q, key) }, created...),
		},
		path + "/{svm.uuid}": {
			http.MethodPatch:  on(func(s *Simulator, q *request) (*answer, *failure) { return s.modifyService(q, key) }, modified...),
			http.MethodDelete: on(func(s *Simulator, q *request) (*answer, *failure) { return s.deleteService(q, key) }, deleted...),
		},
	}
}

var serviceResource = resource{
	fields: []string{"svm.uuid", "svm.name", "enabled"}, keys: []string{"svm.uuid", "svm.name"}, filters: []string{"svm.uuid", "svm.name", "enabled"},
	self: func(r record) string { return "/api/protocols/services/" + text(r, "svm.uuid") },
}

func serviceRecord(v *svm, key string) record {
	return record{"svm.uuid": v.uuid, "svm.name": v.name, "enabled": v.protocols[key].enabled}
}

func (s *Simulator) listServices(q *request, key string) (*answer, *failure) {
	var records []record
	for _, v := range q.cluster.svms {
		if v.protocols[key].service && q.login.sees(v.uuid) {
			records = append(records, serviceRecord(v, key))
		}
	}
	return q.collection(serviceResource, records)
}

func (s *Simulator) createService(q *request, key string) (*answer, *failure) {
	if failed := q.body.only("svm.uuid", "enabled"); failed != nil {
		return nil, failed
	}
	owner, failed := q.innerOwner(codeSVMNotAccessible, codesOf(key).stopped)
	if failed != nil {
		return nil, failed
	}
	if owner.protocols[key].service {
		return nil, refuse(codesOf(key).exists, "SVM %q has a %s service", owner.name, key)
	}
	if failed := s.mayServe(q.cluster, owner.protocols, key); failed != nil {
		return nil, failed
	}
	owner.protocols[key].service, owner.protocols[key].enabled = true, true
	q.touch(Created, ServiceObject, owner.uuid, owner.uuid, key)
	return q.done(http.StatusCreated, serviceResource, serviceRecord(owner, key)), nil
}

// mayServe looks at licence, permission and the company that NVMe does not keep.
func (s *Simulator) mayServe(c *cluster, protocols map[string]*protocol, key string) *failure {
	if slices.Contains(c.store.unlicensed, key) {
		return fail(http.StatusBadRequest, codeUnlicensed, "the cluster has no licence for %s", key)
	}
	if !protocols[key].allowed {
		return fail(http.StatusBadRequest, codeProtocolDisallowed, "%s is not allowed on the SVM", key)
	}
	for other, p := range protocols {
		if p.service && other != key && (key == "nvme" || other == "nvme") && !s.options.NVMeShared {
			return refuse(codesOf(key).exclusive, "%s cannot be configured together with %s", key, other)
		}
	}
	return nil
}

// service returns the SVM that the path names, if it has the service.
func (q *request) service(key string) (*svm, *failure) {
	v := q.cluster.svms[q.params["svm.uuid"]]
	if v == nil || !q.login.sees(v.uuid) || !v.protocols[key].service {
		return nil, refuse(codesOf(key).missing, "there is no %s service of SVM %s", key, q.params["svm.uuid"])
	}
	if failed := v.standby(codeDestination); failed != nil {
		return nil, failed
	}
	return v, nil
}

func (s *Simulator) modifyService(q *request, key string) (*answer, *failure) {
	v, failed := q.service(key)
	if failed != nil {
		return nil, failed
	}
	if failed := q.body.only("enabled"); failed != nil {
		return nil, failed
	}
	enabled, given, failed := q.body.flag("enabled")
	if failed != nil {
		return nil, failed
	}
	if !given {
		return nil, fail(http.StatusBadRequest, codeEmptyPatch, "the PATCH changes nothing")
	}
	if v.state != svmRunning {
		return nil, refuse(codesOf(key).stopped, "SVM %q is %s", v.name, v.state)
	}
	v.protocols[key].enabled = enabled
	q.touch(Changed, ServiceObject, v.uuid, v.uuid, key)
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}

func (s *Simulator) deleteService(q *request, key string) (*answer, *failure) {
	v, failed := q.service(key)
	if failed != nil {
		return nil, failed
	}
	served := slices.ContainsFunc(q.cluster.net.lifsOf(v.uuid), func(l *lif) bool { return protocolOf(l.policy) == key })
	switch {
	case v.state != svmRunning && key == "nfs":
		return nil, refuse(codesOf(key).stopped, "SVM %q is %s", v.name, v.state)
	case v.protocols[key].enabled:
		return nil, refuse(codesOf(key).enabled, "the %s service of SVM %q is enabled", key, v.name)
	case len(q.cluster.store.groupsOf(v.uuid, key)) > 0:
		return nil, refuse(codesOf(key).groupsLeft, "SVM %q has subsystems or igroups", v.name)
	case served:
		return nil, refuse(codesOf(key).lifsLeft, "SVM %q has %s LIFs", v.name, key)
	}
	v.protocols[key].service = false
	q.touch(Deleted, ServiceObject, v.uuid, v.uuid, key)
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}

// licenseNames are those of ONTAP's packages for the protocols.
func licenseNames() map[string]string {
	return map[string]string{"nvme": "nvme_of", "iscsi": "iscsi", "nfs": "nfs", "cifs": "cifs", "fcp": "fcp"}
}

// listLicenses lists licensed packages only, as ONTAP does unless it is asked for others.
func (s *Simulator) listLicenses(q *request) (*answer, *failure) {
	r := resource{
		fields: []string{"name", "state", "scope"}, keys: []string{"name"}, filters: []string{"name", "state"},
		self: func(r record) string { return "/api/cluster/licensing/licenses/" + text(r, "name") },
	}
	var records []record
	for key, name := range licenseNames() {
		if !slices.Contains(q.cluster.store.unlicensed, key) {
			records = append(records, record{"name": name, "state": "compliant", "scope": "cluster"})
		}
	}
	return q.collection(r, records)
}
