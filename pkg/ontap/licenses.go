// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"net/url"
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
	records, err := list[License](ctx, s.client, "/cluster/licensing/licenses", url.Values{"fields": {"name,state"}})
	for i := range records {
		records[i].Name = strings.ToLower(records[i].Name)
	}
	return records, err
}
