// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

// newSeedBeside is another seed of the same garden on the same ONTAP clusters, with an extension of its own.
func (w *world) newSeedBeside(clusters ...string) *world {
	GinkgoHelper()
	beside, err := worlds.New(worlds.Options{Clusters: clusters, Directory: GinkgoT().TempDir(), Logger: logged.logger(), Beside: w.World})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(beside.FaultsOfOthers).To(BeEmpty()) })
	return &world{World: beside, clock: beside.Clock, sim: beside.Sim, seed: beside.Seed, config: beside.Config}
}

// newNamesake is a shoot on another seed with the name of one that is not, in another project: only UID and addresses differ.
func (w *world) newNamesake(ctx context.Context, number int, seedName string) *shoot {
	GinkgoHelper()
	s := w.newShoot(ctx, number)
	s.UID, s.Number = strings.Replace(s.UID, "0a1b2c3d", "4e5f6a7b", 1), number+100
	s.writeCluster(ctx, seedName)
	s.configure(ctx, s.providerConfig())
	return s
}

// atOnce has all shoots operated on at the same time, each again until it has succeeded, as controllers do.
func atOnce(ctx context.Context, shoots []*shoot, begin func(*shoot) error) {
	GinkgoHelper()
	const patience = 20
	failures := make([]error, len(shoots))
	var running sync.WaitGroup
	for i, s := range shoots {
		running.Go(func() {
			if failures[i] = begin(s); failures[i] != nil {
				return
			}
			for range patience {
				if failures[i] = s.Run(ctx); failures[i] == nil {
					return
				}
			}
			failures[i] = fmt.Errorf("shoot %s did not get there in %d runs: %w", s.UID, patience, failures[i])
		})
	}
	running.Wait()
	Expect(errors.Join(failures...)).To(Succeed())
}

var _ = Describe("Two seeds on one ONTAP", func() {
	const shootsEach = 3
	var (
		one, other *world
		ours, his  []*shoot
	)
	BeforeEach(func(ctx SpecContext) {
		one, ours, his = newWorld("a"), nil, nil
		other = one.newSeedBeside("a")
		for number := 1; number <= shootsEach; number++ {
			ours = append(ours, one.newShoot(ctx, number))
			his = append(his, other.newNamesake(ctx, number, "seed-2"))
		}
		atOnce(ctx, append(append([]*shoot{}, ours...), his...), func(s *shoot) error { return s.Annotate(ctx, "reconcile") })
	})

	// standing are the SVMs with their LIFs, and their accounts, of some shoots.
	standing := func(ctx context.Context, shoots []*shoot) []simulator.SVMState {
		GinkgoHelper()
		var all []simulator.SVMState
		for _, s := range shoots {
			all = append(all, s.state(ctx))
		}
		return all
	}

	It("should give each shoot one SVM with its seed's mark, and have a ceiling count all of them", func(ctx SpecContext) {
		state, err := one.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.Cluster("a").SVMs).To(HaveLen(2 * shootsEach))
		Expect(state.EverCreated).To(And(HaveLen(2*shootsEach), HaveEach(1)))
		for i := range ours {
			mine, foreign := ours[i], his[i]
			Expect(mine.namespace()).To(Equal(foreign.namespace()))
			Expect(mine.state(ctx).Comment).To(Equal(mine.Mark()))
			Expect(foreign.state(ctx).Comment).To(Equal(strings.Replace(foreign.Mark(), "s=0eb02673", "s=532b20b0", 1)))
			Expect(mine.secret(ctx).Data["username"]).NotTo(Equal(foreign.secret(ctx).Data["username"]))
		}
		one.reconfigure(func(config *configv1alpha1.ControllerConfiguration) { config.Clusters[0].MaxSVMs = 2 * shootsEach })
		Expect(one.newShoot(ctx, 4).reconcile(ctx)).To(MatchError(ContainSubstring(`cluster "a" has 6 SVMs of at most 6`)))
		Expect(one.newRepairs(ctx).look(ctx, sweep)).To(Succeed())
		Expect(one.shown("svm_lifs_down")).To(HaveLen(shootsEach), "the other seed has metrics of its own")
		Expect(one.shown("marked_svms")).To(HaveKeyWithValue("marked_svms{a,active}", BeEquivalentTo(2*shootsEach)))
	})

	It("should let a seed delete its own, at the same time as the other one works, and touch nothing of it", func(ctx SpecContext) {
		before := standing(ctx, his)
		_, seq := one.since(ctx, 0)
		for _, s := range ours {
			s.Dying = true
			s.writeCluster(ctx, worlds.SeedName)
		}
		atOnce(ctx, append(append([]*shoot{}, ours...), his...), func(s *shoot) error {
			if s.world == other {
				return s.Annotate(ctx, "reconcile")
			}
			return s.DeleteExtension(ctx)
		})
		for _, s := range ours {
			s.expectGone(ctx)
		}
		Expect(standing(ctx, his)).To(Equal(before))
		entries, _ := one.since(ctx, seq)
		for _, s := range his {
			Expect(entries).NotTo(ContainElement(And(HaveField("Class", simulator.Write), HaveField("Owner", s.UID))))
			Expect(s.accounts(ctx)).To(ConsistOf(HavePrefix(s.Name + "-4e5f6a7b-")))
		}
	})
})
