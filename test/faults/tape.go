// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Fault is something that goes wrong at a point, which is numbered from 1.
type Fault struct {
	Point int
	Kind  Kind
	// At is what the point was in the life that it was enumerated in; empty where that is not known.
	At string
}

// write is a write that had its effect, or might have had it.
type write struct {
	point Point
	run   int
	// patch is its content where it is one.
	patch string
}

// landing is an effect that is still to come.
type landing struct {
	run  int
	land func()
}

// tape is on the way of all requests of the extension: it numbers them, and lets go wrong what is due.
type tape struct {
	mutex  sync.Mutex
	points []Point
	writes []write
	faults []Fault
	// fired are the faults that have happened, with the run in which they did.
	fired map[Fault]int
	// strayed says at which points something else came than was enumerated.
	strayed []string
	late    []landing
	run     int
	dead    bool
	kill    func()
	// after is called after each effect.
	after func(where string)
}

func newTape(faults []Fault, after func(string)) *tape {
	return &tape{faults: faults, fired: map[Fault]int{}, after: after}
}

// request is one request on its way.
type request struct {
	Point
	patch string
	// perform has the effect, and hands the answer to the one who asked. Later returns what has the effect without him.
	perform func() error
	later   func() func()
	// refuse is how a fault that is no effect looks to the one who asked.
	refuse func(Kind) error
}

// pass lets one request pass, or what is due happen to it.
func (t *tape) pass(r request) error {
	t.mutex.Lock()
	if t.dead {
		t.mutex.Unlock()
		return errGone
	}
	t.points = append(t.points, r.Point)
	kind := t.due(len(t.points), r.Point)
	if r.Write {
		t.writes = append(t.writes, write{r.Point, t.run, r.patch})
	}
	t.mutex.Unlock()
	if r.Write {
		t.land()
	}
	err := t.happen(r, kind)
	if r.Write {
		t.after(r.String())
	}
	return err
}

func (t *tape) happen(r request, kind Kind) error {
	switch kind { //nolint:exhaustive // the others are refusals
	case "":
		return r.perform()
	case Late:
		land := r.later()
		t.late = append(t.late, landing{t.run, func() {
			land()
			t.after("late " + r.String())
		}})
		return errLost
	case ProcessGone:
		err := r.perform()
		t.dead = true
		t.kill()
		if err == nil {
			err = errGone
		}
		return err
	}
	return r.refuse(kind)
}

// due takes the fault of the point that has come. None happens at another point than the one that was enumerated: the life is
// then another one, and its case does not count.
func (t *tape) due(number int, point Point) Kind {
	for _, fault := range t.faults {
		if _, done := t.fired[fault]; fault.Point != number || done {
			continue
		}
		if !fault.Kind.applies(point) || fault.At != "" && fault.At != point.String() {
			before := t.points[max(0, number-4) : number-1]
			t.strayed = append(t.strayed, fmt.Sprintf("STRAYED: point %d is %q and not %q, after %v", number, point, fault.At, before))
			continue
		}
		t.fired[fault] = t.run
		return fault.Kind
	}
	return ""
}

// land lets the effects of earlier runs come.
func (t *tape) land() {
	for len(t.late) > 0 && t.late[0].run < t.run {
		next := t.late[0]
		t.late = t.late[1:]
		next.land()
		t.mutex.Lock()
		for fault, run := range t.fired {
			if fault.Kind == Late && run == next.run {
				t.fired[fault] = t.run
			}
		}
		t.mutex.Unlock()
	}
}

// over tells whether everything that was to go wrong has gone wrong.
func (t *tape) over() bool { return len(t.fired) == len(t.faults) && len(t.late) == 0 }

// lastFault is the run in which the last of it did.
func (t *tape) lastFault() int {
	last := 0
	for _, run := range t.fired {
		last = max(last, run)
	}
	return last
}

// faulted tells whether something went wrong in the current run at a point.
func (t *tape) faulted(at func(Point) bool) bool {
	for fault, run := range t.fired {
		if run == t.run && at(t.points[fault.Point-1]) {
			return true
		}
	}
	return false
}

// barred tells whether a cluster may not be asked in the current run: its credentials were refused a second time in the one before,
// after which they are not sent for two minutes, and runs are one minute apart.
func (t *tape) barred() bool {
	refusals, before := map[string]int{}, map[string]bool{}
	for fault, run := range t.fired {
		if fault.Kind == Unauthorized {
			cluster, _, _ := strings.Cut(t.points[fault.Point-1].Subject, " ")
			refusals[cluster]++
			before[cluster] = before[cluster] || run == t.run-1
		}
	}
	for cluster, count := range refusals {
		if count > 1 && before[cluster] {
			return true
		}
	}
	return false
}

// ended tells whether an operation has ended in a run since the given one, as gardenlet sees by the time of its last update,
// which it compares with its own: the state of the last operation may be that of an earlier one.
func (t *tape) ended(since int) bool {
	return slices.ContainsFunc(t.writes, func(w write) bool {
		return w.run >= since && (strings.Contains(w.patch, `"state":"Succeeded"`) || strings.Contains(w.patch, `"state":"Error"`))
	})
}

// wrote are the writes of the current run.
func (t *tape) wrote() []write {
	return slices.DeleteFunc(slices.Clone(t.writes), func(w write) bool { return w.run != t.run })
}
