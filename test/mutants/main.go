// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// The mutants prove the specs: one safeguard after another is taken out of the extension, in a build and not in the tree, and
// the specs that stand for it have to fail. MUTANT names one that is to be tried alone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/utils/clock"
)

// mutant is a safeguard, how it is taken out, and the specs that have to fail then.
type mutant struct {
	safeguard       string
	file, text, new string
	specs, focus    string
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
		killed, took, err := m.try(ctx, directory)
		if err != nil {
			return fmt.Errorf("%s: %w", m.safeguard, err)
		}
		mark := "[killed] "
		if !killed {
			mark, alive = "[alive]  ", alive+1
		}
		tried++
		fmt.Printf("%s%-62s %-32s %3.0f s\n", mark, m.safeguard, strings.TrimPrefix(m.file, "pkg/"), took.Seconds())
	}
	fmt.Printf("%d mutants, %d alive, %.0f s\n", tried, alive, clock.RealClock{}.Since(began).Seconds())
	if alive > 0 || tried == 0 {
		return errors.New("not every safeguard is held by a spec")
	}
	return nil
}

// try builds the specs with the mutant and runs them. What does not even build is no mutant.
func (m mutant) try(ctx context.Context, directory string) (killed bool, took time.Duration, err error) {
	began := clock.RealClock{}.Now()
	overlay, err := m.overlay(directory)
	if err != nil {
		return false, 0, err
	}
	binary := filepath.Join(directory, "specs.test")
	if output, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", binary, "-overlay", overlay, "./"+m.specs).CombinedOutput(); err != nil {
		return false, 0, fmt.Errorf("building: %w: %s", err, output)
	}
	specs := exec.CommandContext(ctx, binary, "-test.short", "-test.timeout=5m", "-ginkgo.fail-fast", "-ginkgo.focus="+m.focus)
	specs.Dir = m.specs
	output, err := specs.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		return false, 0, err
	}
	if err == nil && strings.Contains(string(output), "Ran 0 of") {
		return false, 0, fmt.Errorf("no spec matches %q", m.focus)
	}
	return err != nil, clock.RealClock{}.Since(began), nil
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
