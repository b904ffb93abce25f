// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/prove/scratch"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var errLost = errors.New("lost")

// answering is an answer that ONTAP did not give.
func answering(r *http.Request, status int, code string) (*http.Response, error) {
	content := `{"error":{"code":"` + code + `","message":"injected"}}`
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(content)), Request: r}, nil
}

// meeting is what happens to one request.
type meeting func(*http.Request, http.RoundTripper) (*http.Response, error)

// meet lets it happen to the request of this number among those that count.
func (p *proof) meet(number int, counts func(*http.Request) bool, happens meeting) (seen *int) {
	seen = new(int)
	p.between = func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if counts(r) {
			if *seen++; *seen == number {
				return happens(r, next)
			}
		}
		return next.RoundTrip(r)
	}
	return seen
}

// remaining are the names of the scratch SVMs that are left, or of which an account is, and were not there before. It fails the spec if
// something else has changed, and clears SVMs away for the next run.
func (p *proof) remaining(ctx context.Context, before []any) (left []string) {
	GinkgoHelper()
	var acts []simulator.Act
	var others []any
	for _, one := range p.there(ctx) {
		switch one := one.(type) {
		case simulator.SVMState:
			if strings.HasPrefix(one.Name, scratch.Prefix) {
				left, acts = append(left, one.Name), append(acts, simulator.Act{Kind: simulator.RemoveSVM, SVM: one.Name})
				continue
			}
		case simulator.AccountState:
			if strings.HasPrefix(one.SVMName, scratch.Prefix) && !slices.Contains(before, any(one)) {
				left = append(left, one.SVMName)
				acts = slices.Insert(acts, 0, simulator.Act{Kind: simulator.RemoveAccount, SVM: one.SVMName, Name: one.Name})
				continue
			}
		}
		others = append(others, one)
	}
	Expect(others).To(Equal(before))
	for _, act := range acts {
		if err := p.sim.Perform(ctx, "a", act); err != nil {
			Expect(err).To(MatchError(ContainSubstring("there is no SVM")), "of an account that has outlived it")
		}
	}
	return left
}

