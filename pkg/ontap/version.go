// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"cmp"
	"fmt"
)

// Version is a release of ONTAP: 9.16.1 is generation 9, major 16, minor 1.
type Version struct {
	Generation int `json:"generation"`
	Major      int `json:"major"`
	Minor      int `json:"minor"`
}

// String returns the version as NetApp writes it.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Generation, v.Major, v.Minor) }

// AtLeast reports whether v is the other release or a newer one.
func (v Version) AtLeast(other Version) bool {
	return cmp.Or(cmp.Compare(v.Generation, other.Generation), cmp.Compare(v.Major, other.Major), cmp.Compare(v.Minor, other.Minor)) >= 0
}
