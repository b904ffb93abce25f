// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package landscape runs a Gardener seed and everything that the extension meets in it as real processes on this
// machine: etcd and kube-apiserver with Gardener's CRDs, the ONTAP simulator, and the extension itself, installed from
// its Helm chart and running under the ServiceAccount and the RBAC of that chart and nothing else. Gardenlet's own
// deployer drives the shoots, each of which may have an etcd and a kube-apiserver of its own, with Gardener's
// gardener-resource-manager between it and the seed.
//
// It stands in for the parts of Kubernetes that a seed has and this one has not: NewShoot and Shoot.Remove for
// gardenlet's care for namespaces, the kubelet's part in pod.go, and Shoot.BindBackend for Trident, which needs nodes; Serve plays
// all that for somebody who works on the seed from outside. It knows nothing else of what the extension does.
//
// One invariant: no process outlives the program that called Start or StartSeed, however that program ends. The kernel
// sees to it (PR_SET_PDEATHSIG), so the package works on Linux only. A build that is cut off is told to terminate; one
// of its compilers may still finish the file it is at.
//
//	seed, err := landscape.StartSeed(ctx, os.Stderr)
//	defer seed.Close()
package landscape
