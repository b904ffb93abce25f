// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const (
	population = 200
	// failing is the share of the requests to ONTAP that fail, in percent.
	failing = 20
	// round is the pause between two looks at all shoots, and between two rounds in which their side is played.
	round = time.Second
	// away is how long the half of the MetroCluster is lost.
	away = time.Minute
	// patience is how long it may take, after the storm, until everything is as it has to be.
	patience = 5 * time.Minute
)

// The clusters: one for itself, and two that make a MetroCluster.
const alone, survivor, casualty = "a", "m", "n"

// soak is a landscape in a storm.
type soak struct {
	landscape *landscape.Landscape
	ontap     simulator.Control
	random    *rand.Rand
	names     *names
	killer    *killer
	lives     []*life
	acts      map[string]int
	// born counts all shoots there ever were, open are those that are not as they were last asked to be.
	born int
	open []string
	// mostJobs is the largest number of unfinished jobs of one cluster that was seen.
	mostJobs int
}

func begin(ctx context.Context, seed uint64) (*soak, error) {
	l, err := landscape.Start(ctx, landscape.Options{
		Clusters: []string{alone, survivor, casualty}, MetroCluster: [2]string{survivor, casualty}, Arguments: []string{"--leader-election=false"},
	})
	if err != nil {
		return nil, err
	}
	s := &soak{
		landscape: l, ontap: l.Simulator(), random: rand.New(rand.NewPCG(seed, 0)), names: &names{ever: map[string]map[string]bool{}},
		killer: &killer{landscape: l, random: rand.New(rand.NewPCG(seed, 1)), ended: map[string]float64{}}, acts: map[string]int{},
	}
	err = s.ontap.FailShare(ctx, simulator.Share{Percent: failing, Seed: seed})
	for n := 0; n < population && err == nil; n++ {
		var shoot *life
		if shoot, err = s.bear(ctx); err == nil {
			s.lives = append(s.lives, shoot)
		}
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return s, nil
}

// bear makes a shoot that nobody has deployed yet.
func (s *soak) bear(ctx context.Context) (*life, error) {
	s.born++
	shoot, err := s.landscape.NewShoot(ctx, fmt.Sprintf("soak%d", s.born))
	if err != nil {
		return nil, err
	}
	return &life{shoot: shoot, narrow: shoot.ProviderConfig}, s.landscape.Client.Create(ctx, landscape.PlayedKey(shoot.Namespace))
}

// weather lets the storm go on for a while, loses a half of the MetroCluster in the middle of it, and ends it.
func (s *soak) weather(ctx context.Context, storm time.Duration) error {
	began := watch.Now()
	switched, back := false, false
	err := s.while(ctx, func(ctx context.Context) (bool, error) {
		err := errors.Join(s.look(ctx, true), s.countJobs(ctx))
		switch since := watch.Since(began); {
		case err != nil:
		case !switched && since > (storm-away)/2:
			switched, err = true, s.ontap.Perform(ctx, survivor, simulator.Act{Kind: simulator.SwitchOver})
		case !back && since > (storm+away)/2:
			back = true
			err = errors.Join(s.ontap.SetUp(ctx, casualty), s.ontap.Perform(ctx, survivor, simulator.Act{Kind: simulator.SwitchBack}))
		case since > storm:
			return true, nil
		}
		return false, err
	}, s.killer.run)
	return errors.Join(err, s.ontap.FailShare(ctx, simulator.Share{}))
}

// settle lets a quarter of the shoots go, asks for all others to be reconciled once more, and waits until that is done.
func (s *soak) settle(ctx context.Context) error {
	for i, l := range s.lives {
		var err error
		switch {
		case l.leaving:
		case i%4 == 0:
			err = l.leave(ctx)
		default:
			err = l.deploy(ctx)
		}
		if err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	quiet := 0
	err := s.while(ctx, func(ctx context.Context) (bool, error) {
		err := s.look(ctx, false)
		if quiet++; len(s.open) > 0 {
			quiet = 0
		}
		// A run that has been asked for in the second of the last one shows only when it has begun.
		return quiet == 3, err
	})
	if wait.Interrupted(err) {
		return fmt.Errorf("%d shoots are not settled after %s: %v", len(s.open), patience, s.open)
	}
	return err
}

// while does rounds until they are done, and meanwhile plays the shoots' side, notes what seed secrets hold, and lets others do
// their part.
func (s *soak) while(ctx context.Context, do wait.ConditionWithContextFunc, others ...func(context.Context) error) error {
	meanwhile, stop := context.WithCancel(ctx)
	defer stop()
	others = append(others, func(ctx context.Context) error { return s.names.watch(ctx, s.landscape) })
	failures := make(chan error, len(others))
	var working sync.WaitGroup
	for _, other := range others {
		working.Go(func() {
			err := other(meanwhile)
			if meanwhile.Err() == nil {
				failures <- err
			}
		})
	}
	err := landscape.WhilePlayed(ctx, s.landscape.Client, round, func() error {
		return wait.PollUntilContextCancel(ctx, round, true, func(ctx context.Context) (bool, error) {
			select {
			case err := <-failures:
				return false, err
			default:
				return do(ctx)
			}
		})
	})
	stop()
	working.Wait()
	return err
}

// look is one look at all shoots, which go on with their lives.
func (s *soak) look(ctx context.Context, stormy bool) error {
	all := &extensionsv1alpha1.ExtensionList{}
	if err := s.landscape.Client.List(ctx, all); err != nil {
		return err
	}
	extensions := map[string]*extensionsv1alpha1.Extension{}
	for i := range all.Items {
		extensions[all.Items[i].Namespace] = &all.Items[i]
	}
	s.open = nil
	for i, l := range s.lives {
		settled, err := l.goOn(ctx, extensions[l.shoot.Namespace])
		switch {
		case err != nil:
			return fmt.Errorf("shoot %s: %w", l.shoot.Name, err)
		case !settled:
			s.open = append(s.open, l.shoot.Name)
		case !stormy:
		case l.leaving:
			s.lives[i], err = s.bear(ctx)
		default:
			err = s.act(ctx, l)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// countJobs notes how many jobs are at work on a cluster.
func (s *soak) countJobs(ctx context.Context) error {
	state, err := s.ontap.State(ctx)
	for _, cluster := range state.Clusters {
		unfinished := 0
		for _, job := range cluster.Jobs {
			if job.State == "queued" || job.State == "running" {
				unfinished++
			}
		}
		s.mostJobs = max(s.mostJobs, unfinished)
	}
	return err
}
