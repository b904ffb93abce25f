// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"slices"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

const (
	// StateMissing is the state of an SVM that was there once and that no cluster has any more.
	StateMissing = "missing"
	// StateUnknown is the state of an SVM that a cluster may have which did not answer.
	StateUnknown = "unknown"
	// stateOther stands for what ONTAP may say some day.
	stateOther = "other"
)

// State is what a census shows of the SVM of a shoot, for metrics. It asks nothing more of ONTAP.
type State struct {
	// Cluster is the configured name of the ONTAP cluster: where the SVM was seen, else where it is recorded.
	Cluster string
	// SVM is ONTAP's word (starting, running, stopping, stopped, deleting or initializing), StateMissing, StateUnknown or other.
	SVM string
	// LIFsDown is how many of the LIFs that the shoot wants, or that we made, are not up, whether they are switched off or broken.
	// It is 0 unless the SVM runs: one that does not has none that is up.
	LIFsDown int
	// AccountLocked is whether the account that the seed secret names is locked.
	AccountLocked bool
	// Held is whether a storage administrator has written the word hold into the SVM's comment.
	Held bool
	// AllocatedBytes is the size of all volumes, 0 where ONTAP does not show it; LimitBytes bounds it, 0 where nothing does.
	AllocatedBytes, LimitBytes int64
	// SecretCreated is when the seed secret was created; zero where there is none.
	SecretCreated time.Time
}

// State tells what is seen of the SVM of a shoot: the zero value of one that was never made and is not there.
func (c Census) State(desired Desired, record Record, secret seedsecret.Snapshot) State {
	state := State{Cluster: record.Status.Cluster, SVM: StateMissing, SecretCreated: secret.Created()}
	svms, _ := whole(c.svms[desired.ShootUID])
	svm := c.find(svms, record.Status)
	switch {
	case svm == nil && record.Status.SVMUUID == "":
		return State{}
	case (svm == nil || svm.standsBy() && svm.State != ontap.SVMRunning) && len(c.unanswered) > 0:
		state.SVM = StateUnknown
		return state
	case svm == nil:
		return state
	}
	state.Cluster, state.SVM, state.Held = svm.Cluster, stateOf(svm.State), holdRequested(svm.Comment)
	state.AllocatedBytes, state.LimitBytes = svm.AllocatedBytes, svm.Limits.StorageBytes
	if svm.State == ontap.SVMRunning {
		state.LIFsDown = c.lifsDown(svm, desired)
	}
	state.AccountLocked = c.accountLocked(svm, secret)
	return state
}

func stateOf(state string) string {
	known := []string{ontap.SVMInitializing, "starting", ontap.SVMRunning, "stopping", ontap.SVMStopped, ontap.SVMDeleting}
	if slices.Contains(known, state) {
		return state
	}
	return stateOther
}

func (c Census) lifsDown(svm *Located, desired Desired) int {
	down := 0
	lifs := c.dataLIFs(svm, desired)
	for _, lif := range c.lifs[svm.UUID] {
		if lif.Name == managementLIF || lif.Address == desired.ManagementLIF {
			lifs = append(lifs, lif)
		}
	}
	for _, lif := range lifs {
		if !lif.Enabled || lif.Down {
			down++
		}
	}
	return down
}

// accountLocked reports whether the account that the seed secret names is locked.
func (c Census) accountLocked(svm *Located, secret seedsecret.Snapshot) bool {
	return slices.ContainsFunc(c.accounts[svm.UUID], func(account ontap.Account) bool {
		return account.Name == secret.Username() && account.Locked != nil && *account.Locked
	})
}

// ClusterState is what a census shows of an ONTAP cluster, for metrics.
type ClusterState struct {
	// Answered is whether the cluster has answered completely; nothing else is known of one that has not.
	Answered bool
	// Marked is how many SVMs carry the owner mark of this garden, whatever the seed, by what the mark says: active, deleting,
	// parked or other. The half of an SVM that stands by on a MetroCluster does not count.
	Marked map[string]int
	// Aggregates are those that are online and hold volumes.
	Aggregates []AggregateState
}

// AggregateState is the room on an aggregate, in bytes.
type AggregateState struct {
	Name            string
	Size, Available int64
}

// Clusters tells what is seen of all configured clusters, by name. A garden is known by its identity.
func (c Census) Clusters(gardenIdentity string) map[string]ClusterState {
	states := map[string]ClusterState{}
	for _, cluster := range c.clusters {
		aggregates, answered := c.aggregates[cluster.Name()]
		state := ClusterState{Answered: answered}
		if answered {
			state.Marked = map[string]int{string(MarkActive): 0, string(MarkDeleting): 0, markParked: 0, stateOther: 0}
		}
		for _, aggregate := range aggregates {
			if aggregate.State == ontap.AggregateOnline {
				state.Aggregates = append(state.Aggregates, AggregateState{aggregate.Name, aggregate.Size, aggregate.Available})
			}
		}
		states[cluster.Name()] = state
	}
	garden := shortHash(gardenIdentity)
	for _, svms := range c.svms {
		for i := range svms {
			if mark, _ := ParseMark(svms[i].Comment); mark.Garden == garden && !svms[i].standsBy() {
				states[svms[i].Cluster].Marked[wordOf(mark.State)]++
			}
		}
	}
	return states
}

// markParked stands for all days.
const markParked = "parked"

func wordOf(state MarkState) string {
	switch {
	case state == MarkActive, state == MarkDeleting:
		return string(state)
	case state.Parked():
		return markParked
	}
	return stateOther
}
