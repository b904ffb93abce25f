// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package repair restores what was lost of SVMs between two reconciles of Gardener: it is woken by changes of seed secrets,
// and looks for drift in sweeps. It carries out no new intention, never touches what Gardener keeps in an Extension, and has
// no way to ONTAP but the Keeper and an Inventory.
package repair
