// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// everywhere are the parameters that the document's preamble gives to every call, and no operation declares.
func everywhere(method string) []string {
	if method == http.MethodGet {
		return []string{"pretty", "ignore_unknown_fields", "offset", "query", "query_fields"}
	}
	return []string{"pretty"}
}

// query looks at the parameters of a request. The document declares each filter of an operation as a parameter of it.
func (o *operation) query(e simulator.Exchange) []string {
	var objections []string
	for name, values := range e.Query {
		key, paging := strings.CutPrefix(name, "start.")
		switch {
		case paging && o.list:
			if !resolves(o.record, key) {
				objections = append(objections, fmt.Sprintf("the page starts at %q, which is no property of the record", key))
			}
		case !slices.Contains(o.parameters, name) && !slices.Contains(everywhere(o.method), name):
			objections = append(objections, fmt.Sprintf("the query has the parameter %q, which the operation does not declare", name))
		case name == "fields", name == "order_by", name == "query_fields":
			objections = append(objections, o.named(e, name, values)...)
		}
	}
	return objections
}

// named looks at the names in a list of properties. A client may ask for fields of a later release, if it says so.
func (o *operation) named(e simulator.Exchange, parameter string, values []string) []string {
	var objections []string
	if parameter == "fields" && e.Query.Get("ignore_unknown_fields") == "true" {
		return nil
	}
	for _, name := range names(strings.Join(values, ",")) {
		if parameter == "order_by" {
			name = strings.TrimSuffix(strings.TrimSuffix(name, " asc"), " desc")
		}
		if !resolves(o.record, name) {
			objections = append(objections, fmt.Sprintf("%s names %q, which is no property of the record", parameter, name))
		}
	}
	return objections
}

// request looks at the body of a request.
func (o *operation) request(e simulator.Exchange) []string {
	value, err := decoded(e.Request)
	switch {
	case err != nil:
		return []string{"the request is not JSON"}
	case value == nil:
		return nil
	case o.body == nil:
		return []string{"the operation takes no body"}
	}
	to := inPost
	if e.Method == http.MethodPatch {
		to = inPatch
	}
	return conforms("the request", o.body, value, to)
}
