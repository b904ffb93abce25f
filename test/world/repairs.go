// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"slices"
	"time"

	"k8s.io/client-go/util/workqueue"

	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/repair"
)

// repairTimeout is what the extension gives a request.
const repairTimeout = 50 * time.Second

// Repairs is the repair controller of a world without goroutines: what it asks itself for waits here until somebody lets it
// be done.
type Repairs struct {
	workqueue.TypedRateLimitingInterface[repair.Request]
	world   *World
	limiter workqueue.TypedRateLimiter[repair.Request]
	due     []dueRequest
}

type dueRequest struct {
	repair.Request
	at time.Time
}

// NewRepairs starts the repair controller of the image that runs.
func (w *World) NewRepairs(ctx context.Context) (*Repairs, error) {
	r := &Repairs{world: w, limiter: lifecycle.NewRateLimiter[repair.Request]()}
	return r, w.Repair.Start(ctx, r)
}

// Add implements workqueue.TypedInterface.
func (r *Repairs) Add(request repair.Request) { r.AddAfter(request, 0) }

// AddAfter implements workqueue.TypedDelayingInterface: a request is there once, and is due when it was to be the earliest.
func (r *Repairs) AddAfter(request repair.Request, after time.Duration) {
	at := r.world.Clock.Now().Add(after)
	i := slices.IndexFunc(r.due, func(one dueRequest) bool { return one.Request == request })
	if i < 0 {
		r.due = append(r.due, dueRequest{request, at})
	} else if at.Before(r.due[i].at) {
		r.due[i].at = at
	}
}

// AddRateLimited implements workqueue.TypedRateLimitingInterface.
func (r *Repairs) AddRateLimited(request repair.Request) {
	r.AddAfter(request, r.limiter.When(request))
}

// Due are the requests that are due within the given time, the next one first.
func (r *Repairs) Due(within time.Duration) []repair.Request {
	slices.SortStableFunc(r.due, func(a, b dueRequest) int { return a.at.Compare(b.at) })
	var requests []repair.Request
	for _, one := range r.due {
		if !one.at.After(r.world.Clock.Now().Add(within)) {
			requests = append(requests, one.Request)
		}
	}
	return requests
}

// Look does what a request asks for, as the controller does.
func (r *Repairs) Look(ctx context.Context, request repair.Request) error {
	result, err := r.world.Repair.Reconcile(r.world.Limit(ctx, repairTimeout), request)
	switch {
	case err != nil:
		r.AddRateLimited(request)
	case result.RequeueAfter > 0:
		r.limiter.Forget(request)
		r.AddAfter(request, result.RequeueAfter)
	default:
		r.limiter.Forget(request)
	}
	return err
}

// Settle lets the given time pass with all that is to be done in it, and others work.
func (r *Repairs) Settle(ctx context.Context, within time.Duration) error {
	end := r.world.Clock.Now().Add(within)
	for {
		r.world.OthersWork()
		next := r.Due(end.Sub(r.world.Clock.Now()))
		if len(next) == 0 {
			r.world.Clock.SetTime(end)
			return nil
		}
		if at := r.due[0].at; at.After(r.world.Clock.Now()) {
			r.world.Clock.SetTime(at)
		}
		r.due = r.due[1:]
		if err := r.Look(ctx, next[0]); err != nil && ctx.Err() != nil {
			return err // what failed is due again
		}
	}
}
