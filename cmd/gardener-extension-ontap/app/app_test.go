// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/cmd/gardener-extension-ontap/app"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/metrics"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
)

const configuration = `apiVersion: config.ontap.extensions.gardener.cloud/v1alpha1
kind: ControllerConfiguration
gardenIdentity: garden-1
clusters:
- name: metro-1
  endpoint: https://127.0.0.1:1
  credentialsDirectory: /nowhere
  networks:
    management: {mode: HomePort, homePort: e0m, ipv4PrefixLength: 24}
    data: [{mode: HomePort, homePort: e0d, ipv4PrefixLength: 24}]
`

// second is another cluster for the configuration.
const second = `- name: metro-2
  endpoint: https://127.0.0.1:2
  credentialsDirectory: /nowhere
  networks:
    management: {mode: HomePort, homePort: e0m, ipv4PrefixLength: 24}
    data: [{mode: HomePort, homePort: e0d, ipv4PrefixLength: 24}]
`

var _ = Describe("Command", func() {
	// run runs the command, whose kubeconfig does not exist: whatever comes after the configuration fails on it.
	run := func(ctx context.Context, arguments ...string) (string, error) {
		cmd := app.NewCommand()
		output := &bytes.Buffer{}
		cmd.SetOut(output)
		cmd.SetErr(output)
		cmd.SetArgs(append(arguments, "--kubeconfig=/nowhere/kubeconfig"))
		err := cmd.ExecuteContext(ctx)
		return output.String(), err
	}
	write := func(content string) string {
		GinkgoHelper()
		file := filepath.Join(GinkgoT().TempDir(), "config.yaml")
		Expect(os.WriteFile(file, []byte(content), 0o600)).To(Succeed())
		return "--config=" + file
	}

	DescribeTable("should refuse a wrong configuration before anything else, and name the field",
		func(ctx SpecContext, content, message string) {
			output, err := run(ctx, write(content))
			Expect(err).To(MatchError(And(ContainSubstring(message), Not(ContainSubstring("kubeconfig")), Not(ContainSubstring("s3cret")))))
			Expect(output).To(And(ContainSubstring(message), Not(ContainSubstring("Usage:"))))
		},
		Entry("without a garden", "apiVersion: config.ontap.extensions.gardener.cloud/v1alpha1\nkind: ControllerConfiguration\nclusters: []\n", "gardenIdentity"),
		Entry("without clusters", "apiVersion: config.ontap.extensions.gardener.cloud/v1alpha1\nkind: ControllerConfiguration\ngardenIdentity: x\n", "clusters"),
		Entry("with an unknown field", configuration+"  password: s3cret\n", "clusters[0].password"),
		Entry("with a login in an endpoint", configuration+"- name: metro-2\n  endpoint: https://admin:s3cret@metro-2\n  credentialsDirectory: /nowhere\n", "clusters[1].endpoint"),
		Entry("of another kind", "apiVersion: v1\nkind: ConfigMap\n", "ConfigMap"),
	)

	It("should refuse a missing configuration before anything else", func(ctx SpecContext) {
		_, err := run(ctx)
		Expect(err).To(MatchError(HavePrefix("--config is required")))
		_, err = run(ctx, "--config=/nowhere/config.yaml")
		Expect(err).To(MatchError(os.ErrNotExist))
		Expect(err).To(MatchError(ContainSubstring("/nowhere/config.yaml")))
	})

	It("should go on with a good configuration", func(ctx SpecContext) {
		_, err := run(ctx, write(configuration))
		Expect(err).To(MatchError(And(HavePrefix("completing the options: "), ContainSubstring("kubeconfig"))))
	})

	It("should take no arguments but flags", func(ctx SpecContext) {
		_, err := run(ctx, write(configuration), "now")
		Expect(err).To(MatchError(ContainSubstring("unknown command")))
	})

	// look runs a command that only looks.
	look := func(ctx context.Context, arguments ...string) (string, error) {
		cmd := app.NewCommand()
		output := &bytes.Buffer{}
		cmd.SetOut(output)
		cmd.SetErr(output)
		cmd.SetArgs(arguments)
		err := cmd.ExecuteContext(ctx)
		return output.String(), err
	}

	DescribeTable("should say what is wrong with the flags of a command that only looks, and need the configuration", func(ctx SpecContext, command string) {
		_, err := look(ctx, command)
		Expect(err).To(MatchError(HavePrefix("--config is required")))
		_, err = look(ctx, command, "-o=xml")
		Expect(err).To(MatchError(ContainSubstring(`"xml"`)))
		_, err = look(ctx, command, write(configuration), "now")
		Expect(err).To(MatchError(ContainSubstring("unknown command")))
	},
		Entry("inspect", "inspect"),
		Entry("preflight", "preflight"),
	)

	DescribeTable("should end with an error, beside the report, if something is missing", func(ctx SpecContext, form string, like OmegaMatcher) {
		output, err := look(ctx, "preflight", write(configuration), "-o="+form)
		Expect(err).To(MatchError(ContainSubstring("is missing")))
		Expect(output).To(like)
	},
		Entry("as a table", "table", ContainSubstring("metro-1         Credentials       missing   ONTAP cluster")),
		Entry("as JSON", "json", ContainSubstring(`"result": "missing"`)),
		Entry("as YAML", "yaml", ContainSubstring("result: missing")),
	)

	DescribeTable("should ask nothing if the flags of --prove are wrong", func(ctx SpecContext, message string, flags ...string) {
		output, err := look(ctx, append([]string{"preflight", write(configuration + second)}, flags...)...)
		Expect(err).To(MatchError(ContainSubstring(message)))
		Expect(output).NotTo(ContainSubstring("QUESTION"))
	},
		Entry("a cluster without --prove", "are for --prove", "--cluster=metro-1"),
		Entry("an address without --prove", "are for --prove", "--address=10.0.0.1"),
		Entry("a cluster that is not configured", `"moon"`, "--prove", "--cluster=moon"),
		Entry("an address that is none", "--address", "--prove", "--cluster=metro-1", "--address=moon"),
		Entry("an address for more than one cluster", "needs one --cluster", "--prove", "--address=10.0.0.1"),
	)

	It("should end with an error, beside the report, if a cluster that is named is not in order", func(ctx SpecContext) {
		output, err := look(ctx, "preflight", write(configuration+second), "--prove", "--cluster=metro-2", "-o=yaml")
		Expect(err).To(MatchError(ContainSubstring("not everything could be asked")))
		Expect(output).To(And(ContainSubstring("cluster: metro-2"), ContainSubstring("nothing was asked"), Not(ContainSubstring("metro-1"))))
	})

	It("should print the roles that have to be made, as commands and as bodies of requests", func(ctx SpecContext) {
		output, err := look(ctx, "roles")
		Expect(err).NotTo(HaveOccurred())
		Expect(output).To(And(
			ContainSubstring("\nsecurity login rest-role create -role gardener-ontap -api /api/svm/svms -access all\n"),
			ContainSubstring("\nsecurity login rest-role create -role gardener-ontap -api /api/cluster/nodes -access readonly\n"),
			ContainSubstring("\nsecurity login rest-role create -vserver <SVM> -role gardener-trident -api /api/support/ems/application-logs -access read_create\n"),
			ContainSubstring("\n#   vserver delete\n"), Not(ContainSubstring("-api /api -access")),
		))
		output, err = look(ctx, "roles", "-o=json")
		Expect(err).NotTo(HaveOccurred())
		roles := app.Roles{}
		Expect(json.Unmarshal([]byte(output), &roles)).To(Succeed())
		Expect(roles).To(Equal(app.NewRoles()))
	})

	It("should refuse a protocol that there is not", func(ctx SpecContext) {
		_, err := look(ctx, "preflight", write(configuration), "--protocols=NVMe,FCP")
		Expect(err).To(MatchError(ContainSubstring(`"FCP"`)))
	})

	It("should need the seed to inspect it", func(ctx SpecContext) {
		_, err := run(ctx, "inspect", write(configuration))
		Expect(err).To(MatchError(And(HavePrefix("completing the options: "), ContainSubstring("kubeconfig"))))
	})

	DescribeTable("should have the flags that the chart sets",
		func(name, value string) {
			flag := app.NewCommand().Flags().Lookup(name)
			Expect(flag).NotTo(BeNil())
			Expect(flag.DefValue).To(Equal(value))
		},
		Entry("configuration", "config", ""),
		Entry("kubeconfig", "kubeconfig", ""),
		Entry("leader election", "leader-election", "true"),
		Entry("its lease", "leader-election-id", "gardener-extension-ontap-leader-election"),
		Entry("its namespace", "leader-election-namespace", ""),
		Entry("health", "health-bind-address", ":8081"),
		Entry("metrics", "metrics-bind-address", ":8080"),
		Entry("log level", "log-level", "info"),
		Entry("log format", "log-format", "json"),
		Entry("workers", "max-concurrent-reconciles", "20"),
		Entry("health check workers", "healthcheck-max-concurrent-reconciles", "5"),
		Entry("heartbeat namespace", "heartbeat-namespace", ""),
		Entry("heartbeat interval", "heartbeat-renew-interval-seconds", "30"),
		Entry("Gardener's version", "gardener-version", ""),
		Entry("its own version", "version", "false"),
	)

	It("should take its namespace from the environment", func() {
		GinkgoT().Setenv("LEADER_ELECTION_NAMESPACE", "extension-ontap-x")
		flags := app.NewCommand().Flags()
		Expect(flags.Lookup("leader-election-namespace").DefValue).To(Equal("extension-ontap-x"))
		Expect(flags.Lookup("heartbeat-namespace").DefValue).To(Equal("extension-ontap-x"))
	})
})

