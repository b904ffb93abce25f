// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// The mutants prove the specs: one safeguard after another is taken out of the extension, in a build and not in the tree, and
// the spec that stands for it has to fail, in an assertion of its own. MUTANT names one that is to be tried alone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"k8s.io/utils/clock"
)

// mutant is a safeguard, how it is taken out, and the spec that has to fail then.
type mutant struct {
	safeguard       string
	file, text, new string
	// specs is the directory of the spec, and spec is its name or, of a table, the beginning of it.
	specs, spec string
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	directory, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(directory) }() // it is temporary anyway
	began, tried, alive := clock.RealClock{}.Now(), 0, 0
	for _, m := range mutants {
		if only := os.Getenv("MUTANT"); only != "" && only != m.safeguard {
			continue
		}
		started := clock.RealClock{}.Now()
		killed, err := m.try(ctx, directory)
		if err != nil {
			return fmt.Errorf("%s: %w", m.safeguard, err)
		}
		mark := "[killed] "
		if !killed {
			mark, alive = "[alive]  ", alive+1
		}
		tried++
		fmt.Printf("%s%-62s %-36s %3.0f s\n", mark, m.safeguard, strings.TrimPrefix(m.file, "pkg/"), clock.RealClock{}.Since(started).Seconds())
	}
	fmt.Printf("%d mutants, %d alive, %.0f s\n", tried, alive, clock.RealClock{}.Since(began).Seconds())
	if alive > 0 || tried == 0 {
		return errors.New("not every safeguard is held by a spec")
	}
	return nil
}

// try runs the spec without the mutant, when it has to succeed, and with it. What does not even build is no mutant.
func (m mutant) try(ctx context.Context, directory string) (killed bool, err error) {
	overlay, err := m.overlay(directory)
	if err != nil {
		return false, err
	}
	whole, mutated := filepath.Join(directory, strings.ReplaceAll(m.specs, "/", "-")), filepath.Join(directory, "mutated")
	if _, err := os.Stat(whole); errors.Is(err, os.ErrNotExist) {
		if err := m.build(ctx, whole); err != nil {
			return false, err
		}
	}
	if err := m.build(ctx, mutated, "-overlay", overlay); err != nil {
		return false, err
	}
	output, err := m.run(ctx, whole)
	if err != nil {
		return false, fmt.Errorf("without the mutant: %w: %s", err, output)
	}
	output, err = m.run(ctx, mutated)
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		return false, fmt.Errorf("%w: %s", err, output)
	}
	return err != nil && failedAssertion.MatchString(output), nil
}

// failedAssertion is how ginkgo tells of an assertion of a spec that does not hold, one about its time among them; a panic is none.
var failedAssertion = regexp.MustCompile(`(?m)^\s*\[(FAIL|TIMEDOUT)\] .*\[It\]`)

// build builds the specs, without what only a debugger needs.
func (m mutant) build(ctx context.Context, binary string, arguments ...string) error {
	arguments = append([]string{"test", "-c", "-ldflags=-s -w", "-o", binary}, append(arguments, "./"+m.specs)...)
	if output, err := exec.CommandContext(ctx, "go", arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w: %s", err, output)
	}
	return nil
}

// run runs the one spec.
func (m mutant) run(ctx context.Context, binary string) (string, error) {
	specs := exec.CommandContext(ctx, binary, "-test.short", "-test.timeout=5m", "-ginkgo.no-color", "-ginkgo.focus="+regexp.QuoteMeta(m.spec))
	specs.Dir = m.specs
	output, err := specs.CombinedOutput()
	if err == nil && strings.Contains(string(output), "Ran 0 of") {
		return "", fmt.Errorf("no spec is called %q", m.spec)
	}
	return string(output), err
}

func (m mutant) overlay(directory string) (string, error) {
	content, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if count := strings.Count(string(content), m.text); count != 1 {
		return "", fmt.Errorf("%s has %q %d times, not once", m.file, m.text, count)
	}
	original, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	mutated, overlay := filepath.Join(directory, "mutated.go"), filepath.Join(directory, "overlay.json")
	if err := os.WriteFile(mutated, []byte(strings.Replace(string(content), m.text, m.new, 1)), 0o600); err != nil {
		return "", err
	}
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{original: mutated}})
	if err != nil {
		return "", err
	}
	return overlay, os.WriteFile(overlay, replaced, 0o600)
}
