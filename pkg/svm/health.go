// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

// Health says whether an SVM serves its shoot.
type Health string

const (
	// HealthServing is that of an SVM that serves, as far as ONTAP knows.
	HealthServing Health = "Serving"
	// HealthUnclear is that of an SVM that may serve or not, and of which more is known when ONTAP answers or is normal again.
	HealthUnclear Health = "Unclear"
	// HealthDown is that of an SVM that does not serve.
	HealthDown Health = "Down"
)

// Verdict is the health of an SVM, and why it is not better, with what a human can do.
type Verdict struct {
	Health  Health
	Message string
}

// Health tells whether the SVM of a shoot serves it. It asks nothing of what the shoot wants, so what is new or has drifted is
// no matter of health while the SVM serves; nor is what it could still take.
func (c Census) Health(desired Desired, record Record, secret seedsecret.Snapshot) Verdict {
	svms, standbys := whole(c.svms[desired.ShootUID])
	for _, half := range standbys {
		if half.State != ontap.SVMStopped {
			return unclear("SVM %s is %s on cluster %q, which serves for its MetroCluster partner: switch back when that one is in order",
				half.Name, half.State, half.Cluster)
		}
	}
	svm := c.find(svms, record.Status)
	switch {
	case (svm == nil || svm.standsBy()) && len(c.unanswered) > 0:
		return unclear("nothing is known of SVM %s, look at cluster, network and credentials: %s", desired.SVMName(), c.silence())
	case svm == nil:
		return down("no cluster has SVM %s: restore it if you can, the next reconcile makes a new, empty one", desired.SVMName())
	case svm.standsBy():
		return unclear("cluster %q has only the half of SVM %s that stands by: find out where the other one is", svm.Cluster, svm.Name)
	case svm.State == ontap.SVMStopped:
		return down("SVM %s on cluster %q is stopped: find out why, and start it", svm.Name, svm.Cluster)
	case svm.State != ontap.SVMRunning:
		return unclear("SVM %s on cluster %q is %s: see ONTAP's jobs if it stays so", svm.Name, svm.Cluster, svm.State)
	}
	if lifs := c.dataLIFs(svm, desired); !slices.ContainsFunc(lifs, func(lif ontap.IPInterface) bool { return lif.Enabled && !lif.Down }) {
		return down("no data LIF of SVM %s on cluster %q is up: %s", svm.Name, svm.Cluster, tell(lifs))
	}
	if c.accountLocked(svm, secret) {
		return down("account %s of SVM %s on cluster %q is locked: find out why, and unlock it", secret.Username(), svm.Name, svm.Cluster)
	}
	return Verdict{Health: HealthServing}
}

// find returns the SVM of a shoot, or nil. One that has lost its mark is in no census, but its LIFs are; they are up only while
// it runs.
func (c Census) find(marked []Located, recorded v1alpha1.SVMStatus) *Located {
	i := slices.IndexFunc(marked, func(one Located) bool { return one.UUID == recorded.SVMUUID })
	switch {
	case len(marked) > 0:
		return &marked[max(i, 0)]
	case recorded.SVMUUID != "" && len(c.lifs[recorded.SVMUUID]) > 0:
		svm := ontap.SVM{UUID: recorded.SVMUUID, Name: recorded.SVMName, State: ontap.SVMRunning}
		return &Located{Cluster: recorded.Cluster, SVM: svm}
	}
	return nil
}

// dataLIFs are those that we made, and those with a wanted address, by name: ONTAP gives no order.
func (c Census) dataLIFs(svm *Located, desired Desired) []ontap.IPInterface {
	byName := func(a, b ontap.IPInterface) int { return cmp.Compare(a.Name, b.Name) }
	return slices.DeleteFunc(slices.SortedFunc(slices.Values(c.lifs[svm.UUID]), byName), func(lif ontap.IPInterface) bool {
		return !strings.HasPrefix(lif.Name, dataLIFPrefix) && !slices.Contains(desired.DataLIFs, lif.Address)
	})
}

func (c Census) silence() string {
	reasons := make([]string, 0, len(c.unanswered))
	for _, err := range c.unanswered {
		reasons = append(reasons, err.Error())
	}
	return strings.Join(reasons, "; ")
}

func tell(lifs []ontap.IPInterface) string {
	if len(lifs) == 0 {
		return "there is none"
	}
	var all []string
	for _, lif := range lifs {
		what := "down, look at its ports and node"
		if !lif.Enabled {
			what = "switched off, find out why"
		}
		all = append(all, fmt.Sprintf("%s (%s) is %s", lif.Name, lif.Address, what))
	}
	return strings.Join(all, "; ")
}

func unclear(format string, args ...any) Verdict {
	return Verdict{HealthUnclear, fmt.Sprintf(format, args...)}
}

func down(format string, args ...any) Verdict {
	return Verdict{HealthDown, fmt.Sprintf(format, args...)}
}
