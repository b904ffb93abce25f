// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package story

import (
	"context"
	"strings"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// deleted deletes every shoot of the story and looks for what is left.
func deleted(ctx context.Context, s *Story) error {
	for _, shoot := range s.shoots {
		if err := shoot.Destroy(ctx); err != nil {
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
	for name, shoot := range s.shoots {
		extensions, secrets := &extensionsv1alpha1.ExtensionList{}, &corev1.SecretList{}
		for _, list := range []client.ObjectList{extensions, secrets} {
			if err := s.landscape.Client.List(ctx, list, client.InNamespace(shoot.Namespace)); err != nil {
				return err
			}
		}
		if err := s.claim(len(extensions.Items)+len(secrets.Items) == 0, "nothing is left in the seed of shoot %q: %d Extensions, %d Secrets",
			name, len(extensions.Items), len(secrets.Items)); err != nil {
			return err
		}
		if err := shoot.Remove(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Story) claimNothingOnONTAP(ctx context.Context) error {
	state, err := s.landscape.Simulator().State(ctx)
	if err != nil {
		return err
	}
	svms, accounts, foreign := 0, 0, 0
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if strings.HasPrefix(svm.Comment, "gxo/") {
				svms++
			} else {
				foreign++
			}
		}
		for _, account := range cluster.Accounts {
			if strings.HasPrefix(account.Comment, "gxo/") {
				accounts++
			}
		}
	}
	if err := s.claim(svms+accounts == 0, "nothing is left on ONTAP: %d SVMs and %d accounts of ours; the %d of others are still there", svms, accounts, foreign); err != nil {
		return err
	}
	violations, err := s.landscape.Simulator().Violations(ctx)
	if err != nil {
		return err
	}
	return s.claim(len(violations) == 0, "the simulator saw nothing that must not happen: %d violations %v", len(violations), violations)
}
