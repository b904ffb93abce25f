// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"fmt"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

func records(next string, records ...string) answer {
	body := `{"records":[`
	for i, record := range records {
		if i > 0 {
			body += ","
		}
		body += record
	}
	body += fmt.Sprintf(`],"num_records":%d,"_links":{"self":{"href":"/api/x"}`, len(records))
	if next != "" {
		body += fmt.Sprintf(`,"next":{"href":%q}`, next)
	}
	return ok(body + "}}")
}

var _ = Describe("SVMs", func() {
	const (
		svmFields = "name,uuid,state,subtype,comment,aggregates.name,nvme,iscsi.enabled,iscsi.allowed,nfs.enabled,nfs.allowed," +
			"cifs.allowed,fcp.allowed,max_volumes,storage.limit,storage.allocated,qos_policy"
		one = `{"uuid":"u-1","name":"s1","state":"running","subtype":"default","comment":"mark"}`
		two = `{"uuid":"u-2","name":"s2"}`
	)
	s1 := ontap.SVM{UUID: "u-1", Name: "s1", State: "running", Subtype: "default", Comment: "mark", Protocols: map[string]ontap.ProtocolState{}}
	s2 := ontap.SVM{UUID: "u-2", Name: "s2", Protocols: map[string]ontap.ProtocolState{}}

	Describe("#Find", func() {
		It("should ask for the name on the server and name the fields", func(ctx SpecContext) {
			cluster, client, _ := setup(records("", one))
			Expect(client.SVMs.Find(ctx, "s1")).To(Equal(s1))
			Expect(cluster.requests).To(HaveLen(1))
			Expect(cluster.requests[0].Path).To(Equal("/api/svm/svms"))
			Expect(cluster.requests[0].Query).To(Equal(map[string][]string{
				"fields": {svmFields}, "max_records": {"1000"}, "name": {"s1"},
			}))
		})

		It("should be NotFound when there is none, or only others", func(ctx SpecContext) {
			_, client, _ := setup(records(""), records("", two))
			Expect(client.SVMs.Find(ctx, "s1")).Error().To(MatchError(ontap.IsNotFound, "IsNotFound"))
			Expect(client.SVMs.Find(ctx, "s1")).Error().To(MatchError(ontap.IsNotFound, "IsNotFound"))
		})

		It("should be Conflict when there are several", func(ctx SpecContext) {
			_, client, _ := setup(records("", one, one))
			Expect(client.SVMs.Find(ctx, "s1")).Error().To(MatchError(ontap.IsConflict, "IsConflict"))
		})

		DescribeTable("an answer that does not say absent", func(ctx SpecContext, a answer) {
			_, client, _ := setup(a)
			_, err := client.SVMs.Find(ctx, "s1")
			Expect(err).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		},
			Entry("404 of a proxy", answer{status: 404, body: "<html>"}),
			Entry("404 of ONTAP for the whole collection", refused(404, "4")),
			Entry("no records at all", ok(`{"num_records":0}`)),
			Entry("records that are null", ok(`{"records":null}`)),
			Entry("an error beside the records", ok(`{"records":[],"num_records":0,"error":{"code":"393271","message":"node out of quorum"}}`)),
		)

		DescribeTable("a name that ONTAP would read as a query", func(ctx SpecContext, name, query string) {
			cluster, client, _ := setup(records(""))
			Expect(client.SVMs.Find(ctx, name)).Error().To(MatchError(ontap.IsNotFound, "IsNotFound"))
			Expect(cluster.requests[0].Query["name"]).To(Equal([]string{query}))
		},
			Entry("a wildcard", "s*", `"s*"`), Entry("a list", "a|b", `"a|b"`), Entry("a negation", "!a", `"!a"`),
			Entry("a range", "a..b", `"a..b"`), Entry("a dot is none", "a.b", "a.b"), Entry("a plus sign", "a+b", "a+b"),
		)

		It("should refuse what cannot be a name", func(ctx SpecContext) {
			_, client, _ := setup()
			Expect(client.SVMs.Find(ctx, "")).Error().To(MatchError(ontap.IsInvalid, "IsInvalid"))
			Expect(client.SVMs.Find(ctx, `a"b`)).Error().To(MatchError(ontap.IsInvalid, "IsInvalid"))
		})
	})

	Describe("#Get", func() {
		It("should return the SVM", func(ctx SpecContext) {
			cluster, client, _ := setup(ok(one))
			Expect(client.SVMs.Get(ctx, "u-1")).To(Equal(s1))
			Expect(cluster.requests[0].Path).To(Equal("/api/svm/svms/u-1"))
			Expect(cluster.requests[0].Query).To(Equal(map[string][]string{"fields": {svmFields}}))
		})
	})

	Describe("#ListByComment", func() {
		It("should read all pages, also behind an empty one", func(ctx SpecContext) {
			const more = "/api/svm/svms?comment=%2Ao%3D1%2A&max_records=1&start.uuid=u-"
			cluster, client, _ := setup(records(more+"1", one), records(more+"2"), records("", two))
			Expect(client.SVMs.ListByComment(ctx, "*o=1*")).To(Equal([]ontap.SVM{s1, s2}))
			Expect(cluster.requests).To(HaveLen(3))
			Expect(cluster.requests[0].Query["comment"]).To(Equal([]string{"*o=1*"}))
			Expect(cluster.requests[1].Query["start.uuid"]).To(Equal([]string{"u-1"}))
			Expect(cluster.requests[2].Query["start.uuid"]).To(Equal([]string{"u-2"}))
		})

		It("should return no half of a list", func(ctx SpecContext) {
			_, client, _ := setup(records("/api/svm/svms?start.uuid=u-1", one), refused(500, "65552"))
			svms, err := client.SVMs.ListByComment(ctx, "*")
			Expect(err).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
			Expect(svms).To(BeEmpty())
		})

		It("should not go round in a circle", func(ctx SpecContext) {
			const a, b = "/api/svm/svms?start.uuid=a", "/api/svm/svms?start.uuid=b"
			cluster, client, _ := setup(records(a, one), records(b, one), records(a, one))
			_, err := client.SVMs.ListByComment(ctx, "*")
			Expect(err).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
			Expect(err).To(MatchError(ContainSubstring("circle")))
			Expect(cluster.requests).To(HaveLen(3))
		})

		DescribeTable("a link that leads elsewhere", func(ctx SpecContext, link string) {
			cluster, client, _ := setup(records(link, one))
			Expect(client.SVMs.ListByComment(ctx, "*")).Error().To(MatchError(ContainSubstring("elsewhere")))
			Expect(cluster.requests).To(HaveLen(1))
		},
			Entry("to a host", "https://evil.example/api/svm/svms?start.uuid=1"),
			Entry("to a host without a scheme", "//evil.example/api/svm/svms?start.uuid=1"),
			Entry("to another collection", "/api/security/accounts?start.uuid=1"),
			Entry("to what is no link", "https://["),
		)
	})

	Describe("writing", func() {
		It("should create, comment and delete without waiting for ONTAP", func(ctx SpecContext) {
			cluster, client, _ := setup(accepted("j-1"), accepted("j-2"), accepted("j-3"))
			Expect(client.SVMs.Create(ctx, ontap.SVMCreate{Name: "s1", Comment: "mark & more"})).To(HaveField("UUID", "j-1"))
			Expect(client.SVMs.Modify(ctx, "u-1", ontap.SVMChange{Comment: new("")})).To(HaveField("UUID", "j-2"))
			Expect(client.SVMs.Delete(ctx, "u-1")).To(And(HaveField("UUID", "j-3"), HaveField("Finished()", BeFalse())))
			Expect(cluster.requests[0]).To(And(
				HaveField("Method", "POST"), HaveField("Path", "/api/svm/svms"),
				HaveField("Body", MatchJSON(`{"name":"s1","comment":"mark & more"}`)),
				HaveField("Header", HaveKeyWithValue("Content-Type", []string{"application/json"})),
			))
			Expect(cluster.requests[1]).To(And(
				HaveField("Method", "PATCH"), HaveField("Path", "/api/svm/svms/u-1"), HaveField("Body", MatchJSON(`{"comment":""}`)),
			))
			Expect(cluster.requests[2]).To(And(
				HaveField("Method", "DELETE"), HaveField("Path", "/api/svm/svms/u-1"), HaveField("Body", BeEmpty()),
			))
			for _, request := range cluster.requests {
				Expect(request.Query).To(Equal(map[string][]string{"return_timeout": {"0"}}))
			}
		})

		DescribeTable("an answer that needs no job", func(ctx SpecContext, status int, body string) {
			cluster, client, _ := setup(answer{status: status, body: body})
			job, err := client.SVMs.Create(ctx, ontap.SVMCreate{Name: "s1"})
			Expect(err).NotTo(HaveOccurred())
			Expect(job.Finished()).To(BeTrue())
			Expect(client.Jobs.Wait(ctx, job)).To(Succeed())
			Expect(cluster.requests).To(HaveLen(1))
		},
			Entry("201", http.StatusCreated, "{}"), Entry("200", http.StatusOK, "{}"), Entry("200 and nothing", http.StatusOK, ""),
		)

		It("should wait for the job of a 201 that has one", func(ctx SpecContext) {
			_, client, _ := setup(answer{status: 201, body: `{"job":{"uuid":"j-1"},"records":[{"uuid":"u-1"}]}`})
			Expect(client.SVMs.Create(ctx, ontap.SVMCreate{Name: "s1"})).To(HaveField("Finished()", BeFalse()))
		})
	})
})

var _ = DescribeTable("Version", func(v, other ontap.Version, atLeast bool) {
	Expect(v.AtLeast(other)).To(Equal(atLeast))
},
	Entry("same", ontap.Version{Generation: 9, Major: 15, Minor: 1}, ontap.Version{Generation: 9, Major: 15, Minor: 1}, true),
	Entry("newer minor", ontap.Version{Generation: 9, Major: 15, Minor: 2}, ontap.Version{Generation: 9, Major: 15, Minor: 1}, true),
	Entry("newer major, older minor", ontap.Version{Generation: 9, Major: 16}, ontap.Version{Generation: 9, Major: 15, Minor: 1}, true),
	Entry("older major, newer minor", ontap.Version{Generation: 9, Major: 14, Minor: 5}, ontap.Version{Generation: 9, Major: 15, Minor: 1}, false),
	Entry("older generation", ontap.Version{Generation: 8, Major: 20}, ontap.Version{Generation: 9, Major: 15, Minor: 1}, false),
)
