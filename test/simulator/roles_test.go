// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func roleBody(owner, name, path, access string) string {
	if owner != "" {
		owner = `"owner":{"uuid":"` + owner + `"},`
	}
	return `{` + owner + `"name":"` + name + `","privileges":[{"path":"` + path + `","access":"` + access + `"}]}`
}

var _ = Describe("Roles", func() {
	It("should be made, given to an account, and deleted after it", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		Expect(r.a.post("/api/security/roles", roleBody(uuid, "volumes", "/api/storage/volumes", "all")).status).To(Equal(201))
		path := "/api/security/roles/" + uuid + "/volumes"
		Expect(r.a.get(path).body).To(And(HaveKeyWithValue("builtin", false), HaveKeyWithValue("scope", "svm")))
		account := strings.Replace(accountBody(uuid, "x1-abc", "Abc-4567890", markX), `"vsadmin"`, `"volumes"`, 1)
		Expect(r.a.post("/api/security/accounts", account).status).To(Equal(201))
		Expect(r.a.send("DELETE", path, "").code()).To(Equal("5636172"), "an account has it")
		Expect(r.a.send("DELETE", "/api/security/accounts/"+uuid+"/x1-abc", "").status).To(Equal(200))
		Expect(r.a.send("DELETE", path, "").status).To(Equal(200))
		Expect(r.a.send("DELETE", path, "").code()).To(Equal("4"))
	})

	It("should come with each SVM and with the cluster, and go with the SVM", func() {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		Expect(r.a.get("/api/security/roles?builtin=true&name=vsadmin").values("owner.uuid")).To(Equal([]string{uuid}))
		Expect(r.a.get("/api/security/roles?scope=cluster").values("name")).To(Equal([]string{"admin"}))
		Expect(r.a.send("DELETE", "/api/security/roles/"+uuid+"/vsadmin", "").code()).To(Equal("1263347"))
		Expect(r.a.post("/api/security/roles", roleBody(uuid, "volumes", "/api/storage/volumes", "all")).status).To(Equal(201))
		Expect(r.a.send("DELETE", "/api/svm/svms/"+uuid, "").status).To(Equal(202))
		Expect(r.a.get("/api/security/roles?owner.uuid=" + uuid).records()).To(BeEmpty())
	})

	DescribeTable("should refuse", func(name, path, access, code string) {
		r := start()
		uuid := r.a.createSVM("sx", markX)
		refused := r.a.post("/api/security/roles", roleBody(uuid, name, path, access))
		Expect(refused.status).To(Equal(400))
		Expect(refused.code()).To(Equal(code))
	},
		Entry("a name that is taken", "vsadmin", "/api/cluster", "all", "5636171"),
		Entry("an access level that there is not", "volumes", "/api/cluster", "some", "5636144"),
		Entry("a path with a character that no path has", "volumes", "/api/clu ster", "all", "5636169"),
	)

	It("should refuse an owner that there is not, and belong to the cluster without one", func() {
		r := start()
		Expect(r.a.post("/api/security/roles", roleBody("none", "volumes", "/api/cluster", "all")).code()).To(Equal("2621462"))
		Expect(r.a.post("/api/security/roles", roleBody("", "volumes", "/api/cluster", "readonly")).status).To(Equal(201))
		Expect(r.a.get("/api/security/roles?name=volumes&fields=scope").values("scope")).To(Equal([]string{"cluster"}))
	})
})
