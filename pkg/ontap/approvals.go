// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// The states of an approval in which it is not decided, and in which it was refused.
const (
	ApprovalPending = "pending"
	ApprovalVetoed  = "vetoed"
)

const (
	approvalPath  = "/security/multi-admin-verify"
	approvalsPath = approvalPath + "/requests"
)

// ApprovalService reads /security/multi-admin-verify: its rules, and what waits for other administrators to approve it.
type ApprovalService struct{ client *Client }

// Approval is a request that a multi-admin rule has made of a write.
type Approval struct {
	Index     int64  `json:"index"`
	State     string `json:"state"`
	Operation string `json:"operation"`
}

func (a Approval) read() Approval { return a }

// Get returns a request, or an error of [KindNotFound] if ONTAP does not know it, or no longer.
func (s *ApprovalService) Get(ctx context.Context, index int64) (Approval, error) {
	r := request{path: approvalsPath + "/{index}", keys: []string{strconv.FormatInt(index, 10)}, query: "fields=index,state,operation"}
	about := func(approval Approval) bool { return approval.Index == index && approval.State != "" }
	return get[Approval](ctx, s.client, r, about, "the answer is not about this request, or has no state")
}

// Off reports whether the cluster says that no rule counts.
func (s *ApprovalService) Off(ctx context.Context) (bool, error) {
	r := request{path: approvalPath, query: "fields=enabled"}
	config, err := get[approvalConfig](ctx, s.client, r, func(approvalConfig) bool { return true }, "")
	return config.Enabled != nil && !*config.Enabled, err
}

// Rules returns the commands that rules are for, each of which waits for an approval, or does so for some objects.
func (s *ApprovalService) Rules(ctx context.Context) ([]string, error) {
	return list[approvalRule](ctx, s.client, approvalPath+"/rules", "operation", nil)
}

type approvalConfig struct {
	// Enabled is nil where ONTAP does not say it.
	Enabled *bool `json:"enabled"`
}

func (c approvalConfig) read() approvalConfig { return c }

type approvalRule struct {
	Operation string `json:"operation"`
}

func (r approvalRule) read() string { return r.Operation }

// approvalIn finds the index of a request that an answer to a write links to. No document says where the link stands.
func approvalIn(header http.Header, answer []byte) (index int64, found bool) {
	if index, found = approvalIndex(header.Get("Location")); found {
		return index, true
	}
	var body any
	if json.Unmarshal(answer, &body) != nil {
		return 0, false
	}
	return approvalLink(body)
}

func approvalLink(value any) (int64, bool) {
	switch value := value.(type) {
	case map[string]any:
		if href, ok := value["href"].(string); ok {
			if index, found := approvalIndex(href); found {
				return index, true
			}
		}
		for _, child := range value {
			if index, found := approvalLink(child); found {
				return index, true
			}
		}
	case []any:
		for _, child := range value {
			if index, found := approvalLink(child); found {
				return index, true
			}
		}
	}
	return 0, false
}

func approvalIndex(link string) (int64, bool) {
	text, ok := strings.CutPrefix(link, "/api"+approvalsPath+"/")
	index, err := strconv.ParseInt(text, 10, 64)
	return index, ok && err == nil
}
