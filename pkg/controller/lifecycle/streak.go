// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// repeatedly is after how many failures in a row a step fails repeatedly.
const repeatedly = 5

// streak is how often a shoot's runs have ended with a failure of the same step. The zero value is none.
type streak struct {
	step     string
	failures int
	since    time.Time
}

// after returns the streak after another run. It ends when the step gets on, be it that it waits now. A run that does
// not come as far says nothing about it.
func (s streak) after(report step.Report, now time.Time) streak {
	failed, ok := report.Failed()
	if ok && errors.Is(failed.Err, svm.ErrPaused) {
		return streak{} // nothing was tried
	}
	if ok {
		if failed.Name != s.step {
			s = streak{step: failed.Name, since: now}
		}
		s.failures++
		return s
	}
	if slices.ContainsFunc(report.Results, func(result step.Result) bool {
		return result.Name == s.step && result.Outcome.Kind == step.KindPending
	}) {
		return s
	}
	return streak{}
}

// String says since when and how often, nothing before the step fails repeatedly.
func (s streak) String() string {
	if s.failures < repeatedly {
		return ""
	}
	return fmt.Sprintf("; failed %d times since %s", s.failures, s.since.UTC().Format(time.RFC3339))
}

// keep replaces the streak of a shoot. Streaks are kept in memory only: a restart begins to count anew.
func (s *Status) keep(namespace string, now streak) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	before := s.streaks[namespace]
	if before.failures >= repeatedly && now.step != before.step {
		s.Metrics.CountFailing(before.step, -1)
	}
	if now.failures >= repeatedly && (now.step != before.step || before.failures < repeatedly) {
		s.Metrics.CountFailing(now.step, 1)
	}
	if s.streaks == nil {
		s.streaks = map[string]streak{}
	}
	s.streaks[namespace] = now
	if now == (streak{}) {
		delete(s.streaks, namespace)
	}
}

// streakOf returns the streak of a shoot.
func (s *Status) streakOf(namespace string) streak {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.streaks[namespace]
}
