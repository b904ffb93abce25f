// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"strings"
)

// LicenseService reads /cluster/licensing/licenses.
type LicenseService struct{ client *Client }

// License is a package that the cluster may be licensed for.
type License struct {
	// Name is in lower case, such as nvme_of.
	Name, State string
}

// Usable reports whether the package works. One whose licences do not comply still does.
func (l License) Usable() bool { return l.State != "unlicensed" }

// List returns the packages that the cluster has licences for.
func (s *LicenseService) List(ctx context.Context) ([]License, error) {
	return list[License](ctx, s.client, "/cluster/licensing/licenses", "name,state", nil)
}

func (l License) read() License {
	l.Name = strings.ToLower(l.Name)
	return l
}
