// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// DataNetwork returns the network of the data LIF at an index.
func (n Networks) DataNetwork(index int) Network { return n.Data[index%len(n.Data)] }

// HaveRoutes reports whether SVMs get routes.
func (n Networks) HaveRoutes() bool {
	return slices.ContainsFunc(append([]Network{n.Management}, n.Data...), func(one Network) bool { return len(one.Routes) > 0 })
}

// Allows reports whether a LIF may have the address in this network.
func (n Network) Allows(address netip.Addr) bool {
	if n.Mode != NetworkModeSubnet && n.PrefixLength(address) == 0 {
		return false
	}
	return len(n.AllowedCIDRs) == 0 || slices.ContainsFunc(n.AllowedCIDRs, func(cidr string) bool {
		prefix, err := netip.ParsePrefix(cidr)
		return err == nil && prefix.Contains(address)
	})
}

// PrefixLength is that of a LIF with the address, 0 if the network has no addresses of its family. In the mode Subnet,
// which leaves it to ONTAP, it is 0, too.
func (n Network) PrefixLength(address netip.Addr) int {
	switch {
	case n.Mode == NetworkModeVIP:
		return address.BitLen()
	case address.Is4():
		return int(n.IPv4PrefixLength)
	}
	return int(n.IPv6PrefixLength)
}

// Parse returns destination and gateway of a valid route.
func (r Route) Parse() (destination netip.Prefix, gateway netip.Addr, err error) {
	if gateway, err = netip.ParseAddr(r.Gateway); err != nil || gateway.Zone() != "" || gateway.Is4In6() {
		return netip.Prefix{}, netip.Addr{}, errors.New("the gateway must be an IPv4 or IPv6 address")
	}
	if r.Destination == "" {
		zero := netip.IPv4Unspecified()
		if gateway.Is6() {
			zero = netip.IPv6Unspecified()
		}
		return netip.PrefixFrom(zero, 0), gateway, nil
	}
	destination, err = netip.ParsePrefix(r.Destination)
	if err != nil || destination != destination.Masked() {
		return netip.Prefix{}, netip.Addr{}, errors.New("the destination must be a CIDR without host bits")
	}
	if destination.Addr().Is4() != gateway.Is4() {
		return netip.Prefix{}, netip.Addr{}, errors.New("destination and gateway must be of one family")
	}
	return destination, gateway, nil
}

// describe says which addresses the network has.
func (n Network) describe() string {
	if len(n.AllowedCIDRs) > 0 {
		return fmt.Sprintf("an address in %q", n.AllowedCIDRs)
	}
	if n.IPv6PrefixLength == 0 {
		return "an IPv4 address"
	}
	return "an IPv6 address"
}
