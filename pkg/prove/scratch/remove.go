// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package scratch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

const (
	// patience is how long Remove tries, whatever has become of the context that it was given.
	patience = 3 * time.Minute
	// showing is how long an SVM is waited for whose creation got no answer.
	showing = 30 * time.Second
)

var (
	errPerhaps = errors.New("the request for it got no answer, and ONTAP does not show it yet: see whether it appears")
	errRemains = errors.New("it is still there")
)

// Remove takes away what was made here: the account, the LIF, the services, and the SVM. It goes on for some minutes after ctx has
// ended, and may be called again. The error names the SVM if it is, or may be, left.
func (s *SVM) Remove(ctx context.Context) error {
	if !s.asked {
		return nil
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer s.maker.clock.AfterFunc(patience, cancel).Stop()
	var last error
	outcome, err := step.Poll(ctx, s.maker.clock, func(ctx context.Context) (step.Outcome, error) {
		gone, err := s.remove(ctx)
		if gone && err == nil {
			return step.Done(), nil
		}
		if err != nil && (ctx.Err() == nil || last == nil) {
			last = err
		}
		if hopeless(err) {
			return step.Outcome{}, err
		}
		return step.Wait(0, "", ""), nil
	})
	if err == nil && outcome.Kind == step.KindDone {
		s.asked = false
		return nil
	}
	if last == nil {
		last = errRemains
	}
	return fmt.Errorf("SVM %s on ONTAP cluster %q is left, or what was in it: delete its LIFs, services, accounts and then the SVM itself: %w",
		s.name, s.maker.client.Name(), last)
}

// hopeless reports whether there is no use in another try. Each one would be one more request for approval.
func hopeless(err error) bool {
	return errors.Is(err, errForeign) || errors.Is(err, errPerhaps) || ontap.IsApproval(err) || ontap.IsDenied(err)
}

// remove does what can be done at once, and reports whether nothing is left.
func (s *SVM) remove(ctx context.Context) (gone bool, err error) {
	_, err = s.Look(ctx)
	switch {
	case ontap.IsNotFound(err) && s.uuid == "":
		return s.unseen(ctx)
	case ontap.IsNotFound(err):
		err := s.removeAccount(ctx)
		return err == nil, err
	case err != nil:
		return false, err
	}
	// One after the other, for what fails for want of an approval must not be followed by more.
	if err = s.removeAccount(ctx); err == nil {
		err = s.Empty(ctx)
	}
	if err == nil {
		err = ontap.IgnoreNotFound(s.Delete(ctx))
	}
	return false, err
}

// Empty takes the LIF and the services away, as far as they are there.
func (s *SVM) Empty(ctx context.Context) error {
	if _, err := s.Look(ctx); err != nil {
		return err
	}
	if s.lif {
		if err := s.removeLIF(ctx); err != nil {
			return err
		}
	}
	for _, protocol := range s.services {
		err := s.write("modify service "+protocol, func(uuid string) error {
			return s.maker.client.Protocols.SetEnabled(ctx, protocol, uuid, false)
		})
		if err == nil {
			err = s.write("delete service "+protocol, func(uuid string) error { return s.maker.client.Protocols.DeleteService(ctx, protocol, uuid) })
		}
		if ontap.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

func (s *SVM) removeLIF(ctx context.Context) error {
	uuid, err := s.lifUUID(ctx)
	if errors.Is(err, errNoLIF) {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.write("modify LIF", func(string) error {
		return s.maker.client.IPInterfaces.Modify(ctx, uuid, ontap.IPInterfaceChange{Enabled: new(false)})
	})
	if err == nil {
		err = s.write(deleteLIF, func(string) error { return s.maker.client.IPInterfaces.Delete(ctx, uuid) })
	}
	return ontap.IgnoreNotFound(err)
}

// removeAccount looks for the account, which may outlive its SVM.
func (s *SVM) removeAccount(ctx context.Context) error {
	if !s.account {
		return nil
	}
	if there, err := s.HasAccount(ctx); err != nil || !there {
		return err
	}
	return ontap.IgnoreNotFound(s.write("delete account", func(uuid string) error {
		return s.maker.client.Accounts.Delete(ctx, uuid, account)
	}))
}

// unseen judges that ONTAP does not have an SVM that was asked for.
func (s *SVM) unseen(ctx context.Context) (gone bool, err error) {
	now := s.maker.clock.Now()
	if s.unseenSince.IsZero() {
		s.unseenSince = now
	}
	if s.job.UUID == "" {
		if now.Sub(s.unseenSince) < showing {
			return false, nil
		}
		return false, errPerhaps
	}
	job, err := s.maker.client.Jobs.Get(ctx, s.job.UUID)
	if ontap.IgnoreNotFound(err) != nil || err == nil && !job.Finished() {
		return false, err
	}
	_, err = s.Look(ctx) // the job may have made it after the last look
	if ontap.IsNotFound(err) {
		return true, nil
	}
	return false, err
}
