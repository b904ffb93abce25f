// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package preflight shows people what ONTAP clusters lack before anything is installed. What is checked is pkg/svm's to know, which
// has the rules by which SVMs are placed; nothing is written.
//
//	report := preflight.Report{Clusters: inventory.Preflight(ctx, protocols)}
//	err := report.WriteTable(os.Stdout)
package preflight

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// ErrLacking says that a report has something missing or unknown in it.
var ErrLacking = errors.New("something that is needed is missing, or could not be looked at")

// Report is what was found out about all clusters.
type Report struct {
	Clusters []svm.Preflight `json:"clusters"`
}

// Good reports whether nothing that is needed is missing or unknown.
func (r Report) Good() bool {
	for _, cluster := range r.Clusters {
		for _, check := range cluster.Checks {
			if check.Result == svm.CheckMissing || check.Result == svm.CheckUnknown {
				return false
			}
		}
	}
	return true
}

// WriteTable writes a line for each check.
func (r Report) WriteTable(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	row := func(cluster, check, result, message string) {
		if message == "" {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", cluster, check, result) // Flush tells what went wrong
			return
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", cluster, check, result, message) // as above
	}
	row("ONTAP CLUSTER", "CHECK", "RESULT", "MESSAGE")
	for _, cluster := range r.Clusters {
		for _, check := range cluster.Checks {
			row(cluster.Cluster, check.Name, string(check.Result), check.Message)
		}
	}
	return table.Flush()
}
