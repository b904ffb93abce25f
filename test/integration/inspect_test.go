// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	. "github.com/onsi/gomega/gstruct"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/cmd/gardener-extension-ontap/app"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/inspect"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// onlyReads hides that a client can write.
type onlyReads struct{ client.Reader }

// inspect looks at one shoot or at all as the command does, with a reader of the seed. It fails the spec if a secret is shown, or if
// something is written.
func (w *world) inspect(ctx context.Context, seed client.Reader, namespace string) (inspect.Report, string) {
	GinkgoHelper()
	w.collectSecrets(ctx)
	_, before := w.since(ctx, 0)
	inspector, err := app.NewInspector(w.config, seed, ontap.Options{Clock: w.clock})
	Expect(err).NotTo(HaveOccurred())
	report, err := inspector.Inspect(ctx, namespace)
	Expect(err).NotTo(HaveOccurred())
	entries, _ := w.since(ctx, before)
	Expect(entries).NotTo(ContainElement(Not(HaveField("Class", simulator.Read))))
	table := &bytes.Buffer{}
	Expect(report.WriteTable(table)).To(Succeed())
	data, err := json.Marshal(report)
	Expect(err).NotTo(HaveOccurred())
	found, _, err := secrets.Find(strings.NewReader(table.String() + string(data)))
	Expect(err).NotTo(HaveOccurred())
	Expect(found).To(BeEmpty())
	return report, table.String()
}

