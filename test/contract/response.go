// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// conforms returns how a value differs from a schema, and which of its properties must not be where it is met.
func conforms(what string, schema *openapi3.Schema, value any, met direction) []string {
	objections := mismatches(what, schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.EnableFormatValidation(), formats(),
		openapi3.DisableReadOnlyValidation(), openapi3.DisableWriteOnlyValidation()))
	walk(schema, value, "", func(path string, property *openapi3.Schema) {
		if word := barred(property, met); word != "" {
			objections = append(objections, fmt.Sprintf("%s has %s, which is %s and must not be %s", what, path, word, met))
		}
	})
	return objections
}

var uuids = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// formats are those that the validator does not look at by itself.
func formats() openapi3.SchemaValidationOption {
	return openapi3.WithStringFormatValidator("uuid", openapi3.NewCallbackValidator(func(value string) error {
		if !uuids.MatchString(value) {
			return errors.New("it is not a UUID")
		}
		return nil
	}))
}

// mismatches are the places and reasons of a validation's errors. Their own texts have the values in them.
func mismatches(what string, err error) []string {
	var many openapi3.MultiError
	var one *openapi3.SchemaError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &one) && !errors.As(err, &many):
		return []string{fmt.Sprintf("%s: %s: %s", what, at(strings.Join(one.JSONPointer(), ".")), one.Reason)}
	case errors.As(err, &many):
		var all []string
		for _, part := range many {
			all = append(all, mismatches(what, part)...)
		}
		return all
	default:
		return []string{what + " cannot be compared with its schema"}
	}
}

// response looks at an answer. Only where it objects to something the exceptions are asked.
func (c *Contract) response(o *operation, e simulator.Exchange) []string {
	value, err := decoded(e.Response)
	if err != nil {
		return []string{"the answer is not JSON"}
	}
	var objections []string
	if e.Status >= http.StatusBadRequest {
		objections = c.refusal(value)
	} else {
		objections = o.success(e, value)
	}
	if len(objections) > 0 && c.excused(o, e, value) {
		return nil
	}
	if schema := o.successes[e.Status]; schema != nil && e.Status < http.StatusBadRequest {
		walk(schema, value, "", func(path string, _ *openapi3.Schema) { c.sawField(e, path) })
	}
	return objections
}

var codes = regexp.MustCompile(`^[0-9]+$`)

// refusal looks at the answer to a request that has failed.
func (c *Contract) refusal(value any) []string {
	objections := conforms("the error", c.failure, value, inAnswer)
	failed := object(object(value)["error"])
	if code, _ := failed["code"].(string); !codes.MatchString(code) {
		objections = append(objections, "the error has no code of digits")
	}
	if message, _ := failed["message"].(string); message == "" {
		objections = append(objections, "the error has no message")
	}
	return objections
}

// success looks at the answer to a request that has been carried out.
func (o *operation) success(e simulator.Exchange, value any) []string {
	schema, declared := o.successes[e.Status]
	if !declared {
		return []string{fmt.Sprintf("the document does not declare status %d", e.Status)}
	}
	content, isObject := value.(tree)
	if _, failed := content["error"]; failed && property(schema, "error") == nil {
		return []string{"the answer is an error with a status of success"}
	}
	asked := e.Query.Get("return_records") == "true"
	switch {
	// NetApp's preamble: a synchronous write that is not asked for records answers {}.
	case len(content) == 0 && e.Method != http.MethodGet && !asked && e.Status != http.StatusAccepted:
		if value != nil && !isObject {
			return []string{"the answer is not an object"}
		}
		return nil
	case schema == nil:
		return []string{"the document declares no content for this answer"}
	case len(content) == 0:
		return []string{"the answer is empty"}
	}
	objections := conforms("the answer", schema, value, inAnswer)
	if e.Status == http.StatusAccepted && property(schema, "job") != nil && object(content["job"])["uuid"] == nil {
		objections = append(objections, "the answer has no job")
	}
	if isList(schema) {
		objections = append(objections, envelope(content, e.Query.Get("return_records") != "false")...)
	}
	return objections
}

// envelope looks at what every list has.
func envelope(content tree, withRecords bool) []string {
	number, counted := content["num_records"].(float64)
	records, listed := content["records"].([]any)
	switch {
	case !counted:
		return []string{"the list has no num_records"}
	case listed != withRecords && withRecords:
		return []string{"the list has no records"}
	case listed != withRecords:
		return []string{"the list has records although none are asked for"}
	case withRecords && int(number) != len(records):
		return []string{fmt.Sprintf("the list has %d records and says %g", len(records), number)}
	default:
		return nil
	}
}
