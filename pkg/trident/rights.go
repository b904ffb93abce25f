// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

// Rights are the requests that Trident 26.06 makes of an SVM that serves NVMe, as "GET /svm/svms/{uuid}". It also asks for
// /cluster/nodes, which no role of an SVM can grant, and does without. There is no list for iSCSI and NFS: for these, or for another
// release of Trident, the role vsadmin is what NetApp tests.
func Rights() []string {
	return []string{
		"GET /cluster",
		"GET /cluster/jobs/{uuid}",
		"GET /svm/svms",
		"GET /svm/svms/{uuid}",
		"GET /svm/peers",
		"GET /snapmirror/relationships",
		"GET /network/ip/interfaces",
		"GET /storage/aggregates",
		"GET /storage/volumes",
		"POST /storage/volumes",
		"PATCH /storage/volumes/{uuid}",
		"DELETE /storage/volumes/{uuid}",
		"GET /storage/volumes/{volume.uuid}/snapshots",
		"POST /storage/volumes/{volume.uuid}/snapshots",
		"DELETE /storage/volumes/{volume.uuid}/snapshots/{uuid}",
		"GET /storage/namespaces",
		"POST /storage/namespaces",
		"PATCH /storage/namespaces/{uuid}",
		"GET /protocols/nvme/subsystems",
		"POST /protocols/nvme/subsystems",
		"DELETE /protocols/nvme/subsystems/{uuid}",
		"GET /protocols/nvme/subsystems/{subsystem.uuid}/hosts",
		"POST /protocols/nvme/subsystems/{subsystem.uuid}/hosts",
		"DELETE /protocols/nvme/subsystems/{subsystem.uuid}/hosts/{nqn}",
		"GET /protocols/nvme/subsystem-maps",
		"POST /protocols/nvme/subsystem-maps",
		"DELETE /protocols/nvme/subsystem-maps/{subsystem.uuid}/{namespace.uuid}",
		"POST /support/ems/application-logs",
	}
}
