// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"reflect"
	"regexp"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/cmd/gardener-extension-ontap/app"
	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/prove"
	"github.com/gardener-community/gardener-extension-ontap/pkg/prove/scratch"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// proof is a world in which clusters are asked what no document says.
type proof struct {
	*world
	// between answers requests instead of ONTAP, or passes them on; nil does.
	between func(*http.Request, http.RoundTripper) (*http.Response, error)
	address string
}

// newProof makes a cluster a without a licence for NFS, with SVMs of somebody else. A scratch SVM carries no owner mark of a shoot's,
// and its account may be left for a moment without it.
func newProof(ctx context.Context, change func(*simulator.Options)) *proof {
	GinkgoHelper()
	w := newWorldWith(func(o *simulator.Options) {
		o.QueueDuration, o.JobDuration = 2*time.Second, 5*time.Second
		o.Tolerated = []simulator.ViolationKind{simulator.Unmarked, simulator.OrphanAccount}
		o.Clusters[0].Unlicensed = []string{"nfs"}
		if change != nil {
			change(o)
		}
	}, "a")
	Expect(w.sim.AddSVMs(ctx, "a", 2)).To(Succeed())
	return &proof{world: w, address: "10.10.200.1"}
}

// RoundTrip implements http.RoundTripper.
func (p *proof) RoundTrip(r *http.Request) (*http.Response, error) {
	if p.between == nil {
		return p.sim.Transport().RoundTrip(r)
	}
	return p.between(r, p.sim.Transport())
}

// ask asks cluster a as the command does.
func (p *proof) ask(ctx context.Context) prove.Result {
	GinkgoHelper()
	options := app.ProveOptions{
		Clusters: []string{"a"}, Protocols: []ontapv1alpha1.Protocol{ontapv1alpha1.ProtocolNVMe}, Clock: p.clock, Transport: p,
	}
	if p.address != "" {
		options.Address = netip.MustParseAddr(p.address)
	}
	report, err := app.Prove(ctx, p.config, options)
	Expect(err).NotTo(HaveOccurred())
	Expect(report.Clusters).To(HaveLen(1))
	Expect(report.Good()).To(Equal(report.Clusters[0].Error == ""))
	return report.Clusters[0]
}

// there are the SVMs and accounts of cluster a, as they are.
func (p *proof) there(ctx context.Context) (all []any) {
	GinkgoHelper()
	state, err := p.sim.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	for _, svm := range state.Cluster("a").SVMs {
		all = append(all, svm)
	}
	for _, account := range state.Cluster("a").Accounts {
		all = append(all, account)
	}
	return all
}

// positions are those of the answers by the questions' switches; that without one is about root volumes.
func positions(result prove.Result) map[string]prove.Position {
	all := map[string]prove.Position{}
	for _, answer := range result.Answers {
		all[answer.Switch] = answer.Position
	}
	return all
}

// answerTo returns the answer to the question with this switch, and what it was read from.
func answerTo(result prove.Result, of string) (answer string, seen []string) {
	for _, one := range result.Answers {
		if one.Switch == of {
			for _, s := range one.Seen {
				seen = append(seen, s.String())
			}
			return one.Answer, seen
		}
	}
	return "", nil
}

// isWrite reports whether a request changes something.
func isWrite(r *http.Request) bool { return r.Method != http.MethodGet }

