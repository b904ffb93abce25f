// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Program", Ordered, func() {
	var binary string

	BeforeAll(func() { binary = build() })

	It("should publish what a client needs, be ready, and end on SIGTERM", func(ctx context.Context) {
		directory := GinkgoT().TempDir()
		session, err := gexec.Start(exec.Command(binary, "--clusters", "a,b", "--dir", directory), nil, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(session.Kill)
		Eventually(session.Out, 10*time.Second).Should(gbytes.Say("\n"))
		var ready struct {
			Ready     bool
			Admin     string
			Endpoints map[string]string
		}
		Expect(json.Unmarshal(session.Out.Contents(), &ready)).To(Succeed())
		Expect(ready.Ready).To(BeTrue())
		Expect(ready.Endpoints).To(HaveLen(2))
		Expect(content(directory, "admin")).To(Equal(ready.Admin))
		Expect(content(directory, "b", "endpoint")).To(Equal(ready.Endpoints["b"]))
		Expect(logIn(ctx, filepath.Join(directory, "b"))).To(Equal(http.StatusOK))
		Expect(session.Out.Contents()).NotTo(ContainSubstring(content(directory, "b", "password")))

		journal, err := simulator.Dial(ready.Admin).Journal(ctx, 0)
		Expect(err).NotTo(HaveOccurred())
		Expect(journal).To(ConsistOf(And(HaveField("Cluster", "b"), HaveField("Template", "/cluster"))))
		Eventually(session.Terminate(), 10*time.Second).Should(gexec.Exit(0))
	})

	It("should be what its configuration says, on the ports that it says", func(ctx context.Context) {
		directory, first, second, admin := GinkgoT().TempDir(), freeAddress(), freeAddress(), freeAddress()
		line := startWith(binary, `
dir: `+directory+`
adminListen: `+admin+`
jobDuration: 1h
seed: 18446744073709551615
pageSize: 1
clusters:
- {name: a, listen: "`+first+`", username: operator, password: Given-12345, version: 9.17.1, nodes: 2}
- {name: b, listen: "`+second+`", hosts: [localhost, ontap.example, 192.0.2.1]}
`)
		Expect(line.Admin).To(Equal("http://" + admin))
		Expect(line.Endpoints).To(Equal(map[string]string{"a": "https://" + first, "b": "https://localhost:" + port(second)}))
		a := client{line.CA, line.Endpoints["a"], "operator", "Given-12345"}
		Expect(a.call(ctx, http.MethodGet, "/api/cluster", "")).To(HaveField("Body", HaveKeyWithValue("version", HaveKeyWithValue("major", 17.0))))
		nodes := a.call(ctx, http.MethodGet, "/api/cluster/nodes", "")
		Expect(nodes.Body).To(And(HaveKeyWithValue("num_records", 1.0), HaveKeyWithValue("_links", HaveKey("next"))))
		Expect(logIn(ctx, filepath.Join(directory, "b"))).To(Equal(http.StatusOK))
		Expect(names(ctx, line.CA, second)).To(ConsistOf("localhost", "ontap.example", "127.0.0.1", "::1", "192.0.2.1"))
		a.call(ctx, http.MethodPost, "/api/svm/svms", `{"name":"s"}`)
		state, err := simulator.Dial(line.Admin).State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.Cluster("a").SVMs).To(ConsistOf(HaveField("State", "initializing")))
	})

	It("should need no directory where all passwords are given", func(ctx context.Context) {
		line := startWith(binary, `{"clusters":[{"name":"a","password":"Given-12345"}]}`)
		a := client{line.CA, line.Endpoints["a"], "extension1", "Given-12345"}
		Expect(a.call(ctx, http.MethodGet, "/api/cluster", "").Status).To(Equal(http.StatusOK))
	})

	It("should explain itself", func() {
		session := runWith(binary, "--help")
		Eventually(session, 10*time.Second).Should(gexec.Exit(0))
		Expect(string(session.Out.Contents())).To(And(ContainSubstring("--config FILE"), ContainSubstring("showSVMsAtOnce"), ContainSubstring("hosts")))
	})

	DescribeTable("should refuse to start", func(message string, args ...string) {
		session := runWith(binary, args...)
		Eventually(session, 10*time.Second).Should(gexec.Exit(1))
		Expect(session.Out.Contents()).To(BeEmpty())
		Expect(string(session.Err.Contents())).To(ContainSubstring(message))
	},
		Entry("without a directory", "usage"),
		Entry("with a malformed cluster", `clusters[1].name: "" is not`, "--dir", "/nowhere", "--clusters", "a,,b"),
		Entry("with an unknown flag", "--help", "--colour"),
		Entry("with an argument", `no argument "b"`, "--dir", "/nowhere", "b"),
		Entry("with a file and flags", "--config excludes", "--config", "/nowhere", "--clusters", "a"),
		Entry("without the file", "reading --config", "--config", "/nowhere"),
	)

	DescribeTable("should refuse a file by the field that is wrong", func(content string, messages ...string) {
		session := runWith(binary, "--config", write(content))
		Eventually(session, 10*time.Second).Should(gexec.Exit(1))
		Expect(session.Out.Contents()).To(BeEmpty())
		for _, message := range messages {
			Expect(string(session.Err.Contents())).To(ContainSubstring(message))
		}
	},
		Entry("no object", "- a", "not an object", "clusters"),
		Entry("a field that there is not", "colour: red\nclusters: [{name: a, password: x, size: 1}]",
			"colour: there is no such field, but clusters, adminListen", "clusters[0].size: there is no such field, but name, listen"),
		Entry("a field in another case", "Clusters: []", "Clusters: there is no such field"),
		Entry("a field twice", "seed: 1\nseed: 2", "seed"),
		Entry("a duration without a unit", "jobDuration: 5", "jobDuration", "a duration such as 500ms"),
		Entry("a negative duration", "jobDuration: -5s\nclusters: [{name: a, password: x}]", "jobDuration: it cannot be negative"),
		Entry("a text for a number", "clusters: [{name: a, nodes: two}]", "clusters.nodes: it is a string and has to be a whole number"),
		Entry("a text for a switch", "nvmeShared: yes please", "nvmeShared: it is a string and has to be true or false"),
		Entry("no cluster", "pageSize: 1", "clusters: at least one is required"),
		Entry("a password that nobody would know", "clusters: [{name: a, password: x}, {name: b}]", "clusters[1].password: required", "dir"),
		Entry("everything at once", `
dir: /nowhere
adminListen: localhost
tolerated: [Typo]
clusters:
- {name: a b, version: "9.16", nodes: 25, bgpPeersUp: [a-09], unlicensed: [ftp], approvalRules: [DELETE /svm], certificate: old}
- {name: b, listen: "0.0.0.0:9443", hosts: [], subnets: [{name: net, prefix: 10.0.0.0/16, first: 10.1.0.1, last: x}]}
- {name: b, listen: "0.0.0.0:9443", hosts: ["a b"]}
`, `adminListen: "localhost" is not an IP address with a port such as 127.0.0.1:8443`, `tolerated[0]: "Typo" is not one of UnknownRequest`,
			`clusters[0].name: "a b" is not`, `clusters[0].version: "9.16" is not generation.major.minor`, `clusters[0].nodes: 25 is not 0`,
			`clusters[0].bgpPeersUp[0]: "a-09" is not one of *`, `clusters[0].unlicensed[0]: "ftp" is not one of nvme, iscsi`,
			`clusters[0].approvalRules[0]: "DELETE /svm" is not simulated`, `clusters[0].certificate: "old" is not one of`,
			`clusters[1].hosts: required where listen is 0.0.0.0`, `clusters[1].subnets[0].first: "10.1.0.1" is not an address in 10.0.0.0/16`,
			`clusters[1].subnets[0].last: "x"`, `clusters[2].name: "b" is used twice`, `clusters[2].listen: "0.0.0.0:9443" is that of`,
			`clusters[2].hosts[0]: "a b" is neither`),
	)
})
