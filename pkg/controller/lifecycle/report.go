// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/utils/clock"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// messageLimit keeps a condition readable; lastError has the whole text.
const messageLimit = 300

// event is one that is due once the conditions are written.
type event struct{ kind, reason, message string }

// conditionsOf computes our conditions from those that the Extension has and a report, and the events that the changes
// are worth. Conditions whose steps the run did not reach, and those of others, stay as they are. That of a failed step
// says of the streak of its failures.
func conditionsOf(extension *extensionsv1alpha1.Extension, report step.Report, failures streak, c clock.Clock) ([]gardencorev1beta1.Condition, []event) {
	var events []event
	failed, _ := report.Failed()
	conditions := slices.Clone(extension.Status.Conditions)
	for _, conditionType := range conditionTypes(report) {
		old := v1beta1helper.GetOrInitConditionWithClock(c, conditions, gardencorev1beta1.ConditionType(conditionType))
		now, reached := summarize(conditionType, report, old.Status)
		switch {
		case reached:
		case beingTakenAway(conditionType, report):
			now = summary{verdict{notYet(old.Status), ontapv1alpha1.ReasonSVMDeleting, nil}, "It is being deleted together with the Extension."}
		default:
			continue
		}
		if takesAway(report) && now.status == gardencorev1beta1.ConditionTrue {
			now = summary{verdict{gardencorev1beta1.ConditionFalse, ontapv1alpha1.ReasonDeleted, nil}, "It was deleted together with the Extension."}
		}
		suffix := ""
		if conditionType == failed.Condition {
			suffix = failures.String()
		}
		current := v1beta1helper.UpdatedConditionWithClock(c, old, now.status, now.reason, shorten(now.message, suffix), now.codes...)
		if due := transition(old, current, report, conditionType); due.reason != "" {
			events = append(events, due)
		}
		conditions = v1beta1helper.MergeConditions(conditions, current)
	}
	return conditions, events
}

// takesAway tells the report of a deletion from that of a run that makes or keeps, also while a deletion is refused.
func takesAway(report step.Report) bool {
	return slices.ContainsFunc(report.Results, func(result step.Result) bool { return result.Name == svm.LastStepOfDeletion })
}

// beingTakenAway tells whether a deletion has begun to take away what a condition speaks of, and has not ended that.
func beingTakenAway(conditionType string, report step.Report) bool {
	return slices.ContainsFunc(report.Results, func(result step.Result) bool {
		begun := result.Outcome.Kind == step.KindDone || result.Outcome.Kind == step.KindSkipped
		return result.Condition == conditionType && result.Name == svm.FirstStepThatTakesAway && begun
	})
}

func conditionTypes(report step.Report) []string {
	var types []string
	for _, result := range report.Results {
		if !slices.Contains(types, result.Condition) {
			types = append(types, result.Condition)
		}
	}
	return types
}

// summary is what a condition says.
type summary struct {
	verdict
	message string
}

// summarize condenses the results that contribute to one condition. It reports false if the run ended before all of
// them and none of them ended it.
func summarize(conditionType string, report step.Report, before gardencorev1beta1.ConditionStatus) (summary, bool) {
	reached := true
	now := summary{verdict{gardencorev1beta1.ConditionTrue, ontapv1alpha1.ReasonReady, nil}, readyMessages[conditionType]}
	for _, result := range report.Results {
		if result.Condition != conditionType {
			continue
		}
		switch result.Outcome.Kind {
		case step.KindFailed:
			return summary{verdictOf(result.Err), messageOf(result)}, true
		case step.KindWaiting:
			return unfinished(result, before), true
		case step.KindPostponed:
			now = unfinished(result, before)
		case step.KindPending:
			reached = false
		case step.KindDone, step.KindSkipped:
		}
	}
	return now, reached
}

func messageOf(failed step.Result) string { return fmt.Sprintf("%s: %v", failed.Name, failed.Err) }

// unseen are the reasons of steps that could not see whether their goal is reached.
var unseen = sets.New(ontapv1alpha1.ReasonHibernated, ontapv1alpha1.ReasonShootUnreachable)

// unfinished condenses the result of a step whose goal is not reached, though nothing failed.
func unfinished(result step.Result, before gardencorev1beta1.ConditionStatus) summary {
	status := notYet(before)
	if unseen.Has(result.Outcome.Reason) {
		status = gardencorev1beta1.ConditionUnknown
	}
	return summary{verdict{status, result.Outcome.Reason, nil}, fmt.Sprintf("%s: %s", result.Name, result.Outcome.Message)}
}

