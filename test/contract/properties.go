// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// property is a property of an object or of the objects in a list, nil where there is none.
func property(of *openapi3.Schema, name string) *openapi3.Schema {
	for of != nil && of.Items != nil {
		of = of.Items.Value
	}
	if of == nil {
		return nil
	}
	if ref := of.Properties[name]; ref != nil {
		return ref.Value
	}
	return nil
}

// isList tells whether an answer is a list. A host of a subsystem has records too, but is none.
func isList(answer *openapi3.Schema) bool {
	return property(answer, "records") != nil && property(answer, "num_records") != nil
}

// resolves tells whether a dotted name leads to a property. What an object without a list of properties holds is open.
func resolves(record *openapi3.Schema, name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		next := property(record, part)
		if next == nil {
			return false
		}
		record = next
	}
	return true
}

// names are the dotted names of a list as in fields=a,b.{c,d},!e,f.*; * and ** name nothing in particular, and an empty
// list is what Trident sends. Where the braces do not match the whole list comes back as one name.
func names(list string) []string {
	var all []string
	depth, start := 0, 0
	for i, char := range list + "," {
		switch {
		case char == '{':
			depth++
		case char == '}':
			depth--
		case char == ',' && depth == 0:
			all = append(all, expanded(strings.TrimPrefix(list[start:i], "!"))...)
			start = i + 1
		}
	}
	if depth != 0 {
		return []string{list}
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" || name == "*" || name == "**" })
}

// expanded are the names that one with braces or with an asterisk stands for.
func expanded(name string) []string {
	before, inside, found := strings.Cut(name, "{")
	if !found {
		return []string{strings.TrimSuffix(strings.TrimSuffix(name, "*"), ".")}
	}
	var all []string
	for _, inner := range names(strings.TrimSuffix(inside, "}")) {
		all = append(all, before+inner)
	}
	return all
}

// travels tells whether a key of a schema says which way a property may travel.
func travels(key string) bool {
	return key == "readOnly" || strings.HasPrefix(key, "x-ntap-") && (strings.HasSuffix(key, "Only") || strings.HasSuffix(key, "Create") ||
		strings.HasSuffix(key, "Modify"))
}

// direction is where a property is met.
type direction string

const (
	inPost   direction = "in a POST"
	inPatch  direction = "in a PATCH"
	inAnswer direction = "in an answer"
)

// barred returns the word of the document that keeps a property out of a direction, if there is one.
func barred(schema *openapi3.Schema, to direction) string {
	words := map[direction][]string{
		inPost:   {"readOnly", "readModify", "modifyOnly"},
		inPatch:  {"readOnly", "readCreate", "createOnly"},
		inAnswer: {"writeOnly", "createOnly", "modifyOnly"},
	}[to]
	if schema.ReadOnly && to != inAnswer {
		return "readOnly"
	}
	for _, word := range words {
		if schema.Extensions["x-ntap-"+word] == true {
			return word
		}
	}
	return ""
}

// walk visits all properties of a value that the schema knows, with their dotted names.
func walk(schema *openapi3.Schema, value any, path string, visit func(path string, schema *openapi3.Schema)) {
	switch value := value.(type) {
	case []any:
		for _, one := range value {
			if schema.Items != nil {
				walk(schema.Items.Value, one, path, visit)
			}
		}
	case map[string]any:
		for name, child := range value {
			if next := property(schema, name); next != nil {
				under := strings.TrimPrefix(path+"."+name, ".")
				visit(under, next)
				walk(next, child, under, visit)
			}
		}
	}
}
