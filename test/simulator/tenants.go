// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"slices"
	"strings"
)

const (
	codeSVMMismatch = "2621706"
	codeSVMMissing  = "2621707"
)

// mayWrite tells whether the login's role has the right for a write. An SVM's account may write what Trident needs, and only
// with the role vsadmin; whatever else ONTAP grants that role is denied here.
func (q *request) mayWrite() bool {
	if q.login.svm == "" {
		return true
	}
	a := q.cluster.accounts[accountKey{q.login.svm, q.login.user}]
	return a != nil && a.role == builtInAccount && slices.ContainsFunc([]string{
		"/storage/volumes", "/storage/namespaces", "/protocols/nvme/subsystems", "/protocols/nvme/subsystem-maps", "/support/ems/application-logs",
	}, func(path string) bool { return q.template == path || strings.HasPrefix(q.template, path+"/") })
}

// storageOwner returns the SVM that something of a body is to be part of. Somebody else's SVM does not exist for the login of
// an SVM, which has to name its own all the same: Trident does so, and no document says that it need not.
func (q *request) storageOwner() (*svm, *failure) {
	uuid, byUUID, failed := q.body.text("svm.uuid")
	if failed != nil {
		return nil, failed
	}
	name, byName, failed := q.body.text("svm.name")
	if failed != nil {
		return nil, failed
	}
	if !byUUID && !byName {
		return nil, badRequest(codeSVMMissing, "svm", "svm.uuid or svm.name is required")
	}
	owner := q.cluster.svms[uuid]
	if !byUUID {
		owner = q.cluster.findSVM(name)
	}
	switch {
	case owner == nil || !q.login.sees(owner.uuid):
		return nil, badRequest(codeSVMNotAccessible, "svm", "there is no such SVM")
	case byName && owner.name != name:
		return nil, badRequest(codeSVMMismatch, "svm", "svm.uuid and svm.name are of different SVMs")
	case owner.state != svmRunning:
		return nil, fail(http.StatusBadRequest, codeSVMNotAccessible, "SVM %q is %s", owner.name, owner.state)
	}
	return owner, nil
}

// ownerRunning refuses a change of what is part of an SVM that does not run.
func (c *cluster) ownerRunning(svmUUID string) *failure {
	if v := c.svms[svmUUID]; v == nil || v.state != svmRunning {
		return fail(http.StatusBadRequest, codeSVMNotAccessible, "SVM %s does not run", svmUUID)
	}
	return nil
}

// deletionParameters are those that a DELETE knows beside what all writes know.
func (q *request) deletionParameters() []string {
	switch q.method + " " + q.template {
	case "DELETE /storage/volumes/{uuid}":
		return []string{"force"}
	case "DELETE /storage/namespaces/{uuid}":
		return []string{allowMapped}
	case "DELETE /protocols/nvme/subsystems/{uuid}":
		return []string{allowMapped, allowHosts}
	case "DELETE /protocols/san/igroups/{uuid}":
		return []string{allowMapped}
	default:
		return nil
	}
}

const (
	allowMapped = "allow_delete_while_mapped"
	allowHosts  = "allow_delete_with_hosts"
)
