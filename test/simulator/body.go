// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// body is a request's JSON object, flat: the keys are dotted paths, the values strings, numbers, booleans and lists.
type body map[string]any

// parseBody returns the flat object and its text for the journal, which holds no password.
func parseBody(raw []byte) (body, string, *failure) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return body{}, "", nil
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil || object == nil {
		return nil, "", fail(http.StatusBadRequest, codeBadJSON, "the body is not a JSON object")
	}
	flat := body{}
	flatten(flat, "", object)
	redact(object)
	shown, err := json.Marshal(object)
	if err != nil {
		return nil, "", fail(http.StatusBadRequest, codeBadJSON, "the body cannot be read")
	}
	return flat, string(shown), nil
}

func flatten(into body, prefix string, object map[string]any) {
	for name, value := range object {
		if child, ok := value.(map[string]any); ok && len(child) > 0 {
			flatten(into, prefix+name+".", child)
			continue
		}
		into[prefix+name] = value
	}
}

// secret tells whether a field or parameter of this name may hold a password.
func secret(name string) bool { return strings.Contains(strings.ToLower(name), "password") }

// redact removes everything that is called a password, however deep.
func redact(value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, child := range value {
			if secret(name) {
				delete(value, name)
				continue
			}
			redact(child)
		}
	case []any:
		for _, child := range value {
			redact(child)
		}
	}
}

// only fails for a field that is not among the known ones.
func (b body) only(known ...string) *failure {
	for path := range b {
		if !slices.Contains(known, path) {
			return unknown("the body field %q", path)
		}
	}
	return nil
}

// text returns a field that must be a string if it is there.
func (b body) text(path string) (value string, given bool, failed *failure) {
	anything, given := b[path]
	if !given {
		return "", false, nil
	}
	value, ok := anything.(string)
	if !ok {
		return "", true, badRequest(codeInvalidValue, path, "the value is not a string")
	}
	return value, true, nil
}

func (b body) required(path string) (string, *failure) {
	value, given, failed := b.text(path)
	if failed == nil && (!given || value == "") {
		failed = badRequest(codeRequiredMissing, path, "%s is required", path)
	}
	return value, failed
}

func (b body) comment(longest int) (string, bool, *failure) {
	value, given, failed := b.text("comment")
	if failed == nil && len(value) > longest {
		failed = badRequest(codeInvalidValue, "comment", "the comment has at most %d characters", longest)
	}
	return value, given, failed
}

// flag returns a field that must be a boolean if it is there.
func (b body) flag(path string) (value, given bool, failed *failure) {
	anything, given := b[path]
	if !given {
		return false, false, nil
	}
	value, ok := anything.(bool)
	if !ok {
		return false, true, badRequest(codeInvalidValue, path, "the value is not a boolean")
	}
	return value, true, nil
}

// number returns a field that must be a whole number, not negative, if it is there.
func (b body) number(path string) (value int64, given bool, failed *failure) {
	anything, given := b[path]
	if !given {
		return 0, false, nil
	}
	float, ok := anything.(float64)
	if !ok || float < 0 || float != float64(int64(float)) {
		return 0, true, badRequest(codeInvalidValue, path, "the value is not a whole number")
	}
	return int64(float), true, nil
}

// names returns a field that must be a list of objects with a name if it is there.
func (b body) names(path string) (names []string, given bool, failed *failure) {
	anything, given := b[path]
	if !given {
		return nil, false, nil
	}
	list, ok := anything.([]any)
	if !ok {
		return nil, true, badRequest(codeInvalidValue, path, "the value is not a list")
	}
	for _, one := range list {
		object, _ := one.(map[string]any) // anything else has no name
		name, ok := object["name"].(string)
		if !ok {
			return nil, true, badRequest(codeInvalidValue, path, "the list holds something without a name")
		}
		names = append(names, name)
	}
	return names, true, nil
}
