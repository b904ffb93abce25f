// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"fmt"
	"net/url"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Queries", func() {
	DescribeTable("#fields", func(fields string, keys ...string) {
		r := start()
		r.a.createSVM("sx", markX)
		var got []string
		for key := range r.a.get("/api/svm/svms" + fields).records()[0] {
			got = append(got, key)
		}
		Expect(got).To(ConsistOf(keys))
	},
		Entry("should give the keys only", "", "_links", "uuid", "name"),
		Entry("should allow an empty list", "?fields=", "_links", "uuid", "name"),
		Entry("should add what is asked for", "?fields=state,comment", "_links", "uuid", "name", "state", "comment"),
		Entry("should give everything for *", "?fields=*", "_links", "uuid", "name", "state", "subtype", "comment",
			"ipspace", "max_volumes", "storage", "nvme", "iscsi", "nfs", "cifs", "fcp",
			"number_of_volumes_in_recovery_queue", "total_volume_size_in_recovery_queue"),
	)

	It("should name nested fields with dots and select whole objects", func() {
		r := start()
		narrow := r.a.get("/api/cluster?fields=version.generation,version.major")
		Expect(narrow.body["version"]).To(Equal(map[string]any{"generation": 9.0, "major": 16.0}))
		Expect(r.a.get("/api/cluster").body).To(HaveKeyWithValue("name", "a"))
		whole := r.a.get("/api/cluster?fields=version")
		Expect(whole.body["version"]).To(Equal(map[string]any{
			"full": "NetApp Release 9.16.1: simulated", "generation": 9.0, "major": 16.0, "minor": 1.0,
		}))
	})

	DescribeTable("filters", func(parameter, value string, names ...string) {
		r := start()
		for name, comment := range map[string]string{"alpha": markX, "beta": markY, "gamma": "a*b", "delta": "a|b"} {
			r.a.createSVM(name, comment)
		}
		found := r.a.get("/api/svm/svms?" + query(parameter, value))
		Expect(found.values("name")).To(ConsistOf(names))
		Expect(found.body).To(HaveKeyWithValue("num_records", float64(len(names))))
	},
		Entry("should match exactly", "name", "alpha", "alpha"),
		Entry("should find nothing by half a name", "name", "alph"),
		Entry("should take * as a wildcard", "name", "*lta", "delta"),
		Entry("should take | as or", "name", "alpha|be*", "alpha", "beta"),
		Entry("should take ! as not", "name", "!*lta", "alpha", "beta", "gamma"),
		Entry("should take quoted operators literally", "comment", `"a*b"`, "gamma"),
		Entry("should take a quoted | literally", "comment", `"a|b"`, "delta"),
		Entry("should join quoted and other parts", "comment", `*"o=`+ownerX+`"*`, "alpha"),
		Entry("should find a word within a comment", "comment", "*o="+ownerX+"*", "alpha"),
		Entry("should take a dot literally", "name", "a.pha"),
		Entry("should filter by state", "state", "running", "alpha", "beta", "gamma", "delta"),
	)

	It("should filter by UUID and combine filters with and", func() {
		r := start()
		x, y := r.a.createSVM("sx", markX), r.a.createSVM("sy", markY)
		Expect(r.a.get("/api/svm/svms?" + query("uuid", x+"|"+y)).values("name")).To(ConsistOf("sx", "sy"))
		Expect(r.a.get("/api/svm/svms?name=sy&uuid=" + x).records()).To(BeEmpty())
	})

	It("should cost the same bytes however many others there are", func(ctx context.Context) {
		r := start()
		r.a.createSVM("sx", markX)
		ask := "/api/svm/svms?fields=name,uuid,state,comment&name=sx"
		alone := r.a.get(ask).raw
		Expect(r.sim.AddSVMs(ctx, "a", 500)).To(Succeed())
		Expect(r.a.get(ask).raw).To(Equal(alone))
		Expect(r.a.get("/api/svm/svms").body).To(HaveKeyWithValue("num_records", 501.0))
		entries := r.journal(ctx, 0)
		Expect(entries[len(entries)-2].Bytes).To(Equal(len(alone)))
	})

	DescribeTable("pages", func(pageSize, maxRecords, requests int) {
		r := start(func(o *simulator.Options) { o.PageSize = pageSize })
		ctx := context.Background()
		Expect(r.sim.AddSVMs(ctx, "a", 6)).To(Succeed())
		next := fmt.Sprintf("/api/svm/svms?fields=state&name=foreign-*&max_records=%d", maxRecords)
		seen, count := map[string]bool{}, 0
		for next != "" {
			page := r.a.get(next)
			count++
			Expect(count).To(BeNumerically("<", 10), "pages that do not end")
			Expect(page.body).To(HaveKeyWithValue("num_records", float64(len(page.records()))))
			for i, name := range page.values("name") {
				Expect(seen).NotTo(HaveKey(name))
				Expect(page.values("state")[i]).To(Equal("running"))
				seen[name] = true
			}
			next, _ = at(page.body, "_links.next.href").(string)
			if next != "" {
				Expect(page.header.Get("Link")).To(Equal("<" + next + ">; rel=\"next\""))
			}
		}
		Expect(seen).To(HaveLen(6))
		Expect(count).To(Equal(requests))
	},
		Entry("should hold what max_records asks for", 0, 4, 2),
		Entry("should end with an empty one when the last was full", 0, 3, 3),
		Entry("should not be larger than the simulator allows", 2, 1000, 4),
		Entry("should be one when there is room", 0, 1000, 1),
	)

	It("should page through accounts by owner and name", func() {
		r := start(func(o *simulator.Options) { o.PageSize = 1 })
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", "Secret-12345", markX)
		var names []string
		next := "/api/security/accounts?owner.uuid=" + uuid
		for next != "" {
			page := r.a.get(next)
			names = append(names, page.values("name")...)
			Expect(len(names)).To(BeNumerically("<", 10), "pages that do not end")
			next, _ = at(page.body, "_links.next.href").(string)
		}
		Expect(names).To(Equal([]string{"vsadmin", "x1-abc"}))
	})

	It("should leave the records out where return_records is false, but count them", func() {
		r := start()
		r.a.createSVM("sx", markX)
		counted := r.a.get("/api/svm/svms?return_records=false&return_timeout=0").body
		Expect(counted).To(And(HaveKeyWithValue("num_records", 1.0), Not(HaveKey("records"))))
	})

	DescribeTable("should refuse", func(path, code string) {
		refused := start().a.get(path)
		Expect(refused.status).To(Equal(400))
		Expect(refused.code()).To(Equal(code))
	},
		Entry("a return_timeout above 120", "/api/svm/svms?return_timeout=121", "262197"),
		Entry("max_records of zero", "/api/svm/svms?max_records=0", "262185"),
		Entry("a parameter given twice", "/api/svm/svms?name=a&name=b", "262188"),
		Entry("an open quote", "/api/svm/svms?name="+url.QueryEscape(`"a`), "262185"),
	)

	DescribeTable("should answer 501 and remember a violation for", func(method, path, content string) {
		r := start()
		refused := r.a.send(method, path, content)
		Expect(refused.status).To(Equal(501))
		Expect(refused.code()).To(Equal("3"))
		Expect(r.kinds()).To(ConsistOf(simulator.UnknownRequest))
	},
		Entry("an unknown route", "GET", "/api/storage/qtrees", ""),
		Entry("a route outside the API", "GET", "/", ""),
		Entry("an unknown method", "PUT", "/api/svm/svms", ""),
		Entry("an unknown parameter", "GET", "/api/svm/svms?order_by=name", ""),
		Entry("an unknown parameter of a write", "POST", "/api/svm/svms?force=true", `{"name":"sx"}`),
		Entry("a filter on a field that is none", "GET", "/api/cluster/jobs?code=1", ""),
		Entry("an unknown field", "GET", "/api/svm/svms?fields=name,language", ""),
		Entry("an unknown field in a body", "POST", "/api/svm/svms", `{"name":"sx","language":"c.utf_8"}`),
		Entry("an operator that is not simulated", "GET", "/api/svm/svms?name=a..b", ""),
		Entry("a tail behind a path", "GET", "/api/svm/svms/", ""),
	)
})