var _ = Describe("preflight --prove", func() {
	usual := map[string]prove.Position{
		"showSVMsAtOnce": prove.Worse, "hideCommentUntilRunning": prove.Better, "keepAccountsOnDelete": prove.Better, "nvmeShared": prove.Worse,
		"unlicensedAfterwards": prove.Better, "deleteEnabledLIFs": prove.Worse, "deleteInhabitedSVMs": prove.Worse, "pageSize": prove.Better, "": prove.Better,
	}

	It("should answer with what the simulator does, show how it knows, and leave nothing", func(ctx SpecContext) {
		p := newProof(ctx, nil)
		before := p.there(ctx)
		var passwords []string
		p.between = func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if isWrite(r) && r.Body != nil {
				content, err := io.ReadAll(r.Body)
				Expect(err).NotTo(HaveOccurred())
				for _, found := range regexp.MustCompile(`"password":"([^"]+)"`).FindAllStringSubmatch(string(content), -1) {
					passwords = append(passwords, found[1])
				}
				r.Body = io.NopCloser(bytes.NewReader(content))
			}
			return next.RoundTrip(r)
		}
		result := p.ask(ctx)
		Expect(result.Error).To(BeEmpty())
		Expect(positions(result)).To(Equal(usual))
		Expect(p.there(ctx)).To(Equal(before))

		for of, how := range map[string][]string{
			"unlicensedAfterwards":    {"POST /svm/svms 400 code 1115127"},
			"showSVMsAtOnce":          {"POST /svm/svms 202", "GET /svm/svms 200"},
			"hideCommentUntilRunning": {"GET /svm/svms 200", "GET /svm/svms/{uuid} 200"},
			"pageSize":                {"GET /security/accounts 200", "GET /network/ip/interfaces 200"},
			"nvmeShared":              {"POST /protocols/nvme/services 201", "POST /protocols/san/iscsi/services 400 code 5373966"},
			"deleteEnabledLIFs":       {"GET /network/ip/interfaces 200", "DELETE /network/ip/interfaces/{uuid} 409 code 8"},
			"deleteInhabitedSVMs":     {"GET /svm/svms/{uuid} 200", "DELETE /svm/svms/{uuid} 409 code 8"},
			"keepAccountsOnDelete":    {"GET /security/accounts 200"},
			"":                        {"GET /storage/volumes 200"},
		} {
			_, seen := answerTo(result, of)
			Expect(seen).To(Equal(how), of)
		}
		Expect(passwords).To(HaveLen(1))
		report := prove.Report{Clusters: []prove.Result{result}}
		out := &bytes.Buffer{}
		Expect(report.WriteTable(out)).To(Succeed())
		Expect(out.String()).To(MatchRegexp(`(?m)^a +Do accounts go with their SVM\? +yes +keepAccountsOnDelete: better +GET /security/accounts 200$`))
		data, err := json.Marshal(report)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(data) + out.String()).NotTo(ContainSubstring(passwords[0]))
	})

	DescribeTable("should follow each switch, and no other", func(ctx SpecContext, of string, change func(*simulator.Options), answer string) {
		p := newProof(ctx, change)
		before := p.there(ctx)
		result := p.ask(ctx)
		Expect(result.Error).To(BeEmpty())
		expected := map[string]prove.Position{}
		for name, position := range usual {
			if name == of {
				position = map[prove.Position]prove.Position{prove.Better: prove.Worse, prove.Worse: prove.Better}[position]
			}
			expected[name] = position
		}
		Expect(positions(result)).To(Equal(expected))
		text, _ := answerTo(result, of)
		Expect(text).To(HavePrefix(answer))
		Expect(p.there(ctx)).To(Equal(before))
	},
		Entry("an SVM shows at once", "showSVMsAtOnce", func(o *simulator.Options) { o.ShowSVMsAtOnce = true }, "yes"),
		Entry("a comment is hidden", "hideCommentUntilRunning", func(o *simulator.Options) { o.HideCommentUntilRunning = true }, "no"),
		Entry("accounts stay", "keepAccountsOnDelete", func(o *simulator.Options) { o.KeepAccountsOnDelete = true }, "no: they stay"),
		Entry("NVMe is shared", "nvmeShared", func(o *simulator.Options) { o.NVMeShared = true }, "yes: iscsi"),
		Entry("a licence is missed late", "unlicensedAfterwards", func(o *simulator.Options) { o.UnlicensedAfterwards = true }, "no: its job fails"),
		Entry("enabled LIFs go", "deleteEnabledLIFs", func(o *simulator.Options) { o.DeleteEnabledLIFs = true }, "yes"),
		Entry("inhabited SVMs go", "deleteInhabitedSVMs", func(o *simulator.Options) { o.DeleteInhabitedSVMs = true }, "yes"),
		Entry("pages are small", "pageSize", func(o *simulator.Options) { o.PageSize = 1 }, "no: 2 accounts and "),
	)

	It("should have a question for each switch that a scratch SVM can answer", func(ctx SpecContext) {
		asked := positions(newProof(ctx, nil).ask(ctx))
		// What a missing right and failed logins come to takes a login of the SVM.
		asked["deniedAsUnauthorized"], asked["loginFailures"] = prove.Open, prove.Open
		delete(asked, "")
		for field := range reflect.TypeFor[simulator.Options]().Fields() {
			name := field.Tag.Get("json")
			if name != "-" && field.Type.Kind() == reflect.Bool || name == "loginFailures" || name == "pageSize" {
				Expect(asked).To(HaveKey(name))
				delete(asked, name)
			}
		}
		Expect(asked).To(BeEmpty())
	})

	It("should see a root volume that is left", func(ctx SpecContext) {
		p := newProof(ctx, nil)
		p.between = func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/storage/volumes") {
				uuid := r.URL.Query().Get("svm.uuid")
				last := `{"records":[{"uuid":"v","name":"root","svm":{"uuid":"` + uuid + `"}}],"num_records":1}`
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(last)), Request: r}, nil
			}
			return next.RoundTrip(r)
		}
		result := p.ask(ctx)
		Expect(positions(result)).To(HaveKeyWithValue("", prove.Worse))
		text, _ := answerTo(result, "")
		Expect(text).To(Equal("no: 1 of 1 volumes are left"))
	})

	It("should leave open what it cannot know", func(ctx SpecContext) {
		p := newProof(ctx, func(o *simulator.Options) {
			o.QueueDuration, o.JobDuration = 0, 0
			o.Clusters[0].Unlicensed = nil
		})
		p.address = ""
		result := p.ask(ctx)
		Expect(result.Error).To(BeEmpty())
		for of, answer := range map[string]string{
			"showSVMsAtOnce": "not known: its job had begun", "hideCommentUntilRunning": "not known: it was never seen initializing",
			"unlicensedAfterwards": "not asked: there are licences", "deleteEnabledLIFs": "not asked: it takes a free address",
		} {
			Expect(positions(result)).To(HaveKeyWithValue(of, prove.Open))
			text, _ := answerTo(result, of)
			Expect(text).To(HavePrefix(answer))
		}
	})

	It("should make nothing where a multi-admin rule could hold the removal up", func(ctx SpecContext) {
		p := newProof(ctx, func(o *simulator.Options) { o.Clusters[0].ApprovalRules = []string{"DELETE /svm/svms/{uuid}"} })
		Expect(p.ask(ctx).Error).To(ContainSubstring("a multi-admin rule is for vserver delete"))
		entries, _ := p.since(ctx, 0)
		Expect(requests(entries)).NotTo(ContainElement(Not(HavePrefix("a GET "))))
		others := newProof(ctx, func(o *simulator.Options) { o.Clusters[0].ApprovalRules = []string{"DELETE /storage/volumes/{uuid}"} })
		Expect(others.ask(ctx).Error).To(BeEmpty())
	})

	DescribeTable("should make nothing", func(ctx SpecContext, prepare func(context.Context, *proof), message string) {
		p := newProof(ctx, nil)
		prepare(ctx, p)
		before := p.there(ctx)
		_, seq := p.since(ctx, 0)
		Expect(p.ask(ctx).Error).To(ContainSubstring(message))
		entries, _ := p.since(ctx, seq)
		Expect(entries).NotTo(BeEmpty())
		Expect(entries).NotTo(ContainElement(HaveField("Class", simulator.Write)))
		Expect(p.there(ctx)).To(Equal(before))
	},
		Entry("where a scratch SVM is left", func(_ context.Context, p *proof) {
			_, err := p.sim.AddSVM("a", scratch.Prefix+"older", "x")
			Expect(err).NotTo(HaveOccurred())
		}, scratch.Prefix+"older"),
		Entry("on a cluster that is held", func(_ context.Context, p *proof) {
			p.reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.Clusters[0].Hold = true })
		}, "holds the cluster"),
		Entry("where a preflight finds something missing", func(_ context.Context, p *proof) {
			p.reconfigure(func(c *configv1alpha1.ControllerConfiguration) {
				c.Clusters[0].Networks.Data[0].BroadcastDomain = "Moon"
			})
		}, "preflight"),
	)

	It("should ask a half of a MetroCluster that is in order, and no other", func(ctx SpecContext) {
		w := newWorldWith(func(o *simulator.Options) {
			o.Clusters[0].MetroClusterPartner, o.Clusters[1].MetroClusterPartner = "b", "a"
			o.Tolerated = []simulator.ViolationKind{simulator.Unmarked, simulator.OrphanAccount}
		}, "a", "b")
		p := &proof{world: w, address: "10.10.200.1"}
		Expect(p.ask(ctx).Error).To(BeEmpty())
		Expect(p.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.CutLink})).To(Succeed())
		_, seq := p.since(ctx, 0)
		Expect(p.ask(ctx).Error).To(ContainSubstring("MetroCluster"))
		entries, _ := p.since(ctx, seq)
		Expect(requests(entries)).NotTo(ContainElement(Not(ContainSubstring(" GET "))))
		for _, cluster := range []string{"a", "b"} {
			state, err := p.sim.State(ctx)
			Expect(err).NotTo(HaveOccurred())
			Expect(state.Cluster(cluster).SVMs).To(BeEmpty())
		}
	})

	It("should not take an address that somebody has", func(ctx SpecContext) {
		p := newProof(ctx, nil)
		Expect(p.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.AddLIF, SVM: "foreign-0001", Name: "theirs", Value: p.address})).To(Succeed())
		before := p.there(ctx)
		result := p.ask(ctx)
		Expect(result.Error).To(BeEmpty())
		text, _ := answerTo(result, "deleteEnabledLIFs")
		Expect(text).To(ContainSubstring("belongs to LIF theirs"))
		Expect(p.there(ctx)).To(Equal(before))
	})
})
