// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package story

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// healed deletes the first shoot's seed secret under a client in the shoot that logs in all the time.
func healed(ctx context.Context, s *Story) error {
	shoot, err := s.shoot("alpha")
	if err != nil {
		return err
	}
	old, err := s.secret(ctx, shoot)
	if err != nil {
		return err
	}
	client, err := s.startClient(ctx, shoot, old)
	if err != nil {
		return err
	}
	defer client.cancel()
	before, err := s.now(ctx)
	if err != nil {
		return err
	}
	if err := s.landscape.Client.Delete(ctx, old.DeepCopy()); err != nil {
		return err
	}
	if err := shoot.Reconcile(ctx); err != nil {
		return err
	}
	fresh, err := s.secret(ctx, shoot)
	if err != nil {
		return err
	}
	oldName, freshName := string(old.Data["username"]), string(fresh.Data["username"])
	if err := s.claim(oldName != freshName, "the seed secret is there again, with account %s in place of %s", freshName, oldName); err != nil {
		return err
	}
	if err := s.claimOrder(ctx, before, oldName, freshName); err != nil {
		return err
	}
	if err := client.settle(ctx, freshName); err != nil {
		return err
	}
	logins, err := client.stop()
	if err != nil {
		s.say("  the client: %v", err)
	}
	if err := s.claim(err == nil && logins >= enough,
		"a client logged in %d times with what the shoot's Secret held at each moment, and never failed", logins); err != nil {
		return err
	}
	return s.claimSucceeded(ctx, shoot)
}

// claimOrder claims that the old account outlived the commit of the fresh one.
func (s *Story) claimOrder(ctx context.Context, before uint64, oldName, freshName string) error {
	entries, err := s.journal(ctx, before)
	if err != nil {
		return err
	}
	var order []string
	for _, entry := range entries {
		for _, effect := range entry.Effects {
			if effect.Object == simulator.AccountObject {
				order = append(order, string(effect.Op)+" "+effect.Name)
			}
		}
	}
	expected := []string{"created " + freshName, "changed " + freshName, "deleted " + oldName}
	return s.claim(slices.Equal(order, expected), "on ONTAP, in this order: %s", strings.Join(order, ", "))
}

// loginClient logs in on the shoot's SVM all the time, with whatever the Secret in the shoot holds at that moment.
type loginClient struct {
	tenant  *landscape.Tenant
	read    func(context.Context) (*corev1.Secret, error)
	cancel  context.CancelFunc
	ended   chan struct{}
	logins  atomic.Int64
	current atomic.Pointer[corev1.Secret]
	failure error
}

func (s *Story) startClient(ctx context.Context, shoot *landscape.Shoot, secret *corev1.Secret) (*loginClient, error) {
	tenant, err := s.landscape.NewTenant(string(secret.Data["cluster"]))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	c := &loginClient{
		tenant: tenant,
		read:   func(ctx context.Context) (*corev1.Secret, error) { return s.shootSecret(ctx, shoot) },
		cancel: cancel,
		ended:  make(chan struct{}),
	}
	if err := c.logIn(ctx); err != nil {
		cancel()
		return nil, fmt.Errorf("the first login: %w", err)
	}
	go c.run(ctx)
	return c, nil
}

// pause lets the client take turns with whoever it is that it watches.
const pause = 10 * time.Millisecond

func (c *loginClient) run(ctx context.Context) {
	defer close(c.ended)
	c.failure = wait.PollUntilContextCancel(ctx, pause, true, func(ctx context.Context) (bool, error) { return false, c.logIn(ctx) })
}

// enough is how often the client has to have logged in for the claim to mean something.
const enough = 20

// settle waits until the client logs in as the given account, and has done so often enough.
func (c *loginClient) settle(ctx context.Context, account string) error {
	return until(ctx, "the client has switched", func(context.Context) (bool, error) {
		return c.logins.Load() >= enough && string(c.current.Load().Data["username"]) == account, nil
	})
}

// stop ends the client and returns how often it logged in, and its first failure.
func (c *loginClient) stop() (int64, error) {
	c.cancel()
	<-c.ended
	if wait.Interrupted(c.failure) {
		return c.logins.Load(), nil
	}
	return c.logins.Load(), c.failure
}

// logIn sees the account's own SVM and no other, as Trident does.
func (c *loginClient) logIn(ctx context.Context) error {
	secret, err := c.read(ctx)
	if err != nil {
		return err
	}
	states, status, err := c.tenant.LogIn(ctx, string(secret.Data["username"]), string(secret.Data["password"]))
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("login as %s: status %d", secret.Data["username"], status)
	}
	c.logins.Add(1)
	c.current.Store(secret)
	if len(states) != 1 || states[0] != "running" {
		return fmt.Errorf("login as %s: it sees %d SVMs, not its running one", secret.Data["username"], len(states))
	}
	return nil
}
