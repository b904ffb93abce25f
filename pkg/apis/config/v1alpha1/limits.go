// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"cmp"
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// Resolve returns the limits of a shoot, field by field: its own, else the default, else the maximum.
func (p LimitsPolicy) Resolve(own ontapv1alpha1.Limits) ontapv1alpha1.Limits {
	return ontapv1alpha1.Limits{
		Capacity: cmp.Or(own.Capacity, p.Default.Capacity, p.Maximum.Capacity),
		Volumes:  cmp.Or(own.Volumes, p.Default.Volumes, p.Maximum.Volumes),
		IOPS:     cmp.Or(own.IOPS, p.Default.IOPS, p.Maximum.IOPS),
		MBps:     cmp.Or(own.MBps, p.Default.MBps, p.Maximum.MBps),
	}
}

// exceeds returns an error for each limit that is above the maximum. Limits that are no quantities are not compared.
func (p LimitsPolicy) exceeds(limits ontapv1alpha1.Limits, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	capacity, err := limits.CapacityBytes()
	maximum, maximumErr := p.Maximum.CapacityBytes()
	if err == nil && maximumErr == nil && maximum > 0 && capacity > maximum {
		errs = append(errs, field.Invalid(path.Child("capacity"), limits.Capacity, "must be at most "+p.Maximum.Capacity))
	}
	for _, limit := range []struct {
		name           string
		value, maximum int32
	}{
		{"volumes", limits.Volumes, p.Maximum.Volumes}, {"iops", limits.IOPS, p.Maximum.IOPS}, {"mbps", limits.MBps, p.Maximum.MBps},
	} {
		if limit.maximum > 0 && limit.value > limit.maximum {
			errs = append(errs, field.Invalid(path.Child(limit.name), limit.value, fmt.Sprintf("must be at most %d", limit.maximum)))
		}
	}
	return errs
}
