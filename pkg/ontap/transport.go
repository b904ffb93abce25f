// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	connectTimeout = 10 * time.Second
	// answerTimeout is above the 15 seconds that ONTAP takes at most to answer a GET.
	answerTimeout = 30 * time.Second
	idleTimeout   = 90 * time.Second
)

// access is what lets the client in: the credentials and the CA bundle, from files that a mounted Secret replaces, and
// the connections that were made with that bundle.
type access struct {
	config  Config
	maxIdle int
	given   http.RoundTripper

	mu        sync.Mutex
	bundle    []byte
	transport *http.Transport
}

type credentials struct {
	username string
	password Secret
}

// credentials are read for each request, so that a rotation needs neither a restart nor a watch.
func (a *access) credentials() (credentials, error) {
	username, err := a.credential("username")
	if err != nil {
		return credentials{}, err
	}
	password, err := a.credential("password")
	return credentials{username, NewSecret(password)}, err
}

func (a *access) credential(name string) (string, error) {
	path := filepath.Join(a.config.CredentialsDirectory, name)
	data, err := os.ReadFile(path) //nolint:gosec // the operator's configuration says which file
	if err != nil {
		return "", fmt.Errorf("reading cluster credentials: %w", err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fmt.Errorf("cluster credentials file %s is empty", path)
	}
	return text, nil
}

// roundTripper returns a transport that trusts the CA bundle as it is now. A new bundle means new connections: those
// that exist were verified against the old one. A RoundTripper, other than an http.Client, follows no redirects, which
// would carry the credentials elsewhere.
func (a *access) roundTripper() (http.RoundTripper, error) {
	if a.given != nil {
		return a.given, nil
	}
	var bundle []byte
	if a.config.CAFile != "" {
		var err error
		if bundle, err = os.ReadFile(a.config.CAFile); err != nil {
			return nil, fmt.Errorf("reading CA bundle: %w", err)
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.transport != nil && bytes.Equal(bundle, a.bundle) {
		return a.transport, nil
	}
	var roots *x509.CertPool
	if a.config.CAFile != "" {
		roots = x509.NewCertPool()
		if !roots.AppendCertsFromPEM(bundle) {
			return nil, fmt.Errorf("CA bundle %s holds no certificate", a.config.CAFile)
		}
	}
	if a.transport != nil {
		a.transport.CloseIdleConnections()
	}
	a.bundle = bundle
	a.transport = &http.Transport{
		DialContext: (&net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSClientConfig: &tls.Config{
			RootCAs: roots, MinVersion: tls.VersionTLS12,
			InsecureSkipVerify: a.config.InsecureSkipVerify, //nolint:gosec // the operator's explicit choice, logged and metered
		},
		TLSHandshakeTimeout:   connectTimeout,
		ResponseHeaderTimeout: answerTimeout,
		IdleConnTimeout:       idleTimeout,
		MaxIdleConnsPerHost:   a.maxIdle,
	}
	return a.transport, nil
}
