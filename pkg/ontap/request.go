// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// clientApp is what ONTAP's audit log calls this client.
	clientApp = "gardener-extension-ontap"
	// maxAnswer is far above a page of 1000 records of about one kilobyte.
	maxAnswer = 8 << 20
	// tryTimeout bounds a try from the first byte sent to the last one read: an answer that drips in ends some time.
	tryTimeout = 45 * time.Second

	maxTries      = 3
	firstBackoff  = 500 * time.Millisecond
	maxRetryAfter = 30 * time.Second
)

// request is one call of the REST API.
type request struct {
	method string
	path   string   // template below /api, such as /svm/svms/{uuid}
	keys   []string // what the braces of path stand for, in order
	query  string   // encoded
	body   any      // nil for none
	secret Secret   // what of body must not come back in an error
}

// errNoSVM is the cause of an error about a request that would not be limited to one SVM.
var errNoSVM = errors.New("the SVM has no UUID")

// call makes one request and decodes its answer into out, which may be nil. Everything that this package sends goes
// this way, in this order:
//
//  1. path, keys and query become the URL, and the body is marshalled, once.
//  2. A try (see there) takes a place in flight, fails at once while the cluster is silent, is authenticated, metered,
//     sent, read up to a limit, and turned into an [Error] unless its status is a success.
//  3. A GET that got no answer, or 429, 502, 503 or 504, is tried again, three times in all, after a pause that grows,
//     has jitter, and honours Retry-After. A write is not: nobody knows whether the first one had its effect. (net/http
//     itself repeats a request whose idle connection turns out to be dead: a GET, or a write of which it sent nothing.)
//  4. The answer is decoded. One that cannot be is as good as none.
func (c *Client) call(ctx context.Context, r request, out any) (status int, err error) {
	if c.readOnly && r.method != http.MethodGet {
		return 0, c.failure(r, KindHeld, errors.New("an administrator holds the cluster or the SVM"))
	}
	if _, known := rights[r.method+" "+r.path]; !known {
		return 0, c.failure(r, KindInvalid, errors.New("this request is not among those that the role of the cluster credentials is made for"))
	}
	target, body, err := c.prepare(r)
	if err != nil {
		return 0, c.failure(r, KindInvalid, err)
	}
	for try, backoff := 1, firstBackoff; ; try, backoff = try+1, 2*backoff {
		status, answer, failure := c.try(ctx, r, target, body)
		if failure == nil {
			return status, c.decode(r, status, answer, out)
		}
		if r.method != http.MethodGet || !failure.again || try == maxTries || failure.retryAfter > maxRetryAfter {
			return 0, failure
		}
		pause := max(backoff, failure.retryAfter)
		if err := c.sleep(ctx, pause+rand.N(pause/2)); err != nil { //nolint:gosec // jitter is no secret
			return 0, c.failure(r, KindUnavailable, fmt.Errorf("%w, after %w", err, failure))
		}
	}
}

// prepare refuses empty keys: ONTAP would take a DELETE of /svm/svms/ for one of the whole collection.
func (c *Client) prepare(r request) (target string, body []byte, err error) {
	path := r.path
	for _, key := range r.keys {
		if key == "" {
			return "", nil, errors.New("a key in the path is empty")
		}
		open, closing := strings.IndexByte(path, '{'), strings.IndexByte(path, '}')
		// Dot segments would be resolved by the server.
		path = path[:open] + strings.ReplaceAll(url.PathEscape(key), ".", "%2E") + path[closing+1:]
	}
	target = c.base + path
	if r.query != "" {
		target += "?" + r.query
	}
	if r.body != nil {
		body, err = json.Marshal(r.body)
	}
	return target, body, err
}

// try sends the request once and returns the body of a successful answer.
func (c *Client) try(ctx context.Context, r request, target string, body []byte) (int, []byte, *Error) {
	if err := c.inFlight.enter(ctx); err != nil {
		return 0, nil, c.failure(r, KindUnavailable, err)
	}
	defer c.inFlight.leave()
	user, err := c.access.credentials()
	if err != nil {
		return 0, nil, c.failure(r, KindDenied, err)
	}
	transport, err := c.access.roundTripper()
	if err != nil {
		return 0, nil, c.failure(r, KindDenied, fmt.Errorf("%w: %w", errUntrusted, err))
	}
	if err := c.silence.admit(c.clock.Now()); err != nil {
		return 0, nil, c.failure(r, KindUnavailable, err)
	}
	admitted, failure := c.admit(ctx, r, user.hash())
	if failure != nil {
		return 0, nil, failure
	}
	defer c.logins.leave(admitted)
	sent := c.clock.Now()
	status, answer, failure := c.send(ctx, transport, r, target, body, user)
	if failure == nil || failure.Status != 0 || ctx.Err() == nil { // else the caller did not wait for what would have become of it
		silent := c.silence.note(sent, c.clock.Now(), failure)
		c.logins.note(c.clock.Now(), admitted, failure)
		if silent { // what follows is not sent
			failure.again = false
		}
	}
	return status, answer, failure
}

