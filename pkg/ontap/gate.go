// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import "context"

// The gates of a cluster, each of which lets only so many callers in at once: that of requests on their way, and that of jobs that
// create or delete an SVM.
const (
	GateRequests = "requests"
	GateJobs     = "jobs"
)

// Where callers of a gate are.
const (
	GateInside  = "inside"
	GateWaiting = "waiting"
)

// gate lets as many in as it has slots.
type gate struct {
	slots   chan struct{}
	observe func(state string, more int)
}

func (c *Client) newGate(which string, slots int) *gate {
	return &gate{make(chan struct{}, slots), func(state string, more int) { c.observer.ObserveGate(c.name, which, state, more) }}
}

func (g *gate) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return ended(ctx)
	}
	g.observe(GateWaiting, 1)
	defer g.observe(GateWaiting, -1)
	select {
	case g.slots <- struct{}{}:
		g.observe(GateInside, 1)
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

func (g *gate) leave() {
	g.observe(GateInside, -1)
	<-g.slots
}
