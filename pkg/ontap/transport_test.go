// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

const aboutPartner = `{"local":{"mode":"normal"},"remote":{"mode":"normal","cluster":{"name":"eu2"}}}`

var _ = Describe("Access to a cluster", func() {
	It("should read the credentials again for each request, without the whitespace around them", func(ctx SpecContext) {
		cluster, client, _ := setup(ok(aboutPartner), ok(aboutPartner))
		Expect(client.MetroCluster.Get(ctx)).Error().NotTo(HaveOccurred())
		cluster.write("username", "  second\n")
		cluster.write("password", "other password \r\n")
		Expect(client.MetroCluster.Get(ctx)).Error().NotTo(HaveOccurred())

		Expect(cluster.requests).To(HaveLen(2))
		Expect(cluster.requests[0].Header.Get("Authorization")).To(Equal("Basic b3BlcmF0b3I6aHVudGVyMi1odW50ZXIy"))
		Expect(cluster.requests[1].Header.Get("Authorization")).To(Equal("Basic c2Vjb25kOm90aGVyIHBhc3N3b3Jk"))
		Expect(cluster.connections.Load()).To(Equal(int32(1)), "a new password needs no new connection")
	})

	DescribeTable("when a file cannot be used", func(ctx SpecContext, name string, content *string) {
		cluster, client, _ := setup()
		if content != nil {
			cluster.write(name, *content)
		} else {
			Expect(os.Remove(filepath.Join(cluster.config.CredentialsDirectory, name))).To(Succeed())
		}
		_, err := client.SVMs.Create(ctx, ontap.SVMCreate{Name: "s1"})
		Expect(err).To(MatchError(ontap.IsDenied, "IsDenied"))
		Expect(err).To(MatchError(ContainSubstring(filepath.Join(cluster.config.CredentialsDirectory, name))))
		Expect(cluster.requests).To(BeEmpty())
	},
		Entry("it should say which: no username", "username", nil),
		Entry("it should say which: empty username", "username", new("")),
		Entry("it should say which: no password", "password", nil),
		Entry("it should say which: a password of whitespace", "password", new(" \n")),
		Entry("it should say which: no CA bundle", "ca.crt", nil),
		Entry("it should say which: a CA bundle without a certificate", "ca.crt", new("nothing")),
	)

	It("should send no credentials to a server that the CA bundle does not vouch for, and not insist", func(ctx SpecContext) {
		cluster, client, clock := setup()
		cluster.write("ca.crt", someCA())
		_, err := client.MetroCluster.Get(ctx)
		Expect(err).To(MatchError(ontap.IsDenied, "IsDenied"), "no outage: somebody has to mend it")
		Expect(err).To(BeAssignableToTypeOf(&ontap.Error{}))
		Expect(err).To(MatchError(ContainSubstring("the cluster's certificate is not trusted")))
		Expect(cluster.requests).To(BeEmpty())
		Expect(clock.waits).To(BeEmpty())
	})

	It("should trust the system's roots only, where there is no CA bundle", func(ctx SpecContext) {
		cluster := newCluster()
		cluster.config.CAFile = ""
		_, err := cluster.client(ontap.Options{Clock: newClock()}).MetroCluster.Get(ctx)
		Expect(err).To(MatchError(ontap.IsDenied, "IsDenied"))
		Expect(cluster.requests).To(BeEmpty())
	})

	It("should connect anew when, and only when, the CA bundle has changed", func(ctx SpecContext) {
		cluster, client, _ := setup(ok(aboutPartner), ok(aboutPartner), ok(aboutPartner))
		Expect(client.MetroCluster.Get(ctx)).Error().NotTo(HaveOccurred())
		cluster.write("ca.crt", cluster.caPEM())
		Expect(client.MetroCluster.Get(ctx)).Error().NotTo(HaveOccurred())
		Expect(cluster.connections.Load()).To(Equal(int32(1)))

		cluster.write("ca.crt", someCA()+cluster.caPEM())
		Expect(client.MetroCluster.Get(ctx)).Error().NotTo(HaveOccurred())
		Expect(cluster.connections.Load()).To(Equal(int32(2)))
		Eventually(ctx, cluster.closed.Load).Should(Equal(int32(1)), "the one that the old bundle vouched for")

		cluster.write("ca.crt", someCA())
		Expect(client.MetroCluster.Get(ctx)).Error().To(MatchError(ontap.IsDenied, "IsDenied"))
		Expect(cluster.requests).To(HaveLen(3))
	})

	It("should not follow a redirect", func(ctx SpecContext) {
		elsewhere := newCluster()
		redirect := answer{status: 307, header: map[string]string{"Location": elsewhere.URL + "/api/cluster"}}
		_, client, _ := setup(redirect, redirect)
		Expect(client.MetroCluster.Get(ctx)).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(client.SVMs.Delete(ctx, "u-1")).Error().To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(elsewhere.requests).To(BeEmpty())
	})

	It("should be Unavailable where nobody listens", func(ctx SpecContext) {
		cluster, client, clock := setup()
		cluster.Close()
		_, err := client.MetroCluster.Get(ctx)
		Expect(err).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(err).To(MatchError(ContainSubstring(`ONTAP cluster "eu1": GET /cluster/metrocluster: `)))
		Expect(clock.waits).To(HaveLen(2))
	})

	It("should end with the context", func(ctx SpecContext) {
		_, client, clock := setup()
		over, cancel := context.WithCancel(ctx)
		cancel()
		_, err := client.MetroCluster.Get(over)
		Expect(err).To(MatchError(ontap.IsUnavailable, "IsUnavailable"))
		Expect(err).To(MatchError(context.Canceled))
		Expect(clock.waits).To(BeEmpty())
	})
})

// someCA is a certificate that vouches for nobody here.
func someCA() string {
	GinkgoHelper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	Expect(err).NotTo(HaveOccurred())
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
}
