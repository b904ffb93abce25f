// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gardener-community/gardener-extension-ontap/test/demo/story"
)

var _ = Describe("Demo", Ordered, func() {
	var told *story.Story

	BeforeAll(func() { told = story.New(seed, GinkgoWriter) })

	for _, chapter := range story.Chapters() {
		It(chapter.Title, func(ctx SpecContext) { Expect(told.Tell(ctx, chapter)).To(Succeed()) })
	}

	It("should fail with a claim that is not so", func(ctx SpecContext) {
		out := gbytes.NewBuffer()
		liar := story.New(seed, out)
		chapters := story.Chapters()
		leftover := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shoot--local--alpha", Name: "leftover"}}
		plant := story.Chapter{Title: "Something is left behind", Tell: func(ctx context.Context, _ *story.Story) error {
			return seed.Client.Create(ctx, leftover)
		}}
		err := liar.Tell(ctx, chapters[0], plant, chapters[len(chapters)-1])
		Expect(err).To(MatchError(ContainSubstring("a claim is not so: nothing is left in the seed")))
		Expect(out).To(gbytes.Say(`\[not so\] nothing is left in the seed of shoot "alpha": 0 Extensions, 1 Secrets`))

		Expect(seed.Client.Delete(ctx, leftover)).To(Succeed())
		Expect(liar.Tell(ctx, chapters[len(chapters)-1])).To(Succeed())
	})
})
