// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/utils/clock"
)

// Again lives each scenario's life without a fault and all its cases of one fault once more, there, and holds each against what
// came of it here. Pairs may be drawn meanwhile.
func Again(ctx context.Context, explorations []*Exploration, there *Runner) (rows []Row) {
	for _, e := range explorations {
		rows = append(rows, e.again(ctx, there))
	}
	return rows
}

// Familiar tells whether the scenario sends a seed no verb for a kind that others do not send.
func (e *Exploration) Familiar() bool { return e.scenario.familiar }

// Unfamiliar are the requests to the seed, by verb and kind, that only scenarios send which are said to be familiar, without a fault
// or with one.
func Unfamiliar(explorations []*Exploration) []string {
	familiar, others := map[string]bool{}, map[string]bool{}
	for _, e := range explorations {
		asked := others
		if e.Familiar() {
			asked = familiar
		}
		for _, v := range append(e.singles, e.wanted) {
			for _, point := range v.Trace {
				if kind, _, _ := strings.Cut(point.Subject, " "); point.Side == Seed {
					asked[fmt.Sprintf("%s %s, cached: %t", point.Verb, kind, point.Cached)] = true
				}
			}
		}
	}
	maps.DeleteFunc(familiar, func(request string, _ bool) bool { return others[request] })
	return slices.Sorted(maps.Keys(familiar))
}

func (e *Exploration) again(ctx context.Context, there *Runner) Row {
	again := &Exploration{Row: Row{Scenario: e.Row.Scenario}, runner: there, scenario: e.scenario, prepared: e.prepared, wanted: e.wanted}
	began := clock.RealClock{}.Now()
	reference := there.Live(ctx, e.scenario, e.prepared, e.wanted.Case, e.wanted.End)
	again.Row.Points = len(reference.Trace)
	if !reference.agree(e.wanted) || len(reference.Problems) > 0 {
		again.Row.Failures = append(again.Row.Failures, reference)
	}
	here, cases := map[string]Verdict{}, []Case{}
	for _, v := range e.singles {
		here[v.Case.String()] = v
		cases = append(cases, v.Case)
	}
	again.Row.Singles = again.live(ctx, cases, func(v *Verdict) {
		if v.agree(here[v.Case.String()]) {
			again.Row.Agreeing++
		}
	})
	again.Row.Took = clock.RealClock{}.Since(began)
	return again.Row
}

// agree tells whether a verdict is the one that a life of the same case in this process had, point by point, and makes it a
// problem if not. How the end states compare to the one without a fault is among the problems.
func (v *Verdict) agree(here Verdict) bool {
	for i := range max(len(v.Trace), len(here.Trace)) {
		if a, b := pointAt(here.Trace, i), pointAt(v.Trace, i); a != b {
			v.Problems = append(v.Problems, fmt.Sprintf("DISAGREES: point %d is %q, and %q in this process", i+1, b, a))
			return false
		}
	}
	if v.Fired == here.Fired && v.Converged == here.Converged && slices.Equal(v.Problems, here.Problems) {
		return true
	}
	v.Problems = append(v.Problems, fmt.Sprintf("DISAGREES: fired: %t, runs to converge: %d; in this process fired: %t, runs to converge: %d, problems: %q",
		v.Fired, v.Converged, here.Fired, here.Converged, here.Problems))
	return false
}

func pointAt(trace []Point, i int) Point {
	if i < len(trace) {
		return trace[i]
	}
	return Point{}
}

// Replay lives one case alone, and again there unless that is nil.
func (r *Runner) Replay(ctx context.Context, c Case, there *Runner) (Verdict, error) {
	i := slices.IndexFunc(Scenarios(), func(s Scenario) bool { return s.Name == c.Scenario })
	if i < 0 {
		return Verdict{}, fmt.Errorf("there is no scenario %q", c.Scenario)
	}
	scenario := Scenarios()[i]
	prepared, err := r.Prepare(ctx, scenario)
	if err != nil {
		return Verdict{}, err
	}
	wanted, err := r.Reference(ctx, scenario, prepared)
	if err != nil {
		return wanted, err
	}
	verdict := r.Live(ctx, scenario, prepared, c, wanted.End)
	if there == nil {
		return verdict, nil
	}
	again := there.Live(ctx, scenario, prepared, c, wanted.End)
	again.agree(verdict)
	return again, nil
}
