// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"math/rand/v2"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const (
	// soonest and latest are after how many entries of ONTAP's journal an extension is killed.
	soonest, latest = 40, 400
	// enough is how many kills in the middle of a run there are. Nothing but the first steps would ever be reached if they
	// went on through the whole storm.
	enough = minKills + 10
	glance = 10 * time.Millisecond
	// scrape is the time between two looks at the metrics, which are gone with the process.
	scrape = time.Second
)

// killer kills the extension at points of ONTAP's journal that are drawn, and starts it again.
type killer struct {
	landscape *landscape.Landscape
	random    *rand.Rand
	// seen is the last entry of the journal that was counted.
	seen uint64
	// kills counts all, inside those in the middle of a run.
	kills, inside int
	// current are the results of reconciles by the process that lives, ended those of all before it.
	current, ended map[string]float64
}

func (k *killer) run(ctx context.Context) error {
	for {
		if err := k.await(ctx, soonest+k.random.IntN(latest-soonest)); err != nil {
			return err
		}
		// Once begun it is brought to its end: after the storm there has to be an extension.
		if err := k.kill(context.WithoutCancel(ctx)); err != nil {
			return err
		}
	}
}

// await waits until as many requests more have reached ONTAP, or for ever when there have been enough kills.
func (k *killer) await(ctx context.Context, requests int) error {
	scraped := time.Time{}
	return wait.PollUntilContextCancel(ctx, glance, true, func(ctx context.Context) (bool, error) {
		entries, err := k.landscape.Simulator().Journal(ctx, k.seen)
		if err != nil {
			return false, err
		}
		k.seen += uint64(len(entries))
		for _, entry := range entries {
			if entry.Class != simulator.Progress {
				requests--
			}
		}
		if now := watch.Now(); now.Sub(scraped) > scrape {
			scraped = now
			if err := k.scrape(ctx); err != nil {
				return false, err
			}
		}
		return requests <= 0 && k.inside < enough, nil
	})
}

// kill kills the extension, and starts another one.
func (k *killer) kill(ctx context.Context) error {
	if err := k.landscape.KillExtension(ctx); err != nil {
		return err
	}
	k.kills++
	for result, count := range k.current {
		k.ended[result] += count
	}
	k.current = nil
	// Nobody writes this state now but the extension.
	all := &extensionsv1alpha1.ExtensionList{}
	if err := k.landscape.Client.List(ctx, all); err != nil {
		return err
	}
	for _, extension := range all.Items {
		operation := extension.Status.LastOperation
		if operation != nil && operation.State == gardencorev1beta1.LastOperationStateProcessing {
			k.inside++
			break
		}
	}
	if err := k.landscape.StartExtension(ctx); err != nil {
		return err
	}
	return k.landscape.WaitExtensionReady(ctx)
}

// scrape notes what reconciles have come to so far.
func (k *killer) scrape(ctx context.Context) error {
	families, err := k.landscape.ExtensionMetrics(ctx)
	if err != nil {
		return err
	}
	k.current = map[string]float64{}
	for _, metric := range families["controller_runtime_reconcile_total"].GetMetric() {
		for _, label := range metric.GetLabel() {
			if label.GetName() == "result" {
				k.current[label.GetValue()] += metric.GetCounter().GetValue()
			}
		}
	}
	return nil
}

// results are what all reconciles came to.
func (k *killer) results() map[string]float64 {
	all := map[string]float64{}
	for _, some := range []map[string]float64{k.ended, k.current} {
		for result, count := range some {
			all[result] += count
		}
	}
	return all
}
