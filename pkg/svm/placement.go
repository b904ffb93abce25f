// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// minimumVersion is the oldest release whose REST API does all that this extension and Trident need.
var minimumVersion = ontap.Version{Generation: 9, Major: 15, Minor: 1}

// placement returns the cluster that the placement record names: the seed secret's or, equal or alone, providerStatus's.
func (s *scope) placement(access Access) (string, error) {
	secret, err := access.Secret()
	if err != nil {
		return "", err
	}
	switch {
	case secret.Cluster() == "":
		return s.record.Cluster, nil
	case s.record.Cluster == "" || s.record.Cluster == secret.Cluster():
		return secret.Cluster(), nil
	}
	return "", humanNeeded(v1alpha1.ReasonPlacementConflict,
		"the seed secret places SVM %s on cluster %q, providerStatus on cluster %q", s.desired.SVMName(), secret.Cluster(), s.record.Cluster)
}

// place returns the cluster that the placement record names, or chooses one and records it. The choice is a rendezvous
// hash of the shoot over the clusters that run a supported release: it depends on nothing that changes between two runs.
func (s *scope) place(ctx context.Context, access Access) (*ontap.Client, error) {
	placed, err := s.placement(access)
	if err != nil {
		return nil, err
	}
	if placed == "" {
		if placed, err = s.choose(ctx, access); err != nil {
			return nil, err
		}
	}
	cluster, err := access.Cluster(placed)
	if err != nil {
		return nil, humanNeeded(v1alpha1.ReasonPlacementConflict, "the placement record names a cluster that is gone: %v", err)
	}
	if err := access.RecordPlacement(ctx, placed); err != nil {
		return nil, err
	}
	// An SVM that was recorded is gone by now. Its UUID would tell a deletion that there is no creation to wait for.
	return cluster, s.remember(ctx, func(record *v1alpha1.SVMStatus) {
		record.Cluster, record.SVMName, record.SVMUUID = placed, "", ""
	})
}

func (s *scope) choose(ctx context.Context, access Access) (string, error) {
	clusters, err := access.Clusters()
	if err != nil {
		return "", err
	}
	ranked := slices.SortedFunc(slices.Values(clusters), func(a, b *ontap.Client) int {
		return strings.Compare(s.rank(b.Name()), s.rank(a.Name()))
	})
	var tooOld []error
	for _, cluster := range ranked {
		about, err := cluster.Cluster.Get(ctx)
		if err != nil {
			return "", fmt.Errorf("asking cluster %q for its release: %w", cluster.Name(), err)
		}
		if about.Version.AtLeast(minimumVersion) {
			return cluster.Name(), nil
		}
		tooOld = append(tooOld, fmt.Errorf("cluster %q runs ONTAP %s", cluster.Name(), about.Version))
	}
	return "", humanNeeded(v1alpha1.ReasonNoEligibleCluster, "no cluster runs ONTAP %s or newer: %v", minimumVersion, errors.Join(tooOld...))
}

func (s *scope) rank(cluster string) string {
	sum := sha256.Sum256([]byte(s.desired.ShootUID + "/" + cluster))
	return string(sum[:])
}
