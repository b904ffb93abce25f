// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Command demo starts a landscape, takes three shoots through their lives in it, with the failure that this project
// exists for, and prints what it sees. It fails if a claim that it prints is not so. With KEEP=1 the landscape stays up.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gardener-community/gardener-extension-ontap/test/demo/story"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

func main() {
	logf.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nThe demo has failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	l, err := landscape.Start(ctx, landscape.Options{Clusters: []string{"a", "b"}, Out: os.Stdout})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	s := story.New(l, os.Stdout)
	chapters := story.Chapters()
	if keep() {
		chapters = chapters[:len(chapters)-1] // the last one takes everything away
	}
	if err := s.Tell(ctx, chapters...); err != nil {
		return err
	}
	if keep() {
		s.Invite()
		<-ctx.Done()
	}
	return nil
}

func keep() bool { return os.Getenv("KEEP") != "" }
