// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package healthcheck

import (
	"sync"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// Observations remember what the last complete sweep of this process has seen. The zero value remembers nothing. They implement
// repair.Health.
type Observations struct {
	mutex    sync.Mutex
	at       time.Time
	swept    bool
	verdicts map[string]svm.Verdict
}

// observation is what is remembered of one shoot.
type observation struct {
	// at is when the last complete sweep began or, where swept is false, when sweeps began. It is zero before that.
	at    time.Time
	swept bool
	// verdict is the zero value for a shoot that the sweep did not judge.
	verdict svm.Verdict
}

// Begin tells that this process sweeps from now on.
func (o *Observations) Begin(now time.Time) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.at = now
}

// Observe replaces what is remembered by what a complete sweep, which began at this time, has seen, by the shoots' namespaces.
func (o *Observations) Observe(at time.Time, verdicts map[string]svm.Verdict) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.at, o.swept, o.verdicts = at, true, verdicts
}

func (o *Observations) of(namespace string) observation {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return observation{o.at, o.swept, o.verdicts[namespace]}
}
