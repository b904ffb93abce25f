// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"fmt"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
)

// LoseSeed takes from the seed all that its etcd holds, and with it the extension and what the shoots have in the seed. ONTAP stands,
// and what the etcds of the shoots hold is kept, since Gardener restores them from backups. Then it begins anew as a seed that is new
// to the garden: with Gardener's CRDs, and the extension installed from its chart. The shoots are up again after Rebuild.
func (l *Landscape) LoseSeed(ctx context.Context, shoots ...*Shoot) error {
	if err := l.KillExtension(ctx); err != nil {
		return fmt.Errorf("losing the seed: %w", err)
	}
	for _, shoot := range shoots {
		if err := l.stop(ctx, shoot.ControlPlane); err != nil {
			return fmt.Errorf("losing the seed with shoot %q: %w", shoot.Name, err)
		}
	}
	for _, do := range []func() error{
		func() error { return l.stop(ctx, l.ControlPlane) },
		func() error { return l.forget(l.ControlPlane) },
		func() error { return l.Seed.start(ctx, l.ControlPlane) },
		func() error { return l.applyCRDs(ctx) },
		func() error { return l.createNamespace(ctx, v1beta1constants.GardenNamespace) },
		func() error { return l.bring(ctx) },
	} {
		if err := do(); err != nil {
			return fmt.Errorf("beginning with a new seed: %w", err)
		}
	}
	return nil
}

// Rebuild makes again what the shoot had in a seed that was lost before gardenlet comes to extensions: namespace, Cluster, and the
// control plane, with what its etcd holds.
func (s *Shoot) Rebuild(ctx context.Context) error {
	if err := s.announce(ctx); err != nil {
		return err
	}
	if err := s.publishKubeconfig(ctx); err != nil {
		return fmt.Errorf("rebuilding shoot %q: %w", s.Name, err)
	}
	return s.start(ctx)
}
