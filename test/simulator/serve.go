// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/clock"
)

// maxBody bounds what is read of a request.
const maxBody = 1 << 20

// request is one request on its way through the simulator.
type request struct {
	cluster *cluster
	login   login
	method  string
	// path is decoded and has /api, template and params are those of its route.
	path, template string
	params         map[string]string
	query          url.Values
	body           body
	returnRecords  bool
	maxPage        int
	// patience is the return_timeout.
	patience time.Duration
	fault    *Fault
	effects  []Effect
}

// ServeHTTP is one cluster's REST API. All of a request, from the login to the journal, happens under one lock; only
// reading it and writing the answer do not.
func (c *Cluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // the client has gone, or sends what no client of ours sends
	}
	if latency := c.sim.options.Latency; latency > 0 {
		timer := clock.RealClock{}.NewTimer(latency)
		select {
		case <-timer.C():
		case <-r.Context().Done():
			timer.Stop()
		}
	}
	out, entry, content := c.sim.handle(c, r, raw)
	if out == nil {
		panic(http.ErrAbortHandler) // cuts the connection without an answer
	}
	if out.waits() {
		out, entry, content = c.sim.await(r.Context(), out, entry)
	}
	c.sim.inspect(entry, r, raw, content)
	header := w.Header()
	if out.status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", "Basic realm=\"ONTAP\"")
	} else {
		header.Set("Content-Type", "application/hal+json")
	}
	if out.location != "" {
		header.Set("Location", out.location)
	}
	if out.next != "" {
		header.Set("Link", "<"+out.next+">; rel=\"next\"")
	}
	if out.broken != "" {
		c.answerBroken(w, r, out.broken, content)
		return
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(content) // a client that does not wait for its answer is its own business
}

// handle returns the answer, its journal entry and its encoded body. No answer means that the connection is cut.
func (s *Simulator) handle(c *Cluster, r *http.Request, raw []byte) (*answer, Entry, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.down.Load() {
		return nil, Entry{}, nil
	}
	s.advance()
	user, password, _ := r.BasicAuth() // without basic auth both are empty, which no account has
	known, loggedIn := s.logInUnlessLocked(c.state, user, password)
	q := &request{
		cluster: c.state, login: known, method: r.Method, path: r.URL.Path, query: r.URL.Query(), maxPage: s.options.PageSize,
	}
	if escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api"); ok {
		q.template, q.params = s.match(escaped)
	}
	var shown string
	var malformed *failure
	q.body, shown, malformed = parseBody(raw)
	entry := Entry{
		Seq: s.nextSeq(), Time: s.now(), Class: classOf(r.Method), Cluster: c.name, User: user, Method: r.Method,
		Path: q.path, Template: q.template, Query: shownQuery(q.query), Body: shown, Owner: s.ownerOf(q), Tenant: known.svm != "",
	}
	out := &answer{status: http.StatusUnauthorized}
	if loggedIn {
		out = s.answer(q, r.Header, malformed)
	}
	if q.fault != nil {
		entry.Fault = q.fault.Kind
	}
	var content []byte
	if out != nil && !out.waits() {
		content = encode(out.body)
		entry.Status, entry.Bytes = out.status, len(content)
	}
	entry.Effects = q.effects
	s.record(entry)
	return out, entry, content
}

// waits tells whether the answer depends on the end of a job.
func (a *answer) waits() bool { return a.job != nil && a.patience > 0 && a.broken == "" }

// answer lets the fault that is due happen, around the request's own effect.
func (s *Simulator) answer(q *request, header http.Header, malformed *failure) *answer {
	q.fault = s.takeFault(q)
	kind := FaultKind("")
	if q.fault != nil {
		kind = q.fault.Kind
	}
	switch kind {
	case DropBefore:
		return nil
	case ErrorBefore:
		return q.fault.answer()
	default:
	}
	out, failed := s.dispatch(q, header, malformed)
	if failed != nil {
		if failed.violation != "" {
			s.violate(failed.violation, q.cluster.name, q.method+" "+q.path+": "+failed.message)
		}
		out = &answer{status: failed.status, body: failed.body()}
	}
	switch kind {
	case DropAfterEffect, DropHalfway:
		return nil
	case AnswerHTML, AnswerTruncated, AnswerHuge, AnswerEndless:
		out.broken = kind
		return out
	case ErrorAfterEffect:
		return q.fault.answer()
	default:
		return out
	}
}

func (s *Simulator) dispatch(q *request, header http.Header, malformed *failure) (*answer, *failure) {
	operation, ok := s.routes[q.template][q.method]
	switch {
	case !ok:
		return nil, unknown("the route")
	case header.Get("X-Dot-SVM-Name") != "" || header.Get("X-Dot-SVM-UUID") != "":
		return nil, unknown("tunnelling to an SVM")
	case !q.mayRequest(), slices.Contains(q.cluster.denied, q.method+" "+q.template):
		return nil, s.denied()
	case malformed != nil:
		return nil, malformed
	}
	carriesBody := q.method == http.MethodPost || q.method == http.MethodPatch
	if !carriesBody && len(q.body) > 0 {
		return nil, fail(http.StatusBadRequest, codeBodyNotAllowed, "%s takes no body", q.method)
	}
	if q.method != http.MethodGet {
		if failed := q.parameters(append(q.deletionParameters(), "return_records")...); failed != nil {
			return nil, failed
		}
		if out := s.mindApproval(q); out != nil {
			return out, nil
		}
	}
	return operation.serve(s, q)
}

// denied is one of the two answers to a login that lacks a right.
func (s *Simulator) denied() *failure {
	if s.options.DeniedAsUnauthorized {
		return fail(http.StatusBadRequest, "6691623", "user is not authorized")
	}
	return fail(http.StatusForbidden, codeDenied, "permission denied")
}

func classOf(method string) Class {
	if slices.Contains([]string{http.MethodGet, http.MethodHead, http.MethodOptions}, method) {
		return Read
	}
	return Write
}

// shownQuery is the query for the journal.
func shownQuery(query url.Values) string {
	var parts []string
	for name, values := range query {
		if secret(name) {
			values = []string{""}
		}
		for _, value := range values {
			parts = append(parts, name+"="+value)
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

func encode(body map[string]any) []byte {
	if body == nil {
		return nil
	}
	content, err := json.Marshal(body)
	if err != nil {
		return nil // maps of strings, numbers, booleans and lists of them always encode
	}
	return append(content, '\n')
}
