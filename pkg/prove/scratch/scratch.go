// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package scratch makes an SVM that belongs to no shoot, and takes it away again. It is the one way to write to ONTAP that does not
// lead through the guard in pkg/svm, for there is no seed secret to be guarded: what it hands out can reach nothing but the SVM that
// it made itself, which has a name that was drawn at random and a comment that nobody else knows.
//
//	one := maker.New()
//	defer one.Remove(ctx)
//	job, err := one.Begin(ctx, "")
package scratch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// Prefix begins the names of all scratch SVMs. With what is drawn they are as long as names may be on a MetroCluster.
const Prefix = "gardener-extension-ontap-prove-"

const (
	drawn   = 10
	account = "prove1"
	lif     = "prove1"

	deleteLIF = "delete LIF"
)

var (
	errUnseen  = errors.New("the scratch SVM has not been seen yet")
	errNoLIF   = errors.New("the scratch SVM has no LIF")
	errTwice   = errors.New("the scratch SVM was asked for already")
	errForeign = errors.New("an SVM of its name or UUID does not carry its comment, so it is not touched")
)

// Maker makes scratch SVMs on one ONTAP cluster.
type Maker struct {
	client  *ontap.Client
	ipspace string
	clock   clock.WithDelayedExecution
}

// NewMaker returns a Maker; it does no I/O.
func NewMaker(client *ontap.Client, ipspace string, clock clock.WithDelayedExecution) Maker {
	return Maker{client, ipspace, clock}
}

// Reader returns a client that can only read.
func (m Maker) Reader() *ontap.Client { return m.client.ReadOnly() }

// Leftovers returns the names of scratch SVMs that there are.
func (m Maker) Leftovers(ctx context.Context) ([]string, error) {
	found, err := m.client.SVMs.ListByName(ctx, Prefix+"*")
	var names []string
	for _, svm := range found {
		if strings.HasPrefix(svm.Name, Prefix) {
			names = append(names, svm.Name)
		}
	}
	return names, err
}

// New draws name and comment of a scratch SVM. Nothing is made yet.
func (m Maker) New() *SVM {
	return &SVM{
		maker: m, withheld: map[string]error{}, name: Prefix + strings.ToLower(rand.Text()[:drawn]),
		comment: "gardener-extension-ontap preflight --prove " + rand.Text() + ": to be deleted if it is left",
	}
}

// SVM is a scratch SVM. Its methods reach no other one: they name it by the UUID that was seen together with its own name and
// comment. It is not safe for concurrent use.
type SVM struct {
	maker         Maker
	name, comment string
	// uuid is empty until the SVM was seen.
	uuid string
	// asked is whether ONTAP may have been made to make the SVM, by the job if there is one.
	asked bool
	job   ontap.Job
	// These are what may be in the SVM.
	account, lif bool
	services     []string
	// withheld are the writes that wait for an approval, which must not be asked for again.
	withheld map[string]error
	// unseenSince is when Remove first did not see an SVM that was asked for.
	unseenSince time.Time
}

// UUID returns the UUID of the SVM, empty until it was seen.
func (s *SVM) UUID() string { return s.uuid }

// Begin asks ONTAP for the SVM, which serves the protocol, or none. It is an error to do so twice.
func (s *SVM) Begin(ctx context.Context, protocol string) (ontap.Job, error) {
	if s.asked {
		return ontap.Job{}, errTwice
	}
	s.asked = true
	job, err := s.maker.client.SVMs.Create(ctx, ontap.SVMCreate{Name: s.name, Comment: s.comment, IPspace: s.maker.ipspace, Protocol: protocol})
	s.job, s.asked = job, !ontap.IsRefused(err)
	return job, err
}

// Look reads the SVM. One that is not there is an error of [ontap.KindNotFound]. An SVM of its name or UUID that does not show its
// comment is an error, but where it is not finished.
func (s *SVM) Look(ctx context.Context) (ontap.SVM, error) {
	var found ontap.SVM
	var err error
	if s.uuid == "" {
		found, err = s.maker.client.SVMs.Find(ctx, s.name)
	} else {
		found, err = s.maker.client.SVMs.Get(ctx, s.uuid)
	}
	if err != nil {
		return ontap.SVM{}, err
	}
	unfinished := found.State == ontap.SVMInitializing || found.State == ontap.SVMDeleting
	if found.Name != s.name || found.Comment != s.comment && (found.Comment != "" || !unfinished) {
		return ontap.SVM{}, errForeign
	}
	s.uuid = found.UUID
	return found, nil
}

