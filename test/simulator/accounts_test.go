// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"encoding/json"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const password = "Secret-12345"

var _ = Describe("Accounts", func() {
	It("should show everything but the password", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		created := r.a.post("/api/security/accounts", accountBody(uuid, "x1-abc", password, markX))
		Expect(created.status).To(Equal(201))
		Expect(created.raw).To(Equal("{}\n"))
		Expect(created.header.Get("Location")).To(Equal("/api/security/accounts/" + uuid + "/x1-abc"))
		shown := r.a.get(created.header.Get("Location"))
		Expect(shown.raw).NotTo(ContainSubstring(password))
		delete(shown.body, "_links")
		Expect(shown.body).To(Equal(map[string]any{
			"owner": map[string]any{
				"uuid": uuid, "name": "sx", "_links": map[string]any{"self": map[string]any{"href": "/api/svm/svms/" + uuid}},
			},
			"name": "x1-abc", "scope": "svm", "locked": false,
			"role": map[string]any{"name": "vsadmin"}, "comment": markX,
			"applications": []any{map[string]any{"application": "http", "authentication_methods": []any{"password"}}},
		}))
	})

	It("should return the record of a POST that asks for it", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		created := r.a.post("/api/security/accounts?return_records=true", accountBody(uuid, "x1-abc", password, ""))
		Expect(created.values("name")).To(Equal([]string{"x1-abc"}))
		Expect(created.raw).NotTo(ContainSubstring(password))
	})

	It("should have a vsadmin without a password in each SVM, and filters", func() {
		r := start()
		x, y := r.a.createSVM("sx", markX), r.a.createSVM("sy", markY)
		r.a.createAccount(x, "x1-abc", password, "")
		builtIn := r.a.get("/api/security/accounts?fields=locked,name&name=vsadmin&owner.uuid=" + x).records()
		Expect(builtIn).To(ConsistOf(Not(HaveKey("locked"))))
		Expect(r.a.get("/api/security/accounts?owner.name=sx").values("name")).To(ConsistOf("vsadmin", "x1-abc"))
		Expect(r.a.get("/api/security/accounts?owner.uuid=" + y).values("owner.name")).To(ConsistOf("sy"))
		Expect(r.a.get("/api/security/accounts?scope=cluster").values("owner.name")).To(ConsistOf("a"))
	})

	It("should omit locked where there is no password", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		without := strings.Replace(accountBody(uuid, "x1-abc", password, ""), `,"password":"`+password+`"`, "", 1)
		Expect(r.a.post("/api/security/accounts", without).status).To(Equal(201))
		Expect(r.a.get("/api/security/accounts/" + uuid + "/x1-abc").body).NotTo(HaveKey("locked"))
		Expect(r.a.as("x1-abc", "").get("/api/cluster").status).To(Equal(401))
	})

	DescribeTable("should refuse", func(name, password, code string, status int) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "taken1", "Secret-12345", "")
		refused := r.a.post("/api/security/accounts", accountBody(uuid, name, password, ""))
		Expect(refused.code()).To(Equal(code))
		Expect(refused.status).To(Equal(status))
		Expect(refused.raw).NotTo(ContainSubstring(password))
	},
		Entry("a short name", "x1", password, "7077899", 400),
		Entry("a long name", "x1"+strings.Repeat("a", 63), password, "7077899", 400),
		Entry("a character", "x1 abc", password, "7077897", 400),
		Entry("a name without a digit", "abc", password, "7077898", 400),
		Entry("a name without a letter", "123", password, "7077898", 400),
		Entry("a reserved name", "admin", password, "5636121", 400),
		Entry("a duplicate", "taken1", password, "1", 409),
		Entry("a short password", "x1-abc", "Ab-4567", "7077919", 400),
		Entry("a long password", "x1-abc", "a1"+strings.Repeat("b", 127), "7077940", 400),
		Entry("a password with the user name", "x1-abc", "9-x1-abc-9", "7077918", 400),
		Entry("a password without digits", "x1-abc", "abcdefgh", "7077920", 400),
		Entry("a password without letters", "x1-abc", "12345678", "7077920", 400),
	)

	It("should refuse an unknown owner, an unknown role and a long comment", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		Expect(r.a.post("/api/security/accounts", accountBody("none", "x1-abc", password, "")).code()).To(Equal("8586226"))
		role := strings.Replace(accountBody(uuid, "x1-abc", password, ""), `{"name":"vsadmin"}`, `"root"`, 1)
		Expect(r.a.post("/api/security/accounts", role).code()).To(Equal("7077906"))
		long := accountBody(uuid, "x1-abc", password, strings.Repeat("c", 129))
		Expect(r.a.post("/api/security/accounts", long).code()).To(Equal("262185"))
	})

	It("should get another comment, and be deleted once", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX)
		path := "/api/security/accounts/" + uuid + "/x1-abc"
		Expect(r.a.send("PATCH", path, `{"comment":"`+markX+` fp=A"}`).status).To(Equal(200))
		Expect(r.a.get(path).body).To(HaveKeyWithValue("comment", markX+" fp=A"))
		Expect(r.a.send("DELETE", path, "").status).To(Equal(200))
		gone := r.a.send("DELETE", path, "")
		Expect(gone.status).To(Equal(404))
		Expect(gone.code()).To(Equal("4"))
	})

	It("should not let a PATCH change anything but comment, lock and password", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX)
		path := "/api/security/accounts/" + uuid + "/x1-abc"
		Expect(r.a.send("PATCH", path, `{"role":{"name":"vsadmin"}}`).status).To(Equal(501))
		Expect(r.kinds()).To(Equal([]simulator.ViolationKind{simulator.UnknownRequest}))
		Expect(r.a.get(path).body).To(HaveKeyWithValue("comment", markX))
	})

	It("should get another password, which no client of ours may give it", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX)
		path := "/api/security/accounts/" + uuid + "/x1-abc"
		Expect(r.a.send("PATCH", path, `{"password":"`+password+`"}`).code()).To(Equal("7077925"))
		Expect(r.a.send("PATCH", path, `{"password":"short"}`).code()).To(Equal("7077919"))
		Expect(r.a.send("PATCH", path, `{"password":"Another-12345"}`).status).To(Equal(200))
		Expect(r.a.as("x1-abc", password).get("/api/svm/svms").status).To(Equal(401))
		Expect(r.a.as("x1-abc", "Another-12345").get("/api/svm/svms").status).To(Equal(200))
		Expect(r.kinds()).To(HaveEach(simulator.PasswordChanged))
	})

	It("should keep passwords out of journal, state and violations", func(ctx context.Context) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX)
		r.a.send("PATCH", "/api/security/accounts/"+uuid+"/x1-abc", `{"password":"`+password+`"}`)
		r.a.get("/api/svm/svms?password=" + password)
		r.a.as("x1-abc", password).get("/api/cluster")
		state, err := r.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		all, err := json.Marshal([]any{r.journal(ctx, 0), state, r.sim.TakeViolations()})
		Expect(err).NotTo(HaveOccurred())
		Expect(string(all)).To(And(ContainSubstring("x1-abc"), Not(ContainSubstring(password)), Not(ContainSubstring(r.a.password))))
	})
})

