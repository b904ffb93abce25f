// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/validation/field"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

var _ = Describe("#ValidateSVMConfig", func() {
	network := configv1alpha1.Network{Mode: "HomePort", HomePort: "e0c", IPv4PrefixLength: 16}
	cluster := func(name string, policies ...configv1alpha1.QoSPolicy) configv1alpha1.ONTAPCluster {
		return configv1alpha1.ONTAPCluster{
			Name: name, QoSPolicies: policies, Networks: configv1alpha1.Networks{Management: network, Data: []configv1alpha1.Network{network}},
		}
	}
	operator := configv1alpha1.ControllerConfiguration{Clusters: []configv1alpha1.ONTAPCluster{
		cluster("a", configv1alpha1.QoSPolicy{Name: "gold"}, configv1alpha1.QoSPolicy{Name: "extreme", Adaptive: true}), cluster("b"),
	}}
	wants := func(policy string) *ontapv1alpha1.SVMConfig {
		return &ontapv1alpha1.SVMConfig{
			ManagementLIF: "10.10.0.1", DataLIFs: []string{"10.11.0.1", "10.11.0.2"}, Protocol: ontapv1alpha1.ProtocolNVMe,
			StorageClasses: []ontapv1alpha1.StorageClass{{Name: "plain"}, {Name: "fast", QoSPolicy: policy}},
		}
	}

	DescribeTable("should want a cluster that offers all QoS policies", func(policy, placed string, refusals ...string) {
		errs := operator.ValidateSVMConfig(wants(policy), placed, "", field.NewPath("spec"))
		Expect(errs).To(HaveLen(len(refusals)))
		for i, refusal := range refusals {
			Expect(errs[i]).To(MatchError("spec.storageClasses[1].qosPolicy: Invalid value: \"" + policy + "\": " + refusal))
		}
	},
		Entry("one of them does", "gold", ""),
		Entry("it is an adaptive one", "extreme", ""),
		Entry("that is the one that the SVM lives on", "gold", "a"),
		Entry("another one does", "gold", "b", "cluster b allows the QoS policies []"),
		Entry("none of them does", "golden", "", `cluster a allows the QoS policies ["gold" "extreme"]`, "cluster b allows the QoS policies []"),
	)

	DescribeTable("should allow for no QoS policy where the throughput of the SVM is limited", func(policy configv1alpha1.LimitsPolicy, own ontapv1alpha1.Limits) {
		limited, config := operator, wants("gold")
		limited.Limits, config.Limits = policy, own
		Expect(limited.ValidateSVMConfig(config, "", "", field.NewPath("spec"))).To(ConsistOf(MatchError(
			And(ContainSubstring("spec.storageClasses[1].qosPolicy"), MatchRegexp("iops [0-9]+, mbps [0-9]+")))))
		config.StorageClasses[1].QoSPolicy = ""
		Expect(limited.ValidateSVMConfig(config, "", "", field.NewPath("spec"))).To(BeEmpty())
	},
		Entry("by its owner, in operations", configv1alpha1.LimitsPolicy{}, ontapv1alpha1.Limits{IOPS: 100}),
		Entry("by its owner, in megabytes", configv1alpha1.LimitsPolicy{}, ontapv1alpha1.Limits{MBps: 100}),
		Entry("by the operator's default", configv1alpha1.LimitsPolicy{Default: ontapv1alpha1.Limits{MBps: 100}}, ontapv1alpha1.Limits{}),
		Entry("by the operator's maximum", configv1alpha1.LimitsPolicy{Maximum: ontapv1alpha1.Limits{IOPS: 100}}, ontapv1alpha1.Limits{}),
	)
})
