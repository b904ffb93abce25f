// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"fmt"
	"net/netip"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// ValidateSVMConfig returns every error in a shoot's providerConfig that can be seen without ONTAP. placed is the cluster
// that the SVM lives on, recorded the protocol that it serves; both are empty for a shoot that has no SVM yet.
func (c *ControllerConfiguration) ValidateSVMConfig(config *ontapv1alpha1.SVMConfig, placed string, recorded ontapv1alpha1.Protocol, path *field.Path) field.ErrorList {
	errs := ontapv1alpha1.ValidateSVMConfig(config, path)
	errs = append(errs, ontapv1alpha1.ValidateSVMConfigUpdate(config, recorded, path)...)
	errs = append(errs, c.Limits.exceeds(config.Limits, path.Child("limits"))...)
	errs = append(errs, c.validateThroughput(config, path.Child("storageClasses"))...)
	if len(errs) == 0 {
		errs = append(errs, c.validatePlacement(config, placed, path)...)
	}
	return errs
}

// validateThroughput refuses QoS policies for volumes of an SVM that has one itself, as ONTAP does before 9.18.1.
func (c *ControllerConfiguration) validateThroughput(config *ontapv1alpha1.SVMConfig, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	limits := c.Limits.Resolve(config.Limits)
	for i, class := range config.StorageClasses {
		if class.QoSPolicy != "" && (limits.IOPS > 0 || limits.MBps > 0) {
			errs = append(errs, field.Invalid(path.Index(i).Child("qosPolicy"), class.QoSPolicy, fmt.Sprintf(
				"ONTAP limits the throughput of an SVM or of its volumes, and the SVM's is limited to iops %d, mbps %d (0 is no limit), by limits or by the operator",
				limits.IOPS, limits.MBps)))
		}
	}
	return errs
}

// validatePlacement compares what is well formed with the clusters: with the one that the SVM lives on, or with all, of which one
// has to offer it.
func (c *ControllerConfiguration) validatePlacement(config *ontapv1alpha1.SVMConfig, placed string, path *field.Path) field.ErrorList {
	managementLIF, dataLIFs, err := config.Addresses()
	if err != nil {
		return field.ErrorList{field.InternalError(path, err)}
	}
	var errs field.ErrorList
	for _, cluster := range c.Clusters {
		if placed != "" && cluster.Name != placed {
			continue
		}
		refused := cluster.Refuses(managementLIF, dataLIFs, config.StorageClasses, path)
		if refused == nil {
			return nil
		}
		errs = append(errs, refused)
	}
	return errs
}

// Refuses returns why the cluster cannot have an SVM with these addresses and storage classes: the field of the providerConfig,
// which is at path, and what is allowed. It is nil if the cluster can.
func (c ONTAPCluster) Refuses(managementLIF netip.Addr, dataLIFs []netip.Addr, classes []ontapv1alpha1.StorageClass, path *field.Path) *field.Error {
	refuse := func(at *field.Path, value any, allowed string) *field.Error {
		return field.Invalid(at, value, "cluster "+c.Name+" allows "+allowed)
	}
	if network := c.Networks.Management; !network.Allows(managementLIF) {
		return refuse(path.Child("managementLIF"), managementLIF.String(), network.describe())
	}
	for i, address := range dataLIFs {
		if network := c.Networks.DataNetwork(i); !network.Allows(address) {
			return refuse(path.Child("dataLIFs").Index(i), address.String(), network.describe())
		}
	}
	switch count := len(dataLIFs); {
	case c.WithoutHA && count > 2:
		return refuse(path.Child("dataLIFs"), count, "one or two addresses on a cluster without HA")
	case !c.WithoutHA && count%2 != 0:
		return refuse(path.Child("dataLIFs"), count, "an even number of addresses, two for each HA pair")
	}
	for i, class := range classes {
		if offered := c.qosPolicyNames(); class.QoSPolicy != "" && !slices.Contains(offered, class.QoSPolicy) {
			return refuse(path.Child("storageClasses").Index(i).Child("qosPolicy"), class.QoSPolicy, fmt.Sprintf("the QoS policies %q", offered))
		}
	}
	return nil
}

func (c ONTAPCluster) qosPolicyNames() []string {
	names := make([]string, 0, len(c.QoSPolicies))
	for _, policy := range c.QoSPolicies {
		names = append(names, policy.Name)
	}
	return names
}
