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

// askDeletion deletes the SVM as it is and, if that is refused, with no more in it than its account. Then it looks what is left.
func (r *run) askDeletion(ctx context.Context, one *scratch.SVM) error {
	had, err := one.HasAccount(ctx)
	volumes, unlisted := r.reader.Volumes.List(ctx, one.UUID())
	r.Tape.take(r.Settings.Name)
	deleted := one.Delete(ctx)
	switch {
	case deleted == nil && r.inhabited:
		r.answer(inhabitedSVM, Better, "yes")
	case refused(deleted) && r.inhabited:
		r.answer(inhabitedSVM, Worse, "no", deleted)
	case deleted != nil:
		r.open(inhabitedSVM, deleted)
	default:
		r.answer(inhabitedSVM, Open, "not asked: there is neither a licence nor an address")
	}
	if deleted != nil {
		if deleted = one.Empty(ctx); deleted == nil {
			deleted = one.Delete(ctx)
		}
	}
	if deleted == nil {
		deleted = r.awaitGone(ctx, one)
	}
	r.Tape.take(r.Settings.Name)
	if deleted != nil {
		deleted = fmt.Errorf("the SVM was not deleted: %w", deleted)
	}
	r.askAccount(ctx, one, had, errors.Join(err, deleted))
	r.askRootVolume(ctx, one, len(volumes), errors.Join(unlisted, deleted))
	return nil
}

// askAccount looks for the account that a deleted SVM had.
func (r *run) askAccount(ctx context.Context, one *scratch.SVM, had bool, err error) {
	left := false
	if err == nil && had {
		left, err = one.HasAccount(ctx)
	}
	switch {
	case err != nil:
		r.open(accountsGo, err)
	case !had:
		if _, told := r.answers[accountsGo]; !told {
			r.answer(accountsGo, Open, "not known: the SVM had none")
		}
	case left:
		r.answer(accountsGo, Worse, "no: they stay")
	default:
		r.answer(accountsGo, Better, "yes")
	}
}

// askRootVolume looks for volumes of a deleted SVM that had some.
func (r *run) askRootVolume(ctx context.Context, one *scratch.SVM, had int, err error) {
	var left []ontap.Volume
	if err == nil {
		left, err = r.reader.Volumes.List(ctx, one.UUID())
	}
	switch {
	case err != nil:
		r.open(rootVolumeGoes, err)
	case had == 0:
		r.answer(rootVolumeGoes, Open, "not known: ONTAP showed none")
	case len(left) > 0:
		r.answer(rootVolumeGoes, Worse, fmt.Sprintf("no: %d of %d volumes are left", len(left), had))
	default:
		r.answer(rootVolumeGoes, Better, "yes")
	}
}

// awaitGone waits until the SVM is not found any more.
func (r *run) awaitGone(ctx context.Context, one *scratch.SVM) error {
	outcome, err := step.Poll(ctx, r.Clock, func(ctx context.Context) (step.Outcome, error) {
		switch _, err := one.Look(ctx); {
		case ontap.IsNotFound(err):
			return step.Done(), nil
		case err != nil:
			return step.Outcome{}, err
		}
		return step.Wait(0, "", ""), nil
	})
	if err == nil && outcome.Kind != step.KindDone {
		err = errors.New("it is still found")
	}
	return err
}
