// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
)

// networks are the storage networks of every simulated cluster, as the chart's values: two for data, one for management.
func networks() map[string]any {
	network := func(cidr string) map[string]any {
		return map[string]any{
			"mode": "BroadcastDomain", "broadcastDomain": "Default", "ipv4PrefixLength": 16, "allowedCIDRs": []any{cidr},
		}
	}
	return map[string]any{
		"management": network("10.10.0.0/16"),
		"data":       []any{network("10.11.0.0/16"), network("10.12.0.0/16")},
	}
}

// newProviderConfig returns a providerConfig whose addresses no other shoot of this seed has.
func (s *Seed) newProviderConfig() *runtime.RawExtension {
	n := s.shoots.Add(1)
	host := fmt.Sprintf("%d.%d", n/250, n%250+1)
	return ProviderConfig("10.10."+host, "10.11."+host, "10.12."+host)
}

// ProviderConfig returns the smallest providerConfig: two data LIFs and a management LIF.
func ProviderConfig(managementLIF, firstDataLIF, secondDataLIF string) *runtime.RawExtension {
	return &runtime.RawExtension{Raw: fmt.Appendf(nil,
		`{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMConfig","managementLIF":%q,"dataLIFs":[%q,%q]}`,
		managementLIF, firstDataLIF, secondDataLIF)}
}
