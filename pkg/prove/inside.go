// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package prove

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/prove/scratch"
)

// fullPage is how many records this project asks for at most.
const fullPage = 1000

// askPages makes an account beside the one that ONTAP makes, and counts the pages of two collections: the SVM's accounts, and all LIFs.
func (r *run) askPages(ctx context.Context, one *scratch.SVM) error {
	if err := one.CreateAccount(ctx, r.Settings.AccountRole); err != nil {
		r.open(onePage, err)
		r.open(accountsGo, err)
		return nil
	}
	r.Tape.take(r.Settings.Name)
	accounts, err := r.reader.Accounts.List(ctx, one.UUID())
	if err != nil {
		r.open(onePage, err)
		return nil
	}
	lifs, err := r.reader.IPInterfaces.ListAll(ctx)
	if err != nil {
		r.open(onePage, err)
		return nil
	}
	requests := r.Tape.take(r.Settings.Name)
	pages, needed := 0, 0
	for _, s := range requests {
		if s.Status == "200" {
			pages++
		}
	}
	for _, records := range []int{len(accounts), len(lifs)} {
		needed += max(1, (records+fullPage-1)/fullPage)
	}
	text := fmt.Sprintf("%d accounts and %d LIFs in %d pages", len(accounts), len(lifs), pages)
	answer := Answer{Question: onePage.text, Switch: onePage.of, Position: Better, Answer: "yes: " + text, Seen: evidence(requests)}
	switch {
	case pages > needed:
		answer.Position, answer.Answer = Worse, "no: "+text
	case max(len(accounts), len(lifs)) < 2:
		answer.Position, answer.Answer = Open, "not known: "+text
	}
	r.answers[onePage] = answer
	return nil
}

// exclusive are the codes that say that NVMe does not go together with another protocol, where REST's own tables have one.
var exclusive = []string{"72089900", "5373966", "262186"}

// askShared makes a service for NVMe and one for another protocol.
func (r *run) askShared(ctx context.Context, one *scratch.SVM) error {
	if len(r.licensed) == 0 {
		r.answer(sharedNVMe, Open, "not asked: there is no licence for NVMe, iSCSI or NFS")
		return nil
	}
	if err := one.CreateService(ctx, r.licensed[0]); err != nil {
		r.open(sharedNVMe, err)
		return nil
	}
	r.inhabited = true
	if r.licensed[0] != "nvme" || len(r.licensed) == 1 {
		r.answer(sharedNVMe, Open, "not asked: there is no licence for NVMe and another protocol")
		return nil
	}
	err := one.CreateService(ctx, r.licensed[1])
	e, _ := errors.AsType[*ontap.Error](err)
	switch {
	case err == nil:
		r.answer(sharedNVMe, Better, "yes: "+r.licensed[1])
	case refused(err) && slices.Contains(exclusive, e.Code):
		r.answer(sharedNVMe, Worse, "no: "+r.licensed[1]+" is refused", err)
	default:
		r.open(sharedNVMe, err)
	}
	return nil
}

// askLIF makes a LIF, and deletes it as it is.
func (r *run) askLIF(ctx context.Context, one *scratch.SVM) error {
	if !r.Address.IsValid() {
		r.answer(enabledLIF, Open, "not asked: it takes a free address, which --address gives")
		return nil
	}
	where, err := r.place(ctx)
	if err == nil {
		err = one.CreateLIF(ctx, where)
	}
	if err != nil {
		r.open(enabledLIF, err)
		return nil
	}
	r.Tape.take(r.Settings.Name)
	switch err := one.DeleteLIF(ctx); {
	case err == nil:
		r.answer(enabledLIF, Better, "yes")
	case refused(err):
		r.inhabited = true
		r.answer(enabledLIF, Worse, "no", err)
	default:
		r.open(enabledLIF, err)
	}
	return nil
}

// place is where the management LIF of an SVM would be, on the first node. An address that somebody has is an error.
func (r *run) place(ctx context.Context) (scratch.LIF, error) {
	network := r.Settings.Networks.Management
	taken, err := r.reader.IPInterfaces.ListByAddress(ctx, []netip.Addr{r.Address})
	if err != nil {
		return scratch.LIF{}, fmt.Errorf("looking whether the address is free: %w", err)
	}
	if len(taken) > 0 {
		return scratch.LIF{}, fmt.Errorf("address %s belongs to LIF %s of SVM %q", r.Address, taken[0].Name, taken[0].SVMName)
	}
	nodes, err := r.reader.Nodes.List(ctx)
	if err != nil || len(nodes) == 0 {
		return scratch.LIF{}, errors.Join(errors.New("no node was seen"), err)
	}
	bits := network.PrefixLength(r.Address)
	if network.Mode == configv1alpha1.NetworkModeSubnet {
		subnet, err := r.reader.Subnets.Find(ctx, network.Subnet, r.Settings.IPspace)
		if err != nil {
			return scratch.LIF{}, fmt.Errorf("looking for subnet %q: %w", network.Subnet, err)
		}
		if !subnet.Contains(r.Address) {
			return scratch.LIF{}, fmt.Errorf("address %s is not in the ranges of subnet %q", r.Address, subnet.Name)
		}
		bits = subnet.Prefix.Bits()
	}
	return scratch.LIF{
		Address: netip.PrefixFrom(r.Address, bits), HomeNode: nodes[0].Name, HomePort: network.HomePort, BroadcastDomain: network.BroadcastDomain,
		VIP: network.Mode == configv1alpha1.NetworkModeVIP, WithinSubnet: network.Mode == configv1alpha1.NetworkModeSubnet,
	}, nil
}
