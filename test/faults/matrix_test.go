// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

// matrixConverging is how many states converge, of those of both modes.
const matrixConverging = 1522

// matrixReplay is the environment variable that names the one state that is run.
const matrixReplay = "FAULTS_STATE"

var _ = Describe("State matrix", func() {
	It("should come to what the rules say in every state that ONTAP can be in", func(ctx SpecContext) {
		if testing.Short() {
			Skip("thousands of states take minutes")
		}
		states, excluded := matrixStates()
		if replay := os.Getenv(matrixReplay); replay != "" {
			state, err := parseMatrixState(replay)
			Expect(err).NotTo(HaveOccurred())
			states = []matrixState{state}
		}
		logf.SetLogger(logr.Discard())
		DeferCleanup(debug.SetGCPercent, debug.SetGCPercent(400))
		cases, err := runMatrix(ctx, GinkgoT().TempDir(), states, runtime.GOMAXPROCS(0))
		Expect(err).NotTo(HaveOccurred())
		Expect(cases).To(HaveLen(len(states)))
		used, converged := reportMatrix(cases, excluded, time.Since(CurrentSpecReport().StartTime))
		Expect(matrixFailures(cases)).To(BeEmpty())
		if len(states) == 1 {
			return
		}
		Expect(used).NotTo(ContainElement(0), "a rule that is never used says nothing")
		Expect(converged).To(Equal(matrixConverging))
	})
})

// reportMatrix prints one line for each rule, and returns how often each was used and how many states converged.
func reportMatrix(cases []*matrixCase, excluded int, took time.Duration) (used []int, converged int) {
	rules, stale := matrixRules(), 0
	used = make([]int, len(rules))
	correcting := make([]int, len(rules))
	for _, one := range cases {
		rule := matrixRuleOf(one.state)
		used[rule]++
		if one.state.correcting {
			correcting[rule]++
		}
		if rules[rule].outcome.converges() && one.verdict == nil {
			converged++
		}
		if len(one.stale) > 0 {
			stale++
		}
	}
	table := &strings.Builder{}
	for i, rule := range rules {
		fmt.Fprintf(table, "%2d %6d %6d  %-48s %s\n", i+1, used[i]-correcting[i], correcting[i], rule.outcome, rule.sentence)
	}
	fmt.Fprintf(table, "%d states, and %d that there cannot be: %s\n", len(cases), excluded, matrixExclusion)
	fmt.Fprintf(table, "the second column is the mode in which %s\n", matrixSecondMode)
	fmt.Fprintf(table, "%d converge; in %d a condition that the runs did not get to still claims what is no longer so\n", converged, stale)
	fmt.Fprintf(table, "%.0f seconds, %.1f ms a state\n", took.Seconds(), float64(took.Milliseconds())/float64(len(cases)))
	GinkgoWriter.Println(table.String())
	return used, converged
}

// matrixFailures are the first states that came to something else, each with the command that runs it alone.
func matrixFailures(cases []*matrixCase) []string {
	var failures []string
	for _, one := range cases {
		if one.verdict != nil && len(failures) < 20 {
			failures = append(failures, fmt.Sprintf("%v\n  by rule %d it should be: %s\n  %s='%s' go test ./test/faults -run TestFaults -ginkgo.focus 'State matrix'\n",
				one.verdict, matrixRuleOf(one.state)+1, matrixRules()[matrixRuleOf(one.state)].outcome, matrixReplay, one.state))
		}
	}
	return failures
}
