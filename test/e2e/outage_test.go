// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"context"
	"strings"
	"time"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

var _ = Describe("Outage", func() {
	It("should start and stay ready with every ONTAP cluster down, and create nothing until all have answered", func(ctx SpecContext) {
		ontap := seed.Simulator()
		for _, cluster := range clusters {
			Expect(ontap.SetDown(ctx, cluster)).To(Succeed())
			DeferCleanup(func(ctx SpecContext) { Expect(ontap.SetUp(ctx, cluster)).To(Succeed()) })
		}
		Expect(seed.StopExtension(ctx)).To(Succeed())
		Expect(seed.StartExtension(ctx)).To(Succeed())
		Expect(seed.WaitExtensionReady(ctx)).To(Succeed())

		shoot := newShoot(ctx, "outage")
		Expect(shoot.Deploy(ctx)).To(Succeed())
		Eventually(svmCondition).WithContext(ctx).WithArguments(shoot).WithTimeout(timeout).Should(HavePrefix("Unknown Unreachable"))
		Expect(seed.WaitExtensionReady(ctx)).To(Succeed())

		Expect(ontap.SetUp(ctx, "a")).To(Succeed())
		Eventually(svmCondition).WithContext(ctx).WithArguments(shoot).WithTimeout(timeout).Should(
			And(HavePrefix("Unknown Unreachable"), ContainSubstring("\"b\""), Not(ContainSubstring("\"a\""))))
		Expect(created(ctx, shoot)).To(BeFalse())

		Expect(ontap.SetUp(ctx, "b")).To(Succeed())
		Expect(shoot.Reconcile(ctx)).To(Succeed())
		Expect(created(ctx, shoot)).To(BeTrue())
	})
})

const timeout = time.Minute

// svmCondition is "Status Reason: message" of the condition SVMReady.
func svmCondition(ctx context.Context, shoot *landscape.Shoot) (string, error) {
	extension, err := shoot.Extension(ctx)
	if err != nil {
		return "", err
	}
	condition := v1beta1helper.GetCondition(extension.Status.Conditions, "SVMReady")
	if condition == nil {
		return "absent", nil
	}
	return string(condition.Status) + " " + condition.Reason + ": " + condition.Message, nil
}

// created reports whether an SVM was ever created for the shoot.
func created(ctx context.Context, shoot *landscape.Shoot) bool {
	GinkgoHelper()
	state, err := seed.Simulator().State(ctx)
	Expect(err).NotTo(HaveOccurred())
	for owner, count := range state.EverCreated {
		if strings.HasSuffix(owner, "/"+string(shoot.UID)) {
			return count > 0
		}
	}
	return false
}
