// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"errors"

	gardenertest "github.com/gardener/gardener/pkg/utils/test"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	controllerconfig "sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/healthcheck"
)

// healthManager is as much of a manager as Gardener's health checks need to be put together.
type healthManager struct{ gardenertest.FakeManager }

// GetConfig implements manager.Manager. Nothing is asked with it.
func (healthManager) GetConfig() *rest.Config { return &rest.Config{} }

// GetControllerOptions implements manager.Manager.
func (healthManager) GetControllerOptions() controllerconfig.Controller {
	return controllerconfig.Controller{}
}

// NewHealthChecks returns Gardener's controller of health checks as the extension adds it to a manager, with this client. It is
// not started: each Reconcile is one check of an Extension.
func NewHealthChecks(
	seed client.Client, config *configv1alpha1.ControllerConfiguration, observations *healthcheck.Observations, c clock.PassiveClock,
) (reconcile.Reconciler, error) {
	var added reconcile.Reconciler
	mgr := healthManager{gardenertest.FakeManager{Client: seed, Scheme: seed.Scheme(), AddFunc: func(runnable manager.Runnable) error {
		added, _ = runnable.(reconcile.Reconciler)
		return nil
	}}}
	if err := healthcheck.AddToManager(mgr, healthcheck.Options{Observations: observations, Config: config, Clock: c}); err != nil {
		return nil, err
	}
	if added == nil {
		return nil, errors.New("no controller of health checks was added")
	}
	return added, nil
}

// NewHealthChecks returns the health checks of the image that runs.
func (w *World) NewHealthChecks() (reconcile.Reconciler, error) {
	return NewHealthChecks(w.Seed, w.Config, w.Observations, w.Clock)
}
