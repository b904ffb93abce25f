// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

const (
	dataLIFPrefix    = "datalif+"
	managementLIF    = "managementlif"
	managementPolicy = "default-management"
)

// WantedLIF is a LIF that the shoot's SVM should have.
type WantedLIF struct {
	Address netip.Addr
	Policy  string
	Network configv1alpha1.Network
}

// LIFDrift is how the LIFs of one kind differ from those that should be there. They are matched by address, as a set.
type LIFDrift struct {
	// Kept are those with a wanted address, in the order of the wanted ones.
	Kept []ontap.IPInterface
	// Missing are the wanted ones whose address no LIF has.
	Missing []WantedLIF
	// MisServed are kept LIFs with another service policy than Policy.
	MisServed []ontap.IPInterface
	// Disabled are kept LIFs that are switched off.
	Disabled []ontap.IPInterface
	// Surplus are those that we made, by their names, and whose address is not wanted.
	Surplus []ontap.IPInterface
	// Policy is the service policy that all of them should have.
	Policy string
}

// dataLIFs returns the data LIFs that should be there; they alternate over the data networks.
func (w Wanted) dataLIFs() []WantedLIF {
	var lifs []WantedLIF
	for i, address := range w.DataLIFs {
		lifs = append(lifs, WantedLIF{address, protocols[w.Protocol].dataPolicy, w.Networks.DataNetwork(i)})
	}
	return lifs
}

func (w Wanted) managementLIF() WantedLIF {
	return WantedLIF{w.ManagementLIF, managementPolicy, w.Networks.Management}
}

func diffLIFs(wanted Wanted, lifs []ontap.IPInterface) (data, management LIFDrift) {
	isData := func(lif ontap.IPInterface) bool { return strings.HasPrefix(lif.Name, dataLIFPrefix) }
	isManagement := func(lif ontap.IPInterface) bool { return lif.Name == managementLIF }
	return diffKind(wanted.dataLIFs(), protocols[wanted.Protocol].dataPolicy, isData, lifs),
		diffKind([]WantedLIF{wanted.managementLIF()}, managementPolicy, isManagement, lifs)
}

// diffKind compares the LIFs of one kind. A LIF that somebody else made is no surplus, whatever its address.
func diffKind(wanted []WantedLIF, policy string, ours func(ontap.IPInterface) bool, lifs []ontap.IPInterface) LIFDrift {
	drift := LIFDrift{Policy: policy}
	for _, one := range wanted {
		i := slices.IndexFunc(lifs, func(lif ontap.IPInterface) bool { return lif.Address == one.Address })
		if i < 0 {
			drift.Missing = append(drift.Missing, one)
			continue
		}
		drift.Kept = append(drift.Kept, lifs[i])
		if lifs[i].ServicePolicy != policy {
			drift.MisServed = append(drift.MisServed, lifs[i])
		}
		if !lifs[i].Enabled {
			drift.Disabled = append(drift.Disabled, lifs[i])
		}
	}
	for _, lif := range lifs {
		if ours(lif) && !slices.ContainsFunc(wanted, func(one WantedLIF) bool { return one.Address == lif.Address }) {
			drift.Surplus = append(drift.Surplus, lif)
		}
	}
	return drift
}

// freeDataLIFName returns the first name for a data LIF that no LIF has.
func freeDataLIFName(lifs []ontap.IPInterface) string {
	for n := 0; ; n++ {
		name := dataLIFPrefix + strconv.Itoa(n)
		if !slices.ContainsFunc(lifs, func(lif ontap.IPInterface) bool { return lif.Name == name }) {
			return name
		}
	}
}

// missingRoutes returns the routes of the networks in use that the SVM does not have. A route of a family that no LIF has
// in its network is of no use.
func missingRoutes(wanted Wanted, routes []ontap.Route) []ontap.Route {
	var missing []ontap.Route
	for _, route := range wanted.routes() {
		same := func(other ontap.Route) bool {
			return other.Destination == route.Destination && other.Gateway == route.Gateway
		}
		if !slices.ContainsFunc(routes, same) && !slices.ContainsFunc(missing, same) {
			missing = append(missing, route)
		}
	}
	return missing
}

// routes returns the routes that the SVM should have.
func (w Wanted) routes() []ontap.Route {
	var routes []ontap.Route
	for _, lif := range append(w.dataLIFs(), w.managementLIF()) {
		for _, route := range lif.Network.Routes {
			destination, gateway, err := route.Parse()
			if err == nil && gateway.Is4() == lif.Address.Is4() { // a route that does not parse has not passed validation
				routes = append(routes, ontap.Route{Destination: destination, Gateway: gateway})
			}
		}
	}
	return routes
}
