// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Switches of undocumented behaviour", func() {
	It("should all be in the README's table, and no others, with the position that runs with faults have", func() {
		readme, err := os.ReadFile("../../README.md")
		Expect(err).NotTo(HaveOccurred())
		_, table, found := strings.Cut(string(readme), "| switch |")
		Expect(found).To(BeTrue())
		table, _, _ = strings.Cut(table, "\n\n")
		documented := map[string]string{}
		for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|(?:.+\\|){3} (\\w+)[ ¹]*\\|$").FindAllStringSubmatch(table, -1) {
			documented[row[1]] = row[2]
		}
		worse := simulator.Options{ShowSVMsAtOnce: true, NVMeShared: true, LoginFailures: -1}
		worse.Worsen()
		for field := range reflect.TypeFor[simulator.Options]().Fields() {
			name := field.Tag.Get("json")
			Expect(name).NotTo(BeEmpty(), "%s has no name in the configuration", field.Name)
			// Besides those with two positions there are two switches with numbers.
			if name != "-" && field.Type.Kind() == reflect.Bool || name == "loginFailures" || name == "pageSize" {
				position := reflect.ValueOf(worse).FieldByIndex(field.Index)
				Expect(documented).To(HaveKeyWithValue(name, fmt.Sprint(position)))
				delete(documented, name)
			}
		}
		Expect(documented).To(BeEmpty())
	})

	It("should let a LIF be deleted that is enabled", func() {
		for allowed, status := range map[bool]int{false: 409, true: 200} {
			r := start(func(o *simulator.Options) { o.DeleteEnabledLIFs = allowed })
			uuid := r.a.createSVM("sx", markX)
			made := r.a.post("/api/network/ip/interfaces?return_records=true", `{"name":"lif1","svm":{"uuid":"`+uuid+`"},"ip":{"address":"192.0.2.1",
				"netmask":"24"},"location":{"home_node":{"name":"a-01"}},"service_policy":{"name":"default-management"}}`)
			Expect(r.a.send("DELETE", "/api/network/ip/interfaces/"+made.values("uuid")[0], "").status).To(Equal(status))
		}
	})

	It("should let an SVM be deleted that has a service", func() {
		for allowed, status := range map[bool]int{false: 409, true: 202} {
			r := start(func(o *simulator.Options) { o.DeleteInhabitedSVMs = allowed })
			Expect(r.a.post("/api/svm/svms", `{"name":"sx","comment":"`+markX+`","nvme":{"enabled":true}}`).status).To(Equal(202))
			uuid := r.a.get("/api/svm/svms").values("uuid")[0]
			Expect(r.a.send("DELETE", "/api/svm/svms/"+uuid, "").status).To(Equal(status))
		}
	})

	It("should lock an account after another number of failed logins, or never", func() {
		for failures, status := range map[int]int{2: 401, 3: 200, -1: 200} {
			r := start(func(o *simulator.Options) { o.LoginFailures = failures })
			for range 2 {
				Expect(r.a.as(r.a.username, "wrong").get("/api/cluster").status).To(Equal(401))
			}
			Expect(r.a.get("/api/cluster").status).To(Equal(status), "after %d", failures)
		}
	})
})
