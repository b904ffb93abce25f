// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

// errNotGranted is the answer of an Access that no guard made.
var errNotGranted = errors.New("access to ONTAP without the guard's grant")

// Cluster is a configured ONTAP cluster: its client, and what the operator has laid down for the SVMs on it.
type Cluster struct {
	*ontap.Client
	Settings configv1alpha1.ONTAPCluster
}

// Access is what the guard grants for one step: the seed secret as it was just seen, and the ONTAP clients. Only the
// Keeper's guards make one that works.
type Access struct {
	owner    seedsecret.Owner
	clusters []Cluster
	secrets  *seedsecret.Store
	// held tells whether the run has seen that an administrator holds the SVM.
	held *bool
	// secret is the seed secret as the guard saw it right before the step, nil in an Access that was not granted.
	secret *seedsecret.Snapshot
}

// Clusters returns all configured clusters. Their clients only read where an administrator holds the cluster or the SVM.
func (a Access) Clusters() ([]Cluster, error) {
	if a.secret == nil {
		return nil, errNotGranted
	}
	clusters := make([]Cluster, 0, len(a.clusters))
	for _, cluster := range a.clusters {
		if cluster.Settings.Hold || *a.held {
			cluster.Client = cluster.ReadOnly()
		}
		clusters = append(clusters, cluster)
	}
	return clusters, nil
}

// Cluster returns one of Clusters.
func (a Access) Cluster(name string) (Cluster, error) {
	clusters, err := a.Clusters()
	if err != nil {
		return Cluster{}, err
	}
	if i := indexOf(clusters, name); i >= 0 {
		return clusters[i], nil
	}
	return Cluster{}, fmt.Errorf("cluster %q is not in the configuration", name)
}

func indexOf(clusters []Cluster, name string) int {
	return slices.IndexFunc(clusters, func(c Cluster) bool { return c.Name() == name })
}

// RecordPlacement writes the cluster chosen for the SVM into the seed secret.
func (a Access) RecordPlacement(ctx context.Context, cluster string) error {
	if a.secret == nil {
		return errNotGranted
	}
	placed, err := a.secrets.Place(ctx, a.owner, *a.secret, cluster)
	if err != nil {
		return err
	}
	*a.secret = placed
	return nil
}

// RenewSecret puts fresh credentials into the seed secret. The run starts again with them.
func (a Access) RenewSecret(ctx context.Context) error {
	if a.secret == nil {
		return errNotGranted
	}
	return a.secrets.Renew(ctx, a.owner, *a.secret)
}

// ForgetSecret deletes the seed secret.
func (a Access) ForgetSecret(ctx context.Context) error {
	if a.secret == nil {
		return errNotGranted
	}
	return a.secrets.Forget(ctx, a.owner, *a.secret)
}
