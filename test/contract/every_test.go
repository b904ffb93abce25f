// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"net/http"
	"slices"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// alwaysEmpty are lists in which the simulator has nothing at all, since no SVM is peered or mirrored.
var alwaysEmpty = []string{"/svm/peers", "/snapmirror/relationships"}

// requestsOf returns all operations with one of the methods, as a role or a rule names them.
func requestsOf(methods ...string) []string {
	var all []string
	for _, o := range simulator.Operations() {
		if slices.Contains(methods, o.Method) {
			all = append(all, o.Method+" "+o.Path)
		}
	}
	return all
}

// These go through all that the simulator serves, also what is added to it after them.
var _ = Describe("Every operation", func() {
	each := func(do func(simulator.Operation)) {
		for _, o := range simulator.Operations() {
			do(o)
		}
	}

	It("should be in the document, refuse a wrong password, and refuse what is not JSON", func() {
		c := newClient(startSimulator(simulator.ClusterOptions{Name: "a"}).Cluster("a"))
		stranger := *c
		stranger.password = "wrong"
		each(func(o simulator.Operation) {
			stranger.expect(http.StatusUnauthorized, o.Method, unnamed(o.Path), nil)
			c.expect(http.StatusBadRequest, o.Method, unnamed(o.Path), "{")
		})
	})

	It("should refuse a login without the right", func() {
		all := requestsOf("GET", "POST", "PATCH", "DELETE")
		c := newClient(startSimulator(simulator.ClusterOptions{Name: "a", Denied: all}).Cluster("a"))
		each(func(o simulator.Operation) { c.expect(http.StatusForbidden, o.Method, unnamed(o.Path), nil) })
	})

	It("should wait for an approval where it writes and a rule says so", func() {
		writes := requestsOf("POST", "PATCH", "DELETE")
		c := newClient(startSimulator(simulator.ClusterOptions{Name: "a", ApprovalRules: writes}).Cluster("a"))
		each(func(o simulator.Operation) {
			if slices.Contains(writes, o.Method+" "+o.Path) {
				c.expect(http.StatusAccepted, o.Method, unnamed(o.Path), nil)
			}
		})
		for i := range writes {
			c.get("/security/multi-admin-verify/requests/" + strconv.Itoa(i+1))
		}
	})

	It("should not find what there is not, where it says so", func() {
		c := newClient(startSimulator(simulator.ClusterOptions{Name: "a"}).Cluster("a"))
		each(func(o simulator.Operation) {
			if slices.Contains(o.Statuses, http.StatusNotFound) {
				var body any
				if o.Method == http.MethodPost || o.Method == http.MethodPatch {
					body = content{}
				}
				c.expect(http.StatusNotFound, o.Method, unnamed(o.Path), body)
			}
		})
	})

	It("should list with all fields, a page at a time, and count", func() {
		sim := startSimulator(simulator.ClusterOptions{
			Name: "a", BGPPeersUp: []string{"*"}, ApprovalRules: []string{"DELETE /storage/volumes/{uuid}", "DELETE /svm/svms/{uuid}"},
			Subnets: []simulator.SubnetOptions{{Name: "s", Prefix: "10.0.0.0/24", First: "10.0.0.1", Last: "10.0.0.9"}},
		})
		c := newClient(sim.Cluster("a"))
		populate(sim, c)
		each(func(o simulator.Operation) {
			if o.Method != http.MethodGet || unnamed(o.Path) != o.Path {
				return
			}
			answer := c.get(o.Path + "?fields=*")
			records, isList := answer["records"].([]any)
			if !isList {
				return
			}
			if slices.Contains(alwaysEmpty, o.Path) {
				Expect(records).To(BeEmpty())
				return
			}
			Expect(records).NotTo(BeEmpty(), "nothing of %s is looked at: let populate make one", o.Path)
			c.get(o.Path)
			c.get(o.Path + "?return_records=false")
			for next := o.Path + "?fields=**&max_records=1"; next != ""; {
				links, _ := c.get(next)["_links"].(content)
				following, _ := links["next"].(content)
				href, _ := following["href"].(string)
				next = href[min(len(href), len("/api")):]
			}
		})
	})
})
