// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// unservedDomain is where the endpoints of clusters are that have no listener.
const unservedDomain = ".ontap.invalid"

// errCut is what a client sees of a connection that was cut.
var errCut = errors.New("the connection was cut")

// transport carries requests to the clusters within the process.
type transport struct{ sim *Simulator }

// Transport carries requests to the clusters of this simulator without connections: a request has been dealt with when it
// returns, and nothing is left of it.
func (s *Simulator) Transport() http.RoundTripper { return transport{s} }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(r *http.Request) (response *http.Response, err error) {
	for _, c := range t.sim.clusters {
		if c.endpoint == r.URL.Scheme+"://"+r.URL.Host {
			return c.roundTrip(r)
		}
	}
	return nil, fmt.Errorf("there is no cluster at %s", r.URL.Host)
}

func (c *Cluster) roundTrip(r *http.Request) (response *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	defer func() {
		if cut := recover(); cut == http.ErrAbortHandler { //nolint:errorlint // it is panicked as it is
			response, err = nil, errCut
		} else if cut != nil {
			panic(cut)
		}
	}()
	w := &received{header: http.Header{}, status: http.StatusOK}
	c.ServeHTTP(w, r)
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: w.header, Body: io.NopCloser(bytes.NewReader(w.body.Bytes())), ContentLength: int64(w.body.Len()),
	}, nil
}

// received is an answer on its way within the process.
type received struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *received) Header() http.Header { return r.header }

func (r *received) WriteHeader(status int) { r.status = status }

func (r *received) Write(content []byte) (int, error) { return r.body.Write(content) }

// Template is the route of a request to a cluster, as Fault.Path has it; empty where there is none.
func (s *Simulator) Template(r *http.Request) string {
	escaped, ok := strings.CutPrefix(r.URL.EscapedPath(), "/api")
	if !ok {
		return ""
	}
	template, _ := s.match(escaped)
	return template
}
