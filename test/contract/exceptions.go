// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// Exception is an answer that ONTAP gives although its document does not have it.
type Exception struct {
	// Methods are those that it concerns, Path the one path, or empty for all.
	Methods, Path string
	Status        int
	Reason        string
	// accepts tells whether an answer is the one that is meant.
	accepts func(*operation, any) bool
}

// exceptions is the one place for what the document gets wrong or leaves out.
func exceptions() []Exception {
	return []Exception{
		{
			Methods: "GET POST PATCH DELETE", Status: http.StatusUnauthorized, accepts: func(_ *operation, value any) bool { return value == nil },
			Reason: "the document says nothing about the body of a 401, and a web server refuses the login before the API sees the request",
		},
		{
			Methods: "POST PATCH DELETE", Status: http.StatusAccepted, accepts: shaped(approval()),
			Reason: "a request that other administrators have to approve answers with a link to their request; " +
				"only the guide to multi-admin verification says so",
		},
		{
			Methods: "POST", Status: http.StatusCreated, accepts: recordsOf,
			Reason: "return_records=true is declared, and the records that it returns are not",
		},
		{
			Methods: "POST", Path: "/svm/svms", Status: http.StatusAccepted, accepts: recordsOf,
			Reason: "with return_records=true the record stands beside the job: NetApp's Terraform provider takes the UUID from there",
		},
		{
			Methods: "POST", Path: "/support/ems/application-logs", Status: http.StatusCreated, accepts: empty,
			Reason: "return_records=true is declared, but an event is no record that could be returned: the document's own example is {}, and Trident takes it",
		},
	}
}

// excused tells whether an answer is an exception, and counts it.
func (c *Contract) excused(o *operation, e simulator.Exchange, value any) bool {
	for i, exception := range c.exceptions {
		if strings.Contains(exception.Methods, e.Method) && (exception.Path == "" || anonymous(exception.Path) == anonymous(e.Template)) &&
			exception.Status == e.Status && exception.accepts(o, value) {
			c.used(i)
			return true
		}
	}
	return false
}

func shaped(schema *openapi3.Schema) func(*operation, any) bool {
	return func(_ *operation, value any) bool { return len(conforms("", schema, value, inAnswer)) == 0 }
}

// recordsOf accepts a list of what an operation is about, and a job beside it.
func recordsOf(o *operation, value any) bool {
	list := openapi3.NewObjectSchema().
		WithProperty("num_records", openapi3.NewIntegerSchema()).
		WithProperty("records", openapi3.NewArraySchema().WithItems(o.record)).
		WithRequired([]string{"num_records", "records"}).WithoutAdditionalProperties()
	if job := property(o.successes[http.StatusAccepted], "job"); job != nil {
		list.WithProperty("job", job)
	}
	content := object(value)
	return shaped(list)(o, value) && len(envelope(content, true)) == 0
}

func empty(_ *operation, value any) bool {
	content, isObject := value.(tree)
	return isObject && len(content) == 0
}

// approval is what the guide to multi-admin verification shows.
func approval() *openapi3.Schema {
	link := closed("href", openapi3.NewStringSchema())
	return closed("_links", closed("multi_admin_verify_request", link))
}

// closed is an object that has exactly one property.
func closed(name string, property *openapi3.Schema) *openapi3.Schema {
	return openapi3.NewObjectSchema().WithProperty(name, property).WithRequired([]string{name}).WithoutAdditionalProperties()
}
