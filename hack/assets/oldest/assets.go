// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

//go:build assets

// Package oldest pins the kube-apiserver of the oldest Kubernetes that Gardener supports. It is a module of its own because it is
// built with the libraries of its time.
package oldest

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
)
