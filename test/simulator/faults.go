// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
)

// FaultKinds are all of them.
func FaultKinds() []FaultKind {
	return []FaultKind{
		ErrorBefore, ErrorAfterEffect, DropBefore, DropAfterEffect, DropHalfway, FailJob, StickInitializing,
		AnswerHTML, AnswerTruncated, AnswerHuge, AnswerEndless,
	}
}

// FailNext arms a fault for the next requests with its address, after those armed before.
func (s *Simulator) FailNext(_ context.Context, f Fault) error {
	if _, ok := s.routes[f.Path][f.Method]; !ok {
		return fmt.Errorf("arming fault: there is no route %q %q", f.Method, f.Path)
	}
	switch f.Kind {
	case DropBefore, DropAfterEffect, AnswerHTML, AnswerTruncated, AnswerHuge, AnswerEndless:
	case ErrorBefore, ErrorAfterEffect:
		if f.Status < 400 || f.Status > 599 {
			return fmt.Errorf("arming fault: status %d is not an error, which is 400 to 599", f.Status)
		}
	case DropHalfway:
		if f.Method != http.MethodPost || f.Path != "/security/accounts" {
			return fmt.Errorf("arming fault: only an account can be made half, by POST /security/accounts")
		}
	case StickInitializing:
		if f.Method != http.MethodPost || f.Path != "/svm/svms" {
			return fmt.Errorf("arming fault: only an SVM can stay initializing, by POST /svm/svms")
		}
	case FailJob:
		if f.Code == "" || !makesJob(f.Method, f.Path) {
			return fmt.Errorf("arming fault: a job that fails needs a code, and a request that makes a job, such as POST /svm/svms")
		}
	default:
		return fmt.Errorf("arming fault: unknown kind %q, there are %s", f.Kind, listed(FaultKinds()))
	}
	if f.Times < 0 {
		return fmt.Errorf("arming fault: times %d is negative", f.Times)
	}
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Cluster != "" && s.find(f.Cluster) == nil {
		return fmt.Errorf("arming fault: %w", s.unknownCluster(f.Cluster))
	}
	s.faults = append(s.faults, &f)
	return nil
}

// makesJob tells whether an operation answers with a job.
func makesJob(method, path string) bool {
	return slices.Contains([]string{
		"POST /svm/svms", "DELETE /svm/svms/{uuid}", "POST /storage/volumes", "PATCH /storage/volumes/{uuid}", "DELETE /storage/volumes/{uuid}",
		"POST /storage/volumes/{volume.uuid}/snapshots", "DELETE /storage/volumes/{volume.uuid}/snapshots/{uuid}",
	}, method+" "+path)
}

// share draws the requests that fail.
type share struct {
	Share
	random *rand.Rand
}

// FailShare replaces the share of all requests that fails.
func (s *Simulator) FailShare(_ context.Context, of Share) error {
	if of.Percent < 0 || of.Percent > 100 {
		return fmt.Errorf("failing a share: %d percent is not 0 to 100", of.Percent)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.share = share{of, rand.New(rand.NewPCG(of.Seed, 0))}
	return nil
}

// draw returns what happens to a request that nobody has armed a fault for.
func (s *share) draw(q *request) *Fault {
	if s.Percent == 0 || s.random.IntN(100) >= s.Percent {
		return nil
	}
	kinds := []Fault{
		{Kind: DropBefore}, {Kind: DropAfterEffect},
		{Kind: ErrorBefore, Status: http.StatusServiceUnavailable, Code: "8", Message: "drawn: busy"},
		{Kind: ErrorAfterEffect, Status: http.StatusInternalServerError, Code: "4", Message: "drawn: failed"},
	}
	switch {
	case makesJob(q.method, q.template):
		kinds = append(kinds, Fault{Kind: FailJob, Code: "4", Message: "drawn: the job fails"})
	case q.method == http.MethodPost && q.template == "/security/accounts":
		kinds = append(kinds, Fault{Kind: DropHalfway})
	}
	return &kinds[s.random.IntN(len(kinds))]
}

// takeFault returns the first fault with the request's address and uses it up once, or what is drawn for the request.
func (s *Simulator) takeFault(q *request) *Fault {
	for i, f := range s.faults {
		if f.Method != q.method || f.Path != q.template || f.Cluster != "" && f.Cluster != q.cluster.name {
			continue
		}
		if f.Times--; f.Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f
	}
	return s.share.draw(q)
}

func (f *Fault) answer() *answer {
	return &answer{status: f.Status, body: (&failure{code: f.Code, message: f.Message}).body()}
}
