// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"sigs.k8s.io/yaml"
)

// source is the module that carries the document, in the version that go.mod names.
const source = "github.com/metal-stack/ontap-go"

// tree is a part of the document as it is written.
type tree = map[string]any

// locate returns where the document is, and fetches its module where that is missing.
func locate() (string, error) {
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		return "", fmt.Errorf("this program does not know where its source is")
	}
	command := exec.Command("go", "mod", "download", "-json", source)
	command.Dir = filepath.Dir(here)
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download %s: %w", source, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fmt.Errorf("go mod download %s: %w", source, err)
	}
	return filepath.Join(module.Dir, "spec", "ontap.yaml"), nil
}

// document is the source of the document, cut into sections such as paths and these into their entries, each with its key.
type document map[string]map[string]string

// cut takes the document apart by its indentation: a section begins at the margin, an entry of it two blanks further in. To
// parse all ten megabytes would take two seconds, and to convert them three more.
func cut(content string) document {
	parts := document{}
	var section, entry string
	start, at := 0, 0
	for line := range strings.Lines(content + "end:\n") {
		name, isKey := strings.CutSuffix(strings.TrimSpace(line), ":")
		margin := unicode.IsLetter(rune(line[0]))
		inner := isKey && len(line) > 2 && line[:2] == "  " && line[2] != ' '
		if margin || inner {
			if entry != "" {
				parts[section][entry] = content[start:at]
			}
			start, entry = at, strings.Trim(name, "'")
		}
		if margin {
			section, entry = name, ""
			parts[section] = map[string]string{}
		}
		at += len(line)
	}
	return parts
}

// parse returns an entry.
func (d document) parse(section, entry string) (tree, error) {
	var parsed tree
	if err := yaml.Unmarshal([]byte(d[section][entry]), &parsed); err != nil {
		return nil, fmt.Errorf("reading %q of the document's %s: %w", entry, section, err)
	}
	found, ok := parsed[entry].(tree)
	if !ok {
		return nil, fmt.Errorf("the document's %s have no %q", section, entry)
	}
	return found, nil
}

// read returns the document with the given paths and all that these refer to, each object closed.
func read(paths []string) (*openapi3.T, error) {
	file, err := locate()
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	whole := cut(string(content))
	pruned, err := whole.prune(paths)
	if err != nil {
		return nil, err
	}
	closeObjects(pruned)
	encoded, err := json.Marshal(pruned)
	if err != nil {
		return nil, err
	}
	var second openapi2.T
	if err := json.Unmarshal(encoded, &second); err != nil {
		return nil, fmt.Errorf("reading %s: %w", file, err)
	}
	return openapi2conv.ToV3(&second)
}

// prune returns a document of the paths that equal one of the given ones but for the names of their parameters, and of what
// these refer to.
func (d document) prune(paths []string) (tree, error) {
	kept, definitions, parameters := tree{}, tree{}, tree{}
	for path := range d["paths"] {
		if !slices.ContainsFunc(paths, func(wanted string) bool { return anonymous(wanted) == anonymous(path) }) {
			continue
		}
		var err error
		if kept[path], err = d.parse("paths", path); err != nil {
			return nil, err
		}
	}
	for open := references(kept, definition); len(open) > 0; open = open[1:] {
		if _, seen := definitions[open[0]]; seen {
			continue
		}
		described, err := d.parse("definitions", open[0])
		if err != nil {
			return nil, err
		}
		definitions[open[0]] = described
		open = append(open, references(described, definition)...)
	}
	for name := range d["parameters"] {
		var err error
		if parameters[name], err = d.parse("parameters", name); err != nil {
			return nil, err
		}
	}
	inlineModified(kept, definitions)
	inlineModified(definitions, definitions)
	media := []string{"application/json"}
	return tree{
		"swagger": "2.0", "info": tree{"title": "ONTAP", "version": "9"}, "consumes": media, "produces": media,
		"paths": kept, "definitions": definitions, "parameters": parameters,
	}, nil
}

// anonymous is a path template without the names of its parameters.
func anonymous(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "{}"
		}
	}
	return strings.Join(parts, "/")
}

// object is a value that should be an object, an empty one where it is something else.
func object(value any) tree {
	o, _ := value.(tree) // ranging over nil is ranging over nothing
	return o
}

// each calls a function for every object in a value, the outer ones first.
func each(value any, visit func(tree)) {
	switch value := value.(type) {
	case tree:
		visit(value)
		for _, child := range value {
			each(child, visit)
		}
	case []any:
		for _, child := range value {
			each(child, visit)
		}
	}
}

const definition = "#/definitions/"

// references are the names of what something refers to with a prefix.
func references(in any, prefix string) []string {
	var names []string
	each(in, func(o tree) {
		to, _ := o["$ref"].(string) // what is no text is a property of that name
		if name, ok := strings.CutPrefix(to, prefix); ok {
			names = append(names, name)
		}
	})
	return names
}

// inlineModified puts the definition itself where a reference has something beside it that says which way the property
// travels. OpenAPI overlooks what is beside a reference.
func inlineModified(in any, definitions tree) {
	each(in, func(o tree) {
		to, ok := o["$ref"].(string)
		if !ok || !slices.ContainsFunc(slices.Collect(maps.Keys(o)), travels) {
			return
		}
		delete(o, "$ref")
		for key, value := range object(definitions[strings.TrimPrefix(to, definition)]) {
			if _, own := o[key]; !own {
				o[key] = value
			}
		}
	})
}

// closeObjects forbids what an object does not list, and null. The document calls nearly everything nullable, for the sake
// of Go code that is generated from it; ONTAP leaves out what is not set.
func closeObjects(document tree) {
	each(tree{"definitions": document["definitions"], "paths": document["paths"]}, func(o tree) {
		delete(o, "x-nullable")
		for _, prose := range []string{"description", "example"} {
			if _, property := o[prose].(tree); !property {
				delete(o, prose)
			}
		}
		if _, lists := o["properties"].(tree); lists && o["type"] == "object" {
			o["additionalProperties"] = false
		}
	})
}
