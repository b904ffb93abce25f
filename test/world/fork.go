// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"errors"
	"maps"
	"slices"

	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
)

// Fork returns the shoot in a world of its own that has come to where this one is, with a new image of the extension and
// without faults. The world must be one in this process, nothing of which is served, with all jobs of ONTAP ended.
func (s *Shoot) Fork() (*Shoot, error) {
	w := &World{
		Clock: &LeapingClock{FakeClock: testclock.NewFakeClock(s.Clock.Now()), Leap: s.Clock.Leap}, Config: s.Config.DeepCopy(),
		logger: s.logger, insides: map[string]*Inside{},
	}
	w.Clock.Meanwhile = w.OthersWork
	var err error
	if w.Sim, err = s.Sim.Copy(w.Clock); err != nil {
		return nil, err
	}
	if w.Seed, err = apiserver.Copy(s.Seed, w.Clock); err != nil {
		return nil, err
	}
	for namespace, inside := range s.insides {
		own := &Inside{Asleep: inside.Asleep, Driverless: inside.Driverless}
		if own.WithWatch, err = apiserver.Copy(inside.WithWatch, w.Clock); err != nil {
			return nil, err
		}
		own.resources = resourcemanager.New(namespace, w.Seed, interceptor.NewClient(own.WithWatch, w.lacking()), w.Clock)
		w.insides[namespace] = own
	}
	if s.RefuseInside != nil || len(s.FaultsOfOthers) > 0 {
		return nil, errors.New("forking the world: something refuses what shoots have no API for, or has gone wrong")
	}
	w.Transport = w.Sim.Transport()
	own := *s
	own.World, own.Annotations, own.Zones = w, maps.Clone(s.Annotations), slices.Clone(s.Zones)
	return &own, w.Restart()
}
