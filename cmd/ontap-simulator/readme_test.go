// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("README", Ordered, func() {
	var binary, chapter string

	BeforeAll(func() {
		binary = build()
		var found bool
		_, chapter, found = strings.Cut(content("..", "..", "README.md"), "\n## The simulator, for your own ONTAP automation\n")
		Expect(found).To(BeTrue())
		chapter, _, _ = strings.Cut(chapter, "\n## ")
	})

	// block is the nth block of code in a language.
	block := func(language string, n int) string {
		GinkgoHelper()
		blocks := regexp.MustCompile("(?s)\n```"+language+"\n(.*?)```\n").FindAllStringSubmatch(chapter, -1)
		Expect(len(blocks)).To(BeNumerically(">", n))
		return blocks[n][1]
	}

	It("should show the file that it starts the program with", func() {
		Expect(block("sh", 0)).To(ContainSubstring("--config cmd/ontap-simulator/example.yaml"))
		Expect(block("yaml", 0)).To(Equal(content("example.yaml")))
	})

	It("should be true: the file is accepted, and every command is answered", func(ctx context.Context) {
		directory := GinkgoT().TempDir()
		here := strings.NewReplacer( // other ports and another directory, for whoever uses those of the README
			"127.0.0.1:9080", freeAddress(), "127.0.0.1:9443", freeAddress(), "127.0.0.1:9444", freeAddress(), ".cache/ontap", directory,
		)
		line := startWith(binary, here.Replace(block("yaml", 0)))
		Expect(line.Endpoints).To(HaveLen(2))
		if _, err := exec.LookPath("curl"); err != nil {
			Skip("the README's commands need curl")
		}
		script := strings.ReplaceAll(here.Replace(block("sh", 1)), "curl -sS", "curl -sSf")
		output, err := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", script).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		state, err := simulator.Dial(line.Admin).State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.Cluster("a").SVMs).To(ConsistOf(HaveField("Name", "svm1")))
		Expect(state.PendingFaults).To(Equal(1))
		Expect(json.Valid([]byte(content(directory, "b", "password")))).To(BeFalse(), "a password, made")
		violations, err := simulator.Dial(line.Admin).Violations(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(violations).To(BeEmpty())
	})
})
