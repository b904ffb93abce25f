// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package inspect shows people what there is of the shoots of a seed: in the seed, and on ONTAP. It has no way to write, neither
// there nor here, and tells no password and no salt. What it could not look at it calls unknown, never missing.
//
//	report, err := inspect.Inspector{Seed: reader, Inventory: inventory, Config: config}.Inspect(ctx, "shoot--local--demo")
//	err = report.WriteTable(os.Stdout)
package inspect
