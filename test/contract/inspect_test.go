// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"net/url"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/contract"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const (
	svmUUID = "02c9e252-41be-11e9-81d5-00a0986138f7"
	job     = `{"job":{"uuid":"02c9e252-41be-11e9-81d5-00a0986138f7"}}`
	oneSVM  = `{"num_records":1,"records":[{"uuid":"` + svmUUID + `","name":"s1"}]}`
)

// These hold exchanges against the document that no simulator has answered, each wrong in one way.
var _ = Describe("Inspect", func() {
	var c *contract.Contract
	BeforeEach(func() { c = document.Afresh() }) // what is said here does not count in the report

	DescribeTable("should object to a list", func(query, answer string, objections ...string) {
		values, err := url.ParseQuery(query)
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Inspect(simulator.Exchange{
			Method: "GET", Path: "/api/svm/svms", Template: "/svm/svms", Query: values, Status: 200, Response: []byte(answer),
		})).To(ConsistOf(objections))
	},
		Entry("only where something is wrong", "fields=name,nvme.{enabled,allowed},!comment,*&order_by=name desc&state=running&start.uuid=u", oneSVM),
		Entry("only where something is wrong, also for a later release", "fields=name,later&ignore_unknown_fields=true", oneSVM),
		Entry("only where something is wrong, also for Trident", "fields=&name=*", oneSVM),
		Entry("that is empty", "", `{}`, "the answer is empty"),
		Entry("without records", "", `{"num_records":1}`, "the list has no records"),
		Entry("without a number", "", `{"records":[]}`, "the list has no num_records"),
		Entry("with another number", "", `{"num_records":2,"records":[{"name":"s1"}]}`, "the list has 1 records and says 2"),
		Entry("with records that nobody asked for", "return_records=false", oneSVM, "the list has records although none are asked for"),
		Entry("that is an error", "", `{"error":{"code":"4","message":"m"}}`, "the answer is an error with a status of success"),
		Entry("with a misspelt field", "", `{"num_records":1,"records":[{"nam":"s1"}]}`, `the answer: records.0: property "nam" is unsupported`),
		Entry("with a misspelt field further in", "", `{"num_records":1,"records":[{"nvme":{"enable":true}}]}`,
			`the answer: records.0.nvme: property "enable" is unsupported`),
		Entry("with a field of another type", "", `{"num_records":1,"records":[{"max_volumes":7}]}`,
			"the answer: records.0.max_volumes: value must be a string"),
		Entry("with null", "", `{"num_records":1,"records":[{"name":null}]}`, "the answer: records.0.name: Value is not nullable"),
		Entry("with a state that there is not", "", `{"num_records":1,"records":[{"state":"asleep"}]}`,
			`the answer: records.0.state: value is not one of the allowed values ["starting","running","stopping","stopped","deleting","initializing"]`),
		Entry("asked for by a misspelt field", "fields=name,coment", oneSVM, `fields names "coment", which is no property of the record`),
		Entry("asked for by a misspelt field in braces", "fields=nvme.{enabled,allow}", oneSVM,
			`fields names "nvme.allow", which is no property of the record`),
		Entry("in a misspelt order", "order_by=nam asc", oneSVM, `order_by names "nam", which is no property of the record`),
		Entry("found by a misspelt filter", "coment=*", oneSVM, `the query has the parameter "coment", which the operation does not declare`),
		Entry("continued at a misspelt key", "start.uid=u", oneSVM, `the page starts at "uid", which is no property of the record`),
	)

	DescribeTable("should object to a write", func(method, template, request string, status int, answer string, objections ...string) {
		Expect(c.Inspect(simulator.Exchange{
			Method: method, Template: template, Request: []byte(request), Status: status, Response: []byte(answer),
		})).To(ConsistOf(objections))
	},
		Entry("only where something is wrong", "POST", "/svm/svms", `{"name":"s1","nvme":{"enabled":true}}`, 202, job),
		Entry("with a misspelt field", "POST", "/svm/svms", `{"nam":"s1"}`, 202, job, `the request: the body: property "nam" is unsupported`),
		Entry("with a read-only field", "POST", "/svm/svms", `{"name":"s1","storage":{"used_percentage":3}}`, 202, job,
			"the request has storage.used_percentage, which is readOnly and must not be in a POST"),
		Entry("with a field that only PATCH takes", "POST", "/svm/svms", `{"name":"s1","qos_policy":{"name":"gold"}}`, 202, job,
			"the request has qos_policy, which is readModify and must not be in a POST"),
		Entry("with a field that only POST takes", "PATCH", "/svm/svms/{uuid}", `{"nvme":{"enabled":true}}`, 202, job,
			"the request has nvme.enabled, which is readCreate and must not be in a PATCH"),
		Entry("with a body where there is none", "DELETE", "/svm/svms/{uuid}", `{"force":true}`, 202, job, "the operation takes no body"),
		Entry("that is answered without the job", "POST", "/svm/svms", `{"name":"s1"}`, 202, `{}`, "the answer is empty"),
		Entry("that is answered with a misspelt field", "POST", "/svm/svms", `{"name":"s1"}`, 202, `{"job":{"uid":"u"}}`,
			`the answer: job: property "uid" is unsupported`, "the answer has no job"),
		Entry("that is answered with a status that there is not", "POST", "/svm/svms", `{"name":"s1"}`, 200, job, "the document does not declare status 200"),
		Entry("that is answered although there should be nothing", "DELETE", "/security/accounts/{owner.uuid}/{name}", "", 200, `{"num_records":1}`,
			"the document declares no content for this answer"),
		Entry("that is no operation", "PATCH", "/security/roles/{owner.uuid}/{name}", `{}`, 200, `{}`, "the document has no such operation"),
		Entry("that is refused without a code", "POST", "/svm/svms", `{"name":"s1"}`, 400, `{"error":{"message":"m"}}`, "the error has no code of digits"),
		Entry("that is refused with a code that is a number", "POST", "/svm/svms", `{"name":"s1"}`, 400, `{"error":{"code":1,"message":"m"}}`,
			"the error has no code of digits", "the error: error.code: value must be a string"),
		Entry("that is refused with nothing", "POST", "/svm/svms", `{"name":"s1"}`, 409, `{}`, "the error has no code of digits", "the error has no message"),
		Entry("with what is never shown", "GET", "/security/accounts/{owner.uuid}/{name}", "", 200, `{"name":"a-1","password":"Abc-1234"}`,
			"the answer has password, which is writeOnly and must not be in an answer"),
	)

	It("should not say a password, whatever is wrong with it", func() {
		objections := c.Inspect(simulator.Exchange{
			Method: "POST", Template: "/security/accounts", Request: []byte(`{"name":"a-1","password":"sesame"}`), Status: 201, Response: []byte(`{}`),
		})
		Expect(objections).To(ConsistOf(HavePrefix("the request: password: ")))
		Expect(objections).NotTo(ContainElement(ContainSubstring("sesame")))
	})

	It("should turn a suite red that runs against a simulator", func() {
		sim := simulator.Start(simulator.Options{Clusters: []simulator.ClusterOptions{{Name: "a"}}, Inspect: func(e simulator.Exchange) []string {
			e.Response = []byte(`{"num_records":0,"recrods":[]}`)
			return c.Inspect(e)
		}})
		newClient(sim.Cluster("a")).get("/svm/svms")
		violations := sim.TakeViolations()
		Expect(violations).To(HaveLen(2))
		Expect(violations).To(HaveEach(HaveField("Kind", simulator.BrokenContract)))
	})
})