// write sends a write, unless one of its kind waits for an approval.
func (s *SVM) write(kind string, send func(svmUUID string) error) error {
	if s.uuid == "" {
		return errUnseen
	}
	if err := s.withheld[kind]; err != nil {
		return err
	}
	err := send(s.uuid)
	if ontap.IsApproval(err) {
		s.withheld[kind] = err
	}
	return err
}

// CreateAccount makes the one account of the SVM, with a password that nobody gets to know.
func (s *SVM) CreateAccount(ctx context.Context, role string) error {
	s.account = true
	err := s.write("create account", func(uuid string) error {
		return s.maker.client.Accounts.Create(ctx, ontap.AccountCreate{
			SVMUUID: uuid, Name: account, Role: role, Comment: s.comment, Password: ontap.NewSecret(rand.Text() + "-a1"),
		})
	})
	s.account = !ontap.IsRefused(err)
	return err
}

// HasAccount reports whether ONTAP has the account of the SVM, also if it has the SVM no longer.
func (s *SVM) HasAccount(ctx context.Context) (bool, error) {
	if s.uuid == "" {
		return false, errUnseen
	}
	accounts, err := s.maker.client.Accounts.List(ctx, s.uuid)
	return slices.ContainsFunc(accounts, func(one ontap.Account) bool { return one.Name == account }), err
}

// CreateService makes the SVM serve a protocol.
func (s *SVM) CreateService(ctx context.Context, protocol string) error {
	before := s.services
	s.services = append(slices.Clone(before), protocol)
	err := s.write("create service "+protocol, func(uuid string) error { return s.maker.client.Protocols.CreateService(ctx, protocol, uuid) })
	if ontap.IsRefused(err) {
		s.services = before
	}
	return err
}

// LIF says where the one LIF of the SVM is to be.
type LIF struct {
	Address                             netip.Prefix
	HomeNode, HomePort, BroadcastDomain string
	VIP, WithinSubnet                   bool
}

// CreateLIF makes the one LIF of the SVM, for its management.
func (s *SVM) CreateLIF(ctx context.Context, where LIF) error {
	s.lif = true
	err := s.write("create LIF", func(uuid string) error {
		_, err := s.maker.client.IPInterfaces.Create(ctx, ontap.IPInterfaceCreate{
			SVMUUID: uuid, Name: lif, Address: where.Address, ServicePolicy: "default-management", HomeNode: where.HomeNode,
			HomePort: where.HomePort, BroadcastDomain: where.BroadcastDomain, VIP: where.VIP, WithinSubnet: where.WithinSubnet,
		})
		return err
	})
	s.lif = !ontap.IsRefused(err)
	return err
}

// DeleteLIF deletes the LIF as it is, switched on.
func (s *SVM) DeleteLIF(ctx context.Context) error {
	uuid, err := s.lifUUID(ctx)
	if err != nil {
		return err
	}
	return s.write(deleteLIF, func(string) error { return s.maker.client.IPInterfaces.Delete(ctx, uuid) })
}

// lifUUID looks for the LIF that was made here.
func (s *SVM) lifUUID(ctx context.Context) (string, error) {
	if s.uuid == "" {
		return "", errUnseen
	}
	lifs, err := s.maker.client.IPInterfaces.List(ctx, s.uuid)
	if err != nil {
		return "", err
	}
	if i := slices.IndexFunc(lifs, func(one ontap.IPInterface) bool { return one.Name == lif }); i >= 0 {
		return lifs[i].UUID, nil
	}
	return "", errNoLIF
}

// Delete deletes the SVM with all that is in it, if ONTAP does that, and waits for the job within ctx.
func (s *SVM) Delete(ctx context.Context) error {
	if _, err := s.Look(ctx); err != nil {
		return err
	}
	var job ontap.Job
	if err := s.write("delete SVM", func(uuid string) (err error) {
		job, err = s.maker.client.SVMs.Delete(ctx, uuid)
		return err
	}); err != nil {
		return err
	}
	if err := s.maker.client.Jobs.Wait(ctx, job); err != nil {
		return fmt.Errorf("waiting for the end of the job: %w", err)
	}
	return nil
}
