// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"cmp"
	"context"
	"slices"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

const (
	// lifsPerNode is how many NVMe LIFs ONTAP allows an SVM on a node.
	lifsPerNode = 2
	// rootVolumeSize is the room without which not even the root volume of an SVM fits on an aggregate.
	rootVolumeSize = 1 << 30
)

// haPair is a group of nodes that stand in for each other, with the online data aggregates that are at home there. A
// node without partner is a pair of its own.
type haPair struct {
	nodes      []string
	aggregates []string
	// roomy is whether one of the aggregates has room for a new SVM.
	roomy bool
}

// layout is what the pairs of a cluster have, in the order of their nodes' names.
type layout struct {
	pairs   []haPair
	version ontap.Version
	// metroCluster is whether the cluster is half of a MetroCluster.
	metroCluster bool
}

// ceiling is how many SVMs the cluster may have; 0 is no ceiling but ONTAP's.
func (l layout) ceiling(settings configv1alpha1.ONTAPCluster) int {
	if settings.MaxSVMs == 0 && l.metroCluster {
		return metroClusterSVMs
	}
	return int(settings.MaxSVMs)
}

// layout looks at the nodes and aggregates of a cluster.
func (s *scope) layout(ctx context.Context, cluster Cluster) (layout, error) {
	return s.observed.layout.get(func() (layout, error) {
		nodes, err := cluster.Nodes.List(ctx)
		if err != nil {
			return layout{}, doing(err, "listing the nodes of cluster %q", cluster.Name())
		}
		aggregates, err := cluster.Aggregates.List(ctx)
		return newLayout(nodes, aggregates), doing(err, "listing the aggregates of cluster %q", cluster.Name())
	})
}

// newLayout groups nodes and aggregates. The version is the oldest that a node runs. On a MetroCluster only aggregates count
// that the other half has, too.
func newLayout(nodes []ontap.Node, aggregates []ontap.Aggregate) layout {
	slices.SortFunc(nodes, func(a, b ontap.Node) int { return cmp.Compare(a.Name, b.Name) })
	l := layout{metroCluster: slices.ContainsFunc(nodes, func(n ontap.Node) bool { return n.InMetroCluster })}
	for i, node := range nodes {
		if i == 0 || !node.Version.AtLeast(l.version) {
			l.version = node.Version
		}
		if slices.ContainsFunc(l.pairs, func(p haPair) bool { return slices.Contains(p.nodes, node.Name) }) {
			continue
		}
		pair := haPair{nodes: append([]string{node.Name}, node.Partners...)}
		slices.Sort(pair.nodes)
		for _, aggregate := range aggregates {
			if l.usable(aggregate) && slices.Contains(pair.nodes, aggregate.HomeNode) {
				pair.aggregates = append(pair.aggregates, aggregate.Name)
				pair.roomy = pair.roomy || aggregate.Available >= rootVolumeSize
			}
		}
		slices.Sort(pair.aggregates)
		l.pairs = append(l.pairs, pair)
	}
	return l
}

func (l layout) usable(aggregate ontap.Aggregate) bool {
	return aggregate.State == ontap.AggregateOnline && (aggregate.Mirrored || !l.metroCluster)
}

// choose returns the pairs for a new SVM of so many data LIFs: the first by the shoot's rank among those with room. It
// returns none if there is no pair with room, and fewer than asked for if more LIFs have to share the nodes.
func (l layout) choose(i Identity, dataLIFs int) []haPair {
	var roomy []haPair
	for _, pair := range l.pairs {
		if pair.roomy {
			roomy = append(roomy, pair)
		}
	}
	slices.SortFunc(roomy, func(a, b haPair) int { return cmp.Compare(i.rank(b.nodes[0]), i.rank(a.nodes[0])) })
	return roomy[:min(len(roomy), max(1, dataLIFs/2))]
}

// of returns the pairs that an SVM lives on: those that its aggregates are at home on, and others, by the shoot's rank, as
// far as it has too few for so many data LIFs.
func (l layout) of(svm *Located, i Identity, dataLIFs int) []haPair {
	var own, others []haPair
	for _, pair := range l.pairs {
		if slices.ContainsFunc(pair.aggregates, func(name string) bool { return slices.Contains(svm.Aggregates, name) }) {
			own = append(own, pair)
		} else {
			others = append(others, pair)
		}
	}
	slices.SortStableFunc(own, func(a, b haPair) int { return cmp.Compare(i.rank(b.nodes[0]), i.rank(a.nodes[0])) })
	if missing := dataLIFs/2 - len(own); missing > 0 || len(own) == 0 {
		own = append(own, layout{pairs: others}.choose(i, 2*max(1, missing))...)
	}
	return own
}

// aggregatesOf returns the names of all aggregates of some pairs, sorted.
func aggregatesOf(pairs []haPair) []string {
	var names []string
	for _, pair := range pairs {
		names = append(names, pair.aggregates...)
	}
	slices.Sort(names)
	return names
}

// homes returns the home nodes for data LIFs that are still to be made, at most as many as are missing: of so many LIFs,
// 2k and 2k+1 belong on the two nodes of pair k. Kept LIFs have their places; no node gets more than two LIFs, those
// included that are to go. It returns fewer if there is no place.
func homes(pairs []haPair, dataLIFs int, kept, surplus []ontap.IPInterface) []string {
	var places []string
	for i := 0; len(pairs) > 0 && i < dataLIFs; i++ {
		pair := pairs[i/2%len(pairs)]
		places = append(places, pair.nodes[i%len(pair.nodes)])
	}
	taken := map[string]int{}
	for _, lif := range kept {
		taken[lif.HomeNode]++
		if i := slices.Index(places, lif.HomeNode); i >= 0 {
			places = slices.Delete(places, i, i+1)
		}
	}
	for _, lif := range surplus {
		taken[lif.HomeNode]++
	}
	var nodes []string
	for _, node := range places {
		if taken[node] < lifsPerNode && len(nodes) < dataLIFs-len(kept) {
			taken[node]++
			nodes = append(nodes, node)
		}
	}
	return nodes
}
