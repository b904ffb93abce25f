// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"context"
	"errors"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/prove/scratch"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// askUnlicensed asks for an SVM with a protocol that the cluster has no licence for.
func (r *run) askUnlicensed(ctx context.Context, one *scratch.SVM, protocol string) error {
	r.Tape.take(r.Settings.Name)
	job, err := one.Begin(ctx, protocol)
	switch {
	case refused(err):
		r.answer(unlicensedAtOnce, Better, "yes", err)
		return nil
	case ontap.IsApproval(err):
		r.open(unlicensedAtOnce, err)
		return fmt.Errorf("making a scratch SVM: %w", err) // the other one would wait for an approval, too
	case err != nil:
		r.open(unlicensedAtOnce, err)
		return nil
	}
	failure := r.reader.Jobs.Wait(ctx, job)
	found, err := one.Look(ctx)
	switch {
	case err != nil && !ontap.IsNotFound(err):
		r.open(unlicensedAtOnce, err)
	case refused(failure) && err == nil && found.State == ontap.SVMInitializing:
		r.answer(unlicensedAtOnce, Worse, "no: its job fails, and it stays initializing", failure)
	case failure != nil:
		r.answer(unlicensedAtOnce, Open, fmt.Sprintf("no: its job fails, and leaves it in the state %q", found.State), failure)
	default:
		r.answer(unlicensedAtOnce, Open, fmt.Sprintf("no: it is made, and is %s", found.State))
	}
	return nil
}

// askCreation makes the SVM, and looks at it at once and until it runs. Without one there is nothing else to be asked.
func (r *run) askCreation(ctx context.Context, one *scratch.SVM) error {
	job, err := one.Begin(ctx, "")
	if err != nil {
		r.open(shownAtOnce, err)
		return fmt.Errorf("making the scratch SVM: %w", err)
	}
	first, notShown := one.Look(ctx)
	begun, unread := ontap.Job{}, error(nil)
	if job.UUID != "" {
		begun, unread = r.reader.Jobs.Get(ctx, job.UUID)
	}
	switch {
	case ontap.IsNotFound(notShown):
		r.answer(shownAtOnce, Worse, "no: it is not found after its POST is answered", notShown)
	case notShown != nil || unread != nil:
		r.open(shownAtOnce, errors.Join(notShown, unread))
	case begun.State == ontap.JobQueued:
		r.answer(shownAtOnce, Better, "yes")
	default:
		r.answer(shownAtOnce, Open, "not known: its job had begun, or had ended, when it was looked for")
	}
	return r.awaitRunning(ctx, one, job, first)
}

func (r *run) awaitRunning(ctx context.Context, one *scratch.SVM, job ontap.Job, first ontap.SVM) error {
	var shown, hidden bool
	note := func(svm ontap.SVM) {
		shown = shown || svm.State == ontap.SVMInitializing && svm.Comment != ""
		hidden = hidden || svm.State == ontap.SVMInitializing && svm.Comment == ""
	}
	note(first)
	outcome, err := step.Poll(ctx, r.Clock, func(ctx context.Context) (step.Outcome, error) {
		svm, err := one.Look(ctx)
		if ontap.IgnoreNotFound(err) != nil {
			return step.Outcome{}, err
		}
		if note(svm); svm.State == ontap.SVMRunning {
			return step.Done(), nil
		}
		return step.Wait(0, "", ""), r.failureOf(ctx, job)
	})
	if err == nil && outcome.Kind != step.KindDone {
		err = errors.New("it does not run, however long it is waited for")
	}
	switch {
	case hidden:
		r.answer(commentShown, Worse, "no")
	case shown:
		r.answer(commentShown, Better, "yes")
	case err != nil:
		r.open(commentShown, err)
	default:
		r.answer(commentShown, Open, "not known: it was never seen initializing")
	}
	if err != nil {
		return fmt.Errorf("waiting for the scratch SVM to run: %w", err)
	}
	return nil
}

// failureOf is why a job has failed, if it has.
func (r *run) failureOf(ctx context.Context, job ontap.Job) error {
	if job.UUID == "" {
		return nil
	}
	seen, err := r.reader.Jobs.Get(ctx, job.UUID)
	if err != nil {
		return ontap.IgnoreNotFound(err) // it is forgotten some time after its end
	}
	return seen.Failure()
}
