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
}

// NewTimer returns a timer that has fired.
func (c *LeapingClock) NewTimer(d time.Duration) clock.Timer {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	timer := c.FakeClock.NewTimer(d)
	c.Meanwhile()
	c.Step(d)
	return timer
}
