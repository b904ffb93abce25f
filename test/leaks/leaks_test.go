// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package leaks_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/leaks"
)

func TestLeaks(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Leaks Suite")
}

var _ = Describe("Collector", func() {
	const secret = "p%ss+word#1/?"

	DescribeTable("should find a secret",
		func(text string) {
			collector := leaks.NewCollector()
			collector.Add("the password", "user", []byte(secret))
			Expect(collector.Len()).To(Equal(1))
			found, read, err := collector.Find(strings.NewReader("before " + text + " after"))
			Expect(err).NotTo(HaveOccurred())
			Expect(found).To(ContainElement(HavePrefix("the password")))
			Expect(read).To(Equal(len(text) + len("before  after")))
		},
		Entry("as it is", secret),
		Entry("in base64", base64.StdEncoding.EncodeToString([]byte(secret))),
		Entry("in a URL", url.QueryEscape(secret)),
		Entry("in a header", "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("user:"+secret))),
		Entry("as bytes", fmt.Sprintf("%x", secret)),
	)

	It("should find nothing in a clean text", func() {
		collector := leaks.NewCollector()
		collector.Add("the password", "user", []byte(secret))
		found, _, err := collector.Find(strings.NewReader("user logged in with [redacted]"))
		Expect(err).NotTo(HaveOccurred())
		Expect(found).To(BeEmpty())
	})
})
