// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"k8s.io/apimachinery/pkg/util/validation/field"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// ValidateSVMConfig returns every error in a shoot's providerConfig that can be seen without ONTAP. placed is the cluster
// that the SVM lives on, recorded the protocol that it serves; both are empty for a shoot that has no SVM yet.
func (c *ControllerConfiguration) ValidateSVMConfig(config *ontapv1alpha1.SVMConfig, placed string, recorded ontapv1alpha1.Protocol, path *field.Path) field.ErrorList {
	errs := ontapv1alpha1.ValidateSVMConfig(config, path)
	if recorded != "" && config.Protocol != recorded {
		errs = append(errs, field.Invalid(path.Child("protocol"), config.Protocol, "cannot be changed: the SVM serves "+string(recorded)))
	}
	errs = append(errs, c.Limits.exceeds(config.Limits, path.Child("limits"))...)
	if len(errs) == 0 {
		errs = append(errs, c.validateAddresses(config, placed, path)...)
	}
	return errs
}

// validateAddresses compares well-formed addresses with the networks: of the cluster that the SVM lives on, or of all of
// which one has to have them.
func (c *ControllerConfiguration) validateAddresses(config *ontapv1alpha1.SVMConfig, placed string, path *field.Path) field.ErrorList {
	managementLIF, dataLIFs, err := config.Addresses()
	if err != nil {
		return field.ErrorList{field.InternalError(path, err)}
	}
	var errs field.ErrorList
	for _, cluster := range c.Clusters {
		if placed != "" && cluster.Name != placed {
			continue
		}
		name, index, allowed := cluster.Refuses(managementLIF, dataLIFs)
		if name == "" {
			return nil
		}
		at, value := path.Child(name), any(config.DataLIFs)
		switch {
		case index >= 0:
			at, value = at.Index(index), config.DataLIFs[index]
		case name == "managementLIF":
			value = config.ManagementLIF
		}
		errs = append(errs, field.Invalid(at, value, "cluster "+cluster.Name+" allows "+allowed))
	}
	return errs
}
