// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// minimumVersion is the oldest release whose REST API does all that this extension and Trident need.
var minimumVersion = ontap.Version{Generation: 9, Major: 15, Minor: 1}

// target is where a missing SVM is to be made. It is found by reading alone and binds nobody until it is recorded.
type target struct {
	cluster string
	pairs   []haPair
}

// placement returns the cluster that the placement record names: the seed secret's or, equal or alone, providerStatus's.
func (s *scope) placement() (string, error) {
	decided, recorded := s.secret.Cluster(), s.record.Status.Cluster
	if decided != "" && recorded != "" && decided != recorded {
		return "", humanNeeded(v1alpha1.ReasonPlacementConflict,
			"the seed secret places SVM %s on cluster %q, providerStatus on cluster %q", s.desired.SVMName(), decided, recorded)
	}
	return cmp.Or(decided, recorded), nil
}

// target returns where the SVM is to be made: on the cluster that the placement record names, or on the one that is
// chosen. The choice is a rendezvous hash of the shoot over the clusters that can take it: it depends on as little as
// possible that changes between two runs.
func (s *scope) target(ctx context.Context, access Access) (target, error) {
	return s.observed.target.get(func() (target, error) {
		placed, err := s.placement()
		if err != nil {
			return target{}, err
		}
		if placed == "" {
			return s.choose(ctx, access)
		}
		cluster, err := placedOn(access, placed)
		if err != nil {
			return target{}, err
		}
		return s.examine(ctx, cluster)
	})
}

// placedOn returns the cluster that the placement record names.
func placedOn(access Access, placed string) (Cluster, error) {
	cluster, err := access.Cluster(placed)
	if err != nil {
		return Cluster{}, humanNeeded(v1alpha1.ReasonPlacementConflict, "the placement record names a cluster that is gone: %v", err)
	}
	return cluster, nil
}

// targetCluster is target, and the cluster itself.
func (s *scope) targetCluster(ctx context.Context, access Access) (target, Cluster, error) {
	to, err := s.target(ctx, access)
	if err != nil {
		return target{}, Cluster{}, err
	}
	cluster, err := access.Cluster(to.cluster)
	return to, cluster, err
}

func (s *scope) choose(ctx context.Context, access Access) (target, error) {
	clusters, err := access.Clusters()
	if err != nil {
		return target{}, err
	}
	slices.SortFunc(clusters, func(a, b Cluster) int { return cmp.Compare(s.desired.rank(b.Name()), s.desired.rank(a.Name())) })
	var vetoes []*stateError
	for _, cluster := range clusters {
		found, err := s.consider(ctx, cluster)
		if err == nil {
			return found, nil
		}
		veto, ok := err.(*stateError) //nolint:errorlint // a veto is never wrapped: whatever else comes back is unknown
		if !ok {
			return target{}, err
		}
		vetoes = append(vetoes, veto)
	}
	return target{}, unanimous(vetoes)
}

// unanimous is the error of a choice that every cluster has vetoed: their common one, or that none is eligible.
func unanimous(vetoes []*stateError) error {
	messages := make([]string, 0, len(vetoes))
	common := vetoes[0].Failure
	for _, veto := range vetoes {
		messages = append(messages, veto.message)
		if veto.Reason != common.Reason {
			common = Failure{ClassHuman, v1alpha1.ReasonNoEligibleCluster}
		}
	}
	return &stateError{common, "no cluster can take the SVM: " + strings.Join(messages, "; ")}
}

