// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	strict "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// config is what the program is started with: the simulator's options, and what is the program's own.
type config struct {
	simulator.Options
	// Directory is where a directory for each cluster is written, with what its client needs.
	Directory string `json:"dir"`
}

// readConfig reads a file in YAML or JSON.
func readConfig(path string) (config, error) {
	content, err := os.ReadFile(path) //nolint:gosec // whoever starts the program chooses the file
	if err != nil {
		return config{}, fmt.Errorf("reading --config: %w", err)
	}
	c, err := decode(content)
	if err != nil {
		return config{}, fmt.Errorf("reading --config %s:\n%w", path, err)
	}
	return c, nil
}

// decode takes fields that exist only, each once.
func decode(content []byte) (config, error) {
	converted, err := yaml.YAMLToJSONStrict(content)
	if err != nil {
		return config{}, err
	}
	var tree map[string]any
	decoder := json.NewDecoder(bytes.NewReader(converted))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil || tree == nil {
		return config{}, fmt.Errorf("it is not an object with the fields %s", fieldsAt(""))
	}
	durations(tree)
	plain, err := json.Marshal(tree)
	if err != nil {
		return config{}, err
	}
	var c config
	unknown, err := strict.UnmarshalStrict(plain, &c)
	if err != nil {
		return config{}, explained(err)
	}
	for i, one := range unknown {
		unknown[i] = named(one)
	}
	if err := errors.Join(unknown...); err != nil {
		return config{}, err
	}
	return c, c.passwordsHaveAPlace()
}

// durations replaces texts such as 500ms by what time.Duration is in JSON. Anything else it leaves as a text, for the
// decoder to refuse.
func durations(tree map[string]any) {
	for field := range reflect.TypeFor[simulator.Options]().Fields() {
		name := jsonName(field)
		value, given := tree[name]
		if !given || field.Type != reflect.TypeFor[time.Duration]() {
			continue
		}
		text := fmt.Sprint(value)
		tree[name] = text
		if duration, err := time.ParseDuration(text); err == nil {
			tree[name] = int64(duration)
		}
	}
}

// explained says what a field wants, in the words of the file.
func explained(err error) error {
	var mistaken *json.UnmarshalTypeError
	if !errors.As(err, &mistaken) {
		return err
	}
	wanted := map[reflect.Kind]string{
		reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Uint64: "a whole number, not negative",
		reflect.String: "a text", reflect.Slice: "a list", reflect.Struct: "an object",
	}[mistaken.Type.Kind()]
	if mistaken.Type == reflect.TypeFor[time.Duration]() {
		wanted = "a duration such as 500ms or 2s"
	}
	path := strings.TrimPrefix(mistaken.Field, "Options.")
	return fmt.Errorf("%s: it is a %s and has to be %s", path, mistaken.Value, wanted)
}

// named adds to the complaint about a field which fields there are.
func named(unknown error) error {
	var at strict.FieldError
	if !errors.As(unknown, &at) {
		return unknown
	}
	path := at.FieldPath()
	parent := path[:max(strings.LastIndexByte(path, '.'), 0)]
	return fmt.Errorf("%s: there is no such field, but %s", path, fieldsAt(parent))
}

// fieldsAt lists the fields of the object at a path such as clusters[0].
func fieldsAt(path string) string {
	at := reflect.TypeFor[config]()
	for part := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '.' }) {
		name, _, _ := strings.Cut(part, "[")
		for _, field := range reflect.VisibleFields(at) {
			if jsonName(field) == name {
				at = field.Type
				break
			}
		}
		if at.Kind() == reflect.Slice {
			at = at.Elem()
		}
	}
	var names []string
	for _, field := range reflect.VisibleFields(at) {
		if name := jsonName(field); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// jsonName is empty for what is not in the file.
func jsonName(field reflect.StructField) string {
	return strings.TrimPrefix(field.Tag.Get("json"), "-")
}

// passwordsHaveAPlace demands a directory for the passwords that the simulator makes.
func (c config) passwordsHaveAPlace() error {
	if c.Directory != "" {
		return nil
	}
	var missing []error
	for i, one := range c.Clusters {
		if one.Password == "" {
			missing = append(missing, fmt.Errorf("clusters[%d].password: required, unless dir says where one that is made can be written", i))
		}
	}
	return errors.Join(missing...)
}
