// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/gardener/gardener/pkg/apis/core"
	"k8s.io/apimachinery/pkg/util/validation/field"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// AllowedRanges are those that shoots may take addresses from, in whatever seed they live; any where one is empty. The ranges of a
// seed's ONTAP clusters are not known in the garden: the extension in the seed refuses what is not in them.
type AllowedRanges struct {
	Management, Data []netip.Prefix
}

// ParseRanges parses CIDRs. The error names the one that is wrong.
func ParseRanges(cidrs []string) ([]netip.Prefix, error) {
	prefixes := make([]netip.Prefix, 0, len(cidrs))
	for _, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil || prefix != prefix.Masked() || prefix.Addr().Is4In6() {
			return nil, fmt.Errorf("%q must be an IPv4 or IPv6 CIDR without host bits", cidr)
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}

// shootRange is a range that hosts of a shoot take addresses from.
type shootRange struct {
	// field is where it stands in the Shoot.
	field  string
	prefix netip.Prefix
}

// validateAddresses refuses addresses of LIFs that are not allowed, or that a node of the shoot would look for in the shoot itself.
func (a AllowedRanges) validateAddresses(config *ontapv1alpha1.SVMConfig, shoot *core.Shoot, path *field.Path) field.ErrorList {
	management, dataLIFs, err := config.Addresses()
	if err != nil {
		return nil // it is one of the errors of the SVMConfig by itself
	}
	taken := shootRanges(shoot)
	errs := validateAddress(management, a.Management, taken, path.Child("managementLIF"))
	for i, address := range dataLIFs {
		errs = append(errs, validateAddress(address, a.Data, taken, path.Child("dataLIFs").Index(i))...)
	}
	return errs
}

func validateAddress(address netip.Addr, allowed []netip.Prefix, taken []shootRange, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	contains := func(prefix netip.Prefix) bool { return prefix.Contains(address) }
	if len(allowed) > 0 && !slices.ContainsFunc(allowed, contains) {
		errs = append(errs, field.Invalid(path, address.String(), fmt.Sprintf("must be an address in %q", allowed)))
	}
	for _, one := range taken {
		if one.prefix.Contains(address) {
			errs = append(errs, field.Invalid(path, address.String(), fmt.Sprintf("must be an address outside of the shoot's own ranges: %s is %s", one.field, one.prefix)))
			break
		}
	}
	return errs
}

// shootRanges are the ranges of pods, services and nodes: those that were asked for, and those that the shoot has got, of which
// there is one for each IP family.
func shootRanges(shoot *core.Shoot) []shootRange {
	ranges := specRanges(shoot)
	if got := shoot.Status.Networking; got != nil {
		ranges = appendRanges(ranges, "status.networking.pods", got.Pods...)
		ranges = appendRanges(ranges, "status.networking.services", got.Services...)
		ranges = appendRanges(ranges, "status.networking.nodes", got.Nodes...)
	}
	return ranges
}

func specRanges(shoot *core.Shoot) []shootRange {
	wanted := shoot.Spec.Networking
	if wanted == nil {
		return nil
	}
	var ranges []shootRange
	for _, one := range []struct {
		field string
		cidr  *string
	}{{"pods", wanted.Pods}, {"services", wanted.Services}, {"nodes", wanted.Nodes}} {
		if one.cidr != nil {
			ranges = appendRanges(ranges, "spec.networking."+one.field, *one.cidr)
		}
	}
	return ranges
}

// appendRanges leaves out what is not a CIDR, which is Gardener's to refuse.
func appendRanges(ranges []shootRange, name string, cidrs ...string) []shootRange {
	for _, cidr := range cidrs {
		if prefix, err := netip.ParsePrefix(cidr); err == nil {
			ranges = append(ranges, shootRange{name, prefix.Masked()})
		}
	}
	return ranges
}
