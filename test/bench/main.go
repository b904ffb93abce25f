// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Program bench measures what the extension makes of the time that ONTAP takes, and what it costs with many shoots. Every
// figure is compared with a bound that was measured or computed in the same run; the first that is above it ends the
// program with an error.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	t := &table{}
	for _, part := range []func(context.Context, *table) error{creations, manyShoots} {
		if err := part(ctx, t); err != nil {
			return err
		}
	}
	if t.exceeded > 0 {
		return fmt.Errorf("%d figures are above their bounds", t.exceeded)
	}
	return nil
}

// table prints figures beside their bounds.
type table struct{ exceeded int }

func (t *table) ratio(what string, measured, bound time.Duration, most float64) {
	ratio := float64(measured) / float64(bound)
	t.line(ratio <= most, "%-58s %8s  bound %8s  ratio %.2f, at most %.1f", what,
		measured.Round(time.Millisecond), bound.Round(time.Millisecond), ratio, most)
}

func (t *table) line(within bool, format string, args ...any) {
	mark := "[ok]    "
	if !within {
		mark = "[above] "
		t.exceeded++
	}
	fmt.Printf(mark+format+"\n", args...)
}

// firstError keeps the errors of many goroutines apart from nil.
func firstError(failures <-chan error, count int) error {
	var all error
	for range count {
		all = errors.Join(all, <-failures)
	}
	return all
}
