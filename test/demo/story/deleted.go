// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package story

import (
	"context"
	"strings"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"github.com/gardener/gardener/pkg/resourcemanager/controller/garbagecollector/references"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// deleted removes the extension from the first shoot, which lives on, and deletes the others.
func deleted(ctx context.Context, s *Story) error {
	alpha, err := s.shoot("alpha")
	if err != nil {
		return err
	}
	for name, shoot := range s.shoots {
		end := shoot.Destroy
		if name == alpha.Name {
			end = shoot.RemoveExtension
		}
		if err := end(ctx); err != nil {
			return err
		}
	}
	for _, shoot := range s.shoots {
		if err := shoot.WaitCleanup(ctx); err != nil {
			return err
		}
	}
	if err := s.claimNothingOnONTAP(ctx); err != nil {
		return err
	}
	if err := s.claimNothingInside(ctx, alpha); err != nil {
		return err
	}
	for _, shoot := range s.shoots {
		if err := s.claimNothingInSeed(ctx, shoot); err != nil {
			return err
		}
		if err := shoot.Remove(ctx); err != nil {
			return err
		}
	}
	return nil
}

// claimNothingInSeed claims that the shoot's namespace has nothing of ours but what Gardener collects an hour later.
func (s *Story) claimNothingInSeed(ctx context.Context, shoot *landscape.Shoot) error {
	extensions, secrets, resources := &extensionsv1alpha1.ExtensionList{}, &corev1.SecretList{}, &resourcesv1alpha1.ManagedResourceList{}
	for _, list := range []client.ObjectList{extensions, secrets, resources} {
		if err := s.landscape.Client.List(ctx, list, client.InNamespace(shoot.Namespace)); err != nil {
			return err
		}
	}
	ours, collected := 0, 0
	for _, secret := range secrets.Items {
		switch {
		case secret.Labels[references.LabelKeyGarbageCollectable] != "":
			collected++
		case secret.Name != "gardener": // gardenlet's kubeconfig
			ours++
		}
	}
	return s.claim(len(extensions.Items)+ours+len(resources.Items) == 0,
		"nothing is left in the seed of shoot %q: %d Extensions, %d Secrets, %d ManagedResources (and %d Secrets that Gardener collects)",
		shoot.Name, len(extensions.Items), ours, len(resources.Items), collected)
}

// claimNothingInside claims that a shoot that lives on has nothing of ours any more.
func (s *Story) claimNothingInside(ctx context.Context, shoot *landscape.Shoot) error {
	classes, secrets, crds := &storagev1.StorageClassList{}, &corev1.SecretList{}, &apiextensionsv1.CustomResourceDefinitionList{}
	for _, list := range []client.ObjectList{classes, secrets, crds} {
		if err := shoot.ControlPlane.Client.List(ctx, list); err != nil {
			return err
		}
	}
	left := len(classes.Items) + len(secrets.Items) + len(crds.Items)
	return s.claim(left == 0, "nothing is left in shoot %q, which lives on: %d storage classes, %d Secrets, %d CRDs",
		shoot.Name, len(classes.Items), len(secrets.Items), len(crds.Items))
}

// owns tells whether a comment on ONTAP carries the mark of one of the story's shoots.
func (s *Story) owns(comment string) bool {
	for _, shoot := range s.shoots {
		if strings.Contains(comment, "o="+string(shoot.UID)) {
			return true
		}
	}
	return false
}

func (s *Story) claimNothingOnONTAP(ctx context.Context) error {
	state, err := s.landscape.Simulator().State(ctx)
	if err != nil {
		return err
	}
	svms, accounts, others := 0, 0, 0
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if s.owns(svm.Comment) {
				svms++
			} else {
				others++
			}
		}
		for _, account := range cluster.Accounts {
			if s.owns(account.Comment) {
				accounts++
			}
		}
	}
	if err := s.claim(svms+accounts == 0, "nothing is left on ONTAP of these shoots: %d SVMs and %d accounts; the %d SVMs of others are still there", svms, accounts, others); err != nil {
		return err
	}
	violations, err := s.landscape.Simulator().Violations(ctx)
	if err != nil {
		return err
	}
	return s.claim(len(violations) == 0, "the simulator saw nothing that must not happen: %d violations %v", len(violations), violations)
}
