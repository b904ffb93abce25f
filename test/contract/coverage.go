// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// Triple is a way in which an operation answers.
type Triple struct {
	Method, Path string
	Status       int
}

func (t Triple) String() string { return fmt.Sprintf("%s %s %d", t.Method, t.Path, t.Status) }

// coverage is what has been seen.
type coverage struct {
	exceptions []Exception

	mu         sync.Mutex // guards everything below
	exchanges  int
	objections int
	triples    map[Triple]int
	fields     map[string]bool // by method, path and dotted name
	excuses    []int           // by exception
}

func newCoverage() *coverage {
	all := exceptions()
	return &coverage{exceptions: all, triples: map[Triple]int{}, fields: map[string]bool{}, excuses: make([]int, len(all))}
}

func (c *coverage) saw(e simulator.Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exchanges++
	c.triples[Triple{e.Method, e.Template, e.Status}]++
}

func (c *coverage) objected(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objections += n
}

func (c *coverage) sawField(e simulator.Exchange, path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fields[e.Method+" "+e.Template+" "+path] = true
}

func (c *coverage) used(exception int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.excuses[exception]++
}

// possible are all ways in which the simulator answers.
func possible() []Triple {
	var all []Triple
	for _, o := range simulator.Operations() {
		for _, status := range o.Statuses {
			all = append(all, Triple{o.Method, o.Path, status})
		}
	}
	return all
}

// Unseen are the answers that the simulator can give and that have not been seen.
func (c *Contract) Unseen() []Triple {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(possible(), func(t Triple) bool { return c.triples[t] > 0 })
}

// Unforeseen are the answers that have been seen and that the simulator does not say that it gives.
func (c *Contract) Unforeseen() []Triple {
	c.mu.Lock()
	defer c.mu.Unlock()
	foreseen := possible()
	unforeseen := slices.DeleteFunc(slices.Collect(maps.Keys(c.triples)), func(t Triple) bool { return slices.Contains(foreseen, t) })
	slices.SortFunc(unforeseen, func(a, b Triple) int { return cmp.Compare(a.String(), b.String()) })
	return unforeseen
}

// Unused are the exceptions that nothing has made use of.
func (c *Contract) Unused() []Exception {
	c.mu.Lock()
	defer c.mu.Unlock()
	var unused []Exception
	for i, exception := range c.exceptions {
		if c.excuses[i] == 0 {
			unused = append(unused, exception)
		}
	}
	return unused
}

// Objections is their number so far.
func (c *Contract) Objections() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.objections
}

// Report says what has been seen.
func (c *Contract) Report() string {
	unseen := len(c.Unseen())
	c.mu.Lock()
	defer c.mu.Unlock()
	all := possible()
	var text strings.Builder
	fmt.Fprintf(&text, "exchanges compared          %d\n", c.exchanges)
	fmt.Fprintf(&text, "operations                  %d\n", len(simulator.Operations()))
	fmt.Fprintf(&text, "(method, path, status)      %d of %d\n", len(all)-unseen, len(all))
	fmt.Fprintf(&text, "fields of answers           %d\n", len(c.fields))
	fmt.Fprintf(&text, "exceptions                  %d\n", len(c.exceptions))
	for i, e := range c.exceptions {
		fmt.Fprintf(&text, "  %d times: %s %s %d: %s\n", c.excuses[i], e.Methods, cmp.Or(e.Path, "any path"), e.Status, e.Reason)
	}
	fmt.Fprintf(&text, "violations                  %d\n", c.objections)
	return text.String()
}
