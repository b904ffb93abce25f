// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

// errNotGranted is the answer of an Access that no guard made.
var errNotGranted = errors.New("access to ONTAP without the guard's grant")

// Access is what the guard grants for one step: the seed secret as it was just seen, and the ONTAP clients. Only the
// Keeper's guards make one that works.
type Access struct {
	desired  Desired
	clusters []*ontap.Client
	secrets  *seedsecret.Store
	// secret is nil in an Access that was not granted.
	secret *seedsecret.Snapshot
}

// Clusters returns the clients of all configured clusters.
func (a Access) Clusters() ([]*ontap.Client, error) {
	if a.secret == nil {
		return nil, errNotGranted
	}
	return a.clusters, nil
}

// Cluster returns the client of one configured cluster.
func (a Access) Cluster(name string) (*ontap.Client, error) {
	clusters, err := a.Clusters()
	if err != nil {
		return nil, err
	}
	for _, cluster := range clusters {
		if cluster.Name() == name {
			return cluster, nil
		}
	}
	return nil, fmt.Errorf("cluster %q is not in the configuration", name)
}

// Secret returns the seed secret as the guard saw it right before the step, with the placement if the step recorded it.
func (a Access) Secret() (seedsecret.Snapshot, error) {
	if a.secret == nil {
		return seedsecret.Snapshot{}, errNotGranted
	}
	return *a.secret, nil
}

// RecordPlacement writes the cluster chosen for the SVM into the seed secret.
func (a Access) RecordPlacement(ctx context.Context, cluster string) error {
	if a.secret == nil {
		return errNotGranted
	}
	placed, err := a.secrets.Place(ctx, a.desired.secretOwner(), *a.secret, cluster)
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
	return a.secrets.Renew(ctx, a.desired.secretOwner(), *a.secret)
}

// ForgetSecret deletes the seed secret.
func (a Access) ForgetSecret(ctx context.Context) error {
	if a.secret == nil {
		return errNotGranted
	}
	return a.secrets.Forget(ctx, a.desired.secretOwner(), *a.secret)
}
