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

// patchedComment is the body of a PATCH that may change the comment and nothing else.
func (b body) patchedComment(longest int) (string, *failure) {
	if failed := b.only("comment"); failed != nil {
		return "", failed
	}
	value, given, failed := b.comment(longest)
	if failed == nil && !given {
		failed = fail(http.StatusBadRequest, codeEmptyPatch, "the PATCH changes nothing")
	}
	return value, failed
}
