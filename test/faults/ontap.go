// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// transport puts the tape between the extension and ONTAP.
type transport struct {
	*tape
	sim *simulator.Simulator
	to  http.RoundTripper
	// held are the clusters whose jobs outlast the run.
	held map[string]bool
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (response *http.Response, err error) {
	cluster, _, _ := strings.Cut(r.URL.Host, ".")
	template := t.sim.Template(r)
	point := Point{Side: ONTAP, Verb: r.Method, Subject: cluster + " " + template, Write: r.Method != http.MethodGet}
	var content []byte
	if r.Body != nil {
		if content, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	send := func(ctx context.Context) (*http.Response, error) {
		again := r.Clone(ctx)
		again.Body = io.NopCloser(bytes.NewReader(content))
		return t.to.RoundTrip(again)
	}
	err = t.pass(request{
		Point: point,
		perform: func() (err error) {
			response, err = send(r.Context()) //nolint:bodyclose // the client closes it
			return err
		},
		later: func() func() {
			return func() { _, _ = send(context.WithoutCancel(r.Context())) } //nolint:bodyclose // it lies in memory, and nobody reads it
		},
		refuse: func(kind Kind) (err error) {
			if err := t.arm(r.Context(), cluster, template, point, kind); err != nil {
				return err
			}
			response, err = send(r.Context()) //nolint:bodyclose // the client closes it
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return response, nil
}

// arm prepares the simulator for a request that is about to come.
func (t *transport) arm(ctx context.Context, cluster, template string, point Point, kind Kind) error {
	if kind == JobOutlasts {
		t.held[cluster] = true
		return t.sim.HoldJobs(ctx, cluster, simulator.Running)
	}
	fault, ok := kind.onONTAP()
	if !ok {
		return fmt.Errorf("nothing of the kind %s happens at %s", kind, point)
	}
	fault.Cluster, fault.Method, fault.Path = cluster, point.Verb, template
	return t.sim.FailNext(ctx, fault)
}

// release lets jobs go on that outlasted a run.
func (t *transport) release(ctx context.Context) error {
	for cluster := range t.held {
		delete(t.held, cluster)
		if err := t.sim.ReleaseJobs(ctx, cluster); err != nil {
			return err
		}
	}
	return nil
}
