// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package prove asks an ONTAP cluster what no document says. For each question that a scratch SVM can answer there is a switch in
// the project's simulator; the answer tells which of its positions the cluster is like. All writes are those of
// pkg/prove/scratch, so they reach the scratch SVM alone, and the requests are ones that the extension makes anyway.
//
//	result := prove.Run(ctx, prove.Target{Maker: maker, Settings: settings, Tape: tape, Clock: clock.RealClock{}})
package prove

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"k8s.io/utils/clock"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/prove/scratch"
)

// bound is how long the questions to one cluster take at most; the removal has a time of its own.
const bound = 10 * time.Minute

// question is what no document says, and the simulator's switch for it.
type question struct{ text, of string }

var (
	unlicensedAtOnce = question{"Is an SVM refused at once that is to serve a protocol without licence?", "unlicensedAfterwards"}
	shownAtOnce      = question{"Is an SVM shown before its job has begun?", "showSVMsAtOnce"}
	commentShown     = question{"Does an SVM show its comment while it is initializing?", "hideCommentUntilRunning"}
	onePage          = question{"Does a collection come in one page?", "pageSize"}
	sharedNVMe       = question{"May an SVM serve another protocol beside NVMe?", "nvmeShared"}
	enabledLIF       = question{"May a LIF be deleted that is enabled?", "deleteEnabledLIFs"}
	inhabitedSVM     = question{"May an SVM be deleted that has a LIF or a service?", "deleteInhabitedSVMs"}
	accountsGo       = question{"Do accounts go with their SVM?", "keepAccountsOnDelete"}
	rootVolumeGoes   = question{"Does the root volume go with its SVM?", ""}

	questions = []question{
		unlicensedAtOnce, shownAtOnce, commentShown, onePage, sharedNVMe, enabledLIF, inhabitedSVM, accountsGo, rootVolumeGoes,
	}
)

// Target is the cluster that is asked. Every field but Address is required.
type Target struct {
	Maker    scratch.Maker
	Settings configv1alpha1.ONTAPCluster
	// Tape observes the clients of Maker.
	Tape  *Tape
	Clock clock.WithDelayedExecution
	// Address is free, and may be given to a LIF in the management network for a moment. What takes a LIF is not asked without.
	Address netip.Addr
}

// run are the questions to one cluster.
type run struct {
	Target
	reader  *ontap.Client
	answers map[question]Answer
	// licensed are the protocols that the cluster has licences for, by ONTAP's names.
	licensed []string
	// inhabited is whether something is in the scratch SVM that may be in the way of its deletion.
	inhabited bool
}

// Run makes a scratch SVM, asks the questions and removes it, also if ctx ends in between. It makes none, and says so in the result,
// where the cluster is held, not in order or has a scratch SVM already. A question without an answer is open.
func Run(ctx context.Context, target Target) Result {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer target.Clock.AfterFunc(bound, cancel).Stop()
	r := &run{Target: target, reader: target.Maker.Reader(), answers: map[question]Answer{}}
	result := Result{Cluster: target.Settings.Name}
	err := r.refuse(ctx)
	if err == nil {
		err = r.ask(ctx)
	}
	for _, q := range questions {
		answer, given := r.answers[q]
		if !given {
			answer = Answer{Question: q.text, Switch: q.of, Position: Open, Answer: "not asked"}
		}
		result.Answers = append(result.Answers, answer)
	}
	if err != nil {
		result.Error = err.Error()
	}
	return result
}

