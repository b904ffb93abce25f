// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package step is the engine that runs a plan of steps, one after the other, each behind a guard.
//
// Its one invariant: a step runs only with what the guard granted immediately before it. A Step gets its means (the
// type parameter A) as an argument of Run and from nowhere else, and only a Runner calls Run. The engine knows neither
// ONTAP nor Gardener; what a grant is made of, and what a report becomes, is its caller's business.
//
//	runner, err := step.NewRunner(step.Options[Access]{Guard: guard, Reporter: reporter, Clock: clock.RealClock{}})
//	report, err := runner.Run(ctx, func() []step.Step[Access] { return newScope().steps() })
package step
