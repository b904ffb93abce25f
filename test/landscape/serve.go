// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"errors"
	"fmt"
	"sync"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// served is what Serve has come to.
type served struct {
	*Landscape
	// generation is that of the Deployment that runs, 0 where none does.
	generation int64
	// shoots are those that have a control plane, by namespace, and what ends the care for each.
	shoots map[string]*servedShoot
}

type servedShoot struct {
	*Shoot
	stop func()
}

// Serve plays what a seed has and this one has not, for somebody who works on it from outside, until ctx ends: the extension runs as
// its Deployment says, again when that is changed, and each namespace of a shoot that has a Cluster gets a control plane of its own and
// goes with it. It fails when something of that cannot be done; an extension that does not get ready is told of only.
func (l *Landscape) Serve(ctx context.Context) error {
	s := &served{Landscape: l, shoots: map[string]*servedShoot{}}
	defer func() {
		for _, shoot := range s.shoots {
			shoot.stop()
		}
	}()
	err := wait.PollUntilContextCancel(ctx, waitPeriod, true, func(ctx context.Context) (bool, error) {
		return false, errors.Join(s.runDeployment(ctx), s.attendShoots(ctx))
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// runDeployment has the extension run as its Deployment says, and says there what has become of it.
func (s *served) runDeployment(ctx context.Context) error {
	deployment, err := s.deployment(ctx)
	if client.IgnoreNotFound(err) != nil || err == nil && deployment.Generation == s.generation {
		return err
	}
	if s.running != nil {
		if err := s.StopExtension(ctx); err != nil {
			return err
		}
		s.workspace.say("the extension was stopped")
	}
	if s.generation = deployment.Generation; apierrors.IsNotFound(err) {
		return nil
	}
	if err := s.identify(ctx); err != nil {
		return err
	}
	if err := s.StartExtension(ctx); err != nil {
		return err
	}
	if err := s.WaitExtensionReady(ctx); err != nil {
		s.workspace.say("%v", err)
		return nil
	}
	s.workspace.say("the extension runs, see %s", s.ExtensionLog())
	return s.available(ctx, deployment)
}

// available says of a Deployment that all is there: one process stands for as many pods as it wants.
func (s *served) available(ctx context.Context, deployment *appsv1.Deployment) error {
	replicas := *deployment.Spec.Replicas
	deployment.Status = appsv1.DeploymentStatus{
		ObservedGeneration: deployment.Generation, Replicas: replicas, UpdatedReplicas: replicas, ReadyReplicas: replicas, AvailableReplicas: replicas,
	}
	return s.Client.Status().Update(ctx, deployment)
}

// attendShoots starts what shoots have of their own, and ends it when their namespaces go.
func (s *served) attendShoots(ctx context.Context) error {
	namespaces := &corev1.NamespaceList{}
	if err := s.Client.List(ctx, namespaces, client.MatchingLabels{v1beta1constants.GardenRole: v1beta1constants.GardenRoleShoot}); err != nil {
		return err
	}
	for _, namespace := range namespaces.Items {
		shoot, known := s.shoots[namespace.Name]
		var err error
		switch {
		case namespace.DeletionTimestamp == nil && !known:
			err = s.receive(ctx, namespace.Name)
		case namespace.DeletionTimestamp != nil && known:
			err = s.dismiss(ctx, shoot)
		}
		if err != nil {
			return fmt.Errorf("attending namespace %q: %w", namespace.Name, err)
		}
	}
	return nil
}

// receive starts the control plane of a shoot that has a Cluster.
func (s *served) receive(ctx context.Context, namespace string) error {
	cluster, err := extensionscontroller.GetCluster(ctx, s.Client, namespace)
	if err != nil {
		return client.IgnoreNotFound(err)
	}
	shoot := &Shoot{Name: cluster.Shoot.Name, Namespace: namespace, UID: cluster.Shoot.Status.UID, seed: s.Seed}
	if err := shoot.StartControlPlane(ctx); err != nil {
		return err
	}
	collecting, cancel := context.WithCancel(ctx)
	var collector sync.WaitGroup
	collector.Go(func() { shoot.collectGarbage(collecting) })
	s.shoots[namespace] = &servedShoot{Shoot: shoot, stop: func() { cancel(); collector.Wait() }}
	s.workspace.say("shoot %q has a kube-apiserver, see %s", shoot.Name, shoot.ControlPlane.KubeconfigPath)
	return nil
}

// dismiss lets a shoot's namespace go with all that is in it, once its Extension is gone, and ends the control plane.
func (s *served) dismiss(ctx context.Context, shoot *servedShoot) error {
	if _, err := shoot.Extension(ctx); !apierrors.IsNotFound(err) {
		return err
	}
	shoot.stop()
	delete(s.shoots, shoot.Namespace)
	for _, kind := range []client.Object{&corev1.Secret{}, &resourcesv1alpha1.ManagedResource{}} {
		if err := s.Client.DeleteAllOf(ctx, kind, client.InNamespace(shoot.Namespace)); err != nil {
			return err
		}
	}
	return errors.Join(shoot.Remove(ctx), s.forget(shoot.ControlPlane))
}
