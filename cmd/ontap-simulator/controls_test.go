// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main_test

import (
	"context"
	"encoding/json"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// The controls as a stranger uses them, who knows JSON and nothing of this project.
var _ = Describe("Controls", Ordered, func() {
	const password = "Simulated-12345"
	var (
		binary   string
		admin, a client
	)

	BeforeAll(func() { binary = build() })

	BeforeEach(func() {
		line := startWith(binary, `clusters: [{name: a, username: admin, password: `+password+`}]`)
		admin, a = client{endpoint: line.Admin}, client{line.CA, line.Endpoints["a"], "admin", password}
	})

	// field is the value at a dotted path of what the controls or a cluster answer.
	field := func(of any, path ...string) any {
		GinkgoHelper()
		for _, name := range path {
			Expect(of).To(HaveKey(name))
			of = of.(map[string]any)[name]
		}
		return of
	}

	It("should list themselves with examples that work, and all that is simulated", func(ctx context.Context) {
		overview := admin.call(ctx, http.MethodGet, "/", "")
		Expect(overview.Status).To(Equal(http.StatusOK))
		Expect(overview.Body).To(HaveKeyWithValue("endpoints", HaveKeyWithValue("a", a.endpoint)))
		Expect(field(overview.Body, "operations")).To(HaveLen(len(simulator.Operations())))
		Expect(field(overview.Body, "operations")).To(ContainElement(And(
			HaveKeyWithValue("method", "POST"), HaveKeyWithValue("path", "/svm/svms"), HaveKeyWithValue("statuses", ContainElement(202.0)))))
		paths := []any{}
		for _, one := range field(overview.Body, "controls").([]any) {
			paths = append(paths, field(one, "path"))
			example, err := json.Marshal(one.(map[string]any)["body"])
			Expect(err).NotTo(HaveOccurred())
			answered := admin.call(ctx, field(one, "method").(string), field(one, "path").(string), string(example))
			Expect(answered.Status).To(Equal(http.StatusOK), "%s: %v", example, answered.Body)
		}
		Expect(paths).To(ConsistOf("/", "/svms", "/perform", "/hold", "/release", "/fail", "/fail-share", "/down", "/up", "/state", "/journal", "/violations"))
	})

	DescribeTable("should refuse with a reason and what is allowed", func(ctx context.Context, method, path, body string, reasons ...string) {
		refused := admin.call(ctx, method, path, body)
		Expect(refused.Status).To(BeElementOf(http.StatusBadRequest, http.StatusNotFound))
		for _, reason := range reasons {
			Expect(field(refused.Body, "error")).To(ContainSubstring(reason))
		}
	},
		Entry("a path", "GET", "/states", "", "there is no GET /states", "GET / lists"),
		Entry("a method", "GET", "/hold", "", "there is no GET /hold"),
		Entry("no body", "POST", "/hold", "", "reading the body", "GET / has an example"),
		Entry("a field", "POST", "/hold", `{"cluster":"a","phase":"queued"}`, "phase"),
		Entry("a cluster", "POST", "/down", `{"cluster":"c"}`, `there is no cluster "c", but a`),
		Entry("a stage", "POST", "/hold", `{"cluster":"a","stage":"paused"}`, "queued, running"),
		Entry("an act", "POST", "/perform", `{"cluster":"a","act":{"kind":"Explode"}}`, "Explode", "StopSVM, SetComment", "SetPassword"),
		Entry("an SVM", "POST", "/perform", `{"cluster":"a","act":{"kind":"StopSVM","svm":"s"}}`, `there is no SVM "s"`),
		Entry("a fault", "POST", "/fail", `{"method":"GET","path":"/cluster","kind":"Explode"}`, "Explode", "ErrorBefore, ErrorAfterEffect", "AnswerEndless"),
		Entry("a route", "POST", "/fail", `{"method":"GET","path":"/api/cluster","kind":"DropBefore"}`, `there is no route "GET" "/api/cluster"`),
		Entry("a share", "POST", "/fail-share", `{"percent":101}`, "101 percent is not 0 to 100"),
		Entry("a status", "POST", "/fail", `{"method":"GET","path":"/cluster","kind":"ErrorBefore","status":200}`, "400 to 599"),
		Entry("a number of SVMs", "POST", "/svms", `{"cluster":"a","count":-1}`, "0 to 10000"),
		Entry("a place in the journal", "GET", "/journal?since=x", "", "since", "number"),
	)

	It("should show held jobs, let faults happen, and keep a journal without passwords", func(ctx context.Context) {
		admin.call(ctx, http.MethodPost, "/hold", `{"cluster":"a","stage":"queued"}`)
		Expect(a.call(ctx, http.MethodPost, "/api/svm/svms", `{"name":"svm1"}`).Status).To(Equal(http.StatusAccepted))
		clusters := field(admin.call(ctx, http.MethodGet, "/state", "").Body, "clusters").([]any)
		Expect(clusters[0]).To(And(HaveKeyWithValue("held", "queued"), HaveKeyWithValue("svms", BeEmpty())))
		Expect(field(clusters[0], "jobs")).To(ConsistOf(And(HaveKeyWithValue("held", true), HaveKeyWithValue("svmName", "svm1"))))
		admin.call(ctx, http.MethodPost, "/release", `{"cluster":"a"}`)
		admin.call(ctx, http.MethodPost, "/fail", `{"method":"GET","path":"/svm/svms","kind":"ErrorBefore","status":503,"code":"8"}`)
		Expect(a.call(ctx, http.MethodGet, "/api/svm/svms", "").Status).To(Equal(http.StatusServiceUnavailable))
		Expect(a.call(ctx, http.MethodGet, "/api/svm/svms", "").Body).To(HaveKeyWithValue("num_records", 1.0))
		journal := admin.call(ctx, http.MethodGet, "/journal?since=1", "")
		Expect(journal.Body).To(ContainElement(And(HaveKeyWithValue("fault", "ErrorBefore"), HaveKeyWithValue("status", 503.0))))
		text, err := json.Marshal(journal.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(text)).NotTo(ContainSubstring(password))
	})

	It("should answer a client that knows no marks, and only remember what clients of this project must not do", func(ctx context.Context) {
		stranger(ctx, a)
		violations := admin.call(ctx, http.MethodGet, "/violations", "").Body
		Expect(violations).To(And(ContainElement(HaveKeyWithValue("kind", "Unmarked")), ContainElement(HaveKeyWithValue("kind", "PasswordChanged"))))
		Expect(violations).To(HaveEach(HaveKeyWithValue("kind", BeElementOf("Unmarked", "PasswordChanged"))))

		line := startWith(binary, `{"tolerated":["Unmarked","PasswordChanged"],"clusters":[{"name":"a","username":"admin","password":"`+password+`"}]}`)
		stranger(ctx, client{line.CA, line.Endpoints["a"], "admin", password})
		Expect(client{endpoint: line.Admin}.call(ctx, http.MethodGet, "/violations", "").Body).To(BeEmpty())
	})
})

// stranger takes an SVM without any mark through its life.
func stranger(ctx context.Context, a client) {
	GinkgoHelper()
	do := func(method, path, body string, status int) any {
		GinkgoHelper()
		answered := a.call(ctx, method, "/api"+path, body)
		Expect(answered.Status).To(Equal(status), "%s %s: %v", method, path, answered.Body)
		return answered.Body
	}
	uuidOf := func(answer any) string {
		GinkgoHelper()
		Expect(answer).To(HaveKeyWithValue("num_records", 1.0))
		return answer.(map[string]any)["records"].([]any)[0].(map[string]any)["uuid"].(string)
	}
	svm := uuidOf(do("POST", "/svm/svms?return_timeout=15&return_records=true", `{"name":"svm1","comment":"ours"}`, 201))
	do("PATCH", "/svm/svms/"+svm, `{"comment":"still ours","aggregates":[{"name":"a_01_aggr1"}]}`, 200)
	do("POST", "/protocols/nvme/services", `{"svm":{"uuid":"`+svm+`"}}`, 201)
	lif := uuidOf(do("POST", "/network/ip/interfaces?return_records=true", `{"name":"lif1","svm":{"name":"svm1"},"ip":{"address":"192.0.2.1",
		"netmask":"24"},"location":{"home_node":{"name":"a-01"}},"service_policy":{"name":"default-data-nvme-tcp"}}`, 201))
	do("POST", "/network/ip/routes", `{"svm":{"name":"svm1"},"gateway":"192.0.2.254","destination":{"address":"0.0.0.0","netmask":"0"}}`, 201)
	do("POST", "/security/accounts", `{"owner":{"uuid":"`+svm+`"},"name":"user1","password":"Simulated-2",
		"applications":[{"application":"http","authentication_methods":["password"]}]}`, 201)
	do("PATCH", "/security/accounts/"+svm+"/user1", `{"password":"Simulated-3"}`, 200)
	do("DELETE", "/security/accounts/"+svm+"/user1", "", 200)
	do("PATCH", "/network/ip/interfaces/"+lif, `{"enabled":false}`, 200)
	do("DELETE", "/network/ip/interfaces/"+lif, "", 200)
	do("PATCH", "/protocols/nvme/services/"+svm, `{"enabled":false}`, 200)
	do("DELETE", "/protocols/nvme/services/"+svm, "", 200)
	do("DELETE", "/svm/svms/"+svm+"?return_timeout=15", "", 200)
}
