// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package step

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"
)

type patienceKey struct{}

// patience is how a step waits. The progress is told whenever it goes on waiting.
type patience struct {
	once     bool
	progress func(Outcome)
}

func withPatience(ctx context.Context, p patience) context.Context {
	return context.WithValue(ctx, patienceKey{}, p)
}

// Poll calls look, with growing pauses from a tenth of a second up to five seconds, until it no longer says Wait. When the
// context ends first, the last Wait is the outcome: a step that has waited as long as it may is waiting, not failed.
// An error of look ends the polling, and in a run that only looks once the first Wait does.
func Poll(ctx context.Context, c clock.Clock, look func(context.Context) (Outcome, error)) (Outcome, error) {
	patience, _ := ctx.Value(patienceKey{}).(patience)
	pauses := wait.Backoff{Duration: 100 * time.Millisecond, Factor: 1.2, Jitter: 0.1, Steps: 100, Cap: 5 * time.Second}
	waiting := Outcome{}
	for {
		outcome, err := look(ctx)
		switch {
		case err != nil && ctx.Err() != nil && waiting.Kind == KindWaiting:
			return waiting, nil
		case err != nil || outcome.Kind != KindWaiting:
			return outcome, err
		}
		if waiting = outcome; patience.once {
			return waiting, nil
		}
		if patience.progress != nil {
			patience.progress(waiting)
		}
		timer := c.NewTimer(pauses.Step())
		select {
		case <-ctx.Done():
			timer.Stop()
			return waiting, nil
		case <-timer.C():
		}
	}
}
