// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// jobSlotTimeout is how long a run waits for its turn to create or delete an SVM.
const jobSlotTimeout = 30 * time.Second

// runJob has a job that creates or deletes an SVM begun when it is its turn, here and on ONTAP, and waits for it to end.
func (s *scope) runJob(ctx context.Context, cluster Cluster, reason, doing string, begin func() (ontap.Job, error)) (step.Outcome, error) {
	release, err := acquireJobSlot(ctx, s.Clock, cluster)
	job := ontap.Job{}
	if err == nil {
		defer release()
		s.forgetSVM()
		job, err = begin()
	}
	switch {
	case ontap.IsBusy(err):
		return step.Wait(lookAgain, v1alpha1.ReasonNoJobSlot, fmt.Sprintf("cluster %q has too much to do: %v", cluster.Name(), err)), nil
	case err != nil:
		return step.Outcome{}, err
	}
	return s.awaitJob(ctx, cluster, job, reason, doing)
}

func acquireJobSlot(ctx context.Context, c clock.WithDelayedExecution, cluster Cluster) (release func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer c.AfterFunc(jobSlotTimeout, cancel).Stop()
	return cluster.AcquireJobSlot(ctx)
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

// creations returns the unfinished jobs that create SVMs, whosever they are, by the description that ONTAP gives them.
func creations(ctx context.Context, cluster Cluster) ([]ontap.Job, error) {
	jobs, err := cluster.Jobs.Unfinished(ctx, "POST /api/svm/svms*")
	return jobs, doing(err, "looking for jobs that create SVMs")
}
