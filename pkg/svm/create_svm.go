// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// creation is the making of an SVM by EnsureSVM: one POST at most in a run, and then looking until the SVM is there.
type creation struct {
	*scope
	cluster Cluster
}

// vanished is the error of a repair that found no SVM: to make one is Gardener's to ask for.
func (s *scope) vanished() error {
	return humanNeeded(v1alpha1.ReasonSVMMissing, "no cluster has SVM %s any more; the next reconcile of the shoot makes a new one", s.desired.SVMName())
}

// begin is called when all clusters have answered that there is no SVM of the shoot's name.
func (c *creation) begin(ctx context.Context, access Access) (step.Outcome, error) {
	if c.repairing {
		return step.Outcome{}, c.vanished()
	}
	cluster, to, err := c.place(ctx, access)
	if err != nil {
		return step.Outcome{}, err
	}
	outcome, err := c.runJob(ctx, cluster, v1alpha1.ReasonSVMCreating, "creating SVM "+c.desired.SVMName(), func() (ontap.Job, error) {
		c.cluster = cluster
		return c.post(ctx, to)
	})
	if ontap.IsExists(err) {
		return step.Outcome{}, nil // the job of an earlier POST of ours came first
	}
	return outcome, err
}

// look returns the SVM where it is being made, or nil: that no other cluster has one is known.
func (c *creation) look(ctx context.Context) (*Located, error) {
	return c.observed.svm.get(func() (*Located, error) {
		svm, err := c.cluster.SVMs.Find(ctx, c.desired.SVMName())
		if err != nil {
			return nil, doing(ontap.IgnoreNotFound(err), "looking for the new SVM")
		}
		return &Located{Cluster: c.cluster.Name(), SVM: svm}, nil
	})
}

// wait is the outcome while the SVM is not visible. One that has been deleted, because it was half made, is made by the
// next run.
func (c *creation) wait(deleted bool) (step.Outcome, error) {
	c.forgetSVM()
	if deleted || c.cluster.Client == nil {
		return step.Outcome{}, &stateError{Failure{ClassConflict, v1alpha1.ReasonSVMCreating}, "the SVM is gone and is made again"}
	}
	return step.Wait(lookAgain, v1alpha1.ReasonSVMCreating, fmt.Sprintf("SVM %s is being created on cluster %q", c.desired.SVMName(), c.cluster.Name())), nil
}

// post asks ONTAP to create the SVM. That the name is taken means that an earlier POST of ours has reserved it: its SVM
// shows once its job has started. An answer that was lost means nothing, as long as the cluster can be asked again: the
// SVM shows, or the next run posts again in the same place and under the same name.
func (c *creation) post(ctx context.Context, to target) (ontap.Job, error) {
	name := c.desired.SVMName()
	job, err := c.cluster.SVMs.Create(ctx, ontap.SVMCreate{
		Name: name, Comment: c.desired.mark(MarkActive).String(), IPspace: c.cluster.Settings.IPspace,
		Aggregates: aggregatesOf(to.pairs), Protocol: protocols[c.desired.Protocol].name, Limits: c.desired.Limits,
	})
	if ontap.IsExists(err) {
		return ontap.Job{}, nil
	}
	if ontap.IsUnavailable(err) {
		if _, unanswered := c.cluster.SVMs.Find(ctx, name); unanswered == nil || ontap.IsNotFound(unanswered) {
			return ontap.Job{}, nil
		}
	}
	return job, doing(err, "creating SVM %s", name)
}
