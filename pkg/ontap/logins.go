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
	// trial is held by the request that tries credentials which have not passed yet.
	trial gate

	mutex           sync.Mutex
	passed, refused [sha256.Size]byte
	pause           time.Duration
	again           time.Time
}

// admit waits until the credentials may be sent, and is an error while they must not be. The caller calls release once it
// has told note what became of them.
func (l *logins) admit(ctx context.Context, now func() time.Time, credentials [sha256.Size]byte) (release func(), err error) {
	if l.havePassed(credentials) {
		return func() {}, nil
	}
	if err := l.trial.enter(ctx); err != nil {
		return nil, err
	}
	if err := l.permit(now(), credentials); err != nil || l.havePassed(credentials) {
		l.trial.leave()
		return func() {}, err
	}
	return l.trial.leave, nil
}

func (l *logins) havePassed(credentials [sha256.Size]byte) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.passed == credentials
}

func (l *logins) permit(now time.Time, credentials [sha256.Size]byte) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.refused == credentials && now.Before(l.again) {
		return fmt.Errorf("%w; they are tried again in %s, others at once", errLoginRefused, l.again.Sub(now).Round(time.Second))
	}
	return nil
}

// note learns from the status of an answer. Whatever is not 401 has let the credentials pass.
func (l *logins) note(now time.Time, status int, credentials [sha256.Size]byte) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if status != http.StatusUnauthorized {
		l.passed = credentials
		return
	}
	if l.passed == credentials {
		l.passed = [sha256.Size]byte{}
	}
	if l.refused == credentials && l.pause > 0 {
		l.pause = min(2*l.pause, lastLoginPause)
	} else {
		l.refused, l.pause = credentials, firstLoginPause
	}
	l.again = now.Add(l.pause)
}

func hashCredentials(username string, password Secret) [sha256.Size]byte {
	return sha256.Sum256([]byte(username + "\x00" + password.Reveal()))
}
