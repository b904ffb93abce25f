// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

var _ = Describe("MetroCluster", func() {
	DescribeTable("should be normal only if both halves say so and reach each other", func(ctx SpecContext, body string, expected ontap.MetroCluster, normal bool) {
		cluster, client, _ := setup(ok(body))
		found, err := client.MetroCluster.Get(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(Equal(expected))
		Expect(found.Normal()).To(Equal(normal))
		Expect(cluster.requests[0].Path).To(Equal("/api/cluster/metrocluster"))
	},
		Entry("normal", `{"local":{"mode":"normal","partner_cluster_reachable":true},"remote":{"mode":"normal","cluster":{"name":"b"}}}`,
			ontap.MetroCluster{Mode: "normal", PartnerMode: "normal", Partner: "b"}, true),
		Entry("switched over", `{"local":{"mode":"switchover","partner_cluster_reachable":true},"remote":{"mode":"waiting_for_switchback","cluster":{"name":"b"}}}`,
			ontap.MetroCluster{Mode: "switchover", PartnerMode: "waiting_for_switchback", Partner: "b"}, false),
		Entry("a partner that is not reached, and was normal when it last was", `{"local":{"mode":"normal","partner_cluster_reachable":false},"remote":{"mode":"normal"}}`,
			ontap.MetroCluster{Mode: "normal", PartnerMode: "not_reachable"}, false),
		Entry("a partner of which nothing is said", `{"local":{"mode":"normal"}}`, ontap.MetroCluster{Mode: "normal"}, false),
	)

	It("should be unknown where the answer has no mode", func(ctx SpecContext) {
		_, client, _ := setup(ok(`{"local":{}}`))
		Expect(client.MetroCluster.Get(ctx)).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
	})

	It("should find both halves of an SVM by its name, and nothing that is only called so", func(ctx SpecContext) {
		source, standby := `{"uuid":"u-1","name":"s1","subtype":"sync_source"}`, `{"uuid":"u-2","name":"s1-mc","subtype":"sync_destination"}`
		cluster, client, _ := setup(records("", source, standby), records("", `{"uuid":"u-3","name":"s1-mc","subtype":"default"}`), records(""))
		found, err := client.SVMs.FindHalves(ctx, "s1")
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(HaveExactElements(HaveField("UUID", "u-1"), HaveField("UUID", "u-2")))
		Expect(cluster.requests[0].Query).To(HaveKeyWithValue("name", []string{"s1|s1-mc"}))
		Expect(client.SVMs.FindHalves(ctx, "s1")).To(BeEmpty())
		Expect(client.SVMs.FindHalves(ctx, "dns.name")).To(BeEmpty())
		Expect(cluster.requests[2].Query).To(HaveKeyWithValue("name", []string{"dns.name|dns-mc.name"}))
		Expect(client.SVMs.FindHalves(ctx, "")).Error().To(MatchError(ontap.IsInvalid, "IsInvalid"))
	})
})
