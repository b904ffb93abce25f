// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"

	"k8s.io/utils/clock"
)

// Copy returns a simulator of its own that has come to where this one is: what the one does from then on, the other does not
// see. Only one without listeners, MetroClusters and unfinished jobs can be copied, with nothing mapped to hosts and no clones.
func (s *Simulator) Copy(c clock.PassiveClock) (*Simulator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	if !s.options.Unserved || len(s.metroClusters) > 0 || len(s.faults) > 0 || s.share.Percent > 0 {
		return nil, errors.New("copying simulator: it is served, a MetroCluster, or has faults armed")
	}
	source := *s.source
	other := &Simulator{
		options: s.options, routes: s.routes, source: &source, random: rand.New(&source),
		journal: slices.Clone(s.journal), violations: slices.Clone(s.violations), broken: maps.Clone(s.broken),
		everCreated: maps.Clone(s.everCreated), lifsEverCreated: maps.Clone(s.lifsEverCreated),
	}
	other.options.Clock = c
	for _, one := range s.clusters {
		state, err := one.state.copy()
		if err != nil {
			return nil, err
		}
		other.clusters = append(other.clusters, &Cluster{
			sim: other, name: one.name, endpoint: one.endpoint, username: one.username, password: one.password, state: state,
		})
	}
	return other, nil
}

func (c *cluster) copy() (*cluster, error) {
	if len(c.store.maps) > 0 || slices.ContainsFunc(c.jobs, (*job).unfinished) ||
		slices.ContainsFunc(c.store.volumes, func(v *volume) bool { return v.parent != nil }) {
		return nil, errors.New("copying simulator: something is mapped to hosts, a clone, or a job that is unfinished")
	}
	other := *c
	other.svms = map[string]*svm{}
	for uuid, v := range c.svms {
		own := *v
		own.protocols = copyValues(v.protocols)
		own.aggregates = slices.Clone(v.aggregates)
		other.svms[uuid] = &own
	}
	other.accounts, other.failedLogins = copyValues(c.accounts), copyValues(c.failedLogins)
	other.roles, other.jobs, other.approvals = slices.Clone(c.roles), copyAll(c.jobs), copyAll(c.approvals)
	other.net.nodes, other.net.aggregates = copyAll(c.net.nodes), copyAll(c.net.aggregates)
	other.net.lifs, other.net.routes = copyAll(c.net.lifs), copyAll(c.net.routes)
	other.store.volumes, other.store.groups = copyAll(c.store.volumes), copyAll(c.store.groups)
	other.store.connections, other.store.namespaces = slices.Clone(c.store.connections), copyAll(c.store.namespaces)
	for _, n := range other.store.namespaces {
		n.volume = other.store.volumes[slices.Index(c.store.volumes, n.volume)]
	}
	return &other, nil
}

func copyAll[T any](all []*T) []*T {
	var others []*T
	for _, one := range all {
		others = append(others, new(*one))
	}
	return others
}

func copyValues[K comparable, T any](all map[K]*T) map[K]*T {
	others := map[K]*T{}
	for key, one := range all {
		others[key] = new(*one)
	}
	return others
}
