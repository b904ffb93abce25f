// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// remote is a Control over the administrative API of a simulator in another process.
type remote struct {
	url    string
	client *http.Client
}

// Dial returns the controls of a simulator that runs as a program. It does no I/O.
func Dial(adminURL string) Control {
	return &remote{strings.TrimSuffix(adminURL, "/"), &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}}
}

func (r *remote) HoldJobs(ctx context.Context, cluster string, stage Stage) error {
	return r.post(ctx, "/hold", command{Cluster: cluster, Stage: stage})
}

func (r *remote) ReleaseJobs(ctx context.Context, cluster string) error {
	return r.post(ctx, "/release", command{Cluster: cluster})
}

func (r *remote) FailNext(ctx context.Context, fault Fault) error { return r.post(ctx, "/fail", fault) }

func (r *remote) FailShare(ctx context.Context, share Share) error {
	return r.post(ctx, "/fail-share", share)
}

func (r *remote) SetDown(ctx context.Context, cluster string) error {
	return r.post(ctx, "/down", command{Cluster: cluster})
}

func (r *remote) SetUp(ctx context.Context, cluster string) error {
	return r.post(ctx, "/up", command{Cluster: cluster})
}

func (r *remote) AddSVMs(ctx context.Context, cluster string, n int) error {
	return r.post(ctx, "/svms", command{Cluster: cluster, Count: n})
}

func (r *remote) Perform(ctx context.Context, cluster string, act Act) error {
	return r.post(ctx, "/perform", command{Cluster: cluster, Act: act})
}

func (r *remote) Journal(ctx context.Context, since uint64) (entries []Entry, err error) {
	err = r.get(ctx, "/journal?since="+strconv.FormatUint(since, 10), &entries)
	return entries, err
}

func (r *remote) State(ctx context.Context) (state State, err error) {
	err = r.get(ctx, "/state", &state)
	return state, err
}

func (r *remote) Violations(ctx context.Context) (violations []Violation, err error) {
	err = r.get(ctx, "/violations", &violations)
	return violations, err
}

func (r *remote) get(ctx context.Context, path string, into any) error {
	return r.exchange(ctx, http.MethodGet, path, nil, into)
}

func (r *remote) post(ctx context.Context, path string, argument any) error {
	content, err := json.Marshal(argument)
	if err != nil {
		return fmt.Errorf("asking simulator for %s: %w", path, err)
	}
	return r.exchange(ctx, http.MethodPost, path, content, &struct{}{})
}

func (r *remote) exchange(ctx context.Context, method, path string, content []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, r.url+path, bytes.NewReader(content))
	if err != nil {
		return fmt.Errorf("asking simulator for %s: %w", path, err)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return fmt.Errorf("asking simulator for %s: %w", path, err)
	}
	defer func() { _ = response.Body.Close() }() // everything of interest has been read
	decoder := json.NewDecoder(response.Body)
	if response.StatusCode != http.StatusOK {
		var refused adminError
		if err := decoder.Decode(&refused); err != nil || refused.Error == "" {
			return fmt.Errorf("asking simulator for %s: status %d", path, response.StatusCode)
		}
		return errors.New(refused.Error)
	}
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("asking simulator for %s: %w", path, err)
	}
	return nil
}
