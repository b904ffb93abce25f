// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("#Perform", func() {
	var (
		r    rig
		uuid string
	)
	BeforeEach(func() {
		r = start()
		uuid = r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX)
	})
	act := func(ctx context.Context, kind simulator.ActKind, name, value string) error {
		return r.sim.Perform(ctx, "a", simulator.Act{Kind: kind, SVM: "sx", Name: name, Value: value})
	}
	// accounts are those of the SVM but the one that it came with.
	accounts := func(ctx context.Context) []simulator.AccountState {
		return r.state(ctx).Accounts[:len(r.state(ctx).Accounts)-1]
	}

	It("should rename an SVM with all that is in it, and to no name that is taken", func(ctx context.Context) {
		Expect(act(ctx, simulator.AddLIF, "one", "10.0.0.1")).To(Succeed())
		r.a.createSVM("sy", markY)
		Expect(act(ctx, simulator.RenameSVM, "", "sy")).To(MatchError(ContainSubstring("already used")))
		Expect(act(ctx, simulator.RenameSVM, "", "sz")).To(Succeed())
		Expect(at(r.a.get("/api/svm/svms/"+uuid).body, "name")).To(Equal("sz"))
		Expect(at(r.a.get("/api/network/ip/interfaces?svm.name=sz").body, "num_records")).To(Equal(1.0))
		Expect(at(r.a.get("/api/security/accounts?owner.name=sz").body, "num_records")).To(Equal(2.0))
	})

	It("should take an SVM away with all that is in it", func(ctx context.Context) {
		Expect(act(ctx, simulator.AddVolume, "data", "")).To(Succeed())
		Expect(act(ctx, simulator.RemoveSVM, "", "")).To(Succeed())
		Expect(r.state(ctx).SVMs).To(BeEmpty())
		Expect(r.state(ctx).Accounts).To(BeEmpty())
		Expect(act(ctx, simulator.StopSVM, "", "")).To(MatchError(ContainSubstring(`there is no SVM "sx"`)))
	})

	It("should give a LIF another address", func(ctx context.Context) {
		Expect(act(ctx, simulator.AddLIF, "one", "10.0.0.1")).To(Succeed())
		Expect(act(ctx, simulator.SetAddress, "one", "10.0.0.2")).To(Succeed())
		Expect(r.state(ctx).SVMs[0].LIFs).To(HaveExactElements(And(HaveField("Address", "10.0.0.2"), HaveField("PrefixLength", 16))))
		Expect(act(ctx, simulator.SetAddress, "one", "nowhere")).NotTo(Succeed())
	})

	It("should work on accounts", func(ctx context.Context) {
		Expect(act(ctx, simulator.SetAccountComment, "x1-abc", "other")).To(Succeed())
		Expect(act(ctx, simulator.RemovePassword, "x1-abc", "")).To(Succeed())
		Expect(act(ctx, simulator.AddAccount, "x1-def", markY)).To(Succeed())
		Expect(r.state(ctx).Accounts).To(ContainElements(
			simulator.AccountState{SVMUUID: uuid, SVMName: "sx", Name: "x1-abc", Role: "vsadmin", Comment: "other"},
			simulator.AccountState{SVMUUID: uuid, SVMName: "sx", Name: "x1-def", Role: "vsadmin", Comment: markY, HasPassword: true},
		))
		Expect(act(ctx, simulator.AddAccount, "x1-def", markY)).NotTo(Succeed(), "there is one")
		Expect(act(ctx, simulator.RemoveAccount, "x1-def", "")).To(Succeed())
		Expect(act(ctx, simulator.RemoveAccount, "x1-def", "")).NotTo(Succeed(), "there is none")
		Expect(accounts(ctx)).NotTo(ContainElement(HaveField("Name", "x1-def")))
		Expect(r.sim.TakeViolations()).To(BeEmpty())
	})
})

var _ = Describe("#Checkpoint", func() {
	It("should put an SVM back as it was, again and again", func(ctx context.Context) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX)
		act := func(kind simulator.ActKind, name, value string) {
			Expect(r.sim.Perform(ctx, "a", simulator.Act{Kind: kind, SVM: "sx", Name: name, Value: value})).To(Succeed())
		}
		act(simulator.AddVolume, "data", "")
		act(simulator.AddLIF, "one", "10.0.0.1")
		before, err := r.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		restore, err := r.sim.Checkpoint("a", "sx")
		Expect(err).NotTo(HaveOccurred())
		for range 2 {
			act(simulator.SetComment, "", "other")
			act(simulator.AllowProtocol, "nfs", "")
			act(simulator.RemoveAccount, "x1-abc", "")
			act(simulator.SetAddress, "one", "10.0.0.2")
			act(simulator.AddAccount, "x1-def", markY)
			Expect(r.sim.State(ctx)).NotTo(Equal(before))
			Expect(restore()).To(Succeed())
			Expect(r.sim.State(ctx)).To(Equal(before))
		}
		act(simulator.RemoveSVM, "", "")
		Expect(restore()).To(Succeed())
		Expect(r.sim.State(ctx)).To(Equal(before))
		_, err = r.sim.Checkpoint("a", "sy")
		Expect(err).To(MatchError(ContainSubstring(`there is no SVM "sy"`)))
	})
})
