// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const askChecker = "ONTAP_SIMULATOR_ASK_CHECKER"

var _ = Describe("The checker of the contract", func() {
	// A process has one checker, so each of these is a process.
	DescribeTable("should fail a spec", func(ctx context.Context, script, said string) {
		checker := filepath.Join(GinkgoT().TempDir(), "checker")
		Expect(os.WriteFile(checker, []byte("#!/bin/sh\n"+script), 0o700)).To(Succeed())
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		child := exec.CommandContext(ctx, executable, "-test.run=TestSimulator", "-ginkgo.focus=asks the checker for its opinion", "-ginkgo.no-color")
		child.Env = append(os.Environ(), askChecker+"=yes", simulator.ContractVariable+"="+checker)
		output, err := child.CombinedOutput()
		Expect(err).To(BeAssignableToTypeOf(&exec.ExitError{}))
		Expect(string(output)).To(ContainSubstring(said))
	},
		Entry("when it cannot be started", "exit 1", "starting simulator: starting the program in ONTAP_CONTRACT: EOF"),
		Entry("when it says something else", "echo ready", "starting simulator: starting the program in ONTAP_CONTRACT: invalid character"),
		Entry("when it ends", `echo '{"objections":[]}'`, "BrokenContract on cluster a: GET /cluster: 200: the program in ONTAP_CONTRACT does not answer"),
		Entry("when it objects", `echo '{"objections":[]}'; read -r exchange; echo '{"objections":["this is wrong"]}'`,
			"BrokenContract on cluster a: GET /cluster: 200: this is wrong"),
	)

	if os.Getenv(askChecker) != "" {
		It("asks the checker for its opinion", func() { start().a.get("/api/cluster") })
	}
})
