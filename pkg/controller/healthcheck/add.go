// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package healthcheck

import (
	extensionsconfigv1alpha1 "github.com/gardener/gardener/extensions/pkg/apis/config/v1alpha1"
	"github.com/gardener/gardener/extensions/pkg/controller/healthcheck"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"

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
	return healthcheck.DefaultRegistration(
		ontapv1alpha1.ExtensionType,
		extensionsv1alpha1.SchemeGroupVersion.WithKind(extensionsv1alpha1.ExtensionResource),
		func() client.ObjectList { return &extensionsv1alpha1.ExtensionList{} },
		func() extensionsv1alpha1.Object { return &extensionsv1alpha1.Extension{} },
		mgr,
		healthcheck.DefaultAddArgs{
			Controller:        options.Controller,
			HealthCheckConfig: extensionsconfigv1alpha1.HealthCheckConfig{SyncPeriod: options.Config.HealthCheckSyncPeriod},
			ExtensionClasses:  []extensionsv1alpha1.ExtensionClass{extensionsv1alpha1.ExtensionClassShoot},
		},
		nil, checks, nil,
	)
}
