// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Command ontap-contract compares exchanges with NetApp's OpenAPI document. It says {"objections":[]} when it is ready; then
// it reads one exchange per line, as the simulator encodes it, and answers each with a line of the same form.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/gardener-community/gardener-extension-ontap/test/contract"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "ontap-contract:", err)
		os.Exit(1)
	}
}

type verdict struct {
	Objections []string `json:"objections"`
}

func run(in io.Reader, out io.Writer) error {
	c, err := contract.Load()
	if err != nil {
		return err
	}
	answers, exchanges := json.NewEncoder(out), json.NewDecoder(in)
	objections := []string{}
	for {
		if err := answers.Encode(verdict{objections}); err != nil {
			return err
		}
		var e simulator.Exchange
		if err := exchanges.Decode(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		objections = slices.Concat([]string{}, c.Inspect(e))
	}
}
