// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

var _ = Describe("Error", func() {
	DescribeTable("kind of an answer to POST", func(ctx SpecContext, status int, code string, expected ontap.Kind) {
		_, client, _ := setup(refused(status, code))
		_, err := client.SVMs.Create(ctx, ontap.SVMCreate{Name: "s1"})
		e, ok := errors.AsType[*ontap.Error](fmt.Errorf("wrapped: %w", err))
		Expect(ok).To(BeTrue())
		Expect(ontap.KindOf(err)).To(Equal(expected))
		Expect(*e).To(And(
			HaveField("Cluster", "eu1"), HaveField("Op", "POST /svm/svms"), HaveField("Status", status),
			HaveField("Code", code), HaveField("Message", "no way"), HaveField("Target", "name"),
		))
	},
		Entry("duplicate entry", 409, "1", ontap.KindExists),
		Entry("SVM name taken", 400, "13434908", ontap.KindExists),
		Entry("409 of an unknown code", 409, "99", ontap.KindExists),
		Entry("no such entry", 404, "4", ontap.KindNotFound),
		Entry("404 of an unknown code", 404, "99", ontap.KindNotFound),
		Entry("404 that is not of ONTAP", 404, "", ontap.KindUnavailable),
		Entry("no such UUID", 400, "8586226", ontap.KindNotFound),
		Entry("no such account", 400, "1261218", ontap.KindNotFound),
		Entry("permission denied", 403, "6", ontap.KindDenied),
		Entry("not authorised", 400, "6691623", ontap.KindDenied),
		Entry("401", 401, "", ontap.KindDenied),
		Entry("403", 403, "", ontap.KindDenied),
		Entry("five SVM jobs", 400, "13434894", ontap.KindBusy),
		Entry("SVM being created or deleted", 400, "13434915", ontap.KindBusy),
		Entry("SVM being created", 400, "13434916", ontap.KindBusy),
		Entry("resource in use", 409, "8", ontap.KindBusy),
		Entry("SVM locked", 409, "2621576", ontap.KindBusy),
		Entry("resource limit", 503, "7", ontap.KindExhausted),
		Entry("no space", 500, "1245212", ontap.KindExhausted),
		Entry("root aggregate full", 400, "13434914", ontap.KindExhausted),
		Entry("too many requests", 429, "262160", ontap.KindUnavailable),
		Entry("RPC timeout", 500, "65541", ontap.KindUnavailable),
		Entry("503 without a code", 503, "", ontap.KindUnavailable),
		Entry("501", 501, "3", ontap.KindUnavailable),
		Entry("unknown field", 400, "262179", ontap.KindInvalid),
		Entry("name too long", 400, "13434911", ontap.KindInvalid),
		Entry("405", 405, "3", ontap.KindInvalid),
		Entry("422", 422, "", ontap.KindInvalid),
	)

	DescribeTable("kind of what is said about services and host groups, whatever the status", func(ctx SpecContext, code string, expected ontap.Kind) {
		_, client, _ := setup(refused(400, code))
		Expect(ontap.KindOf(client.Protocols.CreateService(ctx, "nvme", "u-1"))).To(Equal(expected))
	},
		Entry("the NVMe service exists", "72089650", ontap.KindExists),
		Entry("the iSCSI service exists", "5374077", ontap.KindExists),
		Entry("there is no NVMe service", "72089651", ontap.KindNotFound),
		Entry("there is no iSCSI service", "5374078", ontap.KindNotFound),
		Entry("there is no such subsystem", "72090001", ontap.KindNotFound),
		Entry("there is no such igroup", "5374852", ontap.KindNotFound),
		Entry("the NVMe service is switched on", "72090028", ontap.KindInUse),
		Entry("the iSCSI service is switched on", "5373960", ontap.KindInUse),
		Entry("the NVMe service has subsystems", "72089653", ontap.KindInUse),
		Entry("the NVMe service has LIFs", "72089654", ontap.KindInUse),
		Entry("the subsystem is mapped", "72090023", ontap.KindInUse),
		Entry("the subsystem has hosts", "72090024", ontap.KindInUse),
		Entry("the igroup is mapped", "1254213", ontap.KindInUse),
		Entry("the SVM does not run, says NFS", "3276916", ontap.KindInvalid),
		Entry("the SVM does not run, say NVMe and iSCSI", "5374893", ontap.KindInvalid),
	)

	DescribeTable("an error body that is none", func(ctx SpecContext, body string) {
		_, client, _ := setup(answer{status: 400, body: body})
		_, err := client.SVMs.Delete(ctx, "u-1")
		Expect(err).To(MatchError(ontap.IsInvalid, "IsInvalid"))
		Expect(err).To(MatchError(`ONTAP cluster "eu1": DELETE /svm/svms/{uuid}: HTTP 400: the answer is not an ONTAP error`))
	},
		Entry("HTML", "<html>secret</html>"), Entry("nothing", ""), Entry("a text", `{"error":"secret"}`), Entry("a list", `[]`),
	)

	DescribeTable("what a deletion is refused for", func(ctx SpecContext, status int, code string, expected ontap.Kind) {
		_, client, _ := setup(refused(status, code))
		_, err := client.SVMs.Delete(ctx, "u-1")
		Expect(ontap.KindOf(err)).To(Equal(expected))
	},
		Entry("something that is still in it", 409, "8", ontap.KindInUse),
		Entry("too much to do", 503, "8", ontap.KindBusy),
		Entry("too many jobs", 400, "13434894", ontap.KindBusy),
		Entry("a conflict without a code that is known", 409, "917531", ontap.KindInUse),
	)

	It("should understand a code that is a number", func(ctx SpecContext) {
		_, client, _ := setup(answer{status: 400, body: `{"error":{"code":13434894,"message":"busy"}}`})
		Expect(client.SVMs.Delete(ctx, "u-1")).Error().To(MatchError(ontap.IsBusy, "IsBusy"))
	})

	It("should cut a message that is too long", func(ctx SpecContext) {
		_, client, _ := setup(answer{status: 400, body: `{"error":{"message":"` + strings.Repeat("ä", 5000) + `"}}`})
		_, err := client.SVMs.Delete(ctx, "u-1")
		Expect(len(err.Error())).To(BeNumerically("<", 700))
		Expect(err.Error()).To(HaveSuffix("ä…"))
	})

	DescribeTable("predicates", func(predicate func(error) bool, kind ontap.Kind) {
		Expect(predicate(nil)).To(BeFalse())
		Expect(predicate(context.Canceled)).To(BeFalse())
		Expect(predicate(&ontap.Error{})).To(BeFalse())
		Expect(predicate(fmt.Errorf("a: %w", errors.Join(errors.New("b"), &ontap.Error{Kind: kind})))).To(BeTrue())
	},
		Entry("IsNotFound", ontap.IsNotFound, ontap.KindNotFound),
		Entry("IsExists", ontap.IsExists, ontap.KindExists),
		Entry("IsConflict", ontap.IsConflict, ontap.KindConflict),
		Entry("IsBusy", ontap.IsBusy, ontap.KindBusy),
		Entry("IsDenied", ontap.IsDenied, ontap.KindDenied),
		Entry("IsUnavailable", ontap.IsUnavailable, ontap.KindUnavailable),
		Entry("IsInvalid", ontap.IsInvalid, ontap.KindInvalid),
		Entry("IsExhausted", ontap.IsExhausted, ontap.KindExhausted),
	)

	It("should have no kind where there is no ONTAP error", func() {
		Expect(ontap.KindOf(errors.New("x"))).To(BeEmpty())
		Expect(ontap.KindOf(nil)).To(BeEmpty())
	})
})
