// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package story

import (
	"context"
	"net/http"
	"slices"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// killed kills the extension after ONTAP has taken the order to create an SVM and before anything can be seen of it.
func killed(ctx context.Context, s *Story) error {
	shoot, err := s.newShoot(ctx, "gamma")
	if err != nil {
		return err
	}
	ontap := s.landscape.Simulator()
	clusters := []string{"a", "b"}
	for _, cluster := range clusters {
		if err := ontap.HoldJobs(ctx, cluster, simulator.Queued); err != nil {
			return err
		}
	}
	if err := shoot.Deploy(ctx); err != nil {
		return err
	}
	begun, err := s.awaitPost(ctx, shoot)
	if err != nil {
		return err
	}
	if err := s.landscape.KillExtension(ctx); err != nil {
		return err
	}
	s.say("  the order is in ONTAP's journal, the job is held, and the extension is gone by SIGKILL")
	found, err := s.located(ctx, shoot)
	if err != nil {
		return err
	}
	if err := s.claim(len(found) == 0, "no SVM of shoot %q can be seen yet", shoot.Name); err != nil {
		return err
	}
	if err := ontap.AddSVMs(ctx, begun, 50); err != nil {
		return err
	}
	s.say("  cluster %q, where it was begun, gets 50 other SVMs, so that the other one is the emptier", begun)
	if err := s.resume(ctx, shoot); err != nil {
		return err
	}
	for _, cluster := range clusters {
		if err := ontap.ReleaseJobs(ctx, cluster); err != nil {
			return err
		}
	}
	s.say("  the jobs are released")
	if err := shoot.Wait(ctx); err != nil {
		return err
	}
	if err := s.claimSucceeded(ctx, shoot); err != nil {
		return err
	}
	return s.claimOne(ctx, shoot, begun)
}

// awaitPost waits for the effect of the order in the journal and returns the cluster.
func (s *Story) awaitPost(ctx context.Context, shoot *landscape.Shoot) (cluster string, err error) {
	err = until(ctx, "ONTAP has the order", func(ctx context.Context) (bool, error) {
		entries, err := s.journal(ctx, 0)
		for _, entry := range mentions(entries, shoot) {
			if entry.Method == http.MethodPost && entry.Template == "/svm/svms" && len(entry.Effects) > 0 {
				cluster = entry.Cluster
			}
		}
		return cluster != "", err
	})
	return cluster, err
}

// resume starts the extension again and waits until it has looked for the SVM.
func (s *Story) resume(ctx context.Context, shoot *landscape.Shoot) error {
	before, err := s.now(ctx)
	if err != nil {
		return err
	}
	if err := s.landscape.StartExtension(ctx); err != nil {
		return err
	}
	if err := s.landscape.WaitExtensionReady(ctx); err != nil {
		return err
	}
	s.say("  the extension is started again, and waits for the leadership of its predecessor to end")
	return until(ctx, "the new extension has looked for the SVM", func(ctx context.Context) (bool, error) {
		entries, err := s.journal(ctx, before)
		return len(mentions(entries, shoot)) > 0, err
	})
}

func (s *Story) claimOne(ctx context.Context, shoot *landscape.Shoot, begun string) error {
	state, err := s.landscape.Simulator().State(ctx)
	if err != nil {
		return err
	}
	ever := 0
	for owner, count := range state.EverCreated {
		if owner[len(owner)-len(shoot.UID):] == string(shoot.UID) {
			ever += count
		}
	}
	if err := s.claim(ever == 1, "%d SVM was ever created for shoot %q, on all clusters together", ever, shoot.Name); err != nil {
		return err
	}
	found, err := s.located(ctx, shoot)
	if err != nil {
		return err
	}
	return s.claim(slices.Equal(found, []string{begun}), "it is on cluster %q, where it was begun", found)
}
