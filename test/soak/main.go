// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Program soak lets a seed live through a storm: 200 shoots are created, changed and deleted at the same time, a fifth of all
// requests to ONTAP fail, the extension is killed again and again in the middle of its runs, and a MetroCluster is lost and
// comes back. When the storm is over, every shoot has to be reconciled or gone, and ONTAP and the seed must hold exactly what
// the living shoots need. The seed, its API server and the extension are processes; the shoots' side is played.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/utils/clock"
)

// The storm is one only if it has had at least that many faults, and kills in the middle of a run.
const (
	minFaults = 1000
	minKills  = 50
)

// watch is the time that it is.
var watch clock.RealClock

func main() {
	seed := flag.Uint64("seed", uint64(watch.Now().Unix()), "seed of everything that is drawn")
	storm := flag.Duration("storm", 11*time.Minute, "how long the storm goes on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, *seed, *storm)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, seed uint64, storm time.Duration) error {
	fmt.Printf("SEED=%d, a storm of %s: %d shoots at a time, %d %% of the requests to ONTAP fail\n", seed, storm, population, failing)
	s, err := begin(ctx, seed)
	if err != nil {
		return err
	}
	defer func() { _ = s.landscape.Close() }() // the table is out by then
	began := watch.Now()
	if err := s.weather(ctx, storm); err != nil {
		return fmt.Errorf("in the storm: %w", err)
	}
	if err := s.settle(ctx); err != nil {
		return fmt.Errorf("after the storm: %w", err)
	}
	v, err := s.judge(ctx)
	if err != nil {
		return err
	}
	s.print(v, watch.Since(began))
	for _, problem := range v.problems {
		fmt.Println("  " + problem)
	}
	if len(v.problems) > 0 {
		return errors.New("not everything is as it has to be; SEED says which storm it was")
	}
	return nil
}
