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

func (s *Simulator) getApproval(q *request) (*answer, *failure) {
	index, err := strconv.Atoi(q.params["index"])
	if err != nil || index < 1 || index > len(q.cluster.approvals) {
		return nil, notFound("request " + q.params["index"])
	}
	a := q.cluster.approvals[index-1]
	r := resource{fields: []string{"index", "operation", "state", "user_requested"}, keys: []string{"index"}}
	return q.instance(r, record{"index": a.index, "operation": a.operation, "state": a.state, "user_requested": a.user})
}
