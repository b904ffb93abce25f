// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
)

// approval is a request of multi-admin verification.
type approval struct {
	index                  int
	operation, user, state string
}

// mindApproval holds a request back that other administrators have to approve. NetApp's support describes the answer: 202
// with a link to the request for approval.
func (s *Simulator) mindApproval(q *request) *answer {
	if !slices.Contains(q.cluster.approvalRules, q.method+" "+q.template) {
		return nil
	}
	operation := q.method + " " + q.path
	i := slices.IndexFunc(q.cluster.approvals, func(a *approval) bool {
		return a.operation == operation && a.user == q.login.user && (a.state == "pending" || a.state == "approved")
	})
	switch {
	case i >= 0 && q.cluster.approvals[i].state == "approved":
		q.cluster.approvals[i].state = "executed"
		return nil
	case i >= 0:
		s.violate(RepeatedApproval, q.cluster.name, operation)
		return approvalLink(q.cluster.approvals[i].index)
	}
	made := &approval{index: len(q.cluster.approvals) + 1, operation: operation, user: q.login.user, state: "pending"}
	q.cluster.approvals = append(q.cluster.approvals, made)
	return approvalLink(made.index)
}

func approvalLink(index int) *answer {
	link := map[string]any{"href": fmt.Sprintf("/api/security/multi-admin-verify/requests/%d", index)}
	return &answer{status: http.StatusAccepted, body: map[string]any{"_links": map[string]any{"multi_admin_verify_request": link}}}
}

// getApprovals tells that rules count where there are some.
func (s *Simulator) getApprovals(q *request) (*answer, *failure) {
	r := resource{fields: []string{"enabled", "required_approvers"}}
	return q.instance(r, record{"enabled": len(q.cluster.approvalRules) > 0, "required_approvers": 1})
}

// approvalCommands are what ONTAP's rules are for, by the requests that NetApp's document relates to them.
func approvalCommands() map[string]string {
	return map[string]string{
		"POST /svm/svms":                                "vserver create",
		"PATCH /svm/svms/{uuid}":                        "vserver modify",
		"DELETE /svm/svms/{uuid}":                       "vserver delete",
		"POST /network/ip/interfaces":                   "network interface create",
		"PATCH /network/ip/interfaces/{uuid}":           "network interface modify",
		"DELETE /network/ip/interfaces/{uuid}":          "network interface delete",
		"POST /network/ip/routes":                       "network route create",
		"POST /security/accounts":                       "security login create",
		"PATCH /security/accounts/{owner.uuid}/{name}":  "security login modify",
		"DELETE /security/accounts/{owner.uuid}/{name}": "security login delete",
		"DELETE /storage/volumes/{uuid}":                "volume delete",
		"POST /protocols/nvme/services":                 "vserver nvme create",
		"DELETE /protocols/nvme/services/{svm.uuid}":    "vserver nvme delete",
	}
}

func (s *Simulator) listApprovalRules(q *request) (*answer, *failure) {
	var records []record
	for _, rule := range q.cluster.approvalRules {
		command, known := approvalCommands()[rule]
		if !known {
			return nil, unknown("the command of the rule for %s", rule)
		}
		records = append(records, record{"operation": command, "owner.uuid": q.cluster.uuid, "owner.name": q.cluster.name, "required_approvers": 1})
	}
	return q.collection(resource{
		fields: []string{"operation", "owner.uuid", "owner.name", "required_approvers"}, keys: []string{"owner.uuid", "owner.name", "operation"},
		filters: []string{"operation"},
	}, records)
}

func (s *Simulator) getApproval(q *request) (*answer, *failure) {
	index, err := strconv.Atoi(q.params["index"])
	if err != nil || index < 1 || index > len(q.cluster.approvals) {
		return nil, notFound("request " + q.params["index"])
	}
	a := q.cluster.approvals[index-1]
	r := resource{fields: []string{"index", "operation", "state", "user_requested"}, keys: []string{"index"}}
	return q.instance(r, record{"index": a.index, "operation": a.operation, "state": a.state, "user_requested": a.user})
}
