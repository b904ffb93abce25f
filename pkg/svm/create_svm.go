// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// jobSlotTimeout is how long a run waits for its turn to create or delete an SVM.
const jobSlotTimeout = 30 * time.Second

// creation is the making of an SVM by EnsureSVM: one POST at most in a run, and then looking until the SVM is there.
type creation struct {
	*scope
	cluster *ontap.Client
	release func()
}

func (c *creation) end() {
	if c.release != nil {
		c.release()
	}
}

// begin is called when all clusters have answered that there is no SVM of the name.
func (c *creation) begin(ctx context.Context, access Access) (step.Outcome, error) {
	if found, err := c.renamed(ctx, access); err != nil || found {
		return step.Outcome{}, err
	}
	cluster, err := c.place(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	if c.release, err = acquireJobSlot(ctx, c.Clock, cluster); err != nil {
		return waitForJobSlot(cluster, err)
	}
	c.cluster = cluster
	job, err := c.post(ctx)
	if err != nil {
		if ontap.IsBusy(err) {
			return waitForJobSlot(cluster, err)
		}
		return step.Outcome{}, err
	}
	outcome, err := c.awaitJob(ctx, cluster, job, v1alpha1.ReasonSVMCreating, "creating SVM "+c.desired.SVMName())
	if ontap.IsExists(err) {
		return step.Outcome{}, nil // the job of an earlier POST of ours came first
	}
	return outcome, err
}

// creating is the outcome while the SVM is not visible.
func (c *creation) creating() (step.Outcome, error) {
	if c.cluster == nil {
		return step.Outcome{}, errSVMVanished
	}
	c.observed.svm.drop()
	return step.Wait(lookAgain, v1alpha1.ReasonSVMCreating, fmt.Sprintf("SVM %s is being created on cluster %q", c.desired.SVMName(), c.cluster.Name())), nil
}

// renamed looks once more before a create, by owner mark and by the recorded UUID. An SVM that still carries our mark is
// the shoot's whatever its name; it is worked on by UUID and never made again.
func (c *creation) renamed(ctx context.Context, access Access) (bool, error) {
	svm, err := c.svmByMark(ctx, access)
	if err != nil {
		return false, err
	}
	if svm != nil {
		c.observed.svm.set(svm)
		return true, nil
	}
	if c.record.SVMUUID == "" {
		return false, nil
	}
	cluster, err := access.Cluster(c.record.Cluster)
	if err != nil {
		return false, err
	}
	switch known, err := cluster.SVMs.Get(ctx, c.record.SVMUUID); {
	case ontap.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("looking for the recorded SVM %s: %w", c.record.SVMUUID, err)
	default:
		return false, humanNeeded(v1alpha1.ReasonSVMUnrecognized,
			"SVM %s on cluster %q has the recorded UUID %s, but neither the shoot's name nor its owner mark", known.Name, cluster.Name(), known.UUID)
	}
}

// post asks ONTAP to create the SVM. That the name is taken means that an earlier POST of ours has reserved it: its SVM
// shows once its job has started. An answer that was lost means nothing, as long as the cluster can be asked again: the
// SVM shows, or the next run posts again in the same place and under the same name.
func (c *creation) post(ctx context.Context) (ontap.Job, error) {
	name := c.desired.SVMName()
	c.observed.svm.drop()
	job, err := c.cluster.SVMs.Create(ctx, ontap.SVMCreate{Name: name, Comment: c.desired.mark(MarkActive).String()})
	if ontap.IsExists(err) {
		return ontap.Job{}, nil
	}
	if ontap.IsUnavailable(err) {
		if _, unanswered := c.cluster.SVMs.Find(ctx, name); unanswered == nil || ontap.IsNotFound(unanswered) {
			return ontap.Job{}, nil
		}
	}
	if err != nil {
		return ontap.Job{}, fmt.Errorf("creating SVM %s: %w", name, err)
	}
	return job, nil
}