// refuse looks for what forbids to make a scratch SVM.
func (r *run) refuse(ctx context.Context) error {
	if r.Settings.Hold {
		return errors.New("the configuration holds the cluster, so nothing is made on it")
	}
	left, err := r.Maker.Leftovers(ctx)
	if err != nil {
		return fmt.Errorf("looking for scratch SVMs: %w", err)
	}
	if len(left) > 0 {
		return fmt.Errorf("there is a scratch SVM already, of somebody who asks just now or did not get to its end: if nobody does, "+
			"delete its LIFs, services, accounts and then the SVM itself: %s", strings.Join(left, ", "))
	}
	if err := r.refuseRules(ctx); err != nil {
		return err
	}
	nodes, err := r.reader.Nodes.List(ctx)
	if err != nil {
		return fmt.Errorf("listing the nodes: %w", err)
	}
	if !slices.ContainsFunc(nodes, func(node ontap.Node) bool { return node.InMetroCluster }) {
		return nil
	}
	metro, err := r.reader.MetroCluster.Get(ctx)
	if err != nil {
		return fmt.Errorf("looking at the MetroCluster: %w", err)
	}
	if !metro.Normal() {
		return fmt.Errorf("the mode of the MetroCluster is %s, that of the partner %s: nothing is changed until both are normal", metro.Mode, metro.PartnerMode)
	}
	return nil
}

// refuseRules looks for multi-admin rules that the removal of a scratch SVM might wait for.
func (r *run) refuseRules(ctx context.Context) error {
	off, err := r.reader.Approvals.Off(ctx)
	if err != nil || off {
		return err
	}
	rules, err := r.reader.Approvals.Rules(ctx)
	if i := slices.IndexFunc(rules, func(rule string) bool { return slices.Contains(ontap.Commands(), rule) }); i >= 0 {
		return fmt.Errorf("a multi-admin rule is for %s: a scratch SVM might wait for an approval to be removed", rules[i])
	}
	return err
}

// ask makes one scratch SVM after the other: one that ONTAP should refuse, and one for all else.
func (r *run) ask(ctx context.Context) error {
	licences, err := r.reader.Licenses.List(ctx)
	if err != nil {
		return fmt.Errorf("listing the licences: %w", err)
	}
	unlicensed := ""
	for _, one := range []struct{ protocol, license string }{{"nvme", "nvme_of"}, {"iscsi", "iscsi"}, {"nfs", "nfs"}} {
		if slices.ContainsFunc(licences, func(l ontap.License) bool { return l.Name == one.license && l.Usable() }) {
			r.licensed = append(r.licensed, one.protocol)
		} else {
			unlicensed = one.protocol
		}
	}
	if unlicensed == "" {
		r.answer(unlicensedAtOnce, Open, "not asked: there are licences for NVMe, iSCSI and NFS")
	} else if err := r.with(ctx, func(one *scratch.SVM) error { return r.askUnlicensed(ctx, one, unlicensed) }); err != nil {
		return err
	}
	return r.with(ctx, func(one *scratch.SVM) error { return r.askAll(ctx, one) })
}

// with lends a scratch SVM.
func (r *run) with(ctx context.Context, do func(*scratch.SVM) error) (err error) {
	one := r.Maker.New()
	defer func() { err = errors.Join(err, one.Remove(ctx)) }()
	return do(one)
}

func (r *run) askAll(ctx context.Context, one *scratch.SVM) error {
	for _, ask := range []func(context.Context, *scratch.SVM) error{
		r.askCreation, r.askPages, r.askShared, r.askLIF, r.askDeletion,
	} {
		r.Tape.take(r.Settings.Name)
		if err := ask(ctx, one); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("asking was interrupted: %w", context.Cause(ctx))
		}
	}
	return nil
}

// answer notes what was found out, and what of it was just seen. The errors are what the requests came to.
func (r *run) answer(q question, position Position, text string, errs ...error) {
	r.answers[q] = Answer{Question: q.text, Switch: q.of, Position: position, Answer: text, Seen: evidence(r.Tape.take(r.Settings.Name), errs...)}
}

// open notes that a question has no answer, because something else went wrong.
func (r *run) open(q question, err error) { r.answer(q, Open, "not known: "+err.Error(), err) }

// refused reports whether ONTAP has said that it does not do something as it was asked for, at once or by a job.
func refused(err error) bool {
	e, ok := errors.AsType[*ontap.Error](err)
	return ok && e.Code != "" && slices.Contains([]ontap.Kind{ontap.KindInvalid, ontap.KindInUse, ontap.KindExists, ontap.KindUnlicensed}, e.Kind)
}
