// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape_test

import (
	"net"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

var _ = Describe("#reservePort", func() {
	It("should return ports that are given to nobody else and can be listened on", func(ctx SpecContext) {
		reserved := sets.New[int]()
		for range 200 {
			port, err := landscape.ReservePort(ctx)
			Expect(err).NotTo(HaveOccurred())
			reserved.Insert(port)
		}
		Expect(reserved).To(HaveLen(200), "none of them given twice")

		given := sets.New[int]()
		for range 3000 {
			listener, err := net.Listen("tcp4", "127.0.0.1:0")
			Expect(err).NotTo(HaveOccurred())
			given.Insert(listener.Addr().(*net.TCPAddr).Port)
			Expect(listener.Close()).To(Succeed())
		}
		Expect(given.Intersection(reserved)).To(BeEmpty())

		for port := range reserved {
			listener, err := net.Listen("tcp4", "127.0.0.1:"+strconv.Itoa(port))
			Expect(err).NotTo(HaveOccurred())
			Expect(listener.Close()).To(Succeed())
		}
	})
})
