// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// judgeMoment is asked after every effect: the credentials that the shoot holds log in, nothing is done to what does not carry
// our mark, and no secret content has two accounts. A shoot that is being deleted keeps credentials that are of no use any more.
func (l *life) judgeMoment(ctx context.Context, where string) {
	for _, violation := range l.shoot.Sim.TakeViolations() {
		l.problem("PREFIX: after %s: %s", where, violation)
	}
	if strings.HasSuffix(where, " Secret "+world.SeedSecretName) {
		_, _ = l.seedSecret(ctx) // for its content
	}
	held, err := l.shoot.ShootSecret(ctx)
	if err != nil || l.shoot.Dying {
		return
	}
	credentials, count := l.shoot.Sim.Credentials(), 0
	for _, c := range credentials {
		if c.Name == string(held.Data["username"]) {
			count++
			if c.Locked || c.Password != string(held.Data["password"]) {
				l.problem("PREFIX: after %s: the shoot holds credentials that do not log in", where)
			}
		}
	}
	if count != 1 {
		l.problem("PREFIX: after %s: there are %d accounts for the credentials that the shoot holds", where, count)
	}
}

// judgeCounts is asked at the end: over all clusters, deleted ones included, one SVM and one set of LIFs were made, and no
// more accounts than there were contents of the seed secret.
func (l *life) judgeCounts(ctx context.Context) {
	state, err := l.shoot.Sim.State(ctx)
	if err != nil {
		l.problem("COUNTS: %v", err)
		return
	}
	svms := 0
	for _, count := range state.EverCreated {
		svms += count
	}
	if svms != 1 {
		l.problem("COUNTS: %d SVMs were made", svms)
	}
	entries, err := l.shoot.Sim.Journal(ctx, l.began)
	if err != nil {
		l.problem("COUNTS: %v", err)
	}
	lifs, accounts := map[string]int{}, map[string]bool{}
	for _, entry := range entries {
		for _, effect := range entry.Effects {
			switch {
			case effect.Op == simulator.Created && effect.Object == simulator.LIFObject:
				lifs[effect.Name]++
			case effect.Op == simulator.Created && effect.Object == simulator.AccountObject:
				accounts[effect.Name] = true
			}
		}
	}
	if made, most := state.LIFsEverCreated, l.scenario.lifs(); total(made) > most {
		l.problem("COUNTS: %d LIFs were made, not %d", total(made), most)
	}
	for name := range accounts {
		if !l.contents[name] {
			l.problem("COUNTS: an account was made that no content of the seed secret names")
		}
	}
}

func total(counts map[string]int) int {
	sum := 0
	for _, count := range counts {
		sum += count
	}
	return sum
}

// quietPatches are all that Gardener's reconciler writes though there is nothing to do.
var quietPatches = []*regexp.Regexp{
	regexp.MustCompile(`^\{"metadata":\{"annotations":(null|\{"gardener.cloud/operation":null\})(,"resourceVersion":"\d+")?\}\}$`),
	regexp.MustCompile(`^\{"status":\{"lastOperation":\{("description":"(Reconciling the Extension|Successfully reconciled Extension)"|"lastUpdateTime":"[^"]+"|"progress":\d+|"state":"(Processing|Succeeded)"|"type":"Reconcile"|,)+\}\}\}$`),
}

// judgeQuiet is asked after a run in which there was nothing to do.
func (l *life) judgeQuiet(ctx context.Context, since uint64) {
	entries, err := l.shoot.Sim.Journal(ctx, since)
	if err != nil {
		l.problem("QUIESCENCE: %v", err)
	}
	for _, entry := range entries {
		if len(entry.Effects) > 0 {
			l.problem("QUIESCENCE: %s %s on %s", entry.Method, entry.Template, entry.Cluster)
		}
	}
	for _, w := range l.tape.wrote() {
		if w.point.Side == ONTAP {
			l.problem("QUIESCENCE: %s", w.point)
			continue
		}
		if !slices.ContainsFunc(quietPatches, func(r *regexp.Regexp) bool { return r.MatchString(w.patch) }) {
			l.problem("QUIESCENCE: %s: %s", w.point, w.patch)
		}
	}
}

// judgeStop is asked when a run has returned: what the Extension says is true.
func (l *life) judgeStop(ctx context.Context, failure error, before truth) {
	now, extension := l.observe(ctx)
	if extension == nil {
		return
	}
	onStatus := l.tape.faulted(func(p Point) bool {
		return p.Side == Seed && (strings.HasPrefix(p.Subject, "Extension") || p.Cached)
	})
	last := extension.Status.LastOperation
	claimed, others := []string{}, 0
	for _, condition := range extension.Status.Conditions {
		if condition.Status == gardencorev1beta1.ConditionTrue {
			claimed = append(claimed, string(condition.Type))
		} else {
			others++
		}
	}
	switch {
	case failure == nil && succeeded(extension) && l.tape.ended(l.tape.run):
		for _, claim := range claimed {
			// What could not be looked at keeps what it was, if another condition says so.
			if !now[claim] && (others == 0 || before[claim]) {
				l.problem("HONESTY: after a success %s is True, and is not so", claim)
			}
		}
		if others > 0 && !l.tape.faulted(func(Point) bool { return true }) && !l.tape.barred() {
			l.problem("HONESTY: after a success without a fault %d conditions are not True", others)
		}
		return
	case failure == nil, errors.Is(failure, world.ErrWaiting):
	case !onStatus && last != nil && last.State != gardencorev1beta1.LastOperationStateError:
		l.problem("HONESTY: a run failed with %q, and the last operation is %s", failure, last.State)
	case !onStatus && extension.Status.LastError == nil:
		l.problem("HONESTY: a run failed with %q, and there is no last error", failure)
	case !onStatus && others == 0 && last != nil && last.Type != gardencorev1beta1.LastOperationTypeMigrate: // it takes no steps
		l.problem("HONESTY: a run failed with %q, and all conditions are True", failure)
	}
	for _, claim := range claimed {
		if before[claim] && !now[claim] && !onStatus && claim != ontapv1alpha1.ConditionShootResourcesReady {
			l.problem("HONESTY: a run ended that %s, and %s is still True", "took something away", claim)
		}
	}
}
