// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// ErrFailed says that something of a report went wrong, or is left on ONTAP.
var ErrFailed = errors.New("not everything could be asked, or something is left on ONTAP")

// Position says which position of a simulator's switch an ONTAP cluster behaves like.
type Position string

const (
	// Better is the position that is kinder to a client.
	Better Position = "better"
	// Worse is the position in which this project's runs with faults have the switch.
	Worse Position = "worse"
	// Open is what is not known, as the answer says why.
	Open Position = "open"
)

// Report is what was found out about all clusters.
type Report struct {
	Clusters []Result `json:"clusters"`
}

// Result is what a cluster has answered.
type Result struct {
	Cluster string   `json:"cluster"`
	Answers []Answer `json:"answers"`
	// Error is why the questions were not asked, or not all, or what may be left on the cluster.
	Error string `json:"error,omitempty"`
}

// Answer is that to one question.
type Answer struct {
	Question string `json:"question"`
	// Switch is the simulator's for this question.
	Switch   string   `json:"switch,omitempty"`
	Position Position `json:"position"`
	Answer   string   `json:"answer"`
	// Seen is what the answer was read from.
	Seen []Seen `json:"seen,omitempty"`
}

// Seen is a request, or a job, and what came of it, in ONTAP's own words.
type Seen struct {
	Request string `json:"request"`
	// Status is the HTTP status, error where there was no answer, or the state of a job.
	Status string `json:"status"`
	Code   string `json:"code,omitempty"`
}

func (s Seen) String() string {
	return strings.TrimSpace(s.Request + " " + s.Status + " " + strings.TrimSuffix("code "+s.Code, "code "))
}

// Good reports whether all was asked and nothing is left.
func (r Report) Good() bool {
	for _, cluster := range r.Clusters {
		if cluster.Error != "" {
			return false
		}
	}
	return true
}

// WriteTable writes a line for each answer, and below them what went wrong.
func (r Report) WriteTable(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "ONTAP CLUSTER\tQUESTION\tANSWER\tSIMULATOR\tHOW") // Flush tells what went wrong
	for _, cluster := range r.Clusters {
		for _, one := range cluster.Answers {
			position := strings.TrimPrefix(fmt.Sprintf("%s: %s", one.Switch, one.Position), ": ")
			seen := make([]string, 0, len(one.Seen))
			for _, s := range one.Seen {
				seen = append(seen, s.String())
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", cluster.Cluster, one.Question, one.Answer, position, strings.Join(seen, ", ")) // as above
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, cluster := range r.Clusters {
		if cluster.Error != "" {
			if _, err := fmt.Fprintf(out, "\n%s: %s\n", cluster.Cluster, cluster.Error); err != nil {
				return err
			}
		}
	}
	return nil
}
