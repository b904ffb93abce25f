// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// DecodeSVMConfig decodes a providerConfig strictly and sets its defaults. The error names the field that is not
// understood.
func DecodeSVMConfig(raw []byte) (*SVMConfig, error) {
	if len(raw) == 0 {
		return nil, fmt.Errorf("it is required: an SVMConfig of %s with managementLIF and dataLIFs", SchemeGroupVersion)
	}
	scheme := runtime.NewScheme()
	if err := AddToScheme(scheme); err != nil {
		return nil, err
	}
	config := &SVMConfig{}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder(SchemeGroupVersion)
	if err := runtime.DecodeInto(decoder, raw, config); err != nil {
		return nil, fmt.Errorf("it is not an SVMConfig of %s: %w", SchemeGroupVersion, err)
	}
	setDefaults(config)
	return config, nil
}

func setDefaults(config *SVMConfig) {
	config.Protocol = cmp.Or(config.Protocol, ProtocolNVMe)
	if len(config.StorageClasses) == 0 {
		config.StorageClasses = []StorageClass{{Name: "ontap-gold"}}
		if config.Protocol != ProtocolNFS {
			config.StorageClasses = append(config.StorageClasses, StorageClass{Name: "ontap-encrypted", Encrypted: true})
		}
	}
}

// ValidateSVMConfig returns every error that can be seen in a providerConfig by itself.
func ValidateSVMConfig(config *SVMConfig, path *field.Path) field.ErrorList {
	errs := validateAddresses(config, path)
	protocols := []Protocol{ProtocolNVMe, ProtocolISCSI, ProtocolNFS}
	if !slices.Contains(protocols, config.Protocol) {
		errs = append(errs, field.NotSupported(path.Child("protocol"), config.Protocol, protocols))
	}
	errs = append(errs, validateWorkers(config.Workers, path.Child("workers"))...)
	errs = append(errs, ValidateLimits(config.Limits, path.Child("limits"))...)
	return append(errs, validateStorageClasses(config, path.Child("storageClasses"))...)
}

// ValidateSVMConfigUpdate returns the errors of what cannot be changed any more: the protocol that the SVM serves, which is empty
// for a shoot that has no SVM yet. A volume cannot be taken to another protocol on ONTAP.
func ValidateSVMConfigUpdate(config *SVMConfig, recorded Protocol, path *field.Path) field.ErrorList {
	if recorded == "" || config.Protocol == recorded {
		return nil
	}
	return field.ErrorList{field.Invalid(path.Child("protocol"), config.Protocol, "cannot be changed: the SVM serves "+string(recorded))}
}

// ValidateWorkerPools returns the errors of workers that are not among the worker pools of the shoot.
func ValidateWorkerPools(workers []string, pools sets.Set[string], path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, name := range workers {
		if !pools.Has(name) {
			errs = append(errs, field.NotSupported(path.Index(i), name, sets.List(pools)))
		}
	}
	return errs
}

func validateAddresses(config *SVMConfig, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	management, err := parseAddress(config.ManagementLIF)
	switch {
	case config.ManagementLIF == "":
		errs = append(errs, field.Required(path.Child("managementLIF"), "the address of the management LIF"))
	case err != nil:
		errs = append(errs, field.Invalid(path.Child("managementLIF"), config.ManagementLIF, err.Error()))
	}
	dataLIFs := path.Child("dataLIFs")
	if len(config.DataLIFs) == 0 {
		errs = append(errs, field.Required(dataLIFs, "the addresses of the data LIFs, two for each HA pair"))
	}
	seen := sets.New[netip.Addr]()
	for i, text := range config.DataLIFs {
		address, err := parseAddress(text)
		switch {
		case err != nil:
			errs = append(errs, field.Invalid(dataLIFs.Index(i), text, err.Error()))
			continue
		case seen.Has(address):
			errs = append(errs, field.Duplicate(dataLIFs.Index(i), text))
		case address == management:
			errs = append(errs, field.Invalid(dataLIFs.Index(i), text, "is the address of the management LIF; a data LIF needs one of its own"))
		}
		seen.Insert(address)
	}
	if count := len(config.DataLIFs); count > 1 && count%2 != 0 {
		errs = append(errs, field.Invalid(dataLIFs, count, "must be an even number of addresses, two for each HA pair"))
	}
	return errs
}

func validateWorkers(workers []string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	seen := sets.New[string]()
	for i, name := range workers {
		for _, problem := range validation.IsDNS1123Label(name) {
			errs = append(errs, field.Invalid(path.Index(i), name, problem))
		}
		if seen.Has(name) {
			errs = append(errs, field.Duplicate(path.Index(i), name))
		}
		seen.Insert(name)
	}
	return errs
}

// parseAddress accepts addresses that a LIF can have.
func parseAddress(text string) (netip.Addr, error) {
	address, err := netip.ParseAddr(text)
	switch {
	case err != nil, address.Zone() != "", address.Is4In6():
		return netip.Addr{}, errors.New("must be an IPv4 or IPv6 address, without a zone and not mapped")
	case address.IsUnspecified(), address.IsMulticast(), address.IsLoopback(), address.IsLinkLocalUnicast():
		return netip.Addr{}, errors.New("must be an address that hosts of the storage network can reach")
	}
	return address, nil
}

// ValidateLimits returns every error in limits by themselves.
func ValidateLimits(limits Limits, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if _, err := limits.CapacityBytes(); err != nil {
		errs = append(errs, field.Invalid(path.Child("capacity"), limits.Capacity, err.Error()))
	}
	for _, number := range []struct {
		name  string
		value int32
	}{{"volumes", limits.Volumes}, {"iops", limits.IOPS}, {"mbps", limits.MBps}} {
		if number.value < 0 {
			errs = append(errs, field.Invalid(path.Child(number.name), number.value, "must be a positive number"))
		}
	}
	return errs
}

// CapacityBytes is the capacity in bytes, 0 for no limit.
func (l Limits) CapacityBytes() (int64, error) {
	if l.Capacity == "" {
		return 0, nil
	}
	quantity, err := resource.ParseQuantity(l.Capacity)
	if err != nil {
		return 0, errors.New("must be a quantity of bytes such as 500Gi")
	}
	bytes, whole := quantity.AsInt64()
	if !whole || bytes <= 0 {
		return 0, errors.New("must be a positive quantity of whole bytes such as 500Gi")
	}
	return bytes, nil
}

// Addresses returns the addresses of a valid providerConfig.
func (c *SVMConfig) Addresses() (managementLIF netip.Addr, dataLIFs []netip.Addr, err error) {
	if managementLIF, err = parseAddress(c.ManagementLIF); err != nil {
		return netip.Addr{}, nil, fmt.Errorf("managementLIF: %w", err)
	}
	for i, text := range c.DataLIFs {
		address, err := parseAddress(text)
		if err != nil {
			return netip.Addr{}, nil, fmt.Errorf("dataLIFs[%d]: %w", i, err)
		}
		dataLIFs = append(dataLIFs, address)
	}
	return managementLIF, dataLIFs, nil
}
