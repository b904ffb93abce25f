// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package trident plays NetApp's Trident 26.06, its driver ontap-san with sanType nvme, towards ONTAP: the same requests in the
// same order, with the same paths, queries, bodies and headers, and as strict about the answers. It is written from what was
// observed of the driver (reference/ontap.md §4) and shares nothing with the client in pkg/ontap, the simulator or Trident.
// It knows nothing of Kubernetes; a caller stands for Trident's core.
//
//	driver := trident.New(trident.Config{Endpoint: …, Username: …, Password: …, CA: …, Clock: …})
//	err := driver.Initialise(ctx)
//	volume, err := driver.Create(ctx, "trident_pvc_1", 1<<30)
package trident
