// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

//go:build assets

// Package gardener pins the programs of Gardener that the landscape of the tests runs. It is a module of its own because
// kube-apiserver is built with older libraries.
package gardener

import (
	_ "github.com/gardener/gardener/cmd/gardener-apiserver"
	_ "github.com/gardener/gardener/cmd/gardener-resource-manager"
)
