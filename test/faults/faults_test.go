// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/faults"
)

// The floors may only rise.
const (
	minPoints  = 450
	minSingles = 2_000
	minCrashes = 12_000
	// minAgreeing is of cases that are lived a second time.
	minAgreeing = 4_000
	maxRuns     = 3
)

// number is that of a variable of the environment.
func number(variable string) uint64 {
	GinkgoHelper()
	value, err := strconv.ParseUint(os.Getenv(variable), 10, 32)
	Expect(err).NotTo(HaveOccurred(), variable)
	return value
}

var _ = Describe("Faults", func() {
	It("should lose nothing, whatever fails, alone and in pairs", func(ctx SpecContext) {
		if testing.Short() || os.Getenv("FAULTS_CASE") != "" {
			Skip("some ten thousand lives are for make test, not for the inner loop")
		}
		runner, there := newRunner(), newRunnerThere(ctx)
		var explorations []*faults.Exploration
		var again []faults.Row
		only, pairs := os.Getenv("FAULTS_SCENARIOS"), os.Getenv("FAULTS_PAIRS")
		for _, scenario := range faults.Scenarios() {
			if only != "" && !slices.Contains(strings.Split(only, ","), scenario.Name) {
				continue
			}
			explored, err := runner.Explore(ctx, scenario)
			Expect(err).NotTo(HaveOccurred())
			explorations = append(explorations, explored)
			if pairs == "" {
				Expect(explored.Crash(ctx)).To(Succeed())
			}
			Expect(faults.Print(GinkgoWriter, []faults.Row{explored.Row})).To(Succeed())
		}
		// A kube-apiserver is waited for some of the time, in which pairs can be lived.
		var beside sync.WaitGroup
		if there != nil {
			chosen := slices.DeleteFunc(slices.Clone(explorations), func(e *faults.Exploration) bool {
				return only == "" && e.Familiar() && os.Getenv("FAULTS_AGAIN") != "all"
			})
			beside.Go(func() { again = faults.Again(ctx, chosen, there) })
		}
		if pairs != "" {
			faults.Draw(ctx, explorations, int(number("FAULTS_PAIRS")), number("FAULTS_SEED"))
		}
		beside.Wait()
		var rows []faults.Row
		for _, e := range explorations {
			rows = append(rows, e.Row)
		}
		Expect(faults.Print(GinkgoWriter, rows)).To(Succeed())
		Expect(faults.Print(os.Stdout, rows)).To(Succeed())
		sum, sumAgain := faults.Total(rows), faults.Total(again)
		if there != nil {
			Expect(faults.PrintAgain(os.Stdout, again)).To(Succeed())
		}
		explained := []string{}
		for _, failure := range slices.Concat(sum.Failures, sumAgain.Failures) {
			explained = append(explained, faults.Explain(failure))
		}
		Expect(explained).To(BeEmpty(), strings.Join(explained, "\n"))
		Expect(sum.Fired).To(Equal(sum.Cases()), "cases = fired")
		if there != nil {
			Expect(sumAgain.Agreeing).To(Equal(sumAgain.Singles), "singles = agreeing")
		}
		Expect(sum.Worst).To(BeNumerically("<=", maxRuns))
		if only != "" {
			return
		}
		Expect(sum.Points).To(BeNumerically(">=", minPoints))
		Expect(sum.Singles).To(BeNumerically(">=", minSingles))
		Expect(faults.Unfamiliar(explorations)).To(BeEmpty())
		if pairs == "" {
			Expect(sum.Crashes).To(BeNumerically(">=", minCrashes))
		}
		if there != nil {
			Expect(sumAgain.Agreeing).To(BeNumerically(">=", minAgreeing))
		}
	})

	It("should replay one case alone", func(ctx SpecContext) {
		name := os.Getenv("FAULTS_CASE")
		if name == "" {
			name = "create/41:answer-lost/42:refused"
		}
		c, err := faults.ParseCase(name)
		Expect(err).NotTo(HaveOccurred())
		verdict, err := newRunner().Replay(ctx, c, newRunnerThere(ctx))
		Expect(err).NotTo(HaveOccurred())
		for i, point := range verdict.Trace {
			_, _ = fmt.Fprintf(GinkgoWriter, "%4d %s\n", i+1, point)
		}
		Expect(verdict.Problems).To(BeEmpty(), faults.Explain(verdict))
		Expect(verdict.Fired).To(BeTrue())
	})
})
