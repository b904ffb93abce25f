// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"sigs.k8s.io/yaml"
)

// report is what a command shows, to people as a table and to programs as JSON or YAML.
type report interface{ WriteTable(io.Writer) error }

// output is the form of a report.
type output string

func (o *output) addFlag(cmd *cobra.Command) {
	cmd.Flags().StringVarP((*string)(o), "output", "o", "table", "how to print: table, json or yaml")
}

func (o *output) validate() error {
	switch *o {
	case "table", "json", "yaml":
		return nil
	}
	return fmt.Errorf("--output is %q, not table, json or yaml", *o)
}

func (o *output) write(out io.Writer, shown report) error {
	var content []byte
	var err error
	switch *o {
	case "json":
		content, err = json.MarshalIndent(shown, "", "  ")
		content = append(content, '\n')
	case "yaml":
		content, err = yaml.Marshal(shown)
	default:
		return shown.WriteTable(out)
	}
	if err != nil {
		return err
	}
	_, err = out.Write(content)
	return err
}
