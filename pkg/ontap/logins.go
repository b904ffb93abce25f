// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// ONTAP locks an account after a few failed logins, five by default. Credentials that were refused are therefore not sent
// again before a pause, which doubles with each refusal, and credentials that have not passed yet are tried by one request
// at a time.
const (
	firstLoginPause = time.Minute
	lastLoginPause  = 10 * time.Minute
)

// logins remembers what became of the credentials. It keeps no more of them than a hash.
type logins struct {
	observe func(refused bool)

	mutex           sync.Mutex
	passed, refused [sha256.Size]byte
	// refusals is how many there have been.
	refusals int
	pause    time.Duration
	again    time.Time
	// trial is nil while no request tries credentials that have not passed yet.
	trial *trial
}

// login is a request on its way with credentials.
type login struct {
	credentials [sha256.Size]byte
	// refusals is how many there had been when it was admitted.
	refusals int
	// trial is nil for credentials that have passed.
	trial *trial
}

// trial is what other requests wait for.
type trial struct {
	ended chan struct{}
	// failure is that nobody answered, which there is no need for the others to find out, too.
	failure *Error
}

// admit waits until the request may be sent with the credentials, and is an error while it must not be. The caller tells
// note what became of it, and calls leave.
func (c *Client) admit(ctx context.Context, r request, credentials [sha256.Size]byte) (*login, *Error) {
	for {
		admitted, trial, err := c.logins.enter(c.clock.Now(), credentials)
		if err != nil {
			return nil, c.failure(r, KindDenied, err)
		}
		if trial == nil {
			return admitted, nil
		}
		select {
		case <-trial.ended:
		case <-ctx.Done():
			return nil, c.failure(r, KindUnavailable, ended(ctx))
		}
		if trial.failure != nil {
			failure := *trial.failure
			failure.Op = r.method + " " + r.path
			return nil, &failure
		}
	}
}

// enter returns either the login or the trial that has to end before it.
func (l *logins) enter(now time.Time, credentials [sha256.Size]byte) (*login, *trial, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	admitted := &login{credentials: credentials, refusals: l.refusals}
	switch {
	case l.passed == credentials:
		return admitted, nil, nil
	case l.refused == credentials && now.Before(l.again):
		return nil, nil, fmt.Errorf("%w; they are tried again in %s, others at once", errLoginRefused, l.again.Sub(now).Round(time.Second))
	case l.trial != nil:
		return nil, l.trial, nil
	}
	l.trial = &trial{ended: make(chan struct{})}
	admitted.trial = l.trial
	return admitted, nil, nil
}

// leave lets the requests go on that wait for a trial.
func (l *logins) leave(admitted *login) {
	if admitted.trial == nil {
		return
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.trial = nil
	close(admitted.trial.ended)
}

// note learns from what became of a request; failure is nil if it succeeded. A request that was admitted before the last
// refusal knows nothing new: of several that were in flight together, the first refusal counts.
func (l *logins) note(now time.Time, admitted *login, failure *Error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	switch {
	case admitted.trial != nil && failure.isSilence():
		admitted.trial.failure = new(*failure)
	case admitted.refusals != l.refusals:
	case failure == nil || failure.isONTAPs():
		if l.refused != ([sha256.Size]byte{}) {
			l.observe(false)
		}
		l.passed, l.refused = admitted.credentials, [sha256.Size]byte{}
	case failure.Status == http.StatusUnauthorized:
		l.refuse(now, admitted.credentials)
	}
}

func (l *logins) refuse(now time.Time, credentials [sha256.Size]byte) {
	if l.refused == credentials {
		l.pause = min(2*l.pause, lastLoginPause)
	} else {
		l.pause = firstLoginPause
	}
	l.refused, l.again = credentials, now.Add(l.pause)
	l.refusals++
	l.observe(true)
	if l.passed == credentials {
		l.passed = [sha256.Size]byte{}
	}
}

// isONTAPs reports whether ONTAP itself has failed the request, for which it has let the credentials pass.
func (e *Error) isONTAPs() bool {
	return e.Kind == KindApproval || e.Code != "" && e.Kind != KindUnavailable && e.Status != http.StatusUnauthorized
}

// isSilence reports whether ONTAP did not answer. What something before it answers, without a code of ONTAP's, is none of
// its answers: a 503 or 429 of its own has one.
func (e *Error) isSilence() bool { return e != nil && e.Kind == KindUnavailable && e.Code == "" }

func (c credentials) hash() [sha256.Size]byte {
	return sha256.Sum256([]byte(c.username + "\x00" + c.password.Reveal()))
}
