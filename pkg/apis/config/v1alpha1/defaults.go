// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"cmp"
	"time"
)

const (
	defaultRepairInterval        = 10 * time.Minute
	defaultHealthCheckSyncPeriod = time.Minute
	defaultMaxJobs               = 3
	defaultAccountRole           = "vsadmin"
	defaultIPspace               = "Default"
)

// SetDefaults sets what is empty.
func SetDefaults(config *ControllerConfiguration) {
	config.RepairInterval.Duration = cmp.Or(config.RepairInterval.Duration, defaultRepairInterval)
	config.HealthCheckSyncPeriod.Duration = cmp.Or(config.HealthCheckSyncPeriod.Duration, defaultHealthCheckSyncPeriod)
	config.RecoveryQueue = cmp.Or(config.RecoveryQueue, RecoveryQueuePark)
	for i := range config.Clusters {
		cluster := &config.Clusters[i]
		cluster.MaxJobs = cmp.Or(cluster.MaxJobs, defaultMaxJobs)
		cluster.AccountRole = cmp.Or(cluster.AccountRole, defaultAccountRole)
		cluster.IPspace = cmp.Or(cluster.IPspace, defaultIPspace)
	}
}
