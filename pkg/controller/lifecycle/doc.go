// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package lifecycle connects Gardener to the keeper of SVMs: the actuator answers gardenlet's verbs, and Status writes
// what became of them into the Extension. Only this package writes conditions, providerStatus, events and step metrics,
// names Gardener's error codes or asks for a requeue. It knows nothing of ONTAP.
package lifecycle
