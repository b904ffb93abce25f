// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gardener/gardener/pkg/client/kubernetes"
	"k8s.io/utils/clock"
)

// readyTimeout bounds the wait for a process to become ready.
const readyTimeout = time.Minute

// Seed is a control plane with Gardener's CRDs. Its client has Gardener's scheme for seeds.
type Seed struct {
	*ControlPlane

	workspace *workspace
	nursery   *nursery
	directory *directory
	// apiserver is the kube-apiserver; that of the assets where it is empty.
	apiserver string
	audited   bool
	mutex     sync.Mutex
	processes []*process
	// shoots counts those that were made, so that each gets addresses of its own.
	shoots atomic.Int32
}

// StartSeed starts a seed and returns when it is ready. It builds the programs first if that was not done before, and
// tells out, which may be nil, about its progress. ctx bounds the start only; the seed runs until Close. Its kube-apiserver gets
// the flags besides its own.
func StartSeed(ctx context.Context, out io.Writer, flags ...string) (*Seed, error) {
	return (&Seed{}).begin(ctx, out, flags...)
}

// StartSeedOn is StartSeed with another kube-apiserver than that of the assets, unless its path is empty.
func StartSeedOn(ctx context.Context, apiserver string, out io.Writer, flags ...string) (*Seed, error) {
	return (&Seed{apiserver: apiserver}).begin(ctx, out, flags...)
}

func (s *Seed) begin(ctx context.Context, out io.Writer, flags ...string) (_ *Seed, err error) {
	begin := clock.RealClock{}.Now()
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("starting the seed: %w", err), s.Close())
		}
	}()
	if err := s.prepare(ctx, out); err != nil {
		return nil, err
	}
	if s.audited {
		flags = append(flags, s.auditFlags()...)
	}
	if s.ControlPlane, err = s.newControlPlane(ctx, "seed", kubernetes.SeedScheme, flags...); err != nil {
		return nil, err
	}
	if err := s.start(ctx, s.ControlPlane); err != nil {
		return nil, err
	}
	if err := s.applyCRDs(ctx); err != nil {
		return nil, err
	}
	s.workspace.say("the seed is ready at %s after %s", s.RESTConfig.Host,
		clock.RealClock{}.Since(begin).Round(100*time.Millisecond))
	return s, nil
}

// prepare makes all that a control plane needs before it can be made. Whether it fails or not, Close is to be called.
func (s *Seed) prepare(ctx context.Context, out io.Writer) (err error) {
	if out == nil {
		out = io.Discard
	}
	s.nursery = newNursery()
	if s.workspace, err = findWorkspace(ctx, s.nursery, out); err != nil {
		return err
	}
	s.directory, err = newDirectory()
	return err
}

// Close kills all processes, awaits their end and removes everything they wrote. It may be called more than once.
func (s *Seed) Close() error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var errs []error
	for _, p := range s.processes {
		errs = append(errs, p.end(context.Background(), syscall.SIGKILL))
	}
	s.nursery.close()
	if s.directory != nil {
		errs = append(errs, s.directory.remove())
	}
	s.processes, s.directory = nil, nil
	return errors.Join(errs...)
}

// Directory returns the directory that holds everything the processes write. Close removes it.
func (s *Seed) Directory() string { return s.directory.path }

// PIDs returns the IDs of the processes that were started and not ended by us.
func (s *Seed) PIDs() []int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	pids := make([]int, 0, len(s.processes))
	for _, p := range s.processes {
		pids = append(pids, p.cmd.Process.Pid)
	}
	return pids
}

// launch starts a program that is killed by Close. Its log is <name>.log in the directory, added to if it exists.
func (s *Seed) launch(p program) (*process, error) {
	p.logFile = s.directory.join(p.name + ".log")
	started, err := s.nursery.launch(p)
	if err != nil {
		return nil, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.processes = append(s.processes, started)
	return started, nil
}

// end sends a signal to a process, waits until it is gone and leaves it to Close no more.
func (s *Seed) end(ctx context.Context, p *process, signal syscall.Signal) error {
	if err := p.end(ctx, signal); err != nil {
		return err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.processes = slices.DeleteFunc(s.processes, func(other *process) bool { return other == p })
	return nil
}
