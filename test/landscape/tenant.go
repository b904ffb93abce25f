// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Tenant logs in on an ONTAP cluster with accounts of SVMs, as Trident does.
type Tenant struct {
	http     *http.Client
	endpoint string
}

// NewTenant returns one for a cluster. It makes no connection.
func (l *Landscape) NewTenant(cluster string) (*Tenant, error) {
	directory := l.ClusterDirectory(cluster)
	ca, err := os.ReadFile(filepath.Join(directory, "ca.crt"))
	if err != nil {
		return nil, err
	}
	endpoint, err := os.ReadFile(filepath.Join(directory, "endpoint"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &Tenant{
		http:     &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}},
		endpoint: strings.TrimSpace(string(endpoint)),
	}, nil
}

// LogIn returns the HTTP status of the answer, and the states of the SVMs that an account sees if it is let in.
func (t *Tenant) LogIn(ctx context.Context, username, password string) (states []string, status int, err error) {
	target := t.endpoint + "/api/svm/svms?" + url.Values{"fields": {"state"}}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, 0, err
	}
	request.SetBasicAuth(username, password)
	response, err := t.http.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = response.Body.Close() }() // nothing is left to be read
	if response.StatusCode != http.StatusOK {
		return nil, response.StatusCode, nil
	}
	var answer struct {
		Records []struct{ State string }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, response.StatusCode, fmt.Errorf("reading the answer with status %s: %w", response.Status, err)
	}
	for _, svm := range answer.Records {
		states = append(states, svm.State)
	}
	return states, response.StatusCode, nil
}
