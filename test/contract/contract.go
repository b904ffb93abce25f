// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// Contract is NetApp's document as far as the simulator goes. It is safe for concurrent use.
type Contract struct {
	operations map[string]*operation
	failure    *openapi3.Schema // of an answer that is an error
	*coverage
}

// operation is what the document says of one method of one path.
type operation struct {
	method string
	// parameters are the names of those in the query.
	parameters []string
	// body is that of the request, nil where there is none.
	body *openapi3.Schema
	// successes are the answers by status; one that the document declares without a schema is nil.
	successes map[int]*openapi3.Schema
	// record is what the operation is about, and list tells whether a GET returns many of it.
	record *openapi3.Schema
	list   bool
}

// Load reads the document. It takes about a second.
func Load() (*Contract, error) {
	simulated := simulator.Operations()
	paths := make([]string, 0, len(simulated))
	for _, o := range simulated {
		paths = append(paths, o.Path)
	}
	document, err := read(paths)
	if err != nil {
		return nil, fmt.Errorf("loading the contract: %w", err)
	}
	c := &Contract{operations: map[string]*operation{}, coverage: newCoverage()}
	for path, item := range document.Paths.Map() {
		for method, described := range item.Operations() {
			c.operations[method+" "+anonymous(path)] = newOperation(method, item, described)
		}
	}
	for key, o := range c.operations {
		method, path, _ := strings.Cut(key, " ")
		o.record = c.recordOf(method, path)
	}
	if ref := document.Components.Schemas["error_response"]; ref != nil {
		c.failure = ref.Value
	}
	return c, nil
}

// Afresh is the same contract, with nothing seen.
func (c *Contract) Afresh() *Contract { return &Contract{c.operations, c.failure, newCoverage()} }

func newOperation(method string, item *openapi3.PathItem, described *openapi3.Operation) *operation {
	o := &operation{method: method, successes: map[int]*openapi3.Schema{}}
	for _, p := range slices.Concat(item.Parameters, described.Parameters) {
		if p.Value != nil && p.Value.In == openapi3.ParameterInQuery {
			o.parameters = append(o.parameters, p.Value.Name)
		}
	}
	if described.RequestBody != nil && described.RequestBody.Value != nil {
		o.body = schemaOf(described.RequestBody.Value.Content)
	}
	for code, response := range described.Responses.Map() {
		if status, err := strconv.Atoi(code); err == nil && response.Value != nil {
			o.successes[status] = schemaOf(response.Value.Content)
		}
	}
	o.list = method == http.MethodGet && isList(o.successes[http.StatusOK])
	return o
}

// schemaOf is the schema of a body. That of all its media types is the same.
func schemaOf(content openapi3.Content) *openapi3.Schema {
	for _, media := range content {
		if media.Schema != nil {
			return media.Schema.Value
		}
	}
	return nil
}

// recordOf is the schema of what an operation is about: of one record of what GET lists; else of what GET returns; and
// where there is no GET, of what is sent.
func (c *Contract) recordOf(method, path string) *openapi3.Schema {
	get := c.operations[http.MethodGet+" "+path]
	switch {
	case get == nil:
		return c.operations[method+" "+path].body
	case get.list:
		return property(get.successes[http.StatusOK], "records").Items.Value
	default:
		return get.successes[http.StatusOK]
	}
}

// Inspect returns what is wrong with an exchange. It shows no values, since these may be passwords.
func (c *Contract) Inspect(e simulator.Exchange) []string {
	c.saw(e)
	objections := c.compare(e)
	slices.Sort(objections)
	objections = slices.Compact(objections)
	c.objected(len(objections))
	return objections
}

func (c *Contract) compare(e simulator.Exchange) []string {
	o := c.operations[e.Method+" "+anonymous(e.Template)]
	if o == nil {
		return []string{"the document has no such operation"}
	}
	// A request that the simulator itself refuses may be as wrong as it likes, as long as it is refused for that.
	var objections []string
	if e.Status < http.StatusBadRequest {
		objections = slices.Concat(o.query(e), o.request(e))
	}
	return append(objections, c.response(o, e)...)
}

// decoded is a body as a value; none is nil.
func decoded(raw []byte) (value any, err error) {
	if len(raw) == 0 {
		return nil, nil
	}
	err = json.Unmarshal(raw, &value)
	return value, err
}

// at is a place in a body for a text.
func at(path string) string { return cmp.Or(path, "the body") }