var _ = Describe("preflight --prove, disturbed", func() {
	positions := map[string]func(*simulator.Options){
		"the better position": func(o *simulator.Options) {
			o.DeleteEnabledLIFs, o.DeleteInhabitedSVMs, o.NVMeShared, o.ShowSVMsAtOnce = true, true, true, true
		},
		"the worse position": (*simulator.Options).Worsen,
	}
	lose := func(*http.Request, http.RoundTripper) (*http.Response, error) { return nil, errLost }
	loseAnswer := func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		return nil, errors.Join(errLost, response.Body.Close())
	}
	refuse := func(status int, code string) meeting {
		return func(r *http.Request, _ http.RoundTripper) (*http.Response, error) { return answering(r, status, code) }
	}
	fail := func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
		response, err := next.RoundTrip(r)
		if err != nil {
			return nil, err
		}
		Expect(response.Body.Close()).To(Succeed())
		return answering(r, http.StatusInternalServerError, "65562")
	}

	// each lets something happen to each request that counts, one run after the other, and judges what is left of each.
	each := func(ctx context.Context, change func(*simulator.Options), counts func(*http.Request) bool, happens meeting,
		judge func(number int, left []string, failure string)) int {
		GinkgoHelper()
		p := newProof(ctx, change)
		for number := 1; ; number++ {
			before := p.there(ctx)
			seen := p.meet(number, counts, happens)
			result := p.ask(ctx)
			judge(number, p.remaining(ctx, before), result.Error)
			if *seen < number {
				return number - 1
			}
		}
	}

	for where, change := range positions {
		DescribeTable("should leave nothing that it does not name, in "+where, func(ctx SpecContext, happens meeting, cleans bool) {
			points := each(ctx, change, isWrite, happens, func(number int, left []string, failure string) {
				for _, name := range left {
					Expect(failure).To(ContainSubstring(name), "write %d", number)
				}
				if cleans {
					Expect(left).To(BeEmpty(), "write %d", number)
				}
			})
			Expect(points).To(BeNumerically(">=", 8), "writes, in one of which something goes wrong")
		},
			Entry("though a request is lost", lose, true),
			Entry("though an answer is lost", loseAnswer, true),
			Entry("though a request is done and fails", fail, true),
			Entry("though a request fails", refuse(http.StatusInternalServerError, "65562"), true),
			Entry("though there is too much to do", refuse(http.StatusServiceUnavailable, "8"), true),
			Entry("though a request is refused", refuse(http.StatusBadRequest, "2"), false),
			Entry("though a right is missing", refuse(http.StatusForbidden, "6"), false),
		)

		It("should remove all when it is interrupted at whatever request, in "+where, func(ctx SpecContext) {
			interrupted := 0
			var cancel context.CancelFunc
			p := newProof(ctx, change)
			before := p.there(ctx)
			for number := 1; ; number++ {
				stopped, stop := context.WithCancel(ctx)
				cancel = stop
				seen := p.meet(number, func(*http.Request) bool { return true }, func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
					cancel()
					return loseAnswer(r, next)
				})
				result := p.ask(stopped)
				stop()
				Expect(p.remaining(ctx, before)).To(BeEmpty(), "request %d", number)
				if *seen < number {
					break
				}
				if result.Error != "" {
					interrupted++
				}
			}
			Expect(interrupted).To(BeNumerically(">", 30), "requests at which it was interrupted")
		})

		It("should name its SVM when the cluster is lost in the middle, in "+where, func(ctx SpecContext) {
			p := newProof(ctx, change)
			named := 0
			for number := 1; ; number++ {
				seen, before := 0, p.there(ctx)
				p.between = func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
					if isWrite(r) {
						seen++
					}
					if seen >= number {
						return nil, errLost
					}
					return next.RoundTrip(r)
				}
				result := p.ask(ctx)
				left := p.remaining(ctx, before)
				for _, name := range left {
					Expect(result.Error).To(ContainSubstring(name), "write %d", number)
				}
				if seen < number {
					Expect(result.Error).To(BeEmpty())
					break
				}
				Expect(result.Error).NotTo(BeEmpty())
				if len(left) > 0 {
					named++
				}
			}
			Expect(named).To(BeNumerically(">=", 6), "writes after which something was left")
		})
	}

	It("should not touch an SVM of its name that somebody else has made meanwhile", func(ctx SpecContext) {
		p := newProof(ctx, func(o *simulator.Options) { o.Clusters[0].Unlicensed = nil })
		p.meet(1, isWrite, func(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
			var body struct{ Name string }
			Expect(json.NewDecoder(r.Body).Decode(&body)).To(Succeed())
			_, err := p.sim.AddSVM("a", body.Name, "of somebody else")
			Expect(err).NotTo(HaveOccurred())
			return nil, errLost
		})
		_, seq := p.since(ctx, 0)
		result := p.ask(ctx)
		Expect(result.Error).To(ContainSubstring("does not carry its comment"))
		entries, _ := p.since(ctx, seq)
		Expect(requests(entries)).NotTo(ContainElement(Not(HavePrefix("a GET "))))
		Expect(p.there(ctx)).To(ContainElement(HaveField("Comment", "of somebody else")))
	})

	It("should not touch its own SVM any more when somebody has written another comment", func(ctx SpecContext) {
		p := newProof(ctx, func(o *simulator.Options) { o.Clusters[0].Unlicensed = nil })
		p.meet(3, isWrite, func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
			for _, one := range p.there(ctx) {
				if svm, ok := one.(simulator.SVMState); ok && strings.HasPrefix(svm.Name, scratch.Prefix) {
					Expect(p.sim.Perform(ctx, "a", simulator.Act{Kind: simulator.SetComment, SVM: svm.Name, Value: "mine now"})).To(Succeed())
				}
			}
			return next.RoundTrip(r)
		})
		result := p.ask(ctx)
		Expect(result.Error).To(And(ContainSubstring(scratch.Prefix), ContainSubstring("does not carry its comment")))
		entries, _ := p.since(ctx, 0)
		Expect(requests(entries)).NotTo(ContainElement("a DELETE /svm/svms/{uuid}"))
		Expect(requests(entries)).NotTo(ContainElement("a DELETE /security/accounts/{owner.uuid}/{name}"))
	})

	It("should ask for each approval once, and name what it waits for", func(ctx SpecContext) {
		var rules []string
		for _, right := range ontap.Rights() {
			if !strings.HasPrefix(right, "GET ") {
				rules = append(rules, right)
			}
		}
		asked := 0
		for _, rule := range rules {
			p := newProof(ctx, func(o *simulator.Options) { o.Clusters[0].ApprovalRules = []string{rule} })
			p.between = func(r *http.Request, next http.RoundTripper) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/security/multi-admin-verify") { // somebody switches it on a moment later
					content := io.NopCloser(strings.NewReader(`{"enabled":false}`))
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: content, Request: r}, nil
				}
				return next.RoundTrip(r)
			}
			before := p.there(ctx)
			result := p.ask(ctx)
			left := p.remaining(ctx, before)
			for _, name := range left {
				Expect(result.Error).To(And(ContainSubstring(name), ContainSubstring("has to be approved")), rule)
			}
			entries, _ := p.since(ctx, 0)
			held := slices.DeleteFunc(entries, func(e simulator.Entry) bool {
				return e.Method+" "+e.Template != rule || e.Status != http.StatusAccepted
			})
			if rule != "POST /svm/svms" && rule != "DELETE /svm/svms/{uuid}" { // these are accepted as jobs, too
				Expect(len(held)).To(BeNumerically("<=", 1), rule)
			}
			if len(held) > 0 {
				asked++
			}
		}
		Expect(asked).To(BeNumerically(">=", 5), fmt.Sprint(rules))
	})
})
