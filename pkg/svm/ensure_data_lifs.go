// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// maxLIFWrites is above what any change of providerConfig takes.
const maxLIFWrites = 100

// errLIFsUnstable says that LIFs that were made or deleted did not show as such.
var errLIFsUnstable = errors.New("the LIFs of the SVM are not what was made of them")

// ensureDataLIFs makes the SVM have exactly the data LIFs of providerConfig, as a set of addresses. A LIF is never given
// another address. Wanted LIFs come up first; the others go one at a time, and only if nobody is connected through them.
func (s *scope) ensureDataLIFs(ctx context.Context, _ Access, cluster Cluster, svm *Located) (step.Outcome, error) {
	for range maxLIFWrites {
		lifs, err := s.lifs(ctx, cluster, svm)
		if err != nil {
			return step.Outcome{}, err
		}
		drift := s.diff(cluster).DataLIFs
		switch {
		case len(drift.Missing) > 0:
			err = s.addDataLIF(ctx, cluster, svm, drift, lifs)
		case len(drift.Surplus) > 0:
			err = s.removeDataLIF(ctx, cluster, drift.Surplus[0], svm)
		default:
			return s.completeLIFs(ctx, cluster, svm, drift)
		}
		if err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Outcome{}, errLIFsUnstable
}

// completeLIFs corrects the LIFs that are all there, and gives the SVM the aggregates of nodes that it has just come to.
func (s *scope) completeLIFs(ctx context.Context, cluster Cluster, svm *Located, drift LIFDrift) (step.Outcome, error) {
	if err := s.correctLIFs(ctx, cluster, drift); err != nil || !s.diff(cluster).Aggregates {
		return step.Done(), err
	}
	return s.correctAggregates(ctx, cluster, svm)
}

// addDataLIF makes the first LIF that is missing, or makes room for it: ONTAP bounds the LIFs of a node.
func (s *scope) addDataLIF(ctx context.Context, cluster Cluster, svm *Located, drift LIFDrift, lifs []ontap.IPInterface) error {
	nodes, err := s.layout(ctx, cluster)
	if err != nil {
		return err
	}
	wanted := len(s.desired.DataLIFs)
	pairs := nodes.of(svm, s.desired.Identity, wanted)
	if err := s.remember(ctx, func(record *v1alpha1.SVMStatus) { record.Aggregates = aggregatesOf(pairs) }); err != nil {
		return err
	}
	places := homes(pairs, wanted, drift.Kept, drift.Surplus)
	switch {
	case len(places) > 0:
		return s.createLIF(ctx, cluster, svm, freeDataLIFName(lifs), places[0], drift.Missing[0])
	case len(drift.Surplus) > 0:
		return s.removeDataLIF(ctx, cluster, drift.Surplus[0], svm)
	}
	return unsuitable(v1alpha1.ReasonTooManyDataLIFs, "cluster %q has not enough nodes for %d data LIFs, two on each", cluster.Name(), wanted)
}

// removeDataLIF deletes a data LIF that is no longer wanted, unless a host would lose a path by that.
func (s *scope) removeDataLIF(ctx context.Context, cluster Cluster, lif ontap.IPInterface, svm *Located) error {
	if !s.desired.ConfirmPathLoss {
		connections, err := cluster.Protocols.Connections(ctx, protocols[s.desired.Protocol].name, svm.UUID)
		if err != nil {
			return fmt.Errorf("looking who is connected through LIF %s: %w", lif.Name, err)
		}
		var hosts []string
		for _, connection := range connections {
			if connection.LIF == lif.Name || connection.Address == lif.Address {
				hosts = append(hosts, connection.Host)
			}
		}
		if len(hosts) > 0 {
			slices.Sort(hosts)
			return unsuitable(v1alpha1.ReasonDataPathInUse, "LIF %s (%s) of SVM %s is no longer wanted, but hosts are connected through it: %s",
				lif.Name, lif.Address, svm.Name, strings.Join(slices.Compact(hosts), ", "))
		}
	}
	return s.deleteLIF(ctx, cluster, lif)
}
