// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// Tape keeps what the clients of clusters are answered. The zero value is usable.
type Tape struct {
	mutex sync.Mutex
	seen  map[string][]Seen
}

var _ ontap.Observer = (*Tape)(nil)

// ObserveRequest implements ontap.Observer.
func (t *Tape) ObserveRequest(cluster, method, path, code string, _ time.Duration) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.seen == nil {
		t.seen = map[string][]Seen{}
	}
	t.seen[cluster] = append(t.seen[cluster], Seen{Request: method + " " + path, Status: code})
}

// ObserveSilence implements ontap.Observer; what is not sent has no answer.
func (*Tape) ObserveSilence(string, bool) {}

// ObserveRefusal implements ontap.Observer; the answer is there, too.
func (*Tape) ObserveRefusal(string, bool) {}

// ObserveGate implements ontap.Observer; nobody is in the way of anybody.
func (*Tape) ObserveGate(string, string, string, int) {}

// ObserveJob implements ontap.Observer; the error of a job says more.
func (*Tape) ObserveJob(string, string) {}

// take returns what a cluster was asked since the last call.
func (t *Tape) take(cluster string) []Seen {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	seen := t.seen[cluster]
	delete(t.seen, cluster)
	return seen
}

// jobRequest is asked again and again while a job runs.
const jobRequest = "GET /cluster/jobs/{uuid}"

// evidence is what of the requests an answer rests on, with the codes of the errors that they led to. What is asked again
// and again stands there once.
func evidence(requests []Seen, errs ...error) []Seen {
	requests = slices.Clone(requests)
	var jobs []Seen
	for _, err := range errs {
		e, ok := errors.AsType[*ontap.Error](err)
		if !ok || e.Code == "" {
			continue
		}
		if e.Status == 0 {
			jobs = append(jobs, Seen{Request: "job", Status: ontap.JobFailure, Code: e.Code})
			continue
		}
		of := Seen{Request: e.Op, Status: strconv.Itoa(e.Status)}
		if i := slices.Index(requests, of); i >= 0 {
			requests[i].Code = e.Code
		}
	}
	requests = slices.DeleteFunc(requests, func(s Seen) bool { return s.Request == jobRequest && s.Status == "200" })
	var once []Seen
	for _, s := range append(requests, jobs...) {
		if !slices.Contains(once, s) {
			once = append(once, s)
		}
	}
	return once
}
