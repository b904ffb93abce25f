// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"context"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/test/faults"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// Each oracle has a world that is broken on purpose.
var _ = Describe("The oracles", func() {
	live := func(ctx context.Context, b faults.Broken) ([]string, string) {
		GinkgoHelper()
		problems, end, err := b.Live(ctx, newRunner())
		Expect(err).NotTo(HaveOccurred())
		return problems, end
	}

	It("should find nothing where nothing is wrong, and two lives alike whose passwords differ", func(ctx SpecContext) {
		problems, end := live(ctx, faults.Broken{Scenario: "create"})
		Expect(problems).To(BeEmpty())
		again, other := live(ctx, faults.Broken{Scenario: "create"})
		Expect(again).To(BeEmpty())
		Expect(faults.Difference(end, other)).To(BeEmpty())
		Expect(end).To(ContainSubstring("<1>"))
	})

	DescribeTable("should tell two end states apart", func(ctx SpecContext, deed func(context.Context, *world.Shoot) error) {
		_, end := live(ctx, faults.Broken{Scenario: "steady"})
		_, other := live(ctx, faults.Broken{Scenario: "steady", Rested: deed})
		Expect(faults.Difference(end, other)).NotTo(BeEmpty())
	},
		Entry("by a password of the shoot that is none of ONTAP's", changeShootPassword),
		Entry("by a password in the seed that is none of the shoot's", changeSeedPassword),
		Entry("by something that is left in the shoot", leaveSomething),
		Entry("by a LIF that is missing", removeLIF),
		Entry("by an account that is left over", makeAccount),
	)

	DescribeTable("should find", func(ctx SpecContext, b faults.Broken, oracle string) {
		problems, _ := live(ctx, b)
		Expect(problems).To(ContainElement(HavePrefix(oracle)))
	},
		Entry("a second SVM", faults.Broken{Scenario: "steady", Begin: removeSVM}, "COUNTS: 2 SVMs"),
		Entry("a second set of LIFs", faults.Broken{Scenario: "steady", Begin: removeLIF}, "COUNTS: 4 LIFs"),
		Entry("an account that no secret names", faults.Broken{Scenario: "steady", Begin: makeAccount}, "COUNTS: an account was made"),
		Entry("credentials of the shoot that are locked", faults.Broken{Scenario: "steady", Reached: lockAccount}, "PREFIX: after what somebody did: the shoot holds credentials that do not log in"),
		Entry("credentials of the shoot with another password", faults.Broken{Scenario: "steady", Reached: changeShootPassword}, "PREFIX: after what somebody did: the shoot holds credentials that do not log in"),
		Entry("credentials of the shoot without an account", faults.Broken{Scenario: "steady", Reached: removeAccount}, "PREFIX: after what somebody did: there are 0 accounts"),
		Entry("a change of what is not ours", faults.Broken{Scenario: "steady", Reached: changeForeign}, "PREFIX: after what somebody did: Unmarked"),
		Entry("an effect on ONTAP though there is nothing to do", faults.Broken{Scenario: "steady", Reached: removeLIF}, "QUIESCENCE: POST /network/ip/interfaces"),
		Entry("a write to the seed though there is nothing to do", faults.Broken{Scenario: "steady", Reached: editSeedSecret}, "QUIESCENCE: seed "),
		Entry("a condition that is not so", faults.Broken{Scenario: "steady", Reached: stopSVM}, "HONESTY: after a success SVMReady is True, and is not so"),
		Entry("a success that is none", faults.Broken{Scenario: "steady", Reached: doubt}, "HONESTY: after a success without a fault 1 conditions are not True"),
		Entry("a purpose that is not reached", faults.Broken{Scenario: "steady", Begin: takeDown}, "CONVERGENCE: not reached"),
	)

	It("should blame nobody for the two minutes after a second refused login, in which ONTAP must not be asked", func(ctx SpecContext) {
		c, err := faults.ParseCase("steady/14:401/27:401")
		Expect(err).NotTo(HaveOccurred())
		verdict, err := newRunner().Replay(ctx, c, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(verdict.Fired).To(BeTrue())
		Expect(verdict.Problems).To(BeEmpty())
	})

	It("should not count a case whose fault did not happen", func(ctx SpecContext) {
		verdict, err := newRunner().Replay(ctx, faults.Case{Scenario: "steady", Faults: []faults.Fault{{Point: 999, Kind: faults.Refused}}}, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(verdict.Fired).To(BeFalse())
		Expect(verdict.Problems).To(ContainElement(HavePrefix("NOT FIRED: 0 of 1")))
	})

	It("should not count a case whose point is another one than was enumerated", func(ctx SpecContext) {
		fault := faults.Fault{Point: 1, Kind: faults.Refused, At: "ontap POST a /svm/svms"}
		verdict, err := newRunner().Replay(ctx, faults.Case{Scenario: "steady", Faults: []faults.Fault{fault}}, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(verdict.Fired).To(BeFalse())
		Expect(verdict.Problems).To(ContainElement(And(HavePrefix(`STRAYED: point 1 is "seed get `), ContainSubstring(`and not "ontap POST a /svm/svms"`))))
	})

	It("should count no case of a scenario that is not the same each time", func(ctx SpecContext) {
		_, err := newRunner().Explore(ctx, faults.Unsteady())
		Expect(err).To(HaveOccurred())
	})
})

// doubt leaves the last operation as it is, and makes a condition False.
func doubt(ctx context.Context, s *world.Shoot) error {
	extension, err := s.Extension(ctx)
	if err != nil {
		return err
	}
	extension.Status.Conditions[0].Status = gardencorev1beta1.ConditionFalse
	return s.Seed.Status().Update(ctx, extension)
}

func home(ctx context.Context, s *world.Shoot) (cluster string, svm simulator.SVMState, err error) {
	state, err := s.Sim.State(ctx)
	for _, c := range state.Clusters {
		for _, v := range c.SVMs {
			if v.Name == s.SVMName() {
				return c.Name, v, err
			}
		}
	}
	return "", simulator.SVMState{}, err
}

// human is somebody who works on the shoot's ONTAP cluster beside the extension.
func human(ctx context.Context, s *world.Shoot) (*ontap.Client, simulator.SVMState, error) {
	cluster, svm, err := home(ctx, s)
	if err != nil {
		return nil, svm, err
	}
	for _, c := range s.Config.Clusters {
		if c.Name == cluster {
			client, err := ontap.New(ontap.Config{Name: c.Name, Endpoint: c.Endpoint, CredentialsDirectory: c.CredentialsDirectory},
				ontap.Options{Clock: s.Clock, Transport: s.Sim.Transport()})
			return client, svm, err
		}
	}
	return nil, svm, nil
}

func perform(kind simulator.ActKind, name, value string) func(context.Context, *world.Shoot) error {
	return func(ctx context.Context, s *world.Shoot) error {
		cluster, svm, err := home(ctx, s)
		if err != nil {
			return err
		}
		return s.Sim.Perform(ctx, cluster, simulator.Act{Kind: kind, SVM: svm.Name, Name: name, Value: value})
	}
}

func stopSVM(ctx context.Context, s *world.Shoot) error {
	return perform(simulator.StopSVM, "", "")(ctx, s)
}

func removeLIF(ctx context.Context, s *world.Shoot) error {
	return perform(simulator.RemoveLIF, "datalif+0", "")(ctx, s)
}

func lockAccount(ctx context.Context, s *world.Shoot) error {
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	return perform(simulator.LockAccount, string(secret.Data["username"]), "")(ctx, s)
}

func makeAccount(ctx context.Context, s *world.Shoot) error {
	client, svm, err := human(ctx, s)
	if err != nil {
		return err
	}
	return client.Accounts.Create(ctx, ontap.AccountCreate{
		SVMUUID: svm.UUID, Name: "somebody-else-1", Password: ontap.NewSecret("somebody-Elses-1"), Role: "vsadmin",
	})
}

func removeAccount(ctx context.Context, s *world.Shoot) error {
	client, svm, err := human(ctx, s)
	if err != nil {
		return err
	}
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	return client.Accounts.Delete(ctx, svm.UUID, string(secret.Data["username"]))
}

func changeForeign(ctx context.Context, s *world.Shoot) error {
	client, _, err := human(ctx, s)
	if err != nil {
		return err
	}
	cluster, _, err := home(ctx, s)
	if err != nil {
		return err
	}
	uuid, err := s.Sim.AddSVM(cluster, "foreign", "somebody else's")
	if err != nil {
		return err
	}
	_, err = client.SVMs.Modify(ctx, uuid, ontap.SVMChange{Comment: new("ours now")})
	return err
}

func removeSVM(ctx context.Context, s *world.Shoot) error {
	client, svm, err := human(ctx, s)
	if err != nil {
		return err
	}
	for _, lif := range svm.LIFs {
		if err := perform(simulator.RemoveLIF, lif.Name, "")(ctx, s); err != nil {
			return err
		}
	}
	if err := client.Protocols.SetEnabled(ctx, "nvme", svm.UUID, false); err != nil {
		return err
	}
	if err := client.Protocols.DeleteService(ctx, "nvme", svm.UUID); err != nil {
		return err
	}
	for _, account := range s.Sim.Credentials() {
		if account.Password != "" {
			if err := client.Accounts.Delete(ctx, svm.UUID, account.Name); err != nil {
				return err
			}
		}
	}
	if _, err := client.SVMs.Delete(ctx, svm.UUID); err != nil {
		return err
	}
	s.Clock.Step(time.Minute)
	return nil
}

func takeDown(ctx context.Context, s *world.Shoot) error {
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	if err := s.Seed.Delete(ctx, secret); err != nil {
		return err
	}
	cluster, _, err := home(ctx, s)
	if err != nil {
		return err
	}
	return s.Sim.SetDown(ctx, cluster)
}

func changeShootPassword(ctx context.Context, s *world.Shoot) error {
	secret, err := s.ShootSecret(ctx)
	if err != nil {
		return err
	}
	secret.Data["password"] = []byte("another-Password-1")
	return s.Inside().Update(ctx, secret)
}

func changeSeedPassword(ctx context.Context, s *world.Shoot) error {
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	secret.Data["password"] = []byte("another-Password-1")
	return s.Seed.Update(ctx, secret)
}

func editSeedSecret(ctx context.Context, s *world.Shoot) error {
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	delete(secret.Data, "cluster")
	return s.Seed.Update(ctx, secret)
}

func leaveSomething(ctx context.Context, s *world.Shoot) error {
	secret, err := s.ShootSecret(ctx)
	if err != nil {
		return err
	}
	secret.ObjectMeta.Name, secret.ResourceVersion, secret.UID = "left-over", "", ""
	return s.Inside().Create(ctx, secret)
}
