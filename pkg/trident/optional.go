// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// The names of the ManagedResources whose APIs not every shoot has.
const (
	// Snapshots has the VolumeSnapshotClass.
	Snapshots = "extension-ontap-snapshots"
	// Autoscalers has the VerticalPodAutoscalers of Trident.
	Autoscalers = "extension-ontap-autoscalers"
	// Firewall has what the firewall in front of a shoot on metal-stack has to let through.
	Firewall = "extension-ontap-firewall"
)

// metalStack is the type of the infrastructure whose shoots have a firewall of their own.
const metalStack = "metal"

// optional is what only some shoots get, since it is of an API that Gardener does not guarantee. Each has a ManagedResource of
// its own, because what cannot be applied would keep others in the same one from being applied, and nothing waits for it.
var optional = []struct {
	name    string
	wanted  func(svm.ShootContent) bool
	objects func(svm.ShootContent) []client.Object
}{
	{Snapshots, func(c svm.ShootContent) bool { return c.SnapshotClass }, func(svm.ShootContent) []client.Object {
		return []client.Object{snapshotClass()}
	}},
	{Autoscalers, func(c svm.ShootContent) bool { return c.VerticalPodAutoscaler }, func(svm.ShootContent) []client.Object {
		return autoscalers()
	}},
	{Firewall, func(c svm.ShootContent) bool { return c.Provider == metalStack }, func(c svm.ShootContent) []client.Object {
		return []client.Object{firewallPolicy(c)}
	}},
}

// deleteUnwanted takes out of a shoot what it was given before and is not to have any more.
func (s *ShootResources) deleteUnwanted(ctx context.Context, content svm.ShootContent, found map[string]*resourcesv1alpha1.ManagedResource) error {
	if content.CredentialsOnly {
		return nil
	}
	for _, o := range optional {
		if resource := found[o.name]; resource != nil && !o.wanted(content) {
			if err := s.delete(ctx, resource); err != nil {
				return err
			}
		}
	}
	return nil
}
