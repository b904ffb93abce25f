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
	byName map[string]chan struct{}
}

func (l *locks) acquire(ctx context.Context, name string) (release func(), err error) {
	l.mutex.Lock()
	lock, ok := l.byName[name]
	if !ok {
		if l.byName == nil {
			l.byName = map[string]chan struct{}{}
		}
		lock = make(chan struct{}, 1)
		l.byName[name] = lock
	}
	l.mutex.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for another run on SVM %s: %w", name, context.Cause(ctx))
	}
}
