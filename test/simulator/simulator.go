// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// Simulator is a number of ONTAP clusters in this process. It is safe for concurrent use.
type Simulator struct {
	options   Options
	routes    api
	authority *authority
	clusters  []*Cluster
	serving   sync.WaitGroup

	mu      sync.Mutex // guards everything below and the state of the clusters
	source  *rand.PCG
	random  *rand.Rand
	journal []Entry
	faults  []*Fault
	share   share
	// metroClusters are pairs of clusters.
	metroClusters []*metroCluster
	violations    []Violation
	broken        map[string]bool // states that have been reported
	everCreated   map[string]int
	// lifsEverCreated counts LIFs by the owner of their SVM.
	lifsEverCreated map[string]int
	admin           *http.Server
}

var _ Control = (*Simulator)(nil)

// New starts a simulator with one TLS listener per cluster on the loopback interface. Close ends it.
func New(options Options) (*Simulator, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("starting simulator: %w", err)
	}
	if options.Inspect == nil {
		if options.Inspect, err = inspector(); err != nil {
			return nil, fmt.Errorf("starting simulator: %w", err)
		}
	}
	// No secrets come of it: UUIDs are to be the same in each run of a test.
	source := rand.NewPCG(options.Seed, 0)
	s := &Simulator{
		options: options, routes: routes(), source: source, random: rand.New(source),
		broken: map[string]bool{}, everCreated: map[string]int{}, lifsEverCreated: map[string]int{},
	}
	if options.Unserved {
		for _, o := range options.Clusters {
			s.clusters = append(s.clusters, s.newCluster(o, o.Name+unservedDomain))
		}
		s.joinMetroClusters()
		return s, nil
	}
	if err := s.serve(); err != nil {
		s.Close()
		return nil, fmt.Errorf("starting simulator: %w", err)
	}
	return s, nil
}

// serve starts the listeners, all clusters being there before one of them is asked.
func (s *Simulator) serve() (err error) {
	if s.authority, err = newAuthority(); err != nil {
		return err
	}
	for i, o := range s.options.Clusters {
		c, err := s.listen(o, int64(i)+2)
		if err != nil {
			return err
		}
		s.clusters = append(s.clusters, c)
	}
	s.joinMetroClusters()
	for _, c := range s.clusters {
		s.serving.Go(c.serve)
	}
	return nil
}

// Close ends all listeners and connections and waits for their goroutines.
func (s *Simulator) Close() {
	for _, c := range s.clusters {
		if c.server == nil {
			continue
		}
		_ = c.server.Close() // fails only for a listener that is closed already
		_ = c.listener.Close()
	}
	s.mu.Lock()
	admin := s.admin
	s.mu.Unlock()
	if admin != nil {
		_ = admin.Close() // as above
	}
	s.serving.Wait()
}

// Cluster returns the cluster of this name, nil where there is none.
func (s *Simulator) Cluster(name string) *Cluster { return s.find(name) }

func (s *Simulator) find(name string) *Cluster {
	for _, c := range s.clusters {
		if c.name == name {
			return c
		}
	}
	return nil
}

func (s *Simulator) states() []*cluster {
	states := make([]*cluster, 0, len(s.clusters))
	for _, c := range s.clusters {
		states = append(states, c.state)
	}
	return states
}

func (s *Simulator) unknownCluster(name string) error {
	return fmt.Errorf("there is no cluster %q, but %s", name, listed(s.names()))
}

func (s *Simulator) names() []string {
	names := make([]string, 0, len(s.clusters))
	for _, c := range s.clusters {
		names = append(names, c.name)
	}
	return names
}

// change runs a control's change of one cluster, after all jobs have got to where they should be.
func (s *Simulator) change(name string, change func(*Cluster) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	c := s.find(name)
	if c == nil {
		return s.unknownCluster(name)
	}
	return change(c)
}

// HoldJobs keeps every job of a cluster that has not got past the stage in it.
func (s *Simulator) HoldJobs(_ context.Context, cluster string, stage Stage) error {
	return s.change(cluster, func(c *Cluster) error {
		if !slices.Contains(stages(), stage) {
			return fmt.Errorf("holding jobs: unknown stage %q, there are %s", stage, listed(stages()))
		}
		c.state.hold = stage
		return nil
	})
}

// ReleaseJobs lets the jobs of a cluster go on.
func (s *Simulator) ReleaseJobs(_ context.Context, cluster string) error {
	return s.change(cluster, func(c *Cluster) error {
		c.state.hold, c.state.released = "", s.options.Clock.Now()
		return nil
	})
}

// SetDown cuts new connections to a cluster at once and open ones with their next request. No request has an effect
// after it has returned.
func (s *Simulator) SetDown(_ context.Context, cluster string) error {
	return s.change(cluster, func(c *Cluster) error {
		c.down.Store(true)
		return nil
	})
}

// SetUp makes a cluster answer again.
func (s *Simulator) SetUp(_ context.Context, cluster string) error {
	return s.change(cluster, func(c *Cluster) error {
		c.down.Store(false)
		return nil
	})
}

// maxAddedSVMs is more than any ONTAP cluster has.
const maxAddedSVMs = 10_000

// AddSVMs adds n running SVMs named foreign-0001 and so on, with comments as somebody else would write them.
func (s *Simulator) AddSVMs(_ context.Context, cluster string, n int) error {
	return s.change(cluster, func(c *Cluster) error {
		if n < 0 || n > maxAddedSVMs {
			return fmt.Errorf("adding SVMs: count %d is not 0 to %d", n, maxAddedSVMs)
		}
		for range n {
			c.state.foreign++
			name := fmt.Sprintf("foreign-%04d", c.state.foreign)
			comment := "the department that owns " + name + " would not like it to be touched by anybody" + strings.Repeat(".", 18)
			c.state.addSVM(&svm{uuid: s.newUUID(), name: name, state: svmRunning, comment: comment})
		}
		return nil
	})
}

// AddSVM adds one running SVM with this name and comment, as an administrator would, and returns its UUID. It fails
// if the name is taken.
func (s *Simulator) AddSVM(cluster, name, comment string) (uuid string, err error) {
	err = s.change(cluster, func(c *Cluster) error {
		if failed := c.state.nameTaken(name); failed != nil {
			return fmt.Errorf("adding SVM: %s", failed.message)
		}
		uuid = s.newUUID()
		c.state.addSVM(&svm{uuid: uuid, name: name, state: svmRunning, comment: comment})
		return nil
	})
	return uuid, err
}

// Journal returns the entries with a sequence number above since.
func (s *Simulator) Journal(_ context.Context, since uint64) ([]Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	entries := []Entry{}
	for _, e := range s.journal[min(since, uint64(len(s.journal))):] {
		e.Effects = slices.Clone(e.Effects)
		entries = append(entries, e)
	}
	return entries, nil
}
