// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package healthcheck tells Gardener whether shoots are healthy as far as this extension can say, by Gardener's own library:
// ControlPlaneHealthy by what the last sweep has seen of the SVM, SystemComponentsHealthy by the ManagedResources. It asks ONTAP
// nothing, and judges by nothing but what sweeps, runs and gardener-resource-manager have left to read.
package healthcheck
