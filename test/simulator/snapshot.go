// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// State returns everything that exists, in the order of names and, for jobs, of age.
func (s *Simulator) State(context.Context) (State, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	state := State{Clusters: []ClusterState{}, EverCreated: maps.Clone(s.everCreated), LIFsEverCreated: maps.Clone(s.lifsEverCreated)}
	for _, f := range s.faults {
		state.PendingFaults += f.Times
	}
	for _, c := range s.clusters {
		state.Clusters = append(state.Clusters, c.snapshot())
	}
	return state, nil
}

func (c *Cluster) snapshot() ClusterState {
	out := ClusterState{
		Name: c.name, Endpoint: c.endpoint, Down: c.down.Load(), Held: c.state.hold, Mode: c.state.mode,
		SVMs: []SVMState{}, Accounts: []AccountState{}, Jobs: []JobState{},
	}
	for _, v := range c.state.svms {
		out.SVMs = append(out.SVMs, c.state.snapshotSVM(v))
	}
	slices.SortFunc(out.SVMs, func(a, b SVMState) int { return cmp.Compare(a.Name, b.Name) })
	for _, a := range c.state.accounts {
		if a.cluster {
			continue
		}
		out.Accounts = append(out.Accounts, AccountState{
			SVMUUID: a.ownerUUID, SVMName: a.ownerName, Name: a.name, Role: a.role, Comment: a.comment, HasPassword: a.password != "", Locked: a.locked,
		})
	}
	slices.SortFunc(out.Accounts, func(a, b AccountState) int {
		return cmp.Or(cmp.Compare(a.SVMName, b.SVMName), cmp.Compare(a.SVMUUID, b.SVMUUID), cmp.Compare(a.Name, b.Name))
	})
	for _, j := range c.state.jobs {
		one := JobState{
			UUID: j.uuid, Description: j.description, State: j.state, Held: j.state == string(c.state.hold), SVMUUID: j.svmUUID, SVMName: j.svmName,
		}
		if j.failure != nil {
			one.Code = j.failure.code
		}
		out.Jobs = append(out.Jobs, one)
	}
	return out
}

func (c *cluster) snapshotSVM(v *svm) SVMState {
	out := SVMState{
		UUID: v.uuid, Name: v.name, State: v.state, Subtype: v.subtype, Comment: v.comment, Aggregates: v.aggregates, Protocols: map[string]ProtocolState{},
		Limits:  LimitsState{StorageBytes: v.storageLimit, MaxVolumes: v.maxVolumes, IOPS: v.qosIOPS, MBps: v.qosMBps, QoSPolicy: v.qosPolicy},
		Volumes: c.store.dataVolumes(v.uuid), HostGroups: c.store.groupNames(v.uuid),
	}
	out.RecoveryQueue, _ = c.store.recoveryQueue(v.uuid)
	for key, p := range v.protocols {
		out.Protocols[key] = ProtocolState{Allowed: p.allowed, Service: p.service, Enabled: p.enabled}
	}
	for _, l := range c.net.lifsOf(v.uuid) {
		out.LIFs = append(out.LIFs, LIFState{
			Name: l.name, Address: l.address.Addr().String(), PrefixLength: l.address.Bits(), HomeNode: l.homeNode, Port: l.port,
			ServicePolicy: l.policy, Enabled: l.enabled, VIP: l.vip,
		})
	}
	for _, r := range c.net.routes {
		if r.svmUUID == v.uuid {
			out.Routes = append(out.Routes, RouteState{Destination: r.destination.String(), Gateway: r.gateway.String()})
		}
	}
	return out
}
