// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"io"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/cmd/gardener-extension-ontap-admission/app"
)

func TestApp(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Admission App Suite")
}

var _ = DescribeTable("Command should say which flag is wrong, and what is allowed", func(ctx SpecContext, message string, arguments ...string) {
	cmd := app.NewCommand()
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	cmd.SetArgs(append([]string{"--kubeconfig=/nowhere/kubeconfig"}, arguments...))
	Expect(cmd.ExecuteContext(ctx)).To(MatchError(ContainSubstring(message)))
},
	Entry("a range with host bits", `--allowed-data-cidrs: "10.0.0.1/8" must be an IPv4 or IPv6 CIDR without host bits`, "--allowed-data-cidrs=10.0.0.0/8,10.0.0.1/8"),
	Entry("no range", `--allowed-management-cidrs: "here" must be an IPv4 or IPv6 CIDR without host bits`, "--allowed-management-cidrs=here"),
	Entry("no namespace", "--webhook-config-namespace is required", "--allowed-data-cidrs=10.0.0.0/8,fd00::/64"),
	Entry("no cluster", "/nowhere/kubeconfig", "--webhook-config-namespace=garden"),
	Entry("an unknown flag", "unknown flag: --config", "--config=file"),
)
