// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package story

import (
	"context"
	"slices"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// created is the plain case: create, and a run that finds everything in place.
func created(ctx context.Context, s *Story) error {
	shoot, err := s.newShoot(ctx, "alpha")
	if err != nil {
		return err
	}
	before, err := s.now(ctx)
	if err != nil {
		return err
	}
	start := s.clock.Now()
	if err := shoot.Reconcile(ctx); err != nil {
		return err
	}
	s.say("  gardenlet's deployer created the Extension of shoot %q and saw it succeed after %s", shoot.Name, s.clock.Since(start).Round(10*time.Millisecond))
	if err := s.claimSucceeded(ctx, shoot); err != nil {
		return err
	}
	clusters, err := s.located(ctx, shoot)
	if err != nil {
		return err
	}
	if err := s.claim(len(clusters) == 1, "one SVM %s, on cluster %q", svmName(shoot), clusters); err != nil {
		return err
	}
	secret, err := s.secret(ctx, shoot)
	if err != nil {
		return err
	}
	if err := s.claim(string(secret.Data["cluster"]) == clusters[0], "the seed secret names account %s and cluster %q", secret.Data["username"], secret.Data["cluster"]); err != nil {
		return err
	}
	if err := s.claimNetwork(ctx, shoot); err != nil {
		return err
	}
	return s.countRequests(ctx, before, shoot)
}

// claimNetwork claims that the LIFs of providerConfig are there, the data LIFs at home on the two nodes of an HA pair.
func (s *Story) claimNetwork(ctx context.Context, shoot *landscape.Shoot) error {
	svm, err := s.svm(ctx, shoot)
	if err != nil {
		return err
	}
	var data, homes []string
	for _, lif := range svm.LIFs {
		if lif.ServicePolicy == "default-data-nvme-tcp" {
			data, homes = append(data, lif.Address), append(homes, lif.HomeNode)
		}
	}
	if err := s.claim(len(svm.LIFs) == 3 && len(data) == 2 && homes[0] != homes[1], "it has a management LIF and the data LIFs %q, at home on the nodes %q", data, homes); err != nil {
		return err
	}
	return s.claim(svm.Protocols["nvme"].Enabled && !svm.Protocols["nfs"].Allowed, "it serves NVMe/TCP and nothing else, on the aggregates %q", svm.Aggregates)
}

// countRequests claims what a create and a steady run cost on two clusters.
func (s *Story) countRequests(ctx context.Context, before uint64, shoot *landscape.Shoot) error {
	entries, err := s.journal(ctx, before)
	if err != nil {
		return err
	}
	create, bytes := requests(entries)
	if err := s.claim(len(create) <= 18, "the create cost %d requests to ONTAP besides polls (%d bytes); 18 are allowed on two clusters", len(create), bytes); err != nil {
		return err
	}
	if before, err = s.now(ctx); err != nil {
		return err
	}
	if err := shoot.Reconcile(ctx); err != nil {
		return err
	}
	if entries, err = s.journal(ctx, before); err != nil {
		return err
	}
	steady, bytes := requests(entries)
	expected := []string{"GET /svm/svms", "GET /svm/svms", "GET /network/ip/interfaces", "GET /security/accounts"}
	return s.claim(slices.Equal(steady, expected), "a steady run costs %d requests to ONTAP (%d bytes): %q", len(steady), bytes, steady)
}
