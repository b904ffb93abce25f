// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/clock"
)

const (
	// jobPatience is how long a job may take, and jobInterval how often it is looked at.
	jobPatience = 2 * time.Minute
	jobInterval = time.Second
	maxAnswer   = 1 << 20
)

// Config is what a backend is made of.
type Config struct {
	// Endpoint is https:// and the management LIF, with a port if need be.
	Endpoint           string
	Username, Password string
	// CA is the trusted CA certificate; without one Trident verifies nothing.
	CA    []byte
	Clock clock.Clock
}

// rest sends requests as Trident's generated client does: whatever is not among the successes of a call is an error.
type rest struct {
	Config
	client *http.Client
}

func newREST(config Config) *rest {
	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: len(config.CA) == 0}
	if len(config.CA) > 0 {
		tlsConfig.RootCAs = x509.NewCertPool()
		tlsConfig.RootCAs.AppendCertsFromPEM(config.CA)
	}
	return &rest{config, &http.Client{Transport: &http.Transport{TLSClientConfig: tlsConfig, DisableKeepAlives: true}}}
}

// APIError is an answer that is no success of the call.
type APIError struct {
	Method, Path  string
	Status        int
	Code, Message string
}

func (e *APIError) Error() string {
	return fmt.Sprintf("%s %s: status %d, code %q: %s", e.Method, e.Path, e.Status, e.Code, e.Message)
}

// get reads into an object.
func (r *rest) get(ctx context.Context, path string, query url.Values, into any) error {
	_, err := r.send(ctx, http.MethodGet, path, query, nil, into, http.StatusOK)
	return err
}

// send returns the status, which is one of the successes.
func (r *rest) send(ctx context.Context, method, path string, query url.Values, body, into any, successes ...int) (int, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if body == nil {
		content = nil
	}
	target := r.Endpoint + "/api" + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(content))
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	request.SetBasicAuth(r.Username, r.Password)
	request.Header.Set("Accept", "application/json, application/hal+json")
	request.Header.Set("X-Dot-Client-App", "Trident/26.06.0")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := r.client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer func() { _ = response.Body.Close() }() // everything of interest has been read
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", method, path, err)
	}
	if !slices.Contains(successes, response.StatusCode) {
		return 0, apiError(method, path, response.StatusCode, answer)
	}
	return response.StatusCode, decode(method, path, response.Header.Get("Content-Type"), answer, into)
}

func apiError(method, path string, status int, answer []byte) error {
	var body struct {
		Error struct{ Code, Message string }
	}
	failed := &APIError{Method: method, Path: path, Status: status}
	if err := json.Unmarshal(answer, &body); err == nil {
		failed.Code, failed.Message = body.Error.Code, body.Error.Message
	}
	return failed
}

// decode takes only the two types of content that a client of ONTAP asks for.
func decode(method, path, contentType string, answer []byte, into any) error {
	if into == nil {
		return nil
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "application/json" && kind != "application/hal+json" {
		return fmt.Errorf("%s %s: content of the type %q", method, path, contentType)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// list is a collection. Trident dereferences the number of records without looking.
type list[T any] struct {
	NumRecords *int `json:"num_records"`
	Records    []T  `json:"records"`
	Links      struct {
		Next struct{ Href string }
	} `json:"_links"`
}

var errNoNumber = errors.New("num_records is missing, where Trident panics")

// page reads a collection with all its pages.
func page[T any](ctx context.Context, r *rest, path string, query url.Values) ([]T, error) {
	var all []T
	for {
		var got list[T]
		if err := r.get(ctx, path, query, &got); err != nil {
			return nil, err
		}
		if got.NumRecords == nil || *got.NumRecords != len(got.Records) {
			return nil, fmt.Errorf("GET %s: %w", path, errNoNumber)
		}
		all = append(all, got.Records...)
		if got.Links.Next.Href == "" {
			return all, nil
		}
		next, err := url.Parse(got.Links.Next.Href)
		if err != nil {
			return nil, fmt.Errorf("GET %s: %w", path, err)
		}
		query = next.Query()
	}
}

// one returns the only record of the answer to a POST.
func (l list[T]) one() (record T, err error) {
	if l.NumRecords == nil || *l.NumRecords != 1 || len(l.Records) != 1 {
		return record, errors.New("the call succeeded, but what it made is not in its answer")
	}
	return l.Records[0], nil
}

// jobLink is the answer to what takes longer.
type jobLink struct {
	Job struct{ UUID string } `json:"job"`
}

// accepted sends a write that has to be answered with 202, and waits for its job.
func (r *rest) accepted(ctx context.Context, method, path string, query url.Values, body any) error {
	var link jobLink
	if _, err := r.send(ctx, method, path, query, body, &link, http.StatusAccepted); err != nil {
		return err
	}
	return r.await(ctx, link)
}

// await waits for a job to end, and reads why if it failed.
func (r *rest) await(ctx context.Context, link jobLink) error {
	path := "/cluster/jobs/" + link.Job.UUID
	for end := r.Clock.Now().Add(jobPatience); ; {
		var job struct {
			State, Message string
			Code           int
		}
		if err := r.get(ctx, path, url.Values{"fields": {"state"}}, &job); err != nil {
			return err
		}
		if job.State == "success" || job.State == "failure" {
			if err := r.get(ctx, path, url.Values{"fields": {"**"}}, &job); err != nil {
				return err
			}
		}
		switch {
		case job.State == "success":
			return nil
		case job.State == "failure":
			return &APIError{Method: http.MethodGet, Path: path, Code: fmt.Sprint(job.Code), Message: job.Message}
		case !r.Clock.Now().Before(end):
			return fmt.Errorf("job %s is still %s", link.Job.UUID, job.State)
		}
		timer := r.Clock.NewTimer(jobInterval)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C():
		}
	}
}

// fields is the parameter fields, of which Trident sometimes sends an empty one.
func fields(names ...string) url.Values { return url.Values{"fields": {strings.Join(names, ",")}} }

// with adds a filter to a query.
func with(query url.Values, pairs ...string) url.Values {
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return query
}
