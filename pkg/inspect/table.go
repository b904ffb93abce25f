// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
)

// WriteTable writes the report for people: a line for each shoot, then what is to be said of clusters and shoots beside that.
func (r Report) WriteTable(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 8, 3, ' ', 0)
	row := func(cells ...string) { _, _ = fmt.Fprintln(table, strings.Join(cells, "\t")) } // Flush tells what went wrong
	row("NAMESPACE", "SVM", "STATE", "CLUSTER", "LIFS", "ACCOUNT", "FINGERPRINT", "SEED SECRET", "CONDITIONS", "LAST RUN")
	for _, shoot := range r.Shoots {
		row(shoot.Namespace, cmp.Or(shoot.SVM.Name, "-"), shoot.SVM.tell(), shoot.SVM.where(), tellLIFs(shoot.LIFs), shoot.Account.tell(),
			shoot.Account.Fingerprint, shoot.SeedSecret, tellConditions(shoot.Conditions), shoot.LastRun.tell())
	}
	row()
	row("ONTAP CLUSTER", "ANSWERED")
	for _, cluster := range r.Clusters {
		row(cluster.Name, cluster.tell())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, shoot := range r.Shoots {
		for _, problem := range shoot.Problems {
			if _, err := fmt.Fprintf(out, "\n%s: %s\n", shoot.Namespace, problem); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell is the state, and the verdict where that says more.
func (s SVM) tell() string {
	notes := []string{s.State}
	switch s.Verdict {
	case "InStep", "Missing", Unknown:
	default:
		notes = append(notes, s.Verdict)
	}
	if s.Held {
		notes = append(notes, "held")
	}
	if s.Standby != nil {
		notes = append(notes, fmt.Sprintf("standby %s on %s", s.Standby.State, s.Standby.Cluster))
	}
	return strings.Join(notes, ", ")
}

// where tells the cluster, and that it is only a record where nothing was seen.
func (s SVM) where() string {
	switch {
	case s.Cluster == "" && s.RecordedCluster == "":
		return "-"
	case s.Cluster == "":
		return s.RecordedCluster + " (recorded)"
	case s.RecordedCluster != "" && s.RecordedCluster != s.Cluster:
		return s.Cluster + " (recorded: " + s.RecordedCluster + ")"
	}
	return s.Cluster
}

// tellLIFs counts those that are up, and names the others.
func tellLIFs(lifs []LIF) string {
	if len(lifs) == 0 {
		return "-"
	}
	up, notes := 0, []string{}
	for _, lif := range lifs {
		if lif.State == LIFUp {
			up++
			continue
		}
		notes = append(notes, cmp.Or(lif.Name, lif.Address)+" "+lif.State)
	}
	return strings.Join(append([]string{fmt.Sprintf("%d/%d up", up, len(lifs))}, notes...), ", ")
}

func (a Account) tell() string {
	if a.Name == "" {
		return "-"
	}
	if a.Verdict == "InStep" {
		return a.Name
	}
	return a.Name + " (" + a.Verdict + ")"
}

// tellConditions counts those that are True, and names the others with their reasons.
func tellConditions(conditions []Condition) string {
	if len(conditions) == 0 {
		return "-"
	}
	good, notes := 0, []string{}
	for _, one := range conditions {
		if one.Status == "True" {
			good++
			continue
		}
		notes = append(notes, fmt.Sprintf("%s %s (%s)", one.Type, one.Status, one.Reason))
	}
	return strings.Join(append([]string{fmt.Sprintf("%d/%d True", good, len(conditions))}, notes...), ", ")
}

func (r *Run) tell() string {
	if r == nil {
		return "-"
	}
	return fmt.Sprintf("%s %s %s", r.Type, r.State, r.Time.UTC().Format(time.RFC3339))
}

func (c Cluster) tell() string {
	text := "yes"
	if !c.Answered {
		text = "no: " + strings.Join(strings.Fields(c.Problem), " ")
	}
	if c.Held {
		text += " (held)"
	}
	return text
}
