// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

const (
	manyCount   = 1000
	memoryLimit = 100 << 20
	// downLimit and manyLimit bound the time until the extension is ready: with every cluster down, and with many shoots.
	downLimit = 5 * time.Second
	manyLimit = 10 * time.Second
	makers    = 16
)

// manyShoots measures the extension as a process in a landscape, beside a thousand shoots.
func manyShoots(ctx context.Context, t *table) error {
	fmt.Printf("Many shoots: the extension as a process, a real kube-apiserver, %d Extensions\n", manyCount)
	l, err := landscape.Start(ctx, landscape.Options{Clusters: []string{"a", "b"}, Out: os.Stderr})
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // the figures are out by then
	for _, cluster := range []string{"a", "b"} {
		if err := l.Simulator().SetDown(ctx, cluster); err != nil {
			return err
		}
	}
	if err := restart(ctx, t, l, "ready with every ONTAP cluster down", downLimit); err != nil {
		return err
	}
	for _, cluster := range []string{"a", "b"} {
		if err := l.Simulator().SetUp(ctx, cluster); err != nil {
			return err
		}
	}
	if err := populate(ctx, l); err != nil {
		return err
	}
	if err := restart(ctx, t, l, fmt.Sprintf("ready with %d shoots", manyCount), manyLimit); err != nil {
		return err
	}
	return whilePlayed(ctx, l.Client, func() error {
		shoots, err := work(ctx, l)
		if err != nil {
			return err
		}
		resident, err := l.ExtensionMemory()
		if err != nil {
			return err
		}
		t.line(resident <= memoryLimit, "%-58s %5d MB  at most %d MB", fmt.Sprintf("resident memory with %d shoots", manyCount), resident>>20, memoryLimit>>20)
		return heal(ctx, t, l, shoots)
	})
}

// work gives the extension something to do.
func work(ctx context.Context, l *landscape.Landscape) ([]*landscape.Shoot, error) {
	var shoots []*landscape.Shoot
	for n := range 10 {
		shoot, err := l.NewShoot(ctx, fmt.Sprintf("busy%d", n))
		if err != nil {
			return nil, err
		}
		if err := l.Client.Create(ctx, playedKey(shoot.Namespace)); err != nil {
			return nil, err
		}
		if err := shoot.Reconcile(ctx); err != nil {
			return nil, err
		}
		shoots = append(shoots, shoot)
	}
	return shoots, nil
}

func restart(ctx context.Context, t *table, l *landscape.Landscape, what string, most time.Duration) error {
	if err := l.StopExtension(ctx); err != nil {
		return err
	}
	begin := clock.RealClock{}.Now()
	if err := l.StartExtension(ctx); err != nil {
		return err
	}
	if err := l.WaitExtensionReady(ctx); err != nil {
		return err
	}
	took := clock.RealClock{}.Since(begin)
	t.line(took <= most, "%-58s %8s  at most %s", what, took.Round(time.Millisecond), most)
	return nil
}

// populate makes shoots whose Extensions have succeeded, as a seed has them that has been at it for a while.
func populate(ctx context.Context, l *landscape.Landscape) error {
	failures, slots := make(chan error, manyCount), make(chan struct{}, makers)
	for n := range manyCount {
		slots <- struct{}{}
		go func() {
			defer func() { <-slots }()
			shoot, err := l.NewShoot(ctx, fmt.Sprintf("many%d", n))
			if err == nil {
				err = shoot.Pretend(ctx)
			}
			failures <- err
		}()
	}
	return firstError(failures, manyCount)
}
