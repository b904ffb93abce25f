// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"

	"github.com/gardener-community/gardener-extension-ontap/test/leaks"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// matrixGardenersOwn is what a run that changes nothing writes into the seed: the annotation is taken, and the operation and its
// end are noted.
func matrixGardenersOwn() []string {
	return []string{"patch *v1alpha1.Extension", "patch status of *v1alpha1.Extension", "patch status of *v1alpha1.Extension"}
}

// judge compares what the state has come to with its rule, and with what must be true of each.
func (one *matrixCase) judge(after matrixView) {
	outcome := matrixRules()[matrixRuleOf(one.state)].outcome
	errs := []error{one.safe(after), one.quiet(outcome), one.silent(after)}
	if outcome.converges() {
		errs = append(errs, one.converged(outcome, after))
	} else {
		errs = append(errs, one.ended(outcome, after))
	}
	one.verdict = errors.Join(errs...)
}

func (one *matrixCase) converged(outcome matrixOutcome, after matrixView) error {
	var errs []error
	expect := func(right bool, format string, args ...any) {
		if !right {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	for _, run := range one.runs[len(one.runs)-matrixMore-1:] {
		expect(run.err == nil, "a run fails: %v", run.err)
	}
	expect(after.extension.Status.LastOperation.State == gardencorev1beta1.LastOperationStateSucceeded, "the last operation has not succeeded")
	for _, condition := range matrixConditions() {
		expect(after.condition(condition) == "True Ready", "%s is %s", condition, after.condition(condition))
		expect(after.holds(one.shoot, condition), "%s does not hold", condition)
	}
	made := len(one.before.svms) == 0 || len(after.svms) == 1 && after.svms[0].UUID != one.before.svms[0].UUID
	expect(made == outcome.again, "the SVM was made again: %t", made)
	expect(after.created == one.before.created+map[bool]int{true: 1}[outcome.again], "%d SVMs were ever made", after.created)
	if before := one.before.secret; outcome.credentials != "" && before != nil && after.secret != nil {
		renewed := !bytes.Equal(before.Data["username"], after.secret.Data["username"])
		replaced := !bytes.Equal(before.Data["password"], after.secret.Data["password"])
		expect(renewed == (outcome.credentials == "fresh") && replaced == renewed, "the account is another one: %t, its password too: %t", renewed, replaced)
	}
	return errors.Join(errs...)
}

func (one *matrixCase) ended(outcome matrixOutcome, after matrixView) error {
	var errs []error
	expect := func(right bool, format string, args ...any) {
		if !right {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	for i, run := range one.runs {
		expect(run.err != nil, "run %d succeeds", i+1)
		expect(outcome.anything || len(matrixEffects(run)) == 0, "run %d changes %v", i+1, matrixEffects(run))
	}
	expect(after.extension.Status.LastOperation.State == gardencorev1beta1.LastOperationStateError, "the last operation is not in error")
	expect(after.extension.Status.LastError != nil, "there is no lastError")
	position := slices.Index(matrixConditions(), outcome.condition)
	for i, condition := range matrixConditions() {
		said, holds := after.condition(condition), after.holds(one.shoot, condition)
		switch {
		case i < position:
			expect(said == "True Ready" && holds, "%s is %s, and holds: %t", condition, said, holds)
		case i == position:
			expect(said == "False "+outcome.reason && !holds, "%s is %s, and holds: %t", condition, said, holds)
		case said == "True Ready" && !holds:
			one.stale = append(one.stale, condition)
		}
	}
	if !outcome.anything {
		expect(reflect.DeepEqual(one.before.svms, after.svms), "the SVM is another: %v, it was %v", after.svms, one.before.svms)
	}
	return errors.Join(errs...)
}

// safe is what holds in every state: nothing that is not the shoot's is touched, there is one SVM, and no data is lost.
func (one *matrixCase) safe(after matrixView) error {
	var errs []error
	for i, run := range one.runs {
		for _, violation := range run.violations {
			errs = append(errs, fmt.Errorf("run %d: %s", i+1, violation))
		}
		for _, effect := range matrixEffects(run) {
			makesOwn := effect.Op == simulator.Created && slices.Contains([]simulator.Object{simulator.SVMObject, simulator.AccountObject, simulator.JobObject}, effect.Object)
			if owner := effect.Before + map[bool]string{true: effect.After}[makesOwn]; !strings.Contains(owner, "o="+one.shoot.UID) {
				errs = append(errs, fmt.Errorf("run %d touches what is not the shoot's: %+v", i+1, effect))
			}
		}
	}
	if len(after.svms) > 1 {
		errs = append(errs, fmt.Errorf("there are %d SVMs", len(after.svms)))
	}
	for _, before := range one.before.svms {
		i := slices.IndexFunc(after.svms, func(svm matrixSVM) bool { return svm.UUID == before.UUID })
		if i < 0 {
			if one.state.svm != "halfMade" {
				errs = append(errs, fmt.Errorf("SVM %s is gone", before.UUID))
			}
			continue
		}
		if !slices.Equal(before.Volumes, after.svms[i].Volumes) || before.Name != after.svms[i].Name {
			errs = append(errs, fmt.Errorf("SVM %s holds %v, it held %v", after.svms[i].Name, after.svms[i].Volumes, before.Volumes))
		}
		for _, account := range before.accounts {
			if account.Comment == matrixForeign && !slices.Contains(after.svms[i].accounts, account) {
				errs = append(errs, fmt.Errorf("account %s is somebody else's and has changed", account.Name))
			}
		}
	}
	if one.state.secret == "foreign" && !reflect.DeepEqual(one.before.secret, after.secret) {
		errs = append(errs, errors.New("the seed secret of another shoot has changed"))
	}
	return errors.Join(errs...)
}

// quiet is that the last runs write nothing: nothing at all to ONTAP, and to the seed only what Gardener itself writes.
func (one *matrixCase) quiet(outcome matrixOutcome) error {
	var errs []error
	for i, run := range one.runs[len(one.runs)-matrixMore:] {
		writes := slices.DeleteFunc(slices.Clone(run.entries), func(e simulator.Entry) bool { return e.Class == simulator.Read })
		if len(writes) > 0 {
			errs = append(errs, fmt.Errorf("the last run but %d writes to ONTAP: %s %s", matrixMore-1-i, writes[0].Method, writes[0].Path))
		}
		if slices.Sort(run.writes); outcome.converges() && !slices.Equal(run.writes, matrixGardenersOwn()) {
			errs = append(errs, fmt.Errorf("the last run but %d writes to the seed: %v", matrixMore-1-i, run.writes))
		}
		if others := slices.DeleteFunc(slices.Clone(run.writes), func(write string) bool { return slices.Contains(matrixGardenersOwn(), write) }); len(others) > 0 {
			errs = append(errs, fmt.Errorf("the last run but %d writes to the seed: %v", matrixMore-1-i, others))
		}
	}
	return errors.Join(errs...)
}

// silent is that no secret stands in a condition, an event or an error.
func (one *matrixCase) silent(after matrixView) error {
	secrets := leaks.NewCollector()
	for _, view := range []matrixView{one.before, after} {
		if view.secret != nil {
			secrets.AddSecret(view.secret)
		}
	}
	for _, cluster := range one.shoot.Config.Clusters {
		on := one.shoot.Sim.Cluster(cluster.Name)
		secrets.Add("the password of cluster "+cluster.Name, on.Username(), []byte(on.Password()))
	}
	text := &bytes.Buffer{}
	fmt.Fprintln(text, after.extension.Status.Conditions, after.extension.Status.LastError, after.extension.Status.LastOperation)
	for _, run := range one.runs {
		fmt.Fprintln(text, run.err, run.said)
	}
	if found, _, err := secrets.Find(text); err != nil || len(found) > 0 {
		return fmt.Errorf("said aloud: %v, %w", found, err)
	}
	return nil
}

// matrixEffects are what a run has changed on ONTAP. What a job does was judged when it was asked for.
func matrixEffects(run matrixRun) []simulator.Effect {
	var effects []simulator.Effect
	for _, entry := range run.entries {
		if entry.Class != simulator.Progress {
			effects = append(effects, entry.Effects...)
		}
	}
	return effects
}
