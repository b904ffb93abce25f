// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"sync"
	"time"

	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"
)

// LeapingClock is a fake clock that jumps to the end of every pause that somebody begins.
type LeapingClock struct {
	*testclock.FakeClock
	mutex sync.Mutex
	// Meanwhile is what others do in a pause.
	Meanwhile func()
	// Leap says how long a pause becomes, so that the jitter in it does not show; as long as it is where nil. Nothing passes
	// and nothing fires where it says less than nothing.
	Leap func(time.Duration) time.Duration
}

// NewTimer returns a timer that has fired.
func (c *LeapingClock) NewTimer(d time.Duration) clock.Timer {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.Leap != nil {
		d = c.Leap(d)
	}
	timer := c.FakeClock.NewTimer(max(d, 0))
	if d < 0 {
		return c.FakeClock.NewTimer(time.Hour)
	}
	c.Meanwhile()
	c.Step(d)
	return timer
}
