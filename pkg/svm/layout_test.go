// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// nodes makes HA pairs of neighbours, n1 with n2 and so on.
func nodes(count int) []ontap.Node {
	var all []ontap.Node
	for i := 1; i <= count; i++ {
		node := ontap.Node{Name: fmt.Sprintf("n%d", i), Version: ontap.Version{Generation: 9, Major: 16, Minor: 1}}
		if partner := (i - 1) ^ 1 + 1; partner <= count {
			node.Partners = []string{fmt.Sprintf("n%d", partner)}
		}
		all = append(all, node)
	}
	return all
}

func homedAt(home ...string) []ontap.IPInterface {
	var lifs []ontap.IPInterface
	for i, node := range home {
		lifs = append(lifs, ontap.IPInterface{Name: fmt.Sprintf("datalif+%d", i), HomeNode: node})
	}
	return lifs
}

var _ = Describe("#Homes", func() {
	DescribeTable("should put LIFs 2k and 2k+1 on the two nodes of pair k, two on a node at most",
		func(nodeCount, dataLIFs int, kept, surplus []ontap.IPInterface, want ...string) {
			Expect(append([]string{}, svm.Homes(nodes(nodeCount), dataLIFs, kept, surplus)...)).To(Equal(append([]string{}, want...)))
		},
		Entry("on one pair", 2, 2, nil, nil, "n1", "n2"),
		Entry("on two pairs", 4, 4, nil, nil, "n1", "n2", "n3", "n4"),
		Entry("twice on one pair", 2, 4, nil, nil, "n1", "n2", "n1", "n2"),
		Entry("no more than that", 2, 6, nil, nil, "n1", "n2", "n1", "n2"),
		Entry("on a node without a partner", 1, 1, nil, nil, "n1"),
		Entry("beside those that are kept", 4, 4, homedAt("n2", "n3"), nil, "n1", "n4"),
		Entry("where the lost one was", 2, 2, homedAt("n1"), nil, "n2"),
		Entry("beside those that are to go", 2, 2, nil, homedAt("n1", "n2"), "n1", "n2"),
		Entry("nowhere until those that are to go have gone", 2, 4, nil, homedAt("n1", "n2", "n1", "n2")),
		Entry("nowhere if all are there", 2, 2, homedAt("n1", "n2"), nil),
	)
})

var _ = Describe("Layout", func() {
	aggregate := func(name, node, state string, available int64) ontap.Aggregate {
		return ontap.Aggregate{Name: name, HomeNode: node, State: state, Available: available}
	}

	It("should give an SVM all online aggregates of its pairs, and choose only pairs with room", func() {
		aggregates := []ontap.Aggregate{
			aggregate("a1", "n1", "online", 1<<40), aggregate("a2", "n2", "online", 0), aggregate("a0", "n2", "offline", 1<<40),
			aggregate("b1", "n3", "online", 1000), aggregate("b2", "n4", "offline", 1<<40),
		}
		Expect(svm.ChosenAggregates(nodes(4), aggregates, shootUID, 2)).To(Equal([]string{"a1", "a2"}))
		Expect(svm.ChosenAggregates(nodes(4), aggregates[2:], shootUID, 2)).To(BeEmpty())
	})

	It("should spread shoots over the pairs, each always in the same way", func() {
		aggregates := []ontap.Aggregate{aggregate("a1", "n1", "online", 1<<40), aggregate("b1", "n3", "online", 1<<40)}
		seen := map[string]int{}
		for n := range 100 {
			uid := fmt.Sprintf("0a1b2c3d-0000-4000-8000-%012d", n)
			chosen := svm.ChosenAggregates(nodes(4), aggregates, uid, 2)
			Expect(chosen).To(HaveLen(1))
			Expect(svm.ChosenAggregates(nodes(4), aggregates, uid, 2)).To(Equal(chosen))
			seen[chosen[0]]++
		}
		Expect(seen).To(HaveEach(BeNumerically(">", 25)))
		Expect(svm.ChosenAggregates(nodes(4), aggregates, shootUID, 4)).To(Equal([]string{"a1", "b1"}))
	})
})
