// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"maps"
	"slices"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	product "github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

func TestTrident(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Trident Suite")
}

var _ = AfterSuite(func() {
	if suite, _ := GinkgoConfiguration(); len(suite.FocusStrings) > 0 {
		return // a few specs need not ask for all
	}
	Expect(slices.Collect(maps.Keys(asked))).To(ConsistOf(product.Rights()), "the role for Trident is made of what Trident asks for")
})
