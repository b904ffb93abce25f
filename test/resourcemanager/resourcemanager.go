// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package resourcemanager runs the reconciler of Gardener's gardener-resource-manager, which applies ManagedResources, between
// two API servers in one process. It works only when it is told to, so that a test is the same each time. Only what its
// program does on a watch is played: ResourcesHealthy is True once all objects are there.
package resourcemanager

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	resourcemanagerv1alpha1 "github.com/gardener/gardener/pkg/apis/config/resourcemanager/v1alpha1"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	resourcemanagerclient "github.com/gardener/gardener/pkg/resourcemanager/client"
	"github.com/gardener/gardener/pkg/resourcemanager/controller/garbagecollector"
	"github.com/gardener/gardener/pkg/resourcemanager/controller/managedresource"
	resourcemanagerpredicate "github.com/gardener/gardener/pkg/resourcemanager/predicate"
	"github.com/gardener/gardener/pkg/utils/kubernetes/health"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// ResourceManager applies the ManagedResources of one shoot.
type ResourceManager struct {
	mutex      sync.Mutex
	namespace  string
	seed       client.Client
	reconciler *managedresource.Reconciler
	idle       bool
}

// New returns the one of the shoot with this namespace in the seed.
func New(namespace string, seed, shoot client.Client, clock clock.Clock) *ResourceManager {
	return &ResourceManager{namespace: namespace, seed: seed, reconciler: &managedresource.Reconciler{
		SourceClient: seed, TargetClient: shoot, TargetScheme: resourcemanagerclient.TargetScheme, TargetRESTMapper: shoot.RESTMapper(), Clock: clock,
		Config: resourcemanagerv1alpha1.ManagedResourceControllerConfig{
			SyncPeriod: &metav1.Duration{Duration: time.Minute}, ManagedByLabelValue: new("gardener"),
		},
		ClassFilter:                   resourcemanagerpredicate.NewClassFilter(""),
		RequeueAfterOnDeletionPending: new(time.Second),
	}}
}

// Pass reconciles every ManagedResource once that has something to be done. What cannot be applied or deleted yet is no error;
// the next pass tries again.
func (m *ResourceManager) Pass(ctx context.Context) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.idle = false
	all := &resourcesv1alpha1.ManagedResourceList{}
	if err := m.seed.List(ctx, all, client.InNamespace(m.namespace)); err != nil {
		return err
	}
	var errs []error
	for _, resource := range all.Items {
		requested := resource.Annotations[v1beta1constants.GardenerOperation] == v1beta1constants.GardenerOperationReconcile
		if resource.DeletionTimestamp == nil && health.CheckManagedResource(&resource) == nil && !requested {
			continue
		}
		errs = append(errs, m.reconcile(ctx, &resource, requested))
	}
	m.idle = len(errs) == 0
	return errors.Join(errs...)
}

// Idle tells whether the last pass found nothing to do.
func (m *ResourceManager) Idle() bool {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return m.idle
}

func (m *ResourceManager) reconcile(ctx context.Context, resource *resourcesv1alpha1.ManagedResource, requested bool) error {
	key := client.ObjectKeyFromObject(resource)
	if requested {
		before := client.MergeFrom(resource.DeepCopy())
		delete(resource.Annotations, v1beta1constants.GardenerOperation)
		if err := m.seed.Patch(ctx, resource, before); err != nil {
			return fmt.Errorf("removing the annotation of %s: %w", key, err)
		}
	}
	// Its errors stand in the conditions.
	_, _ = m.reconciler.Reconcile(ctx, reconcile.Request{NamespacedName: key})
	if err := m.seed.Get(ctx, key, resource); err != nil {
		return client.IgnoreNotFound(err)
	}
	if applied := health.CheckManagedResourceApplied(resource) == nil; !applied || resource.DeletionTimestamp != nil {
		return nil
	}
	condition := v1beta1helper.GetOrInitConditionWithClock(m.reconciler.Clock, resource.Status.Conditions, resourcesv1alpha1.ResourcesHealthy)
	condition = v1beta1helper.UpdatedConditionWithClock(m.reconciler.Clock, condition, gardencorev1beta1.ConditionTrue, "ResourcesHealthy", "All objects are there.")
	resource.Status.Conditions = v1beta1helper.MergeConditions(resource.Status.Conditions, condition)
	return m.seed.Status().Update(ctx, resource)
}

// CollectGarbage deletes what the ManagedResources of a seed no longer refer to, by the reconciler with which the seed's own
// gardener-resource-manager does that an hour later.
func CollectGarbage(ctx context.Context, seed client.Client, clock clock.Clock) error {
	collector := &garbagecollector.Reconciler{
		TargetClient: seed, Clock: clock, MinimumObjectLifetime: new(time.Duration(0)),
		Config: resourcemanagerv1alpha1.GarbageCollectorControllerConfig{SyncPeriod: &metav1.Duration{Duration: time.Hour}},
	}
	_, err := collector.Reconcile(ctx, reconcile.Request{})
	return err
}
