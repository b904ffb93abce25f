// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/repair"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// repairTime is what the repair controller gets for its retries in one run.
const repairTime = 4 * time.Minute

// repairing is a phase in which nobody asks for anything: the extension has to find out by itself.
func repairing(begin deed) phase {
	return phase{begin: begin, repair: repairAll, reached: ready, and: healed}
}

// repairAll is what the repair controller does of itself: it looks at the secret that has changed, sweeps, and tries again what
// has not ended well.
func repairAll(ctx context.Context, s *world.Shoot) error {
	repairs, err := s.NewRepairs(ctx)
	if err != nil {
		return err
	}
	for _, request := range []repair.Request{{Namespace: s.Namespace(), Cause: repair.CauseSecret}, {Cause: repair.CauseSweep}} {
		if err := repairs.Look(ctx, request); err != nil && ctx.Err() != nil {
			return err // what failed is tried again
		}
	}
	return repairs.Settle(ctx, repairTime)
}

// healed tells whether the shoot has what the seed secret holds, and nothing else can log in.
func healed(ctx context.Context, s *world.Shoot) bool {
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return false
	}
	inside, err := s.ShootSecret(ctx)
	if err != nil || string(inside.Data["password"]) != string(secret.Data["password"]) {
		return false
	}
	accounts := 0
	for _, c := range s.Sim.Credentials() {
		if c.Password != "" {
			accounts++
		}
	}
	state, err := s.Sim.State(ctx)
	if err != nil {
		return false
	}
	lifs := 0
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			lifs += len(svm.LIFs)
		}
	}
	return accounts == 1 && lifs == 3
}

// loseLIF is somebody who deletes the management LIF.
func loseLIF(ctx context.Context, s *world.Shoot) error {
	state, err := s.Sim.State(ctx)
	if err != nil {
		return err
	}
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name == s.SVMName() {
				return s.Sim.Perform(ctx, cluster.Name, simulator.Act{Kind: simulator.RemoveLIF, SVM: svm.Name, Name: "managementlif"})
			}
		}
	}
	return nil
}
