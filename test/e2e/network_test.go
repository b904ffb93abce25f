// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// rowsAfter are the cells of the table of the README that comes after a text. A cell that is empty says the same as the one above it.
func rowsAfter(text string) [][]string {
	GinkgoHelper()
	content, err := os.ReadFile(filepath.Join(checkout, "README.md"))
	Expect(err).NotTo(HaveOccurred())
	_, after, found := strings.Cut(string(content), text)
	Expect(found).To(BeTrue(), text)
	_, table, found := strings.Cut(after, "|---")
	Expect(found).To(BeTrue(), text)
	table, _, _ = strings.Cut(table, "\n\n")
	var rows [][]string
	for _, line := range strings.Split(table, "\n")[1:] {
		cells := strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |"), " | ")
		if cells[0] == "" {
			cells[0] = rows[len(rows)-1][0]
		}
		rows = append(rows, cells)
	}
	return rows
}

var _ = Describe("The README's network paths", func() {
	paths := func(from string) (found [][]string) {
		for _, row := range rowsAfter("### Network paths\n") {
			if strings.TrimSpace(row[0]) == from {
				found = append(found, row)
			}
		}
		return found
	}

	It("should be those that the chart's labels ask for", func(ctx SpecContext) {
		key := client.ObjectKey{Namespace: landscape.ExtensionNamespace, Name: extensionName}
		deployment, service := &appsv1.Deployment{}, &corev1.Service{}
		Expect(admin.Get(ctx, key, deployment)).To(Succeed())
		Expect(admin.Get(ctx, key, service)).To(Succeed())
		var named, asked []string
		for _, row := range paths("the extension") {
			for _, label := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[3], -1) {
				named = append(named, label[1])
				if _, port, ok := strings.Cut(label[1], "-tcp-"); ok {
					Expect(row[2]).To(Equal("TCP " + port))
				}
			}
		}
		for label := range deployment.Spec.Template.Labels {
			if strings.HasPrefix(label, "networking.") {
				asked = append(asked, label)
			}
		}
		Expect(named).To(ConsistOf(asked))

		prometheus := paths("Prometheus of the seed")
		Expect(prometheus).To(HaveLen(1))
		var ports []networkingv1.NetworkPolicyPort
		Expect(json.Unmarshal([]byte(service.Annotations[strings.Trim(prometheus[0][3], "`")]), &ports)).To(Succeed())
		Expect(ports).To(HaveLen(1))
		Expect(prometheus[0][2]).To(Equal(fmt.Sprintf("%s %s", *ports[0].Protocol, ports[0].Port)))
	})

	It("should be those of the objects in the shoot, of which the other table is made", func() {
		made := map[string]string{}
		for _, row := range rowsAfter("| way of the network | direction | peer | ports |\n") {
			if row[1] == "out" {
				made[row[0]+" to "+row[2]] = row[3]
			}
		}
		controller := paths("Trident's controller in the shoot")
		Expect(controller).To(HaveLen(1))
		Expect(controller[0][2]).To(Equal(made["NetworkPolicy `kube-system/trident-controller` to the management LIF"]))
		for _, protocol := range []string{"NVMe", "iSCSI", "NFS"} {
			nodes := paths("the shoot's nodes, with " + protocol)
			Expect(nodes).To(HaveLen(1))
			Expect(nodes[0][2]).To(Equal(made["ClusterwideNetworkPolicy `firewall/ontap` on metal-stack, with "+protocol+" to each data LIF"]))
		}
	})
})