var _ = Describe("#NewImage", func() {
	parts := func() app.Parts {
		GinkgoHelper()
		collectors, err := metrics.New(prometheus.NewRegistry())
		Expect(err).NotTo(HaveOccurred())
		seed := apiserver.New(apiserver.Options{Scheme: scheme.Scheme, Clock: clock.RealClock{}})
		return app.Parts{Cached: seed, Uncached: seed, Recorder: events.NewFakeRecorder(1), Metrics: collectors, Clock: clock.RealClock{}}
	}

	It("should be made while no cluster answers and no credentials are there", func() {
		config, err := configv1alpha1.Decode([]byte(configuration))
		Expect(err).NotTo(HaveOccurred())
		Expect(app.NewImage(config, parts())).NotTo(BeNil())
	})

	It("should refuse a cluster that cannot be one, and a configuration without any", func() {
		_, err := app.NewImage(&configv1alpha1.ControllerConfiguration{Clusters: []configv1alpha1.ONTAPCluster{{Name: "metro-1", Endpoint: "http://x", CredentialsDirectory: "/x"}}}, parts())
		Expect(err).To(MatchError(HavePrefix(`cluster "metro-1": `)))
		_, err = app.NewImage(&configv1alpha1.ControllerConfiguration{}, parts())
		Expect(err).To(MatchError(ContainSubstring("at least one cluster")))
	})
})
