// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
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

// place returns the cluster that the placement record names, or chooses one and records it. The choice is a rendezvous
// hash of the shoot over the clusters that run a supported release: it depends on nothing that changes between two runs.
func (c *creation) place(ctx context.Context, access Access) (*ontap.Client, error) {
	placed, err := c.placement(access)
	if err != nil {
		return nil, err
	}
	if placed == "" {
		if placed, err = c.choose(ctx, access); err != nil {
			return nil, err
		}
	}
	cluster, err := access.Cluster(placed)
	if err != nil {
		return nil, humanNeeded(v1alpha1.ReasonPlacementConflict, "the placement record names a cluster that is gone: %v", err)
	}
	if err := access.RecordPlacement(ctx, placed); err != nil {
		return nil, err
	}
	// An SVM that was recorded is gone by now. Its UUID would tell a deletion that there is no creation to wait for.
	return cluster, c.remember(ctx, func(record *v1alpha1.SVMStatus) {
		record.Cluster, record.SVMName, record.SVMUUID = placed, "", ""
	})
}

func (c *creation) choose(ctx context.Context, access Access) (string, error) {
	clusters, err := access.Clusters()
	if err != nil {
		return "", err
	}
	ranked := slices.SortedFunc(slices.Values(clusters), func(a, b *ontap.Client) int {
		return strings.Compare(c.rank(b.Name()), c.rank(a.Name()))
	})
	var tooOld []error
	for _, cluster := range ranked {
		about, err := cluster.Cluster.Get(ctx)
		if err != nil {
			return "", fmt.Errorf("asking cluster %q for its release: %w", cluster.Name(), err)
		}
		if about.Version.AtLeast(minimumVersion) {
			return cluster.Name(), nil
		}
		tooOld = append(tooOld, fmt.Errorf("cluster %q runs ONTAP %s", cluster.Name(), about.Version))
	}
	return "", humanNeeded(v1alpha1.ReasonNoEligibleCluster, "no cluster runs ONTAP %s or newer: %v", minimumVersion, errors.Join(tooOld...))
}

// minimumVersion is the oldest release whose REST API does all that this extension and Trident need.
var minimumVersion = ontap.Version{Generation: 9, Major: 15, Minor: 1}

func (c *creation) rank(cluster string) string {
	sum := sha256.Sum256([]byte(c.desired.ShootUID + "/" + cluster))
	return string(sum[:])
}
