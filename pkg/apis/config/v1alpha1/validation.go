// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// maxJobs is ONTAP's own limit.
const maxJobs = 5

// Validate returns every error in the configuration.
func Validate(config *ControllerConfiguration) field.ErrorList {
	var errs field.ErrorList
	if config.GardenIdentity == "" {
		errs = append(errs, field.Required(field.NewPath("gardenIdentity"), "the identity of the garden cluster"))
	}
	clusters := field.NewPath("clusters")
	if len(config.Clusters) == 0 {
		errs = append(errs, field.Required(clusters, "at least one ONTAP cluster"))
	}
	names, endpoints := sets.New[string](), sets.New[string]()
	for i, cluster := range config.Clusters {
		path := clusters.Index(i)
		invalid := validateCluster(cluster, path)
		errs = append(errs, invalid...)
		if names.Has(cluster.Name) {
			errs = append(errs, field.Duplicate(path.Child("name"), cluster.Name))
		}
		if len(invalid) == 0 && endpoints.Has(cluster.Endpoint) {
			errs = append(errs, field.Duplicate(path.Child("endpoint"), cluster.Endpoint))
		}
		names.Insert(cluster.Name)
		endpoints.Insert(cluster.Endpoint)
	}
	return append(errs, validatePolicies(config)...)
}

// validatePolicies returns the errors in what holds for all clusters.
func validatePolicies(config *ControllerConfiguration) field.ErrorList {
	limits := field.NewPath("limits")
	errs := ontapv1alpha1.ValidateLimits(config.Limits.Default, limits.Child("default"))
	errs = append(errs, ontapv1alpha1.ValidateLimits(config.Limits.Maximum, limits.Child("maximum"))...)
	errs = append(errs, config.Limits.exceeds(config.Limits.Default, limits.Child("default"))...)
	if policies := []RecoveryQueuePolicy{RecoveryQueuePark, RecoveryQueueWait, RecoveryQueueDiscard}; !slices.Contains(policies, config.RecoveryQueue) {
		errs = append(errs, field.NotSupported(field.NewPath("recoveryQueue"), config.RecoveryQueue, policies))
	}
	if config.RepairInterval.Duration < 0 {
		errs = append(errs, field.Invalid(field.NewPath("repairInterval"), config.RepairInterval.Duration.String(), "must be a positive duration"))
	}
	if config.HealthCheckSyncPeriod.Duration < 0 {
		errs = append(errs, field.Invalid(field.NewPath("healthCheckSyncPeriod"), config.HealthCheckSyncPeriod.Duration.String(), "must be a positive duration"))
	}
	return errs
}

func validateCluster(cluster ONTAPCluster, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, problem := range validation.IsDNS1123Label(cluster.Name) {
		errs = append(errs, field.Invalid(path.Child("name"), cluster.Name, problem))
	}
	endpoint, err := url.Parse(cluster.Endpoint)
	if err != nil || endpoint.Scheme != "https" || endpoint.Hostname() == "" || endpoint.User != nil ||
		endpoint.Path != "" || endpoint.RawQuery != "" || endpoint.ForceQuery || endpoint.Fragment != "" {
		// The value is left out of the message: whoever put a password into the URL did not mean to publish it.
		errs = append(errs, field.Invalid(path.Child("endpoint"), "", "must be https://<host>[:<port>] and nothing else"))
	}
	if cluster.CredentialsDirectory == "" {
		errs = append(errs, field.Required(path.Child("credentialsDirectory"), "a directory with the files username and password"))
	}
	if cluster.InsecureSkipVerify && cluster.CAFile != "" {
		errs = append(errs, field.Forbidden(path.Child("insecureSkipVerify"), "not together with caFile, which it would make useless"))
	}
	if cluster.MaxSVMs < 0 {
		errs = append(errs, field.Invalid(path.Child("maxSVMs"), cluster.MaxSVMs, "must be a positive number, or 0 for no ceiling"))
	}
	if cluster.MaxJobs < 0 || cluster.MaxJobs > maxJobs {
		errs = append(errs, field.Invalid(path.Child("maxJobs"), cluster.MaxJobs, fmt.Sprintf("must be 1 to %d, or 0 for %d", maxJobs, defaultMaxJobs)))
	}
	for i, zone := range cluster.Zones {
		switch {
		case zone == "":
			errs = append(errs, field.Required(path.Child("zones").Index(i), "the name of a zone"))
		case slices.Contains(cluster.Zones[:i], zone):
			errs = append(errs, field.Duplicate(path.Child("zones").Index(i), zone))
		}
	}
	errs = append(errs, validateQoSPolicies(cluster.QoSPolicies, path.Child("qosPolicies"))...)
	return append(errs, validateNetworks(cluster.Networks, path.Child("networks"))...)
}

