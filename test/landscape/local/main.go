// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Command local keeps up a landscape without the extension, for somebody who installs it as the README's chapter Install says. The
// file that it is given is written when the landscape is ready: it holds what a shell needs to know, and goes with the landscape.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/go-logr/logr"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

func main() {
	logf.SetLogger(logr.Discard())
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: local FILE")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\nThe landscape has failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, file string) (err error) {
	l, err := landscape.StartBare(ctx, landscape.Options{Clusters: []string{"a"}, Out: os.Stdout})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close(), os.RemoveAll(file)) }()
	if err := write(file, l); err != nil {
		return err
	}
	fmt.Printf("in another terminal: . %s\n", file)
	return l.Serve(ctx)
}

// write writes the variables that the commands of the chapter use.
func write(file string, l *landscape.Landscape) error {
	working, err := os.Getwd()
	if err != nil {
		return err
	}
	cache := filepath.Join(working, ".cache")
	content := fmt.Sprintf("export LANDSCAPE=%s KUBECONFIG=%s ONTAP=%s PATH=%s:%s:$PATH\n",
		l.Directory(), l.KubeconfigPath, l.ClusterDirectory("a"), filepath.Join(cache, "bin"), filepath.Join(cache, "tools"))
	return os.WriteFile(file, []byte(content), 0o600)
}