var _ = Describe("Logins", func() {
	It("should be refused with 401 and stand in the journal", func(ctx context.Context) {
		r := start()
		refused := r.a.as("somebody", "wrong-1234").get("/api/cluster")
		Expect(refused.status).To(Equal(401))
		Expect(refused.header.Get("WWW-Authenticate")).NotTo(BeEmpty())
		entries := r.journal(ctx, 0)
		Expect(entries).To(HaveLen(1))
		Expect(entries[0].User).To(Equal("somebody"))
		Expect(entries[0].Status).To(Equal(401))
		Expect(entries[0].Template).To(Equal("/cluster"))
	})

	It("should be refused where the password is another cluster's", func() {
		r := start()
		other := r.sim.Cluster("b")
		Expect(r.a.as(other.Username(), other.Password()).get("/api/cluster").status).To(Equal(401))
	})

	It("should see only the own SVM, and change neither it nor accounts, when the account is an SVM's", func() {
		r := start()
		x, y := r.a.createSVM("sx", markX), r.a.createSVM("sy", markY)
		r.a.createAccount(x, "x1-abc", password, markX)
		tenant := r.a.as("x1-abc", password)
		Expect(tenant.get("/api/svm/svms").values("uuid")).To(Equal([]string{x}))
		Expect(tenant.get("/api/svm/svms?name=sy").records()).To(BeEmpty())
		Expect(tenant.get("/api/svm/svms/" + y).status).To(Equal(404))
		Expect(tenant.get("/api/security/accounts").values("owner.uuid")).To(HaveEach(x))
		Expect(tenant.get("/api/security/accounts/" + y + "/vsadmin").status).To(Equal(404))
		Expect(tenant.get("/api/cluster/jobs?fields=svm").values("svm.name")).To(Equal([]string{"sx"}))
		Expect(tenant.get("/api/cluster").status).To(Equal(200))
		for _, denied := range []reply{
			tenant.post("/api/svm/svms", svmBody("sz", "")),
			tenant.send("PATCH", "/api/svm/svms/"+x, `{"comment":""}`),
			tenant.send("DELETE", "/api/svm/svms/"+x, ""),
			tenant.send("DELETE", "/api/security/accounts/"+x+"/x1-abc", ""),
		} {
			Expect(denied.status).To(Equal(403))
			Expect(denied.code()).To(Equal("6"))
		}
		Expect(r.a.send("DELETE", "/api/security/accounts/"+x+"/x1-abc", "").status).To(Equal(200))
		Expect(tenant.get("/api/svm/svms").status).To(Equal(401))
	})
})
