// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"os"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// breakOnPurpose is set in the process of this suite that is to fail.
const breakOnPurpose = "SIMULATOR_SUITE_BREAKS_A_RULE"

var _ = Describe("Invariants", func() {
	It("should forbid two SVMs of one owner, on different clusters too", func() {
		r := start()
		r.a.createSVM("sx", markX)
		Expect(r.kinds()).To(BeEmpty())
		newClient(r.sim.Cluster("b")).createSVM("other", strings.Replace(markX, "st=active", "st=deleting", 1))
		violations := r.sim.TakeViolations()
		Expect(violations).To(ConsistOf(HaveField("Kind", simulator.TwinSVMs)))
		Expect(violations[0].Text).To(ContainSubstring(ownerX))
		r.a.createSVM("sy", markY)
		Expect(r.kinds()).To(BeEmpty(), "a state that lasts is reported once")
	})

	It("should allow an SVM that follows a deleted one, and count both", func(ctx context.Context) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.send("DELETE", "/api/svm/svms/"+uuid, "")
		r.a.createSVM("sx", markX)
		state, err := r.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.EverCreated).To(HaveKeyWithValue("0123abcd/"+ownerX, 2))
	})

	It("should allow two gardens the same owner", func() {
		r := start()
		r.a.createSVM("sx", markX)
		r.a.createSVM("sy", strings.Replace(markX, "g=0123abcd", "g=ffffffff", 1))
	})

	DescribeTable("should forbid to touch what is unmarked", func(method, path, content string) {
		r := start()
		foreign, err := r.sim.AddSVM("a", "foreign", "about gxo/v1, but not ours")
		Expect(err).NotTo(HaveOccurred())
		mine := r.a.createSVM("sx", markX)
		r.a.createAccount(mine, "x1-abc", password, "")
		path = strings.NewReplacer("FOREIGN", foreign, "MINE", mine).Replace(path)
		Expect(r.a.send(method, path, content).status).To(BeElementOf(200, 202))
		Expect(r.kinds()).To(Equal([]simulator.ViolationKind{simulator.Unmarked}))
	},
		Entry("by deleting an SVM", "DELETE", "/api/svm/svms/FOREIGN", ""),
		Entry("by marking an SVM", "PATCH", "/api/svm/svms/FOREIGN", `{"comment":"`+markY+`"}`),
		Entry("by deleting an account", "DELETE", "/api/security/accounts/MINE/vsadmin", ""),
		Entry("by marking an account", "PATCH", "/api/security/accounts/MINE/x1-abc", `{"comment":"`+markX+`"}`),
	)

	It("should forbid that an account outlives its SVM", func() {
		r := start(func(o *simulator.Options) { o.KeepAccountsOnDelete = true })
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX)
		r.a.send("DELETE", "/api/svm/svms/"+uuid, "")
		violations := r.sim.TakeViolations()
		Expect(violations).To(ConsistOf(HaveField("Kind", simulator.OrphanAccount)))
		Expect(violations[0].Text).To(ContainSubstring("x1-abc"))
	})

	It("should forbid two accounts with one fingerprint", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX+" fp=AAAA")
		Expect(r.kinds()).To(BeEmpty())
		r.a.createAccount(uuid, "x2-abc", password, markX+" fp=AAAA")
		Expect(r.kinds()).To(Equal([]simulator.ViolationKind{simulator.TwinAccounts}))
	})
})

var _ = Describe("#Start", func() {
	It("should fail a spec that leaves a violation behind", func(ctx context.Context) {
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		child := exec.CommandContext(ctx, executable, "-test.run=TestSimulator", "-ginkgo.focus=breaks a rule on purpose", "-ginkgo.no-color")
		child.Env = append(os.Environ(), breakOnPurpose+"=yes")
		output, err := child.CombinedOutput()
		Expect(err).To(BeAssignableToTypeOf(&exec.ExitError{}))
		Expect(string(output)).To(And(
			ContainSubstring("the simulator saw what must not happen"),
			ContainSubstring("UnknownRequest on cluster a: GET /api/storage/qtrees"),
			ContainSubstring("1 Failed"),
		))
	})

	if os.Getenv(breakOnPurpose) != "" {
		It("breaks a rule on purpose", func() { start().a.get("/api/storage/qtrees") })
	}
})
