// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"fmt"
	"sync"
	"time"
)

// A cluster is silent when it has not answered five requests in a row within ten seconds or more: a shorter break is
// what retries are for. Of a silent cluster one request is sent each ten seconds; all others fail at once. The first
// answer ends the silence, also one that refuses, and also a certificate that is not trusted: somebody is there.
const (
	silentAfter  = 5
	silencePause = 10 * time.Second
)

// silence remembers whether a cluster answers.
type silence struct {
	observe func(silent bool)

	mutex sync.Mutex
	// unanswered is how many requests in a row there was no answer to, since is when the first of them was sent, and
	// cause what became of it.
	unanswered int
	since      time.Time
	cause      error
	// answered is when the last answer came.
	answered time.Time
	// next is when the next request may be sent to a silent cluster, zero for one that is not silent.
	next time.Time
}

// admit returns why a request must not be sent now.
func (s *silence) admit(now time.Time) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.next.IsZero():
	case now.Before(s.next):
		return fmt.Errorf("not sent, as nothing was answered since %s: %w", s.since.UTC().Format(time.RFC3339), s.cause)
	default:
		s.next = now.Add(silencePause)
	}
	return nil
}

// note learns from what became of a request; failure is nil if it succeeded. That a request was not answered which was
// sent before the last answer came says nothing. It reports whether the cluster is silent now.
func (s *silence) note(sent, now time.Time, failure *Error) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	before := s.next
	switch {
	case !failure.isSilence():
		s.unanswered, s.answered, s.next = 0, now, time.Time{}
	case !sent.Before(s.answered):
		if s.unanswered == 0 {
			s.since, s.cause = sent, failure.withoutRequest()
		}
		s.unanswered++
		if before.IsZero() && s.unanswered >= silentAfter && now.Sub(s.since) >= silencePause {
			s.next = now.Add(silencePause)
		}
	}
	if before.IsZero() != s.next.IsZero() {
		s.observe(before.IsZero())
	}
	return !s.next.IsZero()
}
