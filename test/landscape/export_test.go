// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import "context"

// ReservePort is reservePort.
func ReservePort(ctx context.Context) (int, error) { return reservePort(ctx) }

// VerifyIdentity is verifyIdentity.
func (l *Landscape) VerifyIdentity(ctx context.Context, user string) error {
	return l.verifyIdentity(ctx, user)
}
