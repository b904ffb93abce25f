// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package world is the one world in which the whole extension runs in one process: Gardener's own reconciler with our
// actuator, wired by the function that the program uses, between a seed, the shoots in it, and simulated ONTAP clusters.
//
// It returns errors and needs no running spec, so that thousands of worlds can live side by side. What happens between the
// extension and its surroundings is the caller's: faults go in through interceptors and through the simulator.
//
//	w, err := world.New(world.Options{Clusters: []string{"a", "b"}, Directory: directory})
//	shoot, err := w.NewShoot(ctx, 1)
//	err = shoot.Operate(ctx, "reconcile")
package world
