// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
)

// control is one request to the controls.
type control struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	// Does says what it does, Body is an example of its body, and Allowed are the values that a field of it may have.
	Does    string         `json:"does"`
	Body    any            `json:"body,omitempty"`
	Allowed map[string]any `json:"allowed,omitempty"`

	serve http.HandlerFunc
}

// overview is the answer to GET /.
type overview struct {
	// Endpoints of the clusters, by name.
	Endpoints map[string]string `json:"endpoints"`
	Controls  []control         `json:"controls"`
	// Operations are the requests to ONTAP that are simulated, with the statuses that they are answered with. Paths begin
	// with /api. All others get 501.
	Operations []Operation `json:"operations"`
}

// controls are all, in an order in which the examples work one after the other.
func (s *Simulator) controls() []control {
	first := s.clusters[0].name
	on := accept[command]
	return append([]control{
		{
			Method: http.MethodPost, Path: "/svms", Does: "adds running SVMs foreign-0001 and so on, as somebody else's",
			Body: command{Cluster: first, Count: 1}, Allowed: map[string]any{"cluster": s.names()},
			serve: on(func(ctx context.Context, c command) error { return s.AddSVMs(ctx, c.Cluster, c.Count) }),
		},
		{
			Method: http.MethodPost, Path: "/perform", Does: "does what an administrator, a node or nature does; the kinds are explained in test/simulator/acts.go",
			Body:    command{Cluster: first, Act: Act{Kind: StopSVM, SVM: "foreign-0001"}},
			Allowed: map[string]any{"act.kind": ActKinds()},
			serve:   on(func(ctx context.Context, c command) error { return s.Perform(ctx, c.Cluster, c.Act) }),
		},
		{
			Method: http.MethodPost, Path: "/hold", Does: "keeps every job that has not got past a stage in it: a queued one has had no effect, a running one is half done",
			Body: command{Cluster: first, Stage: Queued}, Allowed: map[string]any{"stage": stages()},
			serve: on(func(ctx context.Context, c command) error { return s.HoldJobs(ctx, c.Cluster, c.Stage) }),
		},
		{
			Method: http.MethodPost, Path: "/release", Does: "lets held jobs go on", Body: command{Cluster: first},
			serve: on(func(ctx context.Context, c command) error { return s.ReleaseJobs(ctx, c.Cluster) }),
		},
		{
			Method: http.MethodPost, Path: "/fail",
			Does:    "lets the next times requests with an address (of any cluster, if none is named) fail; the kinds are explained in test/simulator/control.go",
			Body:    Fault{Cluster: first, Method: http.MethodGet, Path: "/cluster", Kind: ErrorBefore, Times: 1, Status: 503, Code: "8", Message: "in use"},
			Allowed: map[string]any{"kind": FaultKinds()},
			serve:   accept(s.FailNext),
		},
		{
			Method: http.MethodPost, Path: "/fail-share", Does: "lets a share of all requests to all clusters fail in one way or another, drawn by a seed; 0 percent ends it",
			Body: Share{Percent: 0, Seed: 1}, serve: accept(s.FailShare),
		},
		{
			Method: http.MethodPost, Path: "/down", Does: "cuts all connections to a cluster without an answer", Body: command{Cluster: first},
			serve: on(func(ctx context.Context, c command) error { return s.SetDown(ctx, c.Cluster) }),
		},
		{
			Method: http.MethodPost, Path: "/up", Does: "makes a cluster answer again", Body: command{Cluster: first},
			serve: on(func(ctx context.Context, c command) error { return s.SetUp(ctx, c.Cluster) }),
		},
	}, s.views()...)
}

// views are the controls that only look.
func (s *Simulator) views() []control {
	journal := func(r *http.Request) ([]Entry, error) {
		since, err := strconv.ParseUint("0"+r.URL.Query().Get("since"), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading journal: since is %q and has to be a number, the seq of an entry", r.URL.Query().Get("since"))
		}
		return s.Journal(r.Context(), since)
	}
	return []control{
		{
			Method: http.MethodGet, Path: "/state", Does: "shows all that exists, without secrets, held jobs among it",
			serve: show(func(r *http.Request) (State, error) { return s.State(r.Context()) }),
		},
		{
			Method: http.MethodGet, Path: "/journal", Does: "shows all requests and what they changed, without secrets; ?since=5 those after the fifth",
			serve: show(journal),
		},
		{
			Method: http.MethodGet, Path: "/violations",
			Does:  "shows requests that are not simulated, and what clients of the project that this is part of must not do; the option tolerated leaves kinds out",
			serve: show(func(r *http.Request) ([]Violation, error) { return s.Violations(r.Context()) }),
		},
		{Method: http.MethodGet, Path: "/{$}", Does: "shows this", serve: show(s.overview)},
	}
}

func (s *Simulator) overview(*http.Request) (overview, error) {
	out := overview{Endpoints: map[string]string{}, Controls: s.controls(), Operations: Operations()}
	for _, c := range s.clusters {
		out.Endpoints[c.name] = c.endpoint
	}
	for i, one := range out.Controls {
		if one.Path == "/{$}" {
			out.Controls[i].Path = "/"
		}
	}
	return out, nil
}
