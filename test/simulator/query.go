// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// record is one object, flat: the keys are dotted paths, and what is not set is missing.
type record map[string]any

// resource describes what a collection can be asked for.
type resource struct {
	// fields are all paths that are simulated, keys those that every record has and that order the collection.
	fields, keys []string
	// filters are the paths that can be a query parameter.
	filters []string
	// self is the path of one record, nil where records have no links.
	self func(record) string
}

// leaves returns the fields that a path names: itself, or all of an object.
func (r resource) leaves(path string) []string {
	var found []string
	for _, f := range r.fields {
		// What is named inside a list, as in aggregates.name, brings the list.
		if f == path || isIn(f, path) || isIn(path, f) {
			found = append(found, f)
		}
	}
	return found
}

// isIn tells whether a path leads into the object that another one names.
func isIn(path, object string) bool {
	rest, found := strings.CutPrefix(path, object)
	return found && strings.HasPrefix(rest, ".")
}

// selection returns the fields that the parameter fields asks for, the keys among them in any case. What is not known is left
// out if that is wanted.
func (r resource) selection(parameter string, lenient bool) ([]string, *failure) {
	selected := slices.Clone(r.keys)
	for path := range strings.SplitSeq(parameter, ",") {
		switch leaves := r.leaves(path); {
		case path == "*" || path == "**":
			return r.fields, nil
		case path == "" && parameter == "": // Trident sends a literally empty list
		case len(leaves) == 0 && lenient:
		case len(leaves) == 0:
			return nil, unknown("the value %q in fields", path)
		default:
			selected = append(selected, leaves...)
		}
	}
	return selected, nil
}

// render returns the selected fields of a record as a JSON object, with a link to itself where there is one.
func (r resource) render(from record, selected []string) map[string]any {
	object := map[string]any{}
	if r.self != nil {
		object["_links"] = selfLink(r.self(from))
	}
	for _, path := range selected {
		if value, ok := from[path]; ok {
			nest(object, path, value)
		}
	}
	for _, name := range []string{"svm", "owner"} { // an SVM comes with a link to it
		child, _ := object[name].(map[string]any)
		if uuid, ok := child["uuid"].(string); ok {
			child["_links"] = selfLink("/api/svm/svms/" + uuid)
		}
	}
	return object
}

func (r resource) keysOf(from record) map[string]any { return r.render(from, r.keys) }

func selfLink(href string) map[string]any {
	return map[string]any{"self": map[string]any{"href": href}}
}

func nest(object map[string]any, path string, value any) {
	name, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		object[name] = value
		return
	}
	child, ok := object[name].(map[string]any)
	if !ok {
		child = map[string]any{}
		object[name] = child
	}
	nest(child, rest, value)
}

// order compares records by the keys of their resource.
func (r resource) order(a, b record) int {
	for _, key := range r.keys {
		if c := strings.Compare(text(a, key), text(b, key)); c != 0 {
			return c
		}
	}
	return 0
}

func text(r record, path string) string {
	value, ok := r[path]
	if !ok {
		return ""
	}
	if known, ok := value.(string); ok {
		return known
	}
	return fmt.Sprint(value)
}

// pattern is the value of a filter: literals, * wildcards, "quoted" parts, alternatives with |, or one ! in front.
type pattern struct {
	// literal is the one value that matches where there is no expression.
	literal    string
	expression *regexp.Regexp
	negated    bool
}

func (p pattern) matches(value string) bool {
	matched := value == p.literal
	if p.expression != nil {
		matched = p.expression.MatchString(value)
	}
	return matched != p.negated
}

// matchesAny looks at every element of a list, and at any other value as its text.
func (p pattern) matchesAny(value any) bool {
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, func(one any) bool { return p.matches(fmt.Sprint(one)) })
	case nil:
		return p.matches("")
	default:
		return p.matches(fmt.Sprint(value))
	}
}

// parsePattern refuses the operators of ONTAP that are not simulated instead of taking them literally.
func parsePattern(value string) (pattern, *failure) {
	rest, negated := strings.CutPrefix(value, "!")
	if !strings.ContainsAny(rest, `"*|!<>,{}`) && !strings.Contains(rest, "..") && utf8.ValidString(rest) {
		return pattern{literal: rest, negated: negated}, nil // as most are, without an expression to compile
	}
	var expression strings.Builder
	for rest != "" {
		char, size := utf8.DecodeRuneInString(rest)
		switch {
		case char == '"':
			quoted, after, closed := strings.Cut(rest[1:], "\"")
			if !closed {
				return pattern{}, fail(http.StatusBadRequest, codeInvalidValue, "a quote is not closed in a query")
			}
			expression.WriteString(regexp.QuoteMeta(quoted))
			rest = after
			continue
		case char == '*':
			expression.WriteString(".*")
		case char == '|' && !negated:
			expression.WriteByte('|')
		case strings.ContainsRune("|!<>,{}", char) || strings.HasPrefix(rest, ".."):
			return pattern{}, unknown("the operator at %q in a query", rest)
		default:
			expression.WriteString(regexp.QuoteMeta(string(char)))
		}
		rest = rest[size:]
	}
	compiled, err := regexp.Compile("(?s)^(?:" + expression.String() + ")$")
	if err != nil {
		return pattern{}, fail(http.StatusBadRequest, codeInvalidValue, "the query is not valid UTF-8")
	}
	return pattern{expression: compiled, negated: negated}, nil
}
