// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"
	"sync"
)

// locks are one lock a name. They save work; what prevents twins are names, marks and the placement record.
type locks struct {
	mutex  sync.Mutex
	byName map[string]*lock
}

// lock is held by one run at a time.
type lock struct {
	taken chan struct{}
	// epoch is the one that the last run ended with. It belongs to whoever holds the lock.
	epoch string
}

func (l *lock) release() { <-l.taken }

func (l *locks) named(name string) *lock {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.byName == nil {
		l.byName = map[string]*lock{}
	}
	if l.byName[name] == nil {
		l.byName[name] = &lock{taken: make(chan struct{}, 1)}
	}
	return l.byName[name]
}

// acquire waits for the lock within ctx.
func (l *locks) acquire(ctx context.Context, name string) (*lock, error) {
	lock := l.named(name)
	select {
	case lock.taken <- struct{}{}:
		return lock, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for another run on SVM %s: %w", name, context.Cause(ctx))
	}
}

// try returns nil if somebody else holds the lock.
func (l *locks) try(name string) *lock {
	lock := l.named(name)
	select {
	case lock.taken <- struct{}{}:
		return lock
	default:
		return nil
	}
}