// send sends the request and reads the answer.
func (c *Client) send(ctx context.Context, transport http.RoundTripper, r request, target string, body []byte, user credentials) (int, []byte, *Error) {
	bounded, cancel := context.WithTimeoutCause(ctx, tryTimeout, errTryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(bounded, r.method, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, c.failure(r, KindInvalid, err)
	}
	dress(req, r)
	req.SetBasicAuth(user.username, user.password.Reveal())

	start := c.clock.Now()
	response, answer, err := exchange(transport, req) //nolint:bodyclose // exchange closes it
	c.observe(r, response, err, c.clock.Since(start))
	if err != nil {
		return 0, nil, c.unanswered(ctx, bounded, r, err)
	}
	if r.method != http.MethodGet {
		if index, found := approvalIn(response.Header, answer); found {
			failure := c.failure(r, KindApproval, fmt.Errorf("multi-admin-verify request %d has to be approved", index))
			failure.Status, failure.ApprovalIndex = response.StatusCode, index
			return 0, nil, failure
		}
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		failure := c.refusal(r, response.StatusCode, answer, user.password, r.secret)
		failure.retryAfter = c.retryAfter(response.Header.Get("Retry-After"))
		return 0, nil, failure
	}
	return response.StatusCode, answer, nil
}

func dress(req *http.Request, r request) {
	req.Header.Set("Accept", "application/json, application/hal+json")
	req.Header.Set("X-Dot-Client-App", clientApp)
	req.Header.Set("User-Agent", clientApp)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
}

var (
	errTooLarge   = fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	errUntrusted  = errors.New("the cluster's certificate is not trusted")
	errTryTimeout = fmt.Errorf("there was no whole answer after %s", tryTimeout)
)

func exchange(transport http.RoundTripper, req *http.Request) (*http.Response, []byte, error) {
	response, err := transport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = response.Body.Close() }() // all that was wanted of it has been read
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer: %w", err)
	}
	if len(answer) > maxAnswer {
		return nil, nil, errTooLarge
	}
	return response, answer, nil
}

func (c *Client) observe(r request, response *http.Response, err error, duration time.Duration) {
	code := "error"
	if err == nil {
		code = strconv.Itoa(response.StatusCode)
	}
	c.observer.ObserveRequest(c.name, r.method, r.path, code, duration)
}

// unanswered is the error of a request without a whole answer. It is tried again unless that cannot help, or has taken
// seconds already, of which the caller has not many. A certificate that cannot be trusted is not an outage: somebody has
// to mend it, or the CA bundle.
func (c *Client) unanswered(ctx, bounded context.Context, r request, err error) *Error {
	if ctx.Err() != nil {
		return c.failure(r, KindUnavailable, ended(ctx))
	}
	if untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return c.failure(r, KindDenied, fmt.Errorf("%w: %w", errUntrusted, untrusted.Err))
	}
	failure := c.failure(r, KindUnavailable, err)
	if bounded.Err() != nil {
		failure.cause = context.Cause(bounded)
	}
	failure.again = bounded.Err() == nil && !errors.Is(err, errTooLarge) && !errors.Is(err, context.DeadlineExceeded)
	return failure
}

// retryAfter understands both forms of the header, seconds and a date.
func (c *Client) retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return date.Sub(c.clock.Now())
	}
	return 0
}

func (c *Client) decode(r request, status int, answer []byte, out any) error {
	if out == nil || r.method != http.MethodGet && len(bytes.TrimSpace(answer)) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return c.unintelligible(r, status, fmt.Errorf("decoding the answer: %w", err))
	}
	return nil
}

// unintelligible is the error of a success that does not say what it must.
func (c *Client) unintelligible(r request, status int, cause error) *Error {
	failure := c.failure(r, KindUnavailable, cause)
	failure.Status = status
	return failure
}

// settle makes a write that ONTAP has done when it answers, as its documents say; if it has begun a job nevertheless, the
// job is waited for.
func (c *Client) settle(ctx context.Context, r request) error {
	job, err := c.write(ctx, r)
	if err != nil {
		return err
	}
	return c.Jobs.Wait(ctx, job)
}

// write makes a request that changes something. ONTAP may have done it when it answers, or have begun a job.
func (c *Client) write(ctx context.Context, r request) (Job, error) {
	var answer struct {
		Job struct {
			UUID string `json:"uuid"`
		} `json:"job"`
	}
	status, err := c.call(ctx, r, &answer)
	if err != nil {
		return Job{}, err
	}
	if answer.Job.UUID != "" {
		return Job{UUID: answer.Job.UUID, Description: r.method + " " + r.path, cluster: c.name}, nil
	}
	if status == http.StatusAccepted {
		return Job{}, c.unintelligible(r, status, errors.New("accepted without a job"))
	}
	return Job{}, nil
}
