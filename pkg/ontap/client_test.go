// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

var _ = Describe("Client", func() {
	DescribeTable("#New", func(endpoint, directory string, options ontap.Options, expected string) {
		client, err := ontap.New(ontap.Config{Name: "eu1", Endpoint: endpoint, CredentialsDirectory: directory, CAFile: "/nowhere"}, options)
		if expected == "" {
			Expect(err).NotTo(HaveOccurred())
			Expect(client.Name()).To(Equal("eu1"))
			return
		}
		Expect(err).To(MatchError(ContainSubstring(expected)))
		Expect(err.Error()).NotTo(ContainSubstring("hunter2"))
	},
		Entry("accepts what it cannot reach and files that are not there", "https://ontap.invalid:8443/", "/nowhere", ontap.Options{}, ""),
		Entry("accepts an IPv6 address", "https://[fd00::1]", "/nowhere", ontap.Options{}, ""),
		Entry("refuses http", "http://ontap.invalid", "/nowhere", ontap.Options{}, "https"),
		Entry("refuses an address without a scheme", "10.0.0.1", "/nowhere", ontap.Options{}, "https"),
		Entry("refuses a missing host", "https://:443", "/nowhere", ontap.Options{}, "host"),
		Entry("refuses a path", "https://ontap.invalid/api", "/nowhere", ontap.Options{}, "only"),
		Entry("refuses a password and does not repeat it", "https://u:hunter2@ontap.invalid", "/nowhere", ontap.Options{}, "only"),
		Entry("does not repeat what is no URL", "https://u:hunter2@[", "/nowhere", ontap.Options{}, "not a URL"),
		Entry("refuses a missing credentials directory", "https://ontap.invalid", "", ontap.Options{}, "credentials directory"),
		Entry("refuses a negative limit", "https://ontap.invalid", "/nowhere", ontap.Options{MaxJobs: -1}, "negative"),
	)

	It("should refuse a cluster without a name", func() {
		_, err := ontap.New(ontap.Config{Endpoint: "https://ontap.invalid", CredentialsDirectory: "/nowhere"}, ontap.Options{})
		Expect(err).To(MatchError(ContainSubstring("name")))
	})

	Describe("#AcquireJobSlot", func() {
		It("should let in nobody whose context has ended, though there is room", func(ctx SpecContext) {
			_, client, _ := setup()
			over, cancel := context.WithCancel(ctx)
			cancel()
			for range 20 {
				Expect(client.AcquireJobSlot(over)).Error().To(MatchError(ontap.IsBusy, "IsBusy"))
			}
		})

		It("should let in three, and another one only when one has left", func(ctx SpecContext) {
			_, client, _ := setup()
			var release func()
			for range 3 {
				var err error
				release, err = client.AcquireJobSlot(ctx)
				Expect(err).NotTo(HaveOccurred())
			}
			stop := errors.New("no slot for 30 s")
			short, cancel := context.WithCancelCause(ctx)
			cancel(stop)
			_, err := client.AcquireJobSlot(short)
			Expect(err).To(MatchError(ontap.IsBusy, "IsBusy"))
			Expect(err).To(MatchError(context.Canceled))
			Expect(err).To(MatchError(stop))

			got := make(chan error, 2)
			waiting, giveUp := context.WithCancel(ctx)
			for range 2 {
				go func() {
					_, err := client.AcquireJobSlot(waiting)
					got <- err
				}()
			}
			Consistently(got, "20ms").ShouldNot(Receive())
			release()
			release()
			Eventually(ctx, got).Should(Receive(BeNil()))
			Consistently(got, "20ms").ShouldNot(Receive(), "releasing twice gives back one slot")
			giveUp()
			Eventually(ctx, got).Should(Receive(MatchError(ontap.IsBusy, "IsBusy")))
		})
	})
})
