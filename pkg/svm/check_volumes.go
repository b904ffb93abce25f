// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"fmt"
	"strings"
	"time"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// emptiedAgain is when to look again whether ONTAP has emptied a recovery queue.
const emptiedAgain = 10 * time.Minute

// namedAtMost is how many things a message names.
const namedAtMost = 3

// refuseWhileInUse ends the deletion of an SVM that holds data volumes or is used in the shoot, if the shoot itself lives
// on. Whether one that hibernates uses it cannot be seen.
func (s *scope) refuseWhileInUse(ctx context.Context, access Access) (step.Outcome, error) {
	if s.desired.ShootDeleting {
		return step.Skipped("ShootDeleting"), nil
	}
	svm, volumes, err := s.volumes(ctx, access)
	switch {
	case err != nil || svm == nil:
		return step.Done(), err
	case len(volumes) > 0:
		return step.Outcome{}, inUse("the shoot lives, and its SVM %s holds %s: delete them in the shoot first", svm.Name, enumerate("volumes", volumes))
	case s.desired.Hibernated:
		return step.Wait(wokenUp, v1alpha1.ReasonWaitingForWakeUp, "the shoot hibernates, and whether it uses SVM "+svm.Name+" cannot be seen until it wakes up"), nil
	}
	users, err := s.shoots.InUse(ctx, s.desired.Namespace)
	if err != nil || len(users) == 0 {
		return step.Done(), err
	}
	return step.Outcome{}, inUse("the shoot lives and uses its SVM %s by %s: delete them in the shoot first", svm.Name, enumerate("objects", users))
}

// checkVolumes parks the SVM of a shoot that is going if it holds data volumes: it stays on ONTAP with everything in it,
// but without accounts and LIFs, and its mark says since when. The SVM of a shoot that lives on is parked only for volumes
// that are deleted.
func (s *scope) checkVolumes(ctx context.Context, access Access) (step.Outcome, error) {
	svm, volumes, err := s.volumes(ctx, access)
	if err != nil || svm == nil {
		return step.Done(), err
	}
	if len(volumes) == 0 {
		return s.checkRecoveryQueue(ctx, access, svm)
	}
	if !s.desired.ShootDeleting {
		return step.Outcome{}, inUse("the shoot lives, and its SVM %s holds %s, which were made after the deletion had begun", svm.Name, enumerate("volumes", volumes))
	}
	return s.park(svm, enumerate("volumes", volumes)), nil
}

// checkRecoveryQueue looks for volumes that are deleted and can be recovered as long as their SVM is there.
func (s *scope) checkRecoveryQueue(ctx context.Context, access Access, svm *Located) (step.Outcome, error) {
	if s.desired.RecoveryQueue == configv1alpha1.RecoveryQueueDiscard {
		return step.Done(), nil
	}
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return step.Outcome{}, err
	}
	count, err := cluster.SVMs.CountRecoverable(ctx, svm.UUID)
	switch {
	case err != nil:
		return step.Outcome{}, fmt.Errorf("looking at the recovery queue of SVM %s: %w", svm.Name, err)
	case count == 0:
		return step.Done(), nil
	case s.desired.RecoveryQueue == configv1alpha1.RecoveryQueueWait:
		return step.Wait(emptiedAgain, v1alpha1.ReasonRecoveryQueueNotEmpty, fmt.Sprintf("SVM %s on cluster %q has %d deleted volumes in ONTAP's recovery queue", svm.Name, svm.Cluster, count)), nil
	}
	return s.park(svm, fmt.Sprintf("%d deleted volumes in ONTAP's recovery queue", count)), nil
}

// park has the steps that follow leave the SVM where it is, because of what it holds.
func (s *scope) park(svm *Located, holds string) step.Outcome {
	s.parked = true
	outcome := step.Done()
	outcome.Reason = v1alpha1.ReasonSVMParked
	outcome.Message = fmt.Sprintf("SVM %s on cluster %q holds %s and is left on ONTAP without accounts and LIFs.", svm.Name, svm.Cluster, holds)
	return outcome
}

// checkVolumesAgain is checkVolumes at a time when nobody can make volumes any more. Its verdict has to be marked, too.
func (s *scope) checkVolumesAgain(ctx context.Context, access Access) (step.Outcome, error) {
	if s.parked {
		return step.Skipped(reasonParked), nil
	}
	outcome, err := s.checkVolumes(ctx, access)
	if err != nil || !s.parked {
		return outcome, err
	}
	if marked, err := s.markDeleting(ctx, access); err != nil || marked.Kind == step.KindWaiting {
		return marked, err
	}
	return outcome, nil
}

// volumes returns the names of the SVM's data volumes; no SVM has none.
func (s *scope) volumes(ctx context.Context, access Access) (*Located, []string, error) {
	svm, cluster, err := s.deletable(ctx, access)
	if svm == nil {
		return nil, nil, err
	}
	names, err := dataVolumes(ctx, cluster, svm)
	return svm, names, err
}

// dataVolumes returns the names of the volumes that hold somebody's data.
func dataVolumes(ctx context.Context, cluster Cluster, svm *Located) ([]string, error) {
	volumes, err := cluster.Volumes.ListData(ctx, svm.UUID)
	var names []string
	for _, volume := range volumes {
		names = append(names, volume.Name)
	}
	return names, doing(err, "looking for volumes of SVM %s", svm.Name)
}

// enumerate counts things and names the first of them.
func enumerate(things string, names []string) string {
	text := fmt.Sprintf("%d %s (%s", len(names), things, strings.Join(names[:min(namedAtMost, len(names))], ", "))
	if len(names) > namedAtMost {
		text += ", …"
	}
	return text + ")"
}