// notYet is the status of what goes on, as Gardener defines it.
func notYet(before gardencorev1beta1.ConditionStatus) gardencorev1beta1.ConditionStatus {
	if before == gardencorev1beta1.ConditionTrue || before == gardencorev1beta1.ConditionProgressing {
		return gardencorev1beta1.ConditionProgressing
	}
	return gardencorev1beta1.ConditionFalse
}

var readyMessages = map[string]string{
	ontapv1alpha1.ConditionSeedSecretReady:     "The seed secret was there, well formed and the shoot's before every step.",
	ontapv1alpha1.ConditionSVMReady:            "The SVM runs and carries the shoot's owner mark.",
	ontapv1alpha1.ConditionNetworkReady:        "The SVM has the LIFs of providerConfig and the configured routes.",
	ontapv1alpha1.ConditionCredentialsReady:    "The account that the seed secret names is committed; no other one is left.",
	ontapv1alpha1.ConditionShootResourcesReady: "What the shoot needs is applied there, and Trident's backend works with it.",
}

// Complains reports whether one of our conditions says that something is not in order, which may have been mended since. Of
// a shoot that could not be looked into, nothing can be found out.
func Complains(extension *extensionsv1alpha1.Extension) bool {
	return slices.ContainsFunc(extension.Status.Conditions, func(condition gardencorev1beta1.Condition) bool {
		_, ours := readyMessages[string(condition.Type)]
		return ours && condition.Status != gardencorev1beta1.ConditionTrue && !unseen.Has(condition.Reason)
	})
}

// transition returns the event that a change of a condition is worth: a warning when it gets worse or worse for another
// reason, a normal one when it becomes True after something else. Waiting, what is postponed to where nobody can see it or
// was never better, and a True that nothing came before, are worth none.
func transition(old, current gardencorev1beta1.Condition, report step.Report, conditionType string) event {
	expected := slices.ContainsFunc(report.Results, func(result step.Result) bool {
		postponed := result.Outcome.Kind == step.KindPostponed
		return result.Condition == conditionType && (result.Outcome.Kind == step.KindWaiting ||
			postponed && (result.Outcome.Reason == ontapv1alpha1.ReasonHibernated || old.Status != gardencorev1beta1.ConditionTrue))
	})
	switch {
	case expected && current.Status != gardencorev1beta1.ConditionTrue, old.Status == current.Status && old.Reason == current.Reason:
		return event{}
	case current.Status == gardencorev1beta1.ConditionTrue && old.Reason != initialReason:
		return event{corev1.EventTypeNormal, conditionType, current.Message}
	case current.Status == gardencorev1beta1.ConditionTrue, current.Reason == ontapv1alpha1.ReasonDeleted, current.Reason == ontapv1alpha1.ReasonSVMDeleting:
		return event{}
	}
	return event{corev1.EventTypeWarning, current.Reason, current.Message}
}

// initialReason is the reason that Gardener's helper gives a condition that was never set.
const initialReason = "ConditionInitialized"

// healed is the event that the guard's work is worth.
func healed(report step.Report) event {
	switch reason := seedsecret.Healed(report.Results[0].Outcome.Reason); reason {
	case seedsecret.HealedCreated:
		return event{corev1.EventTypeNormal, string(reason), "The seed secret was created."}
	case seedsecret.HealedRecreated:
		return event{corev1.EventTypeWarning, string(reason), "The seed secret was missing or malformed and was recreated with fresh credentials."}
	case seedsecret.HealedCompleted:
		return event{corev1.EventTypeWarning, string(reason), "Labels or the recorded cluster were missing in the seed secret and were restored."}
	case seedsecret.InOrder:
	}
	return event{}
}

// remarkable are the events that steps are worth although they did what they had to: those that ended with a message.
func remarkable(report step.Report) []event {
	var events []event
	for _, result := range report.Results {
		if result.Outcome.Kind == step.KindDone && result.Outcome.Message != "" {
			events = append(events, event{corev1.EventTypeWarning, result.Outcome.Reason, shorten(result.Outcome.Message, "")})
		}
	}
	return events
}

// escalated is the event that a step is worth as soon as it fails repeatedly.
func escalated(report step.Report, failures streak) event {
	failed, ok := report.Failed()
	if !ok || failures.failures != repeatedly {
		return event{}
	}
	return event{corev1.EventTypeWarning, ontapv1alpha1.ReasonStepFailsRepeatedly, shorten(messageOf(failed), failures.String())}
}

// shorten cuts a message so that it and the suffix, of which nothing is cut, keep within the limit.
func shorten(message, suffix string) string {
	limit := messageLimit - len(suffix)
	if len(message) > limit {
		message = strings.ToValidUTF8(message[:limit-3], "") + "..."
	}
	return message + suffix
}
