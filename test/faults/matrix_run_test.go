// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	worlds "github.com/gardener-community/gardener-extension-ontap/test/world"
)

const (
	// matrixPatience is how often gardenlet asks again for a reconcile that has not succeeded, matrixMore how often it asks
	// afterwards, the last time another image.
	matrixPatience = 3
	matrixMore     = 2
	// matrixBatch is how many states share a world, matrixRound how many an image.
	matrixBatch = 400
	matrixRound = 20
)

// matrixRun is what is known of one run.
type matrixRun struct {
	err error
	// entries are what happened on ONTAP, writes what was written into the seed, as "verb Kind", said all that was said in
	// events.
	entries []simulator.Entry
	writes  []string
	said    []string
	// violations are the rules of the simulator that were broken.
	violations []simulator.Violation
}

// matrixWorld is a world that many shoots share, one of which is awake at a time.
type matrixWorld struct {
	*worlds.World
	mutex  sync.Mutex
	writes []string
	seq    uint64
	// shoots are those that states are tried on, by their place in a round, and made how many were ever made.
	shoots map[int]*matrixShoot
	made   int
}

func newMatrixWorld(directory string, correcting bool) (*matrixWorld, error) {
	inner, err := worlds.New(worlds.Options{
		Clusters: []string{"a", "b"}, Directory: directory, Began: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Storage: func(o *simulator.Options) {
			o.Unserved, o.Inspect = true, func(simulator.Exchange) []string { return nil }
		},
	})
	if err != nil {
		return nil, err
	}
	w := &matrixWorld{World: inner, shoots: map[int]*matrixShoot{}}
	w.Transport = w.Sim.Transport()
	w.Faults = w.counting()
	if err := w.Reconfigure(func(c *configv1alpha1.ControllerConfiguration) { c.DriftCorrection.AdminState = correcting }); err != nil {
		inner.Close()
		return nil, err
	}
	return w, nil
}

// counting notes every write to the seed.
func (w *matrixWorld) counting() interceptor.Funcs {
	note := func(verb string, object client.Object) {
		w.mutex.Lock()
		defer w.mutex.Unlock()
		w.writes = append(w.writes, fmt.Sprintf("%s %T", verb, object))
	}
	return interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.CreateOption) error {
			note("create", o)
			return c.Create(ctx, o, options...)
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.UpdateOption) error {
			note("update", o)
			return c.Update(ctx, o, options...)
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, patch client.Patch, options ...client.PatchOption) error {
			note("patch", o)
			return c.Patch(ctx, o, patch, options...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, options ...client.DeleteOption) error {
			note("delete", o)
			return c.Delete(ctx, o, options...)
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, name string, o client.Object, options ...client.SubResourceUpdateOption) error {
			note("update "+name+" of", o)
			return c.SubResource(name).Update(ctx, o, options...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, o client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			note("patch "+name+" of", o)
			return c.SubResource(name).Patch(ctx, o, patch, options...)
		},
	}
}

// reconcile is one reconcile of a shoot as gardenlet asks for it, and what came of it.
func (w *matrixWorld) reconcile(ctx context.Context, s *matrixShoot) (matrixRun, error) {
	if err := s.Annotate(ctx, "reconcile"); err != nil {
		return matrixRun{}, err
	}
	w.writes = nil
	run := matrixRun{err: s.Run(ctx)}
	run.writes = w.writes
	var err error
	if run.entries, err = w.happened(ctx); err != nil {
		return run, err
	}
	run.said = w.takeEvents()
	run.violations = w.Sim.TakeViolations()
	w.Clock.Step(time.Minute)
	if run.err == nil {
		w.OthersWork()
	}
	return run, nil
}

// happened is what happened on ONTAP since it was asked last.
func (w *matrixWorld) happened(ctx context.Context) ([]simulator.Entry, error) {
	entries, err := w.Sim.Journal(ctx, w.seq)
	if len(entries) > 0 {
		w.seq = entries[len(entries)-1].Seq
	}
	return entries, err
}

// matrixCase is a state on its way through the runs.
type matrixCase struct {
	shoot  *matrixShoot
	state  matrixState
	before matrixView
	runs   []matrixRun
	// verdict is what is wrong with what it came to, stale the conditions that claim what is no longer true and that no step of
	// the last run is about.
	verdict error
	stale   []string
}

// runMatrixBatch brings states into one world, a few at a time, and lets the extension run: in each until it has succeeded, at
// most three times, and once more, and then in all of them with a new image.
func runMatrixBatch(ctx context.Context, directory string, states []matrixState) ([]*matrixCase, error) {
	w, err := newMatrixWorld(directory, states[0].correcting)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	var cases []*matrixCase
	for round := range slices.Chunk(states, matrixRound) {
		for place, state := range round {
			one := &matrixCase{state: state}
			cases = append(cases, one)
			if err := w.begin(ctx, place, one); err != nil {
				return nil, fmt.Errorf("%s: %w", state, err)
			}
		}
		if err := w.Restart(); err != nil {
			return nil, err
		}
		for place, one := range cases[len(cases)-len(round):] {
			if err := w.end(ctx, place, one); err != nil {
				return nil, fmt.Errorf("%s: %w", one.state, err)
			}
		}
	}
	return cases, errors.Join(w.FaultsOfOthers...)
}

