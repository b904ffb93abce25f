// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"time"
)

// The flaws that a certificate can have.
const (
	certificateExpired   = "expired"
	certificateUntrusted = "untrusted"
)

// authority is the CA of one simulator.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// validity covers every time that a test's clock or the machine's may show, so that no clock has to be asked.
func validity() (from, to time.Time) {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generating CA key: %w", err)
	}
	from, to := validity()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ONTAP simulator CA"}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing CA certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("parsing CA certificate: %w", err)
	}
	return &authority{certificate, key, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

// issue returns a server certificate for the loopback interface and all hosts of a cluster, good, expired, or signed by
// somebody else.
func (a *authority) issue(o ClusterOptions, serial int64) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("generating key of cluster %q: %w", o.Name, err)
	}
	from, to := validity()
	switch o.Certificate {
	case certificateExpired:
		to = from.AddDate(1, 0, 0)
	case certificateUntrusted:
		if a, err = newAuthority(); err != nil {
			return tls.Certificate{}, err
		}
	}
	names, addresses := o.hosts()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: o.Name}, NotBefore: from, NotAfter: to,
		DNSNames: names, IPAddresses: addresses,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("signing certificate of cluster %q: %w", o.Name, err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// hosts are the names and addresses that the certificate of a cluster is valid for.
func (o ClusterOptions) hosts() (names []string, addresses []net.IP) {
	all := append([]string{"localhost", "127.0.0.1", "::1"}, o.Hosts...)
	if listen, err := netip.ParseAddrPort(o.Listen); err == nil && !listen.Addr().IsUnspecified() {
		all = append(all, listen.Addr().String())
	}
	slices.Sort(all)
	for _, host := range slices.Compact(all) {
		if address, err := netip.ParseAddr(host); err == nil {
			addresses = append(addresses, address.AsSlice())
		} else {
			names = append(names, host)
		}
	}
	return names, addresses
}
