// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

const (
	defaultLoginFailures = 5
	lockoutTime          = time.Hour
)

// failedLogins are those of one user since the last that passed.
type failedLogins struct {
	count int
	until time.Time
}

// logInUnlessLocked is logIn for users that may have failed too often. While a user is locked out the right password does
// not help.
func (s *Simulator) logInUnlessLocked(c *cluster, user, password string) (login, bool) {
	failures, now := c.failedLogins[user], s.options.Clock.Now()
	if failures != nil && now.Before(failures.until) {
		return login{user: user}, false
	}
	known, passed := c.logIn(user, password)
	if passed {
		delete(c.failedLogins, user)
		return known, true
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(c.accounts)), func(a *account) bool { return a.name == user }) {
		return known, false // nobody to lock out
	}
	if failures == nil {
		failures = &failedLogins{}
		c.failedLogins[user] = failures
	}
	failures.count++
	if limit := cmp.Or(s.options.LoginFailures, defaultLoginFailures); limit > 0 && failures.count >= limit {
		failures.count, failures.until = 0, now.Add(lockoutTime)
	}
	return known, false
}