func (w *matrixWorld) begin(ctx context.Context, place int, one *matrixCase) error {
	shoot, err := w.shootFor(ctx, place, one.state)
	if err != nil {
		return err
	}
	defer shoot.wake()()
	one.shoot, shoot.state = shoot, one.state
	if err := shoot.disturb(ctx); err != nil {
		return err
	}
	if one.before, err = w.view(ctx, shoot); err != nil {
		return err
	}
	if violations := w.Sim.TakeViolations(); len(violations) > 0 {
		return fmt.Errorf("on the way into the state: %v", violations)
	}
	if _, err := w.happened(ctx); err != nil {
		return err
	}
	for range matrixPatience {
		run, err := w.reconcile(ctx, shoot)
		if err != nil {
			return err
		}
		one.runs = append(one.runs, run)
		if settled, err := shoot.settled(ctx); err != nil || run.err == nil && settled {
			if err != nil {
				return err
			}
			break
		}
	}
	run, err := w.reconcile(ctx, shoot)
	one.runs = append(one.runs, run)
	return err
}

// settled is whether Trident, for which no run waits, has come back, too, and the last run has seen it.
func (s *matrixShoot) settled(ctx context.Context) (bool, error) {
	extension, err := s.Extension(ctx)
	return matrixView{extension: extension}.condition("ShootResourcesReady") == "True Ready", err
}

// end is the run with the new image, and the verdict.
func (w *matrixWorld) end(ctx context.Context, place int, one *matrixCase) error {
	defer one.shoot.wake()()
	run, err := w.reconcile(ctx, one.shoot)
	if err != nil {
		return err
	}
	one.runs = append(one.runs, run)
	w.OthersWork()
	after, err := w.view(ctx, one.shoot)
	if err != nil {
		return err
	}
	one.judge(after)
	defer func() { one.shoot, one.runs, one.before = nil, nil, matrixView{} }() // thousands of them are not for keeping
	if one.verdict != nil || one.state.unfinished() {
		delete(w.shoots, place)
		return w.Sim.ReleaseJobs(ctx, one.shoot.cluster)
	}
	return one.shoot.recover(ctx, matrixRules()[matrixRuleOf(one.state)].outcome.converges())
}

// shootFor is the shoot at this place, or a new one where there is none or the state has none to begin with.
func (w *matrixWorld) shootFor(ctx context.Context, place int, state matrixState) (*matrixShoot, error) {
	if shoot := w.shoots[place]; shoot != nil && !state.unfinished() {
		return shoot, nil
	}
	w.made++
	inner, err := w.NewShoot(ctx, w.made)
	if err != nil {
		return nil, err
	}
	shoot := &matrixShoot{Shoot: inner, state: state}
	w.shoots[place] = shoot
	defer shoot.wake()()
	if err := shoot.make(ctx); err != nil {
		return nil, fmt.Errorf("making the SVM: %w", err)
	}
	w.takeEvents()
	return shoot, nil
}

func (w *matrixWorld) takeEvents() (said []string) {
	for len(w.Events.Events) > 0 {
		said = append(said, <-w.Events.Events)
	}
	return said
}

// wake lets a shoot live, until what it returns is called.
func (s *matrixShoot) wake() (sleep func()) {
	inside := s.Inside()
	inside.Asleep = false
	return func() { inside.Asleep = true }
}

// matrixBatches are states that can share a world: those of one mode, and none beside one whose job is held.
func matrixBatches(states []matrixState) [][]matrixState {
	var batches [][]matrixState
	for _, correcting := range []bool{false, true} {
		var ofMode []matrixState
		for _, state := range states {
			switch {
			case state.correcting != correcting:
			case state.svm == "initialising":
				batches = append(batches, []matrixState{state})
			default:
				ofMode = append(ofMode, state)
			}
		}
		batches = slices.AppendSeq(batches, slices.Chunk(ofMode, matrixBatch))
	}
	return batches
}

// runMatrix runs all states, as many batches at a time as there are workers. An error is not a verdict but a broken test.
func runMatrix(ctx context.Context, directory string, states []matrixState, workers int) ([]*matrixCase, error) {
	batches := make(chan []matrixState)
	var (
		all  []*matrixCase
		errs []error
		lock sync.Mutex
		wait sync.WaitGroup
	)
	for worker := range workers {
		wait.Go(func() {
			for batch := range batches {
				cases, err := runMatrixBatch(ctx, filepath.Join(directory, fmt.Sprint(worker)), batch)
				lock.Lock()
				all, errs = append(all, cases...), append(errs, err)
				lock.Unlock()
			}
		})
	}
	for _, batch := range matrixBatches(states) {
		batches <- batch
	}
	close(batches)
	wait.Wait()
	return all, errors.Join(errs...)
}
