// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// acquireJobSlot waits at most jobSlotTimeout for the right to have an SVM created or deleted.
func acquireJobSlot(ctx context.Context, c clock.WithDelayedExecution, cluster Cluster) (release func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer c.AfterFunc(jobSlotTimeout, cancel).Stop()
	return cluster.AcquireJobSlot(ctx)
}

// waitForJobSlot is the outcome of a step for which there was no slot, here or on ONTAP.
func waitForJobSlot(cluster Cluster, err error) (step.Outcome, error) {
	if !ontap.IsBusy(err) {
		return step.Outcome{}, err
	}
	return step.Wait(lookAgain, v1alpha1.ReasonNoJobSlot, fmt.Sprintf("cluster %q has too much to do: %v", cluster.Name(), err)), nil
}

// awaitJob waits for a job of ONTAP to end; doing is what the job does.
func (s *scope) awaitJob(ctx context.Context, cluster Cluster, job ontap.Job, reason, doing string) (step.Outcome, error) {
	return step.Poll(ctx, s.Clock, func(ctx context.Context) (step.Outcome, error) {
		unfinished, err := lookAtJob(ctx, cluster, job)
		if err != nil {
			return step.Outcome{}, fmt.Errorf("%s: %w", doing, err)
		}
		if unfinished {
			return step.Wait(lookAgain, reason, fmt.Sprintf("%s on cluster %q has not ended", doing, cluster.Name())), nil
		}
		return step.Done(), nil
	})
}

// lookAtJob reports whether the job is unfinished, or its failure. A job that was never begun, or that ONTAP no longer
// knows, is finished: what it was for has to be looked at.
func lookAtJob(ctx context.Context, cluster Cluster, job ontap.Job) (bool, error) {
	if job.UUID == "" {
		return false, nil
	}
	seen, err := cluster.Jobs.Get(ctx, job.UUID)
	if ontap.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	return !seen.Finished(), seen.Failure()
}
