// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package simulator is an ONTAP that keeps state, for tests and for the demo. It is written from NetApp's description
// of the REST API (reference/ontap.md) and shares no type with the client in pkg/ontap, so that one misread field
// cannot hide in both. It knows nothing of Kubernetes, nor of the extension, except for the owner mark in comments.
//
// Three parts are kept apart: the state and what changes it (state.go, jobs.go, svms.go, accounts.go, and storage.go for
// what is in an SVM), the REST API in front of it (serve.go, routes.go, query.go, body.go), and the controls behind it
// (control.go, controls.go, admin.go, dial.go). Who may see and write what is in tenants.go and login.sees.
//
// One rule above all: whatever the simulator does not know exactly, be it a route, a parameter, a field or an
// operator of the query language, is answered with 501 and remembered as a violation. It never guesses. Where NetApp's
// documents leave something open, the default is the position that is worse for a client. testdata/recorded has what real
// systems were seen to answer.
//
// What it answers is held against NetApp's OpenAPI document where ONTAP_CONTRACT names the checker (contract.go), as make
// check and make test do; test/contract shows every answer of Operations to it.
//
//	sim := simulator.Start(simulator.Options{Clusters: []simulator.ClusterOptions{{Name: "a"}}})
//	cluster := sim.Cluster("a") // Endpoint, CAPEM, Username, Password
package simulator
