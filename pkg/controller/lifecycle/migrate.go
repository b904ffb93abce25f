// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"fmt"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"github.com/gardener/gardener/pkg/utils/managedresources"
	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// origin marks the ManagedResources that are ours.
	origin = "extension-ontap"
	// migrateTimeout bounds the wait for them to go.
	migrateTimeout = 2 * time.Minute
)

// Migrate takes our ManagedResources out of the seed, and leaves their objects in the shoot: gardenlet waits until no
// ManagedResource is left. Nothing else is touched: the SVM and its data stay on ONTAP, and gardenlet carries the seed
// secret over.
func (a *Actuator) Migrate(ctx context.Context, _ logr.Logger, extension *extensionsv1alpha1.Extension) error {
	ours := []client.ListOption{client.InNamespace(extension.Namespace), client.MatchingLabels{managedresources.LabelKeyOrigin: origin}}
	resources := &resourcesv1alpha1.ManagedResourceList{}
	if err := a.options.Client.List(ctx, resources, ours...); err != nil {
		return fmt.Errorf("listing ManagedResources: %w", err)
	}
	for _, resource := range resources.Items {
		if err := managedresources.SetKeepObjects(ctx, a.options.Client, resource.Namespace, resource.Name, true); err != nil {
			return fmt.Errorf("keeping the objects of ManagedResource %s: %w", resource.Name, err)
		}
		if err := client.IgnoreNotFound(a.options.Client.Delete(ctx, &resource)); err != nil {
			return fmt.Errorf("deleting ManagedResource %s: %w", resource.Name, err)
		}
	}
	if len(resources.Items) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, migrateTimeout)
	defer cancel()
	if err := managedresources.WaitUntilListDeleted(ctx, a.options.Client, &resourcesv1alpha1.ManagedResourceList{}, ours...); err != nil {
		return fmt.Errorf("waiting for ManagedResources to go: %w", err)
	}
	return nil
}
