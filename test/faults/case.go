// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Case is a scenario and what goes wrong in it, in the order of the points.
type Case struct {
	Scenario string
	Faults   []Fault
}

// String is what ParseCase reads, as create/12:answer-lost/30:process-gone.
func (c Case) String() string {
	parts := []string{c.Scenario}
	for _, fault := range c.Faults {
		parts = append(parts, fmt.Sprintf("%d:%s", fault.Point, fault.Kind))
	}
	return strings.Join(parts, "/")
}

// ParseCase reads the name of a case.
func ParseCase(text string) (Case, error) {
	parts := strings.Split(text, "/")
	c := Case{Scenario: parts[0]}
	for _, part := range parts[1:] {
		point, kind, _ := strings.Cut(part, ":")
		number, err := strconv.Atoi(point)
		if err != nil || !slices.Contains(Kinds(), Kind(kind)) {
			return c, fmt.Errorf("%q is no fault: a number of a point, a colon, and one of %v", part, Kinds())
		}
		c.Faults = append(c.Faults, Fault{Point: number, Kind: Kind(kind)})
	}
	return c, nil
}

// singles are all faults at all points of a trace.
func singles(scenario string, trace []Point) []Case {
	var cases []Case
	for i, point := range trace {
		for _, kind := range Kinds() {
			if kind.applies(point) {
				cases = append(cases, Case{scenario, []Fault{{i + 1, kind, point.String()}}})
			}
		}
	}
	return cases
}

func compareFaults(a, b Fault) int {
	return cmp.Or(cmp.Compare(a.Point, b.Point), cmp.Compare(a.Kind, b.Kind))
}

func bothCrash(a, b Kind) bool { return crashing(a) && crashing(b) }

// crashing are the kinds that are paired exhaustively, at writes.
func crashing(kind Kind) bool { return kind == AnswerLost || kind == ProcessGone }

// pairs adds to a case, whose trace is given, each second fault that may follow its first.
func pairs(first Case, trace []Point, wanted func(first, second Kind) bool) []Case {
	var cases []Case
	begun := first.Faults[0]
	for i := begun.Point; i < len(trace); i++ {
		for _, kind := range Kinds() {
			if kind.applies(trace[i]) && wanted(begun.Kind, kind) {
				cases = append(cases, Case{first.Scenario, []Fault{begun, {i + 1, kind, trace[i].String()}}})
			}
		}
	}
	return cases
}
