// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/demo/story"
)

var _ = Describe("Demo", Ordered, func() {
	var told *story.Story

	BeforeAll(func() { told = story.New(seed, GinkgoWriter) })

	for _, chapter := range story.Chapters() {
		It(chapter.Title, func(ctx SpecContext) { Expect(told.Tell(ctx, chapter)).To(Succeed()) })
	}
})
