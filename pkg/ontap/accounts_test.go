// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

var _ = Describe("Accounts", func() {
	wanted := ontap.AccountCreate{SVMUUID: "u-1", Name: "shoot-1", Role: "vsadmin", Comment: "mark", Password: ontap.NewSecret("swordfish-1")}

	It("should list the accounts of one SVM and drop those of others", func(ctx SpecContext) {
		cluster, client, _ := setup(records("",
			`{"owner":{"uuid":"u-1","name":"s1"},"name":"shoot-1","comment":"mark","locked":false,"role":{"name":"vsadmin"}}`,
			`{"owner":{"uuid":"u-1"},"name":"no-password","role":{"name":"vsadmin"}}`,
			`{"owner":{"uuid":"u-1"},"name":"vsadmin","locked":true}`,
			`{"owner":{"uuid":"u-2"},"name":"shoot-2"}`,
		))
		Expect(client.Accounts.List(ctx, "u-1")).To(Equal([]ontap.Account{
			{SVMUUID: "u-1", Name: "shoot-1", Comment: "mark", Role: "vsadmin", Locked: new(false)},
			{SVMUUID: "u-1", Name: "no-password", Role: "vsadmin"},
			{SVMUUID: "u-1", Name: "vsadmin", Locked: new(true)},
		}))
		Expect(cluster.requests[0].Path).To(Equal("/api/security/accounts"))
		Expect(cluster.requests[0].Query).To(Equal(map[string][]string{
			"fields": {"owner.uuid,name,comment,locked,role.name"}, "max_records": {"1000"}, "owner.uuid": {"u-1"},
		}))
	})

	It("should list the accounts of all SVMs by their comment", func(ctx SpecContext) {
		cluster, client, _ := setup(records("", `{"owner":{"uuid":"u-1"},"name":"one"}`, `{"owner":{"uuid":"u-2"},"name":"two"}`))
		Expect(client.Accounts.ListByComment(ctx, "mark*")).To(Equal([]ontap.Account{{SVMUUID: "u-1", Name: "one"}, {SVMUUID: "u-2", Name: "two"}}))
		Expect(cluster.requests[0].Query).To(Equal(map[string][]string{
			"fields": {"owner.uuid,name,comment,locked,role.name"}, "max_records": {"1000"}, "comment": {"mark*"},
		}))
	})

	It("should not list the accounts of everybody", func(ctx SpecContext) {
		_, client, _ := setup()
		Expect(client.Accounts.List(ctx, "")).Error().To(MatchError(ontap.IsInvalid, "IsInvalid"))
	})

	It("should create an account that may use the REST API with a password", func(ctx SpecContext) {
		cluster, client, _ := setup(answer{status: 201})
		Expect(client.Accounts.Create(ctx, wanted)).To(Succeed())
		Expect(cluster.requests).To(HaveLen(1))
		Expect(cluster.requests[0].Method + " " + cluster.requests[0].Path).To(Equal("POST /api/security/accounts"))
		Expect(cluster.requests[0].Query).To(BeEmpty())
		Expect(cluster.requests[0].Body).To(MatchJSON(`{
			"owner": {"uuid": "u-1"}, "name": "shoot-1", "role": {"name": "vsadmin"}, "comment": "mark", "password": "swordfish-1",
			"applications": [{"application": "http", "authentication_methods": ["password"]}]
		}`))
	})

	DescribeTable("an account that ONTAP would make for somebody else, or with more rights", func(ctx SpecContext, spoil func(*ontap.AccountCreate)) {
		_, client, _ := setup()
		account := wanted
		spoil(&account)
		Expect(client.Accounts.Create(ctx, account)).To(MatchError(ontap.IsInvalid, "IsInvalid"))
	},
		Entry("is refused: no owner", func(a *ontap.AccountCreate) { a.SVMUUID = "" }),
		Entry("is refused: no name", func(a *ontap.AccountCreate) { a.Name = "" }),
		Entry("is refused: no role", func(a *ontap.AccountCreate) { a.Role = "" }),
		Entry("is refused: no password", func(a *ontap.AccountCreate) { a.Password = ontap.Secret{} }),
	)

	It("should not repeat a password that ONTAP quotes", func(ctx SpecContext) {
		_, client, _ := setup(answer{status: 400, body: `{"error":{"code":"7077918","target":"swordfish-1",
			"message":"swordfish-1 contains the name, says one who logs in with hunter2-hunter2"}}`})
		err := client.Accounts.Create(ctx, wanted)
		Expect(err).To(MatchError(ontap.IsInvalid, "IsInvalid"))
		Expect(err).To(MatchError(ContainSubstring("[redacted] contains the name, says one who logs in with [redacted] (code 7077918, target [redacted])")))
	})

	It("should patch the comment and nothing else", func(ctx SpecContext) {
		cluster, client, _ := setup(ok(""), ok(`{"owner":{"uuid":"u-1"},"name":"shoot-1","comment":"mark fp=1","locked":false}`))
		Expect(client.Accounts.SetComment(ctx, "u-1", "shoot-1", "mark fp=1")).To(Equal(
			ontap.Account{SVMUUID: "u-1", Name: "shoot-1", Comment: "mark fp=1", Locked: new(false)}), "as it was read afterwards")
		Expect(cluster.requests[0].Method + " " + cluster.requests[0].Path).To(Equal("PATCH /api/security/accounts/u-1/shoot-1"))
		Expect(cluster.requests[0].Body).To(MatchJSON(`{"comment":"mark fp=1"}`))
	})

	It("should say that there is nothing to delete", func(ctx SpecContext) {
		cluster, client, _ := setup(ok("{}"), refused(404, "4"))
		Expect(client.Accounts.Delete(ctx, "u-1", "shoot-1")).To(Succeed())
		Expect(client.Accounts.Delete(ctx, "u-1", "shoot-1")).To(MatchError(ontap.IsNotFound, "IsNotFound"))
		Expect(cluster.requests[1].Method + " " + cluster.requests[1].Path).To(Equal("DELETE /api/security/accounts/u-1/shoot-1"))
	})

	It("should wait for a job that should not be there", func(ctx SpecContext) {
		_, client, _ := setup(accepted("j-1"), job("running"), job("success"), accepted("j-1"), failedJob("6", "no"))
		Expect(client.Accounts.Delete(ctx, "u-1", "shoot-1")).To(Succeed())
		Expect(client.Accounts.Delete(ctx, "u-1", "shoot-1")).To(MatchError(ontap.IsDenied, "IsDenied"))
	})
})
