// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"time"

	"github.com/gardener/gardener/extensions/pkg/controller/extension"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// A failed run is repeated after one second, and then after twice as long each time, up to two minutes.
const (
	firstRetry = time.Second
	lastRetry  = 2 * time.Minute
)

// NewRateLimiter returns one that says when to repeat what has failed.
func NewRateLimiter[request comparable]() workqueue.TypedRateLimiter[request] {
	return workqueue.NewTypedItemExponentialFailureRateLimiter[request](firstRetry, lastRetry)
}

// Args are the arguments of extension.Add, which registers Gardener's Extension controller with our actuator.
func Args(ctx context.Context, mgr manager.Manager, actuator extension.Actuator, options controller.Options) extension.AddArgs {
	options.RateLimiter = NewRateLimiter[reconcile.Request]()
	return extension.AddArgs{
		Actuator:          actuator,
		Name:              ontapv1alpha1.ExtensionType,
		FinalizerSuffix:   ontapv1alpha1.ExtensionType,
		ControllerOptions: options,
		Predicates:        extension.DefaultPredicates(ctx, mgr, false),
		Type:              ontapv1alpha1.ExtensionType,
		ExtensionClasses:  []extensionsv1alpha1.ExtensionClass{extensionsv1alpha1.ExtensionClassShoot},
	}
}
