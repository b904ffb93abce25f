// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
)

// SubnetService reads /network/ip/subnets.
type SubnetService struct{ client *Client }

// Subnet is a named range of addresses that ONTAP hands out or lets be used.
type Subnet struct {
	Name   string
	Prefix netip.Prefix
	Ranges []AddressRange
}

// AddressRange includes both ends.
type AddressRange struct{ Start, End netip.Addr }

// Contains reports whether an address is in one of the subnet's ranges.
func (s Subnet) Contains(address netip.Addr) bool {
	return slices.ContainsFunc(s.Ranges, func(r AddressRange) bool {
		return r.Start.BitLen() == address.BitLen() && r.Start.Compare(address) <= 0 && address.Compare(r.End) <= 0
	})
}

// Find returns the subnet of this name in an IPspace. None is an error of [KindNotFound].
func (s *SubnetService) Find(ctx context.Context, name, ipspace string) (Subnet, error) {
	const path = "/network/ip/subnets"
	found, err := list[wireSubnet](ctx, s.client, path, "name,subnet,ip_ranges", filter{"name": exact(name), "ipspace.name": exact(ipspace)})
	if err != nil {
		return Subnet{}, err
	}
	if i := slices.IndexFunc(found, func(subnet Subnet) bool { return subnet.Name == name }); i >= 0 {
		return found[i], nil
	}
	r := request{method: http.MethodGet, path: path}
	return Subnet{}, s.client.failure(r, KindNotFound, fmt.Errorf("there is no subnet %q in IPspace %q", name, ipspace))
}

type wireSubnet struct {
	Name   string     `json:"name"`
	Subnet wirePrefix `json:"subnet"`
	Ranges []struct {
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"ip_ranges"`
}

// read leaves out ranges that do not consist of addresses.
func (w wireSubnet) read() Subnet {
	subnet := Subnet{Name: w.Name, Prefix: w.Subnet.Prefix}
	for _, r := range w.Ranges {
		start, startErr := netip.ParseAddr(r.Start)
		end, endErr := netip.ParseAddr(r.End)
		if startErr == nil && endErr == nil {
			subnet.Ranges = append(subnet.Ranges, AddressRange{start, end})
		}
	}
	return subnet
}
