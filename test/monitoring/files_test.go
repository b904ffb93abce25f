// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"os"
	"path/filepath"
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/monitoring"
)

func must[T any](value T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return value
}

// named are the first groups of all matches in a file of config/monitoring.
func named(file, pattern string) (names []string) {
	GinkgoHelper()
	content := must(os.ReadFile(filepath.Join(monitoring.Root, "config", "monitoring", file)))
	for _, match := range regexp.MustCompile(pattern).FindAllSubmatch(content, -1) {
		names = append(names, string(match[1]))
	}
	return names
}

var _ = Describe("Alerts", func() {
	It("should each have severity, summary, an entry in the runbook and a test in which it fires, and no entry be for none", func() {
		var names []string
		for _, alert := range must(monitoring.Alerts()) {
			names = append(names, alert.Alert)
			Expect(alert.Labels).To(HaveKeyWithValue("severity", BeElementOf("critical", "warning", "info")), alert.Alert)
			Expect(alert.Labels).To(HaveKeyWithValue("visibility", "operator"), alert.Alert)
			Expect(alert.Annotations).To(HaveKeyWithValue("summary", Not(BeEmpty())), alert.Alert)
		}
		Expect(named("runbook.md", `(?m)^## (.*)$`)).To(Equal(names), "in the order of the alerts")
		fired := named("rules_test.yaml", `- alertname: (\w+)\n +eval_time: \w+\n +exp_alerts:\n +- exp_labels`)
		Expect(fired).To(ContainElements(names))
	})
})

var _ = Describe("Dashboard", func() {
	It("should ask the seed's Prometheus, and say in each panel what it shows", func() {
		panels := must(monitoring.Panels())
		Expect(panels).NotTo(BeEmpty())
		for _, panel := range panels {
			Expect(panel.Datasource).To(Equal("prometheus-seed"), panel.Title)
			Expect(panel.Description).NotTo(BeEmpty(), panel.Title)
			Expect(panel.Targets).NotTo(BeEmpty(), panel.Title)
		}
	})
})
