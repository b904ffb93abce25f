// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// Exchange is a request to the API and its answer, as they are on the wire.
type Exchange struct {
	Method string `json:"method"`
	// Path is decoded and has /api. Template is its route without /api.
	Path     string `json:"path"`
	Template string `json:"template"`
	// Query is decoded.
	Query url.Values `json:"query,omitempty"`
	// Request and Response are the bodies, passwords included.
	Request  []byte `json:"request,omitempty"`
	Status   int    `json:"status"`
	Response []byte `json:"response,omitempty"`
}

// inspect notes what is wrong with an answered request. What is not simulated, and what a fault has answered, says nothing
// about the simulator.
func (s *Simulator) inspect(e Entry, r *http.Request, request, response []byte) {
	if e.Fault != "" || e.Status == http.StatusNotImplemented {
		return
	}
	var objections []string
	statuses := append(commonStatuses(e.Method), s.routes[e.Template][e.Method].statuses...)
	if !slices.Contains(statuses, e.Status) {
		objections = append(objections, fmt.Sprintf("status %d is not among those of the operation", e.Status))
	}
	if s.options.Inspect != nil {
		objections = append(objections, s.options.Inspect(Exchange{
			Method: e.Method, Path: e.Path, Template: e.Template, Query: r.URL.Query(), Request: request, Status: e.Status, Response: response,
		})...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, objection := range objections {
		text := fmt.Sprintf("%s %s: %d: %s", e.Method, e.Template, e.Status, objection)
		s.remember(Violation{Seq: e.Seq, Kind: BrokenContract, Cluster: e.Cluster, Text: text})
	}
}