// alike replaces what is another one in each life, and as long: the end of an account's name, and times.
func alike(table string) string {
	table = regexp.MustCompile(`(shoot\d-[0-9a-f]{8}-)\w{6}`).ReplaceAllString(table, "${1}random")
	return regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`).ReplaceAllString(table, "2026-11-27T12:00:00Z")
}

var _ = Describe("inspect", func() {
	var (
		w *world
		s *shoot
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
	})
	look := func(ctx context.Context) (inspect.Shoot, string) {
		GinkgoHelper()
		report, table := w.inspect(ctx, onlyReads{w.seed}, s.namespace())
		Expect(report.Shoots).To(HaveLen(1))
		return report.Shoots[0], table
	}
	edit := func(ctx context.Context, change func(*corev1.Secret)) {
		GinkgoHelper()
		secret := s.secret(ctx)
		change(secret)
		Expect(w.seed.Update(ctx, secret)).To(Succeed())
	}
	perform := func(kind simulator.ActKind, name, value string) func(context.Context) {
		return func(ctx context.Context) {
			if name == "account" {
				name = string(s.secret(ctx).Data["username"])
			}
			s.perform(ctx, kind, name, value)
		}
	}

	It("should show a shoot in good order", func(ctx SpecContext) {
		shown, table := look(ctx)
		Expect(shown).To(MatchFields(IgnoreExtras, Fields{
			"SVM": MatchFields(IgnoreExtras, Fields{
				"Name": Equal(s.svmName()), "UUID": Equal(s.state(ctx).UUID), "Cluster": Equal("a"), "RecordedCluster": Equal("a"),
				"State": Equal("running"), "Verdict": Equal("InStep"), "Held": BeFalse(),
			}),
			"LIFs": ConsistOf(
				MatchFields(IgnoreExtras, Fields{"Name": Equal("datalif+0"), "Address": Equal("10.11.0.1"), "State": Equal("up")}),
				MatchFields(IgnoreExtras, Fields{"Name": Equal("datalif+1"), "Address": Equal("10.12.0.1"), "State": Equal("up")}),
				MatchFields(IgnoreExtras, Fields{"Name": Equal("managementlif"), "Address": Equal("10.10.0.1"), "State": Equal("up")}),
			),
			"Account":    Equal(inspect.Account{Name: string(s.secret(ctx).Data["username"]), Verdict: "InStep", Fingerprint: "in step"}),
			"SeedSecret": Equal("present"),
			"Conditions": And(HaveLen(5), HaveEach(HaveField("Status", "True"))),
			"LastRun":    PointTo(MatchFields(IgnoreExtras, Fields{"Type": Equal("Create"), "State": Equal("Succeeded")})),
			"Problems":   BeEmpty(),
		}))
		Expect(table).To(MatchRegexp(`(?m)^` + s.namespace() + ` +` + s.svmName() +
			` +running +a +3/3 up +shoot1-\w+-\w+ +in step +present +5/5 True +Create Succeeded \d{4}-\d\d-\d\dT`))
		Expect(table).To(MatchRegexp(`(?m)^a +yes$`))
	})

	It("should be as the README shows it", func(ctx SpecContext) {
		s.perform(ctx, simulator.DisableLIF, "datalif+1", "")
		_, table := look(ctx)
		readme, err := os.ReadFile("../../README.md")
		Expect(err).NotTo(HaveOccurred())
		_, example, found := strings.Cut(string(readme), "<!-- Held true by test/integration/inspect_test.go -->\n\n```\n")
		Expect(found).To(BeTrue())
		example, _, _ = strings.Cut(example, "```")
		Expect(alike(table)).To(Equal(alike(example)))
	})

	It("should show all shoots, each with its own, by namespace", func(ctx SpecContext) {
		other := w.newShoot(ctx, 2)
		report, table := w.inspect(ctx, onlyReads{w.seed}, "")
		Expect(report.Complete()).To(BeTrue())
		Expect(report.Shoots).To(HaveExactElements(
			MatchFields(IgnoreExtras, Fields{"Namespace": Equal(s.namespace()), "SeedSecret": Equal("present")}),
			MatchFields(IgnoreExtras, Fields{
				"Namespace": Equal(other.namespace()), "SeedSecret": Equal("absent"), "LastRun": BeNil(),
				"SVM":     MatchFields(IgnoreExtras, Fields{"State": Equal("missing"), "Verdict": Equal("Missing")}),
				"LIFs":    And(HaveLen(3), HaveEach(HaveField("State", "missing"))),
				"Account": Equal(inspect.Account{Verdict: "unknown", Fingerprint: "unknown"}),
			}),
		))
		Expect(strings.Split(table, "\n")[2]).To(HavePrefix(other.namespace()))
	})

	DescribeTable("should show what is broken", func(ctx SpecContext, breakIt func(context.Context), matcher OmegaMatcher, row string) {
		breakIt(ctx)
		shown, table := look(ctx)
		Expect(shown).To(matcher)
		Expect(table).To(ContainSubstring(row))
	},
		Entry("an SVM that is stopped", perform(simulator.StopSVM, "", ""),
			And(HaveField("SVM.State", "stopped"), HaveField("SVM.Verdict", "Stopped"), HaveField("Account.Verdict", "InStep")), " stopped, Stopped "),
		Entry("an SVM that is gone", perform(simulator.RemoveSVM, "", ""),
			And(HaveField("SVM.State", "missing"), HaveField("SVM.Cluster", ""), HaveField("Problems", BeEmpty())), " missing   a (recorded)   0/3 up, "),
		Entry("an SVM without its mark, which is not gone", perform(simulator.SetComment, "", "of somebody else"),
			And(HaveField("SVM.State", "running"), HaveField("SVM.Verdict", "MisMarked")), " running, MisMarked "),
		Entry("an SVM that was renamed and lost its mark, by what is recorded", func(ctx context.Context) {
			s.perform(ctx, simulator.SetComment, "", "of somebody else")
			s.perform(ctx, simulator.RenameSVM, "", "other")
		}, And(HaveField("SVM.Name", "other"), HaveField("SVM.Verdict", "Foreign")), " running, Foreign "),
		Entry("an SVM that is held", perform(simulator.SetComment, "", "hold"), HaveField("SVM.Held", true), ", held "),
		Entry("a LIF that is switched off", perform(simulator.DisableLIF, "datalif+1", ""),
			HaveField("LIFs", ContainElement(And(HaveField("Name", "datalif+1"), HaveField("State", "disabled")))), "2/3 up, datalif+1 disabled"),
		Entry("LIFs that are down with their node", func(ctx context.Context) {
			for _, lif := range s.state(ctx).LIFs {
				if lif.Name == "datalif+0" {
					Expect(w.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetNodeState, Name: lif.HomeNode, Value: "down"})).To(Succeed())
				}
			}
		}, HaveField("LIFs", ContainElement(And(HaveField("Name", "datalif+0"), HaveField("State", "down")))), "datalif+0 down"),
		Entry("a LIF that is gone", perform(simulator.RemoveLIF, "managementlif", ""),
			HaveField("LIFs", ContainElement(inspect.LIF{Address: "10.10.0.1", State: "missing"})), "2/3 up, 10.10.0.1 missing"),
		Entry("an account that is gone", perform(simulator.RemoveAccount, "account", ""),
			And(HaveField("Account.Verdict", "Missing"), HaveField("Account.Fingerprint", "none")), " (Missing)   none "),
		Entry("an account that is locked", perform(simulator.LockAccount, "account", ""),
			And(HaveField("Account.Verdict", "Locked"), HaveField("Account.Fingerprint", "in step")), " (Locked)   in step "),
		Entry("an account without our mark, which is not gone", perform(simulator.SetAccountComment, "account", "of somebody else"),
			And(HaveField("Account.Verdict", "Taken"), HaveField("Account.Fingerprint", "out of step")), " (Taken)   out of step "),
		Entry("an account that was half made", perform(simulator.RemovePassword, "account", ""),
			And(HaveField("Account.Verdict", "Uncommitted"), HaveField("Account.Fingerprint", "none")), " (Uncommitted)   none "),
		Entry("a seed secret that is gone", func(ctx context.Context) { Expect(w.seed.Delete(ctx, s.secret(ctx))).To(Succeed()) },
			And(HaveField("SeedSecret", "absent"), HaveField("Account.Verdict", "unknown"), HaveField("Account.Name", HavePrefix("shoot1-")),
				HaveField("SVM.Verdict", "InStep")), " (unknown)   unknown       absent "),
		Entry("a seed secret that is malformed", func(ctx context.Context) { edit(ctx, func(o *corev1.Secret) { delete(o.Data, "salt") }) },
			And(HaveField("SeedSecret", "malformed"), HaveField("Account.Fingerprint", "unknown")), " malformed "),
		Entry("a seed secret of another shoot", func(ctx context.Context) {
			edit(ctx, func(o *corev1.Secret) { o.Labels["ontap.extensions.gardener.cloud/shoot-uid"] = "another" })
		}, And(HaveField("SeedSecret", "foreign"), HaveField("Account.Verdict", "unknown")), " foreign "),
		Entry("a seed secret without the cluster", func(ctx context.Context) { edit(ctx, func(o *corev1.Secret) { delete(o.Data, "cluster") }) },
			And(HaveField("SeedSecret", "incomplete"), HaveField("Account.Fingerprint", "in step")), " incomplete "),
		Entry("other credentials than ONTAP has", func(ctx context.Context) {
			edit(ctx, func(o *corev1.Secret) { o.Data["password"] = []byte("Another-Passw0rd-Of-Somebody") })
		}, And(HaveField("SeedSecret", "present"), HaveField("Account.Fingerprint", "out of step")), " out of step "),
		Entry("conditions that complain", func(ctx context.Context) {
			s.perform(ctx, simulator.StopSVM, "", "")
			Expect(s.reconcile(ctx)).NotTo(Succeed())
		}, HaveField("Conditions", ContainElement(And(HaveField("Type", "SVMReady"), HaveField("Reason", "SVMStopped")))),
			"4/5 True, SVMReady False (SVMStopped)"),
		Entry("what the owner has written wrong", func(ctx context.Context) {
			wrong := s.providerConfig()
			wrong.DataLIFs = []string{"nowhere"}
			s.configure(ctx, wrong)
		}, And(HaveField("Problems", ConsistOf(ContainSubstring("dataLIFs"))), HaveField("SVM.Verdict", "InStep")), "dataLIFs"),
	)

	It("should not take silence for absence", func(ctx SpecContext) {
		Expect(w.sim.SetDown(ctx, "a")).To(Succeed())
		report, table := w.inspect(ctx, onlyReads{w.seed}, "")
		Expect(report.Complete()).To(BeFalse())
		Expect(report.Clusters).To(ConsistOf(MatchFields(IgnoreExtras, Fields{"Answered": BeFalse(), "Problem": ContainSubstring("GET /svm/svms")})))
		Expect(report.Shoots).To(ConsistOf(And(
			HaveField("SVM.State", "unknown"), HaveField("SVM.Verdict", "unknown"), HaveField("Account.Verdict", "unknown"),
			HaveField("SeedSecret", "present"), HaveField("LIFs", And(HaveLen(3), HaveEach(HaveField("State", "unknown")))),
		)))
		Expect(table).To(And(MatchRegexp(`(?m)^a +no: `), ContainSubstring(" a (recorded) "), Not(ContainSubstring("missing"))))
	})

	It("should say nothing of an SVM while a cluster that may have it is silent, and all that the others know", func(ctx SpecContext) {
		w = newWorld("a", "b")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		here := string(s.secret(ctx).Data["cluster"])
		there := map[string]string{"a": "b", "b": "a"}[here]
		Expect(w.sim.SetDown(ctx, there)).To(Succeed())
		shown, table := look(ctx)
		Expect(shown).To(And(HaveField("SVM.Verdict", "InStep"), HaveField("Account.Fingerprint", "in step"), HaveField("Problems", BeEmpty())))
		Expect(table).To(MatchRegexp(`(?m)^` + there + ` +no: `))
		Expect(w.sim.SetUp(ctx, there)).To(Succeed())
		Expect(w.sim.SetDown(ctx, here)).To(Succeed())
		shown, _ = look(ctx)
		Expect(shown).To(And(HaveField("SVM.Verdict", "unknown"), HaveField("SVM.RecordedCluster", here), HaveField("Problems", Not(BeEmpty()))))
	})

	It("should not take a cluster that left the configuration for one without the SVM", func(ctx SpecContext) {
		renamed := w.config.DeepCopy()
		renamed.Clusters[0].Name = "renamed"
		inspector, err := app.NewInspector(renamed, onlyReads{w.seed}, ontap.Options{Clock: w.clock})
		Expect(err).NotTo(HaveOccurred())
		report, err := inspector.Inspect(ctx, s.namespace())
		Expect(err).NotTo(HaveOccurred())
		Expect(report.Shoots[0].SVM).To(And(HaveField("Verdict", "InStep"), HaveField("Cluster", "renamed"), HaveField("RecordedCluster", "a")))
		s.perform(ctx, simulator.RemoveSVM, "", "")
		report, err = inspector.Inspect(ctx, s.namespace())
		Expect(err).NotTo(HaveOccurred())
		Expect(report.Shoots[0].SVM).To(And(HaveField("Verdict", "unknown"), HaveField("State", "unknown")))
		Expect(report.Shoots[0].Problems).To(ConsistOf(ContainSubstring(`cluster "a", where it is recorded, is not in the configuration`)))
	})

	It("should not take a seed that refuses for one without the secret", func(ctx SpecContext) {
		blind := interceptor.NewClient(w.seed, interceptor.Funcs{
			List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
				if _, ok := list.(*corev1.SecretList); ok {
					return errors.New("secrets are not for you")
				}
				return c.List(ctx, list, options...)
			},
		})
		report, table := w.inspect(ctx, onlyReads{blind}, "")
		Expect(report.Complete()).To(BeFalse())
		Expect(report.Shoots).To(ConsistOf(And(HaveField("SeedSecret", "unknown"), HaveField("SVM.Verdict", "InStep"), HaveField("Account.Verdict", "unknown"))))
		Expect(table).To(ContainSubstring("secrets are not for you"))
	})

	It("should say that there is no such shoot", func(ctx SpecContext) {
		inspector, err := app.NewInspector(w.config, onlyReads{w.seed}, ontap.Options{})
		Expect(err).NotTo(HaveOccurred())
		_, err = inspector.Inspect(ctx, "shoot--local--none")
		Expect(err).To(MatchError(ContainSubstring(`"shoot--local--none"`)))
	})

	It("should ask each cluster no more for two shoots than for one", func(ctx SpecContext) {
		w.reconfigure(func(c *configv1alpha1.ControllerConfiguration) {
			c.Clusters[0].Networks.Management.Routes = []configv1alpha1.Route{{Gateway: "10.10.0.1"}}
		})
		asked := func() []string {
			_, before := w.since(ctx, 0)
			w.inspect(ctx, onlyReads{w.seed}, "")
			entries, _ := w.since(ctx, before)
			return requests(entries)
		}
		shown := []string{"a GET /svm/svms", "a GET /network/ip/interfaces", "a GET /security/accounts"}
		Expect(asked()).To(Equal(shown))
		Expect(w.newShoot(ctx, 2).reconcile(ctx)).To(Succeed())
		Expect(asked()).To(Equal(shown))
	})
})
