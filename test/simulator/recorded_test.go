// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// recorded holds what real systems were seen to answer, as far as it is public: facts of an exchange, written anew.
//
//go:embed testdata/recorded/*.json
var recorded embed.FS

// recording is one exchange. The same request to the simulator has to bring at least the keys of the shape, with their JSON
// types, and the values; deviations say by path why it does not. What is in braces stands for something of the spec's world.
type recording struct {
	Origin  string `json:"origin"`
	Given   given  `json:"given"`
	Request struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
	} `json:"request"`
	// Status is 0 where it was not recorded.
	Status     int               `json:"status"`
	Shape      map[string]string `json:"shape"`
	Values     map[string]any    `json:"values"`
	Deviations map[string]string `json:"deviations"`
}

// given is what was so before.
type given struct {
	Version string   `json:"version"`
	Denied  []string `json:"denied"`
	// Held makes a job that is running.
	Held bool `json:"held"`
}

var _ = Describe("Recorded traffic", func() {
	files, err := recorded.ReadDir("testdata/recorded")
	It("should be there", func() {
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
	})

	for _, file := range files {
		It("should be answered as by a real system: "+strings.TrimSuffix(file.Name(), ".json"), func(ctx context.Context) {
			var r recording
			content, err := recorded.ReadFile("testdata/recorded/" + file.Name())
			Expect(err).NotTo(HaveOccurred())
			decoder := json.NewDecoder(strings.NewReader(string(content)))
			decoder.DisallowUnknownFields()
			Expect(decoder.Decode(&r)).To(Succeed())
			Expect(r.Origin).NotTo(BeEmpty())
			r.compare(ctx)
		})
	}
})

// compare sends the request and finds every difference that no deviation explains, and every deviation that is none.
func (r recording) compare(ctx context.Context) {
	GinkgoHelper()
	world, fill := r.Given.world(ctx)
	answer := world.a.send(r.Request.Method, fill.Replace(r.Request.Path), fill.Replace(string(r.Request.Body)))
	different := map[string]string{}
	if r.Status != 0 && r.Status != answer.status {
		different["status"] = fmt.Sprintf("%d instead of %d", answer.status, r.Status)
	}
	for path, kind := range r.Shape {
		for _, value := range everywhere(answer.body, strings.Split(path, ".")) {
			if found := kindOf(value); found != kind {
				different[path] = found + " instead of " + kind
			}
		}
	}
	for path, value := range r.Values {
		if text, ok := value.(string); ok {
			value = fill.Replace(text)
		}
		if found := at(answer.body, path); found != value {
			different[path] = fmt.Sprintf("%v instead of %v", found, value)
		}
	}
	Expect(slices.Sorted(maps.Keys(different))).To(Equal(slices.Sorted(maps.Keys(r.Deviations))), "%v in %d %s", different, answer.status, answer.raw)
	Expect(r.Deviations).NotTo(ContainElement(BeEmpty()))
	world.sim.TakeViolations() // a deviation may be a request that is not simulated
}

// world is a cluster with an SVM, an account, a LIF and a service. It tells what stands for the names in braces.
func (g given) world(ctx context.Context) (rig, *strings.Replacer) {
	GinkgoHelper()
	r := start(func(o *simulator.Options) { o.Clusters[0].Version, o.Clusters[0].Denied = g.Version, g.Denied })
	created := r.a.post("/api/svm/svms", `{"name":"svm1","iscsi":{"enabled":true}}`)
	svm := r.a.get("/api/svm/svms?name=svm1").values("uuid")[0]
	r.a.createAccount(svm, "user1", password, "")
	Expect(r.a.post("/api/network/ip/interfaces", `{"name":"lif1","svm":{"name":"svm1"},"ip":{"address":"192.0.2.1","netmask":"24"},
		"location":{"home_node":{"name":"a-01"}},"service_policy":{"name":"default-data-iscsi"}}`).status).To(Equal(201))
	names := []string{"{svm}", svm, "{job}", at(created.body, "job.uuid").(string), "{node}", "a-01", "{aggregate}", "a_01_aggr1"}
	if g.Held {
		Expect(r.sim.HoldJobs(ctx, "a", simulator.Running)).To(Succeed())
		held := r.a.post("/api/svm/svms", `{"name":"svm3"}`)
		r.clock.Step(time.Second)
		names = append(names, "{held}", at(held.body, "job.uuid").(string))
	}
	r.sim.TakeViolations() // nobody's marks are on these
	return r, strings.NewReplacer(names...)
}

// everywhere returns the values at a path, of which a[] is each element of the list a; nil where there is none.
func everywhere(value any, path []string) []any {
	if len(path) == 0 {
		return []any{value}
	}
	name, each := strings.CutSuffix(path[0], "[]")
	object, _ := value.(map[string]any) // anything else has nothing at the path
	if !each {
		return everywhere(object[name], path[1:])
	}
	list, _ := object[name].([]any) // as above
	if len(list) == 0 {
		return []any{nil}
	}
	var found []any
	for _, one := range list {
		found = append(found, everywhere(one, path[1:])...)
	}
	return found
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	case []any:
		return "array"
	default:
		return "object"
	}
}
