// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"net/http"
	"time"

	"k8s.io/utils/clock"
)

// awaitInterval is how often a request that waits looks at its job.
const awaitInterval = 10 * time.Millisecond

// await lets a request wait for its job as long as its return_timeout grants, on the simulator's clock and without its
// lock, and returns what it is answered then (reference/ontap.md §1): that it is done, the job's own error, or, when the
// time is over or the clock has no timers, that it is accepted.
func (s *Simulator) await(ctx context.Context, out *answer, entry Entry) (*answer, Entry, []byte) {
	clocked, ok := s.options.Clock.(interface {
		NewTimer(d time.Duration) clock.Timer
	})
	for deadline := entry.Time.Add(out.patience); ok; {
		timer := clocked.NewTimer(awaitInterval)
		done := s.outcome(out)
		if done != nil || !s.options.Clock.Now().Before(deadline) {
			timer.Stop()
			if done != nil {
				out = done
			}
			break
		}
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			ok = false
		}
	}
	content := encode(out.body)
	entry.Status, entry.Bytes = out.status, len(content)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal[entry.Seq-1].Status, s.journal[entry.Seq-1].Bytes = entry.Status, entry.Bytes
	return out, entry, content
}

// outcome is the answer once the job has ended, nil before.
func (s *Simulator) outcome(accepted *answer) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	j := accepted.job
	switch {
	case j.unfinished():
		return nil
	case j.failure != nil:
		return &answer{status: j.failure.status, body: j.failure.body()}
	}
	done := *accepted
	done.status = http.StatusOK
	if done.location != "" {
		done.status = http.StatusCreated
	}
	return &done
}
