// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxReturnTimeout is the upper bound of return_timeout in seconds.
const maxReturnTimeout = 120

// ignoreUnknown is the parameter that makes fields of other releases be left out instead of refused.
const ignoreUnknown = "ignore_unknown_fields"

// answer is what a request gets. location and next become headers where they are set.
type answer struct {
	status         int
	body           map[string]any
	location, next string
	// broken is how the answer is spoilt on its way.
	broken FaultKind
	// job is what has been begun, and patience how long the client waits for its end.
	job      *job
	patience time.Duration
}

// parameters checks that the query has only known parameters, each once, and takes in those that all methods share.
func (q *request) parameters(known ...string) *failure {
	known = append(known, "return_timeout")
	for name, values := range q.query {
		if !slices.Contains(known, name) {
			return unknown("the query parameter %q", name)
		}
		if len(values) != 1 {
			return badRequest(codeGivenTwice, name, "the query parameter is given twice")
		}
	}
	if value := q.query.Get("return_timeout"); value != "" {
		seconds, err := strconv.Atoi(value)
		if err != nil || seconds < 0 || seconds > maxReturnTimeout {
			return badRequest(codeOutOfRange, "return_timeout", "return_timeout is 0 to %d", maxReturnTimeout)
		}
		q.patience = time.Duration(seconds) * time.Second
	}
	q.returnRecords = q.method == http.MethodGet
	if value := q.query.Get("return_records"); value != "" {
		var err error
		if q.returnRecords, err = strconv.ParseBool(value); err != nil {
			return badRequest(codeInvalidValue, "return_records", "return_records is true or false")
		}
	}
	return nil
}

// done answers a synchronous write: with the record's keys if return_records asks for it, else with an empty object.
func (q *request) done(status int, r resource, from record) *answer {
	out := &answer{status: status, body: map[string]any{}}
	if status == http.StatusCreated {
		out.location = r.self(from)
	}
	if q.returnRecords {
		out.body = map[string]any{"num_records": 1, "records": []any{r.render(from, r.fields)}}
	}
	return out
}

// flag returns a parameter that must be a boolean if it is there.
func (q *request) flag(name string) (bool, *failure) {
	if !q.query.Has(name) {
		return false, nil
	}
	value, err := strconv.ParseBool(q.query.Get(name))
	if err != nil {
		return false, badRequest(codeInvalidValue, name, "%s is true or false", name)
	}
	return value, nil
}

// selection returns the fields of a resource that are asked for.
func (q *request) selection(r resource, fields string) ([]string, *failure) {
	lenient, failed := q.flag(ignoreUnknown)
	if failed != nil {
		return nil, failed
	}
	return r.selection(fields, lenient)
}

// instance answers the GET of one object: its standard fields, unless fields asks for less.
func (q *request) instance(r resource, from record) (*answer, *failure) {
	if failed := q.parameters("fields", ignoreUnknown); failed != nil {
		return nil, failed
	}
	fields := "*"
	if q.query.Has("fields") {
		fields = q.query.Get("fields")
	}
	selected, failed := q.selection(r, fields)
	if failed != nil {
		return nil, failed
	}
	return &answer{status: http.StatusOK, body: r.render(from, selected)}, nil
}

// collection answers a GET of many: filtered, in the order of the keys, a page at a time.
func (q *request) collection(r resource, records []record) (*answer, *failure) {
	known := append([]string{"fields", ignoreUnknown, "max_records", "return_records"}, r.filters...)
	for _, key := range r.keys {
		known = append(known, "start."+key)
	}
	if failed := q.parameters(known...); failed != nil {
		return nil, failed
	}
	selected, failed := q.selection(r, q.query.Get("fields"))
	if failed != nil {
		return nil, failed
	}
	records, failed = q.filter(r, records)
	if failed != nil {
		return nil, failed
	}
	size, failed := q.pageSize()
	if failed != nil {
		return nil, failed
	}
	out := &answer{status: http.StatusOK}
	links := selfLink(q.uri())
	if size > 0 && len(records) >= size {
		records = records[:size]
		// Also where this was the last record: ONTAP may link to an empty page.
		out.next = q.nextPage(r, records[size-1])
		links["next"] = map[string]any{"href": out.next}
	}
	out.body = map[string]any{"num_records": len(records), "_links": links}
	if q.returnRecords {
		rendered := make([]any, 0, len(records))
		for _, from := range records {
			rendered = append(rendered, r.render(from, selected))
		}
		out.body["records"] = rendered
	}
	return out, nil
}

// filter returns the records that match every filter and lie behind the start of the page, in order.
func (q *request) filter(r resource, records []record) ([]record, *failure) {
	start := record{}
	for _, key := range r.keys {
		if value, ok := q.query["start."+key]; ok {
			start[key] = value[0]
		}
	}
	kept := slices.Clone(records)
	if len(start) > 0 {
		kept = slices.DeleteFunc(kept, func(one record) bool { return r.order(one, start) <= 0 })
	}
	for _, path := range r.filters {
		value, given := q.query[path]
		if !given {
			continue
		}
		wanted, failed := parsePattern(value[0])
		if failed != nil {
			return nil, failed
		}
		kept = slices.DeleteFunc(kept, func(one record) bool { return !wanted.matchesAny(one[path]) })
	}
	slices.SortFunc(kept, r.order)
	return kept, nil
}

// pageSize is the smaller of what is asked for and what the simulator allows; 0 is no bound.
func (q *request) pageSize() (int, *failure) {
	size := q.maxPage
	if value := q.query.Get("max_records"); value != "" {
		asked, err := strconv.Atoi(value)
		if err != nil || asked < 1 {
			return 0, badRequest(codeInvalidValue, "max_records", "max_records is a positive number")
		}
		if size == 0 || asked < size {
			size = asked
		}
	}
	return size, nil
}

func (q *request) uri() string {
	if len(q.query) == 0 {
		return q.path
	}
	return q.path + "?" + q.query.Encode()
}

func (q *request) nextPage(r resource, last record) string {
	next := url.Values{}
	for name, values := range q.query {
		if !strings.HasPrefix(name, "start.") {
			next[name] = values
		}
	}
	for _, key := range r.keys {
		next.Set("start."+key, text(last, key))
	}
	return q.path + "?" + next.Encode()
}
