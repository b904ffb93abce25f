// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// Row is what was lived of a scenario.
type Row struct {
	Scenario string
	// Points are those of a life without a fault. Singles are cases of one fault, Crashes all pairs of lost answers and ends
	// of the process at writes, Others are pairs that were drawn from all others.
	Points, Singles, Crashes, Others int
	// Fired are the cases all of whose faults fired, each once.
	Fired int
	// Agreeing are the cases that came to the same when they were lived again.
	Agreeing int
	// Worst is the largest number of runs that it took after the last fault.
	Worst    int
	Failures []Verdict
	Took     time.Duration
}

// Cases are all cases.
func (r Row) Cases() int { return r.Singles + r.Crashes + r.Others }

// Total sums rows up.
func Total(rows []Row) Row {
	sum := Row{Scenario: "total"}
	for _, r := range rows {
		sum.Points, sum.Singles, sum.Crashes, sum.Others = sum.Points+r.Points, sum.Singles+r.Singles, sum.Crashes+r.Crashes, sum.Others+r.Others
		sum.Agreeing += r.Agreeing
		sum.Fired, sum.Worst, sum.Took = sum.Fired+r.Fired, max(sum.Worst, r.Worst), sum.Took+r.Took
		sum.Failures = append(sum.Failures, r.Failures...)
	}
	return sum
}

// Print writes rows and their total as one table.
func Print(out io.Writer, rows []Row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "scenario\tpoints\tsingle\tcrash pairs\tother pairs\tcases\tfired\tviolations\truns to converge\tseconds\t") // Flush returns the error
	for _, r := range append(rows, Total(rows)) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.1f\t\n", // as above
			r.Scenario, r.Points, r.Singles, r.Crashes, r.Others, r.Cases(), r.Fired, len(r.Failures), r.Worst, r.Took.Seconds())
	}
	return w.Flush()
}

// PrintAgain writes rows of cases that were lived again, and their total, as one table.
func PrintAgain(out io.Writer, rows []Row) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "scenario on a kube-apiserver\tpoints\tcases\tfired\tagreeing\tviolations\tseconds\t") // Flush returns the error
	for _, r := range append(rows, Total(rows)) {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%.1f\t\n", // as above
			r.Scenario, r.Points, r.Cases(), r.Fired, r.Agreeing, len(r.Failures), r.Took.Seconds())
	}
	return w.Flush()
}

// Explain says of a case that failed what the oracles found, and how to live it alone.
func Explain(v Verdict) string {
	text := v.Case.String()
	for _, problem := range v.Problems {
		text += "\n    " + problem
	}
	variables := fmt.Sprintf("FAULTS_CASE='%s'", v.Case)
	if v.There {
		variables += " FAULTS_SEED_API=landscape"
	}
	return text + fmt.Sprintf("\n    replay: %s go test ./test/faults -count=1 -v", variables)
}
