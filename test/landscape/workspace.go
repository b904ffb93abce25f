// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"
)

const (
	modulePath    = "github.com/gardener-community/gardener-extension-ontap"
	gardenerPath  = "github.com/gardener/gardener"
	extensionName = "gardener-extension-ontap"
	simulatorName = "ontap-simulator"

	// progressInterval is the pause between two signs of life of something that takes long.
	progressInterval = 15 * time.Second
)

// workspace is where sources and built programs lie.
type workspace struct {
	// root is the checkout.
	root string
	// gardener is the directory of the Gardener module.
	gardener string
	// gardenerVersion is its version.
	gardenerVersion string

	nursery *nursery
	out     io.Writer
}

// findWorkspace asks the go command, in the current directory, which must be in the checkout.
func findWorkspace(ctx context.Context, n *nursery, out io.Writer) (*workspace, error) {
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}\n{{.Version}}\n", modulePath, gardenerPath)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := n.run(ctx, cmd); err != nil {
		return nil, fmt.Errorf("finding the modules: %w: %s", err, stderr.String())
	}
	// The module that is being worked on has no version: its second line is empty.
	lines := strings.Split(stdout.String(), "\n")
	if len(lines) < 4 {
		return nil, fmt.Errorf("finding the modules: expected a directory and a version each, got %q", stdout.String())
	}
	return &workspace{root: lines[0], gardener: lines[2], gardenerVersion: lines[3], nursery: n, out: out}, nil
}

// assets returns the directory that holds etcd and kube-apiserver, after building all assets, or those of a kind that is named, if
// that has to be done.
func (w *workspace) assets(ctx context.Context, kind ...string) (string, error) {
	cmd := exec.Command("bash", append([]string{filepath.Join(w.root, "hack", "assets", "build.sh")}, kind...)...)
	var stdout bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, w.out
	if err := w.nursery.run(ctx, cmd); err != nil {
		return "", fmt.Errorf("building the assets: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(stdout.String()), "\n")
	return lines[len(lines)-1], nil
}

// binaries is the directory that programs are built into.
func (w *workspace) binaries() string { return filepath.Join(w.root, ".cache", "bin") }

// programs builds commands of this module from the checkout as it is and returns the directory they are in. If nothing has changed
// since the last time, the go command finds that out and leaves them alone.
func (w *workspace) programs(ctx context.Context, names ...string) (string, error) {
	directory := w.binaries()
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", err
	}
	unlock, err := w.lock(ctx, filepath.Join(directory, ".programs.lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	cmd := exec.Command("go", "build", "-o", directory+string(filepath.Separator))
	for _, name := range names {
		cmd.Args = append(cmd.Args, "./cmd/"+name)
	}
	cmd.Dir = w.root
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	what := "building " + strings.Join(names, " and ")
	defer w.signsOfLife(what)()
	if err := w.nursery.run(ctx, cmd); err != nil {
		return "", fmt.Errorf("%s: %w: %s", what, err, output.String())
	}
	return directory, nil
}

// lock waits until no other program builds into the same files.
func (w *workspace) lock(ctx context.Context, path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	err = wait.PollUntilContextCancel(ctx, pollInterval, true, func(context.Context) (bool, error) {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return false, nil
		}
		return err == nil, err
	})
	// Closing releases the lock; nothing was written, so closing loses nothing.
	unlock = func() { _ = file.Close() }
	if err != nil {
		unlock()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return unlock, nil
}

// signsOfLife tells now and then that something is still going on, until the function that it returns is called.
func (w *workspace) signsOfLife(what string) (stop func()) {
	start := clock.RealClock{}.Now()
	ticker := clock.RealClock{}.NewTicker(progressInterval)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case now := <-ticker.C():
				w.say("%s: %s so far", what, now.Sub(start).Round(time.Second))
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
	}
}

// say writes a line for whoever watches.
func (w *workspace) say(format string, args ...any) {
	// Progress that cannot be shown is no reason to fail.
	_, _ = fmt.Fprintf(w.out, format+"\n", args...)
}
