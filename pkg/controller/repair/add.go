// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package repair

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

const (
	name    = "repair"
	workers = 10
	// timeout bounds one request; the last 20 seconds of it are the runner's reserve.
	timeout = 50 * time.Second
)

// AddToManager adds the controller. The manager's cache has to be narrowed to seed secrets.
func AddToManager(mgr manager.Manager, reconciler *Reconciler) error {
	c, err := controller.NewTyped(name, mgr, controller.TypedOptions[Request]{
		Reconciler: reconciler, MaxConcurrentReconciles: workers, ReconciliationTimeout: timeout, RateLimiter: lifecycle.NewRateLimiter[Request](),
	})
	if err != nil {
		return fmt.Errorf("making the controller %s: %w", name, err)
	}
	secret := &metav1.PartialObjectMetadata{}
	secret.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	filter := predicate.TypedResourceVersionChangedPredicate[*metav1.PartialObjectMetadata]{}
	filter.CreateFunc = func(e event.TypedCreateEvent[*metav1.PartialObjectMetadata]) bool { return !e.IsInInitialList }
	changes := source.TypedKind(mgr.GetCache(), secret, handler.TypedEnqueueRequestsFromMapFunc(requestOf), filter)
	for _, requests := range []source.TypedSource[Request]{reconciler, changes} {
		if err := c.Watch(requests); err != nil {
			return fmt.Errorf("watching for the controller %s: %w", name, err)
		}
	}
	return nil
}

func requestOf(_ context.Context, secret *metav1.PartialObjectMetadata) []Request {
	if secret.Name != seedsecret.Name {
		return nil
	}
	return []Request{{secret.Namespace, CauseSecret}}
}