// consider examines a cluster that may take the SVM or not. A veto is a *stateError.
func (s *scope) consider(ctx context.Context, cluster Cluster) (target, error) {
	settings := cluster.Settings
	refused := settings.Refuses(s.desired.ManagementLIF, s.desired.DataLIFs, s.desired.StorageClasses, nil)
	switch {
	case settings.Hold:
		return target{}, humanNeeded(v1alpha1.ReasonNoEligibleCluster, "cluster %q is held", cluster.Name())
	case len(settings.Zones) > 0 && !slices.ContainsFunc(s.desired.Zones, func(zone string) bool { return slices.Contains(settings.Zones, zone) }):
		return target{}, humanNeeded(v1alpha1.ReasonNoEligibleCluster, "no worker of the shoot is in a zone of cluster %q", cluster.Name())
	case refused != nil:
		return target{}, humanNeeded(v1alpha1.ReasonNoEligibleCluster, "%v", refused)
	}
	found, err := s.examine(ctx, cluster)
	if err != nil {
		return target{}, err
	}
	if ceiling := s.observed.layout.value.ceiling(settings); ceiling > 0 {
		count, err := cluster.SVMs.Count(ctx)
		if err != nil {
			return target{}, fmt.Errorf("counting the SVMs of cluster %q: %w", cluster.Name(), err)
		}
		if count >= ceiling {
			return target{}, humanNeeded(v1alpha1.ReasonNoEligibleCluster, "cluster %q has %d SVMs of at most %d", cluster.Name(), count, ceiling)
		}
	}
	return found, nil
}

// examine looks whether an SVM can be made on the cluster.
func (s *scope) examine(ctx context.Context, cluster Cluster) (target, error) {
	s.observed.layout.drop() // it may be that of another cluster
	nodes, err := s.layout(ctx, cluster)
	if err != nil {
		return target{}, err
	}
	if !nodes.version.AtLeast(minimumVersion) {
		return target{}, humanNeeded(v1alpha1.ReasonNoEligibleCluster,
			"cluster %q runs ONTAP %s, which is older than %s", cluster.Name(), nodes.version, minimumVersion)
	}
	if nodes.metroCluster {
		if err := requireNormalCluster(ctx, cluster); err != nil {
			return target{}, err
		}
	}
	pairs := nodes.choose(s.desired.Identity, len(s.desired.DataLIFs))
	if len(pairs) == 0 {
		return target{}, noRoom(cluster)
	}
	if wanted := len(s.desired.DataLIFs); len(homes(pairs, wanted, nil, nil)) < wanted {
		return target{}, unsuitable(v1alpha1.ReasonTooManyDataLIFs, "cluster %q has not enough nodes for %d data LIFs, two on each", cluster.Name(), wanted)
	}
	found, err := cluster.Licenses.List(ctx)
	if err != nil {
		return target{}, fmt.Errorf("listing the licences of cluster %q: %w", cluster.Name(), err)
	}
	if !slices.ContainsFunc(found, func(l ontap.License) bool { return l.Name == protocols[s.desired.Protocol].license && l.Usable() }) {
		return target{}, unsuitable(v1alpha1.ReasonProtocolUnlicensed, "cluster %q has no licence for %s", cluster.Name(), s.desired.Protocol)
	}
	return target{cluster: cluster.Name(), pairs: pairs}, nil
}

// place records the target, before anything is made there.
func (s *scope) place(ctx context.Context, access Access) (Cluster, target, error) {
	to, cluster, err := s.targetCluster(ctx, access)
	if err == nil {
		err = access.RecordPlacement(ctx, to.cluster)
	}
	if err != nil {
		return Cluster{}, target{}, err
	}
	// An SVM that was recorded is gone by now. Its UUID would tell a deletion that there is no creation to wait for.
	return cluster, to, s.remember(ctx, func(record *v1alpha1.SVMStatus) {
		record.Cluster, record.SVMName, record.SVMUUID = to.cluster, "", ""
		record.Protocol, record.Aggregates, record.LIFs = s.desired.Protocol, aggregatesOf(to.pairs), nil
	})
}

// rank orders clusters and nodes for a shoot.
func (i Identity) rank(name string) string {
	sum := sha256.Sum256([]byte(i.ShootUID + "/" + name))
	return string(sum[:])
}
