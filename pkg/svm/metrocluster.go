// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// metroClusterSVMs is how many SVMs NetApp supports on each half of a MetroCluster.
const metroClusterSVMs = 64

// errHomeUnanswered is the error of a look that found only the half of an SVM that stands by.
var errHomeUnanswered = errors.New("the SVM stands by for one on a cluster that did not answer")

// standsBy reports whether this is the half of a MetroCluster pair that serves only while the other one cannot.
func (l *Located) standsBy() bool { return l.Subtype == ontap.SubtypeSyncDestination }

// leaving reports whether there is nothing to take away of the SVM that does not go by itself.
func (l *Located) leaving() bool { return l.State == ontap.SVMDeleting || l.standsBy() }

// whole tells SVMs from the halves that stand by for them. An SVM is one together with its standby, on whatever clusters
// they are; a standby counts where its source was not found.
func whole(found []Located) (svms, standbys []Located) {
	for _, one := range found {
		if one.standsBy() {
			standbys = append(standbys, one)
		} else {
			svms = append(svms, one)
		}
	}
	if len(svms) == 0 {
		return standbys, standbys
	}
	return svms, standbys
}

// requireNormal is an error unless the SVM may be changed where it was found: on a MetroCluster both halves have to be in
// the mode normal, and none serves for the other. That is looked at whenever the SVM is.
func requireNormal(ctx context.Context, access Access, svm *Located, standbys []Located) error {
	if svm.Subtype != ontap.SubtypeSyncSource && !svm.standsBy() {
		return nil
	}
	for _, half := range standbys {
		if half.State != ontap.SVMStopped {
			return notNormal("SVM %s is %s on cluster %q, which serves for its MetroCluster partner", half.Name, half.State, half.Cluster)
		}
	}
	if svm.standsBy() && svm.unanswered != nil {
		return fmt.Errorf("%w: SVM %s on cluster %q: %w", errHomeUnanswered, svm.Name, svm.Cluster, svm.unanswered)
	}
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return err
	}
	return requireNormalCluster(ctx, cluster)
}

// requireNormalCluster is an error unless both halves of the MetroCluster are in the mode normal.
func requireNormalCluster(ctx context.Context, cluster Cluster) error {
	metro, err := cluster.MetroCluster.Get(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("looking at the MetroCluster of cluster %q: %w", cluster.Name(), err)
	case !metro.Normal():
		return notNormal("cluster %q is in MetroCluster mode %q, its partner %s in %q", cluster.Name(), metro.Mode, metro.Partner, metro.PartnerMode)
	}
	return nil
}

// notNormal is an outage for whoever wants to change something.
func notNormal(format string, args ...any) error {
	const rest = ": nothing is changed until both halves are normal"
	return &stateError{Failure{ClassOutage, v1alpha1.ReasonMetroClusterNotNormal}, fmt.Sprintf(format, args...) + rest}
}

// seenNotNormal reports whether an error of a look says that there is an SVM, which must not be changed now.
func seenNotNormal(err error) bool {
	return errors.Is(err, errHomeUnanswered) || FailureOf(err).Reason == v1alpha1.ReasonMetroClusterNotNormal
}
