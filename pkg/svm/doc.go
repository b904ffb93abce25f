// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package svm is what a shoot's SVM is: its desired state, its names and marks, the two plans of steps, one file a step.
//
// Its one invariant: no step, and no write to ONTAP, happens except through the guard. A Keeper is the only way in; it
// asks the seed secret before every step and grants an Access, which is the only thing here that holds ONTAP clients. An
// Access that the guard did not make answers every call with an error. The package knows nothing of Extensions.
//
//	report, err := keeper.Reconcile(ctx, svm.Desired{...})
package svm
