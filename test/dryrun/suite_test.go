// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package dryrun_test asks kube-apiservers of the oldest and the newest Kubernetes that Gardener supports what they say to every
// object that shoots and seeds get. It knows nothing of what the objects are for.
package dryrun_test

import (
	"testing"

	secretsutils "github.com/gardener/gardener/pkg/utils/secrets"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestDryRun(t *testing.T) {
	RegisterFailHandler(Fail)
	secretsutils.GenerateKey = secretsutils.FakeGenerateKey
	RunSpecs(t, "Dry Run Suite")
}
