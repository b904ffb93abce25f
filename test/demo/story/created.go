// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package story

import (
	"bytes"
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// created is the plain case: create, and a run that finds everything in place.
func created(ctx context.Context, s *Story) error {
	shoot, err := s.newShoot(ctx, "alpha")
	if err != nil {
		return err
	}
	before, err := s.now(ctx)
	if err != nil {
		return err
	}
	start := s.clock.Now()
	if err := shoot.Reconcile(ctx); err != nil {
		return err
	}
	s.say("  gardenlet's deployer created the Extension of shoot %q and saw it succeed after %s", shoot.Name, s.clock.Since(start).Round(10*time.Millisecond))
	if err := s.claimSucceeded(ctx, shoot); err != nil {
		return err
	}
	clusters, err := s.located(ctx, shoot)
	if err != nil {
		return err
	}
	if err := s.claim(len(clusters) == 1, "one SVM %s, on cluster %q", svmName(shoot), clusters); err != nil {
		return err
	}
	secret, err := s.secret(ctx, shoot)
	if err != nil {
		return err
	}
	if err := s.claim(string(secret.Data["cluster"]) == clusters[0], "the seed secret names account %s and cluster %q", secret.Data["username"], secret.Data["cluster"]); err != nil {
		return err
	}
	if err := s.claimNetwork(ctx, shoot); err != nil {
		return err
	}
	if err := s.claimInside(ctx, shoot); err != nil {
		return err
	}
	if err := s.countRequests(ctx, before, shoot); err != nil {
		return err
	}
	conditions, err := s.conditions(ctx, shoot)
	if err != nil {
		return err
	}
	return s.claim(conditions["ShootResourcesReady"] == "True Ready", "ShootResourcesReady is %s", conditions["ShootResourcesReady"])
}

// claimInside claims that the shoot has what it needs, and plays Trident, for which there is no node.
func (s *Story) claimInside(ctx context.Context, shoot *landscape.Shoot) error {
	seedSecret, err := s.secret(ctx, shoot)
	if err != nil {
		return err
	}
	shootSecret, err := s.shootSecret(ctx, shoot)
	if err != nil {
		return err
	}
	same := bytes.Equal(shootSecret.Data["username"], seedSecret.Data["username"]) && bytes.Equal(shootSecret.Data["password"], seedSecret.Data["password"])
	if err := s.claim(same, "in the shoot, Secret kube-system/%s holds the credentials of the seed secret", shootSecret.Name); err != nil {
		return err
	}
	classes := &storagev1.StorageClassList{}
	if err := shoot.ControlPlane.Client.List(ctx, classes); err != nil {
		return err
	}
	var names []string
	for _, class := range classes.Items {
		names = append(names, class.Name)
	}
	if err := s.claim(slices.Equal(names, []string{"ontap-encrypted", "ontap-gold"}), "the shoot has the storage classes %q", names); err != nil {
		return err
	}
	conditions, err := s.conditions(ctx, shoot)
	if err != nil {
		return err
	}
	if err := s.claim(conditions["ShootResourcesReady"] == "False BackendNotBound",
		"ShootResourcesReady is %s: no node runs Trident, and the create did not wait for one", conditions["ShootResourcesReady"]); err != nil {
		return err
	}
	s.say("  Trident is not in this landscape; in its place the story says that the backend is bound")
	return shoot.BindBackend(ctx)
}

// shootSecret is what Trident logs in with.
func (s *Story) shootSecret(ctx context.Context, shoot *landscape.Shoot) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	return secret, shoot.Inside(ctx, metav1.NamespaceSystem, trident.CredentialsName, secret)
}

// claimNetwork claims that the LIFs of providerConfig are there, the data LIFs at home on the two nodes of an HA pair.
func (s *Story) claimNetwork(ctx context.Context, shoot *landscape.Shoot) error {
	svm, err := s.svm(ctx, shoot)
	if err != nil {
		return err
	}
	var data, homes []string
	for _, lif := range svm.LIFs {
		if lif.ServicePolicy == "default-data-nvme-tcp" {
			data, homes = append(data, lif.Address), append(homes, lif.HomeNode)
		}
	}
	if err := s.claim(len(svm.LIFs) == 3 && len(data) == 2 && homes[0] != homes[1], "it has a management LIF and the data LIFs %q, at home on the nodes %q", data, homes); err != nil {
		return err
	}
	return s.claim(svm.Protocols["nvme"].Enabled && !svm.Protocols["nfs"].Allowed, "it serves NVMe/TCP and nothing else, on the aggregates %q", svm.Aggregates)
}

// countRequests claims what a create and a steady run cost on two clusters.
func (s *Story) countRequests(ctx context.Context, before uint64, shoot *landscape.Shoot) error {
	entries, err := s.journal(ctx, before)
	if err != nil {
		return err
	}
	create, bytes := requests(entries)
	if err := s.claim(len(create) <= 18, "the create cost %d requests to ONTAP besides polls (%d bytes); 18 are allowed on two clusters", len(create), bytes); err != nil {
		return err
	}
	if before, err = s.now(ctx); err != nil {
		return err
	}
	if err := shoot.Reconcile(ctx); err != nil {
		return err
	}
	if entries, err = s.journal(ctx, before); err != nil {
		return err
	}
	steady, bytes := requests(entries)
	expected := []string{"GET /svm/svms", "GET /svm/svms", "GET /network/ip/interfaces", "GET /security/accounts"}
	return s.claim(slices.Equal(steady, expected), "a steady run costs %d requests to ONTAP (%d bytes): %q", len(steady), bytes, steady)
}
