// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"context"
	"time"

	"github.com/gardener/gardener/extensions/pkg/controller/extension"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// A failed run is repeated after one second, and then after twice as long each time, up to 80 seconds. Up to half of it is
// added each time, two minutes at most in all, so that what has failed together does not come back together.
const (
	firstRetry = time.Second
	lastRetry  = 80 * time.Second
	jitter     = 0.5
)

// jittered adds jitter to client-go's exponential backoff, which has none.
type jittered[request comparable] struct {
	workqueue.TypedRateLimiter[request]
}

// NewRateLimiter returns one that says when to repeat what has failed.
func NewRateLimiter[request comparable]() workqueue.TypedRateLimiter[request] {
	return jittered[request]{workqueue.NewTypedItemExponentialFailureRateLimiter[request](firstRetry, lastRetry)}
}

// When implements workqueue.TypedRateLimiter.
func (j jittered[request]) When(r request) time.Duration {
	return wait.Jitter(j.TypedRateLimiter.When(r), jitter)
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
