// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package faults enumerates what can go wrong. A life is a scenario, lived in the one world of package world: what comes before
// it, and then every run of the extension until its purpose is reached. Every request that the extension sends, to the API
// server of the seed, to that of the shoot and to ONTAP, is a point of the life, numbered in one sequence. A case is a life in
// which one thing goes wrong at one point, or two things at two; oracles judge all of it.
//
// One rule holds: a case counts only if everything that was to go wrong went wrong exactly once, and a scenario only if two
// lives without a fault have the same points.
//
// Every case of one fault is lived, and every pair of lost answers and ends of the process; with FAULTS_PAIRS, in place of the latter,
// as many other pairs, which FAULTS_SEED draws.
//
// Cases are lived on API servers in this process, of package apiserver. With FAULTS_SEED_API=landscape cases of one fault are lived a
// second time, with the landscape's kube-apiserver as the seed: eight at a time, each in a namespace of its own. Shoots and ONTAP
// stay in this process. Both lives have to have the same points and the same verdict, held against the same end state. Scenarios
// that send the seed no verb for a kind that others do not send are left out of that unless FAULTS_AGAIN=all.
package faults