func validateQoSPolicies(policies []QoSPolicy, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	names := sets.New[string]()
	for i, policy := range policies {
		switch {
		case policy.Name == "":
			errs = append(errs, field.Required(path.Index(i).Child("name"), "the name of a QoS policy group"))
		case names.Has(policy.Name):
			errs = append(errs, field.Duplicate(path.Index(i).Child("name"), policy.Name))
		}
		names.Insert(policy.Name)
	}
	return errs
}

func validateNetworks(networks Networks, path *field.Path) field.ErrorList {
	errs := validateNetwork(networks.Management, path.Child("management"))
	if len(networks.Data) == 0 {
		errs = append(errs, field.Required(path.Child("data"), "at least one network for data LIFs"))
	}
	for i, network := range networks.Data {
		errs = append(errs, validateNetwork(network, path.Child("data").Index(i))...)
	}
	return errs
}

func validateNetwork(network Network, path *field.Path) field.ErrorList {
	errs := validateMode(network, path)
	for i, cidr := range network.AllowedCIDRs {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil || prefix != prefix.Masked() || prefix.Addr().Is4In6() {
			errs = append(errs, field.Invalid(path.Child("allowedCIDRs").Index(i), cidr, "must be an IPv4 or IPv6 CIDR without host bits"))
		}
	}
	for i, route := range network.Routes {
		_, gateway, err := route.Parse()
		switch {
		case err != nil:
			errs = append(errs, field.Invalid(path.Child("routes").Index(i), route.Destination+" by "+route.Gateway, err.Error()))
		case network.Mode != NetworkModeSubnet && network.PrefixLength(gateway) == 0:
			errs = append(errs, field.Invalid(path.Child("routes").Index(i), route.Gateway, "the network has no prefix length for this family"))
		}
	}
	return errs
}

// validateMode makes sure that the network has what its mode needs, and nothing that it does not heed.
func validateMode(network Network, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	modes := []NetworkMode{NetworkModeBroadcastDomain, NetworkModeHomePort, NetworkModeVIP, NetworkModeSubnet}
	if !slices.Contains(modes, network.Mode) {
		return append(errs, field.NotSupported(path.Child("mode"), network.Mode, modes))
	}
	for _, name := range []struct {
		field, value string
		mode         NetworkMode
	}{
		{"broadcastDomain", network.BroadcastDomain, NetworkModeBroadcastDomain},
		{"homePort", network.HomePort, NetworkModeHomePort},
		{"subnet", network.Subnet, NetworkModeSubnet},
	} {
		switch {
		case network.Mode == name.mode && name.value == "":
			errs = append(errs, field.Required(path.Child(name.field), "the mode "+string(network.Mode)+" needs it"))
		case network.Mode != name.mode && name.value != "":
			errs = append(errs, field.Forbidden(path.Child(name.field), "the mode "+string(network.Mode)+" does not heed it"))
		}
	}
	own := network.Mode == NetworkModeBroadcastDomain || network.Mode == NetworkModeHomePort
	if own && network.IPv4PrefixLength == 0 && network.IPv6PrefixLength == 0 {
		errs = append(errs, field.Required(path.Child("ipv4PrefixLength"), "the mode "+string(network.Mode)+" needs it, or ipv6PrefixLength"))
	}
	for _, length := range []struct {
		field          string
		value, longest int32
	}{{"ipv4PrefixLength", network.IPv4PrefixLength, 32}, {"ipv6PrefixLength", network.IPv6PrefixLength, 128}} {
		switch {
		case !own && length.value != 0:
			errs = append(errs, field.Forbidden(path.Child(length.field), "the mode "+string(network.Mode)+" does not heed it"))
		case length.value < 0 || length.value > length.longest:
			errs = append(errs, field.Invalid(path.Child(length.field), length.value, fmt.Sprintf("must be 1 to %d", length.longest)))
		}
	}
	return errs
}
