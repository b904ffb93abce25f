// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package healthcheck

import (
	"context"
	"fmt"

	extensionsconfigv1alpha1 "github.com/gardener/gardener/extensions/pkg/apis/config/v1alpha1"
	"github.com/gardener/gardener/extensions/pkg/controller/healthcheck"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

// Options is what the controller is made of; all but Controller are required.
type Options struct {
	// Observations are those that sweeps write.
	Observations *Observations
	Config       *configv1alpha1.ControllerConfiguration
	Clock        clock.PassiveClock
	Controller   controller.Options
}

// weighty are the ManagedResources without which a shoot is not healthy. Others hold what not every shoot has an API for.
var weighty = [...]string{trident.CRDs, trident.Credentials, trident.Driver, trident.Classes}

// AddToManager adds Gardener's controller of health checks with our checks. Its conditions are two of those that gardenlet takes
// over into the shoot's; others of the Extension are left as they are.
func AddToManager(mgr manager.Manager, options Options) error {
	checks := []healthcheck.ConditionTypeToHealthCheck{{
		ConditionType: string(gardencorev1beta1.ShootControlPlaneHealthy),
		HealthCheck: &svmCheck{
			reader: mgr.GetClient(), observations: options.Observations, interval: options.Config.RepairInterval.Duration, clock: options.Clock,
		},
	}}
	for _, name := range weighty {
		checks = append(checks, healthcheck.ConditionTypeToHealthCheck{
			ConditionType: string(gardencorev1beta1.ShootSystemComponentsHealthy),
			HealthCheck:   &managedResourceCheck{client: mgr.GetClient(), name: name},
		})
	}
	newExtension := func() extensionsv1alpha1.Object { return &extensionsv1alpha1.Extension{} }
	args := healthcheck.AddArgs{
		ControllerOptions:       options.Controller,
		Predicates:              []predicate.Predicate{between},
		Type:                    ontapv1alpha1.ExtensionType,
		ExtensionClasses:        []extensionsv1alpha1.ExtensionClass{extensionsv1alpha1.ExtensionClassShoot},
		SyncPeriod:              options.Config.HealthCheckSyncPeriod,
		GetExtensionObjListFunc: func() client.ObjectList { return &extensionsv1alpha1.ExtensionList{} },
	}
	conditionTypes := []string{string(gardencorev1beta1.ShootControlPlaneHealthy), string(gardencorev1beta1.ShootSystemComponentsHealthy)}
	kind := extensionsv1alpha1.SchemeGroupVersion.WithKind(extensionsv1alpha1.ExtensionResource)
	if err := args.RegisterExtension(newExtension, conditionTypes, kind, nil); err != nil {
		return fmt.Errorf("registering the conditions of health checks: %w", err)
	}
	actuator := healthcheck.NewActuator(mgr, args.Type, kind.Kind, newExtension, checks, extensionsconfigv1alpha1.RESTOptions{}, args.ExtensionClasses)
	return healthcheck.Register(mgr, args, &reticent{actuator, mgr.GetClient()})
}

// between lets checks begin when an operation has ended, or this process has started; each leads to the next one. A check that
// comes while Gardener's Extension controller begins with an Extension only gets in its way: of the two writes to the status one
// fails, and one that still carries the operation is taken for another request to carry it out.
var between = predicate.Funcs{
	CreateFunc:  func(e event.CreateEvent) bool { return lastOperation(e.Object) != "" },
	UpdateFunc:  func(e event.UpdateEvent) bool { return ended(e.ObjectNew) && !ended(e.ObjectOld) },
	DeleteFunc:  func(event.DeleteEvent) bool { return false },
	GenericFunc: func(e event.GenericEvent) bool { return ended(e.Object) },
}

// ended tells whether the operation that was asked for last has ended, however it did.
func ended(object client.Object) bool {
	state := lastOperation(object)
	return state != "" && state != gardencorev1beta1.LastOperationStateProcessing
}

// lastOperation is its state; nothing where there was none, or a new one is asked for.
func lastOperation(object client.Object) gardencorev1beta1.LastOperationState {
	extension, ok := object.(*extensionsv1alpha1.Extension)
	if !ok || extension.Annotations[v1beta1constants.GardenerOperation] != "" || extension.Status.LastOperation == nil {
		return ""
	}
	return extension.Status.LastOperation.State
}

// reticent is an actuator that says nothing while an Extension carries an operation. For Gardener's Extension controller each
// change of such an Extension is another one to carry it out.
type reticent struct {
	healthcheck.HealthCheckActuator
	reader client.Reader
}

// ExecuteHealthCheckFunctions implements healthcheck.HealthCheckActuator. A condition without a result stays as it is.
func (r *reticent) ExecuteHealthCheckFunctions(ctx context.Context, log logr.Logger, key types.NamespacedName) (*[]healthcheck.Result, error) {
	extension := &extensionsv1alpha1.Extension{}
	if err := r.reader.Get(ctx, key, extension); err != nil {
		return nil, fmt.Errorf("reading the Extension: %w", err)
	}
	if extension.Annotations[v1beta1constants.GardenerOperation] != "" {
		return &[]healthcheck.Result{}, nil
	}
	return r.HealthCheckActuator.ExecuteHealthCheckFunctions(ctx, log, key)
}
