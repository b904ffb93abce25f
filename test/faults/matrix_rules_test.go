// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import "slices"

// matrixOutcome is what a state must come to.
type matrixOutcome struct {
	// condition and reason are where it ends, with the status False; empty where it converges.
	condition, reason string
	// anything is whether ONTAP may be written to at all.
	anything bool
	// again is whether the SVM is made again; in all other cases it is the one that there was.
	again bool
	// credentials are those that the seed secret has in the end: fresh ones, or the ones that it had.
	credentials string
}

func (o matrixOutcome) converges() bool { return o.condition == "" }

func (o matrixOutcome) String() string {
	if !o.converges() {
		return o.condition + " False " + o.reason
	}
	text := "converges"
	if o.again {
		text += ", SVM made again"
	}
	if o.credentials != "" {
		text += ", credentials " + o.credentials
	}
	return text
}

// matrixRule is one rule; the first one that applies decides. Its sentence is the README's.
type matrixRule struct {
	sentence string
	applies  func(matrixState) bool
	outcome  matrixOutcome
}

func matrixUntouched(condition, reason string) matrixOutcome {
	return matrixOutcome{condition: condition, reason: reason}
}

// matrixRules say what each state must come to. They are written from the README's chapters "What it says, and what to do" and
// "Decisions", and from nothing else.
func matrixRules() []matrixRule {
	const svm, network, credentials = "SVMReady", "NetworkReady", "CredentialsReady"
	return []matrixRule{
		{
			"a seed secret that is labelled for another shoot stops everything",
			func(s matrixState) bool { return s.secret == "foreign" }, matrixUntouched("SeedSecretReady", "SeedSecretForeign"),
		},
		{
			"an SVM on another cluster than the records name is a human's to decide about",
			func(s matrixState) bool { return s.svm == "partner" }, matrixUntouched(svm, "PlacementConflict"),
		},
		{
			"an SVM of the shoot's name without our mark is left alone",
			func(s matrixState) bool { return s.svm == "unmarked" }, matrixUntouched(svm, "SVMForeign"),
		},
		{
			"another seed's SVM is left alone",
			func(s matrixState) bool { return s.svm == "otherSeed" }, matrixUntouched(svm, "SVMOfOtherSeed"),
		},
		{
			"while ONTAP makes an SVM it is waited for",
			func(s matrixState) bool { return s.svm == "initialising" }, matrixUntouched(svm, "SVMNotRunning"),
		},
		{
			"an SVM that somebody has stopped is reported",
			func(s matrixState) bool { return s.svm == "stopped" && !s.correcting }, matrixUntouched(svm, "SVMStopped"),
		},
		{
			"a data LIF that somebody has switched off is reported",
			func(s matrixState) bool { return s.data == "down" && !s.correcting }, matrixUntouched(network, "LIFDisabled"),
		},
		{
			"a hold forbids to change LIFs",
			func(s matrixState) bool { return s.svm == "held" && !s.networkInStep() }, matrixUntouched(network, "HeldByAdministrator"),
		},
		{
			"an account that somebody has locked is reported, once the LIFs are right",
			func(s matrixState) bool { return s.account == "locked" && s.secret == "present" && !s.correcting },
			matrixOutcome{condition: credentials, reason: "AccountLocked", anything: true},
		},
		{
			"a hold forbids to change accounts",
			func(s matrixState) bool { return s.svm == "held" && (s.account != "inStep" || s.secret != "present") },
			matrixUntouched(credentials, "HeldByAdministrator"),
		},
		{
			"an SVM that has vanished is made again, and so is one that was left half made and is the shoot's",
			func(s matrixState) bool { return s.svm == "absent" || s.svm == "halfMade" },
			matrixOutcome{anything: true, again: true},
		},
		{
			"a seed secret that is lost or malformed is made again",
			func(s matrixState) bool { return s.secret == "absent" || s.secret == "malformed" },
			matrixOutcome{anything: true, credentials: "fresh"},
		},
		{
			"an account that was committed with other credentials, or is not the shoot's, is never changed but replaced",
			matrixState.taken, matrixOutcome{anything: true, credentials: "fresh"},
		},
		{
			"everything else is repaired in place",
			func(matrixState) bool { return true }, matrixOutcome{anything: true, credentials: "kept"},
		},
	}
}

// networkInStep is whether nothing has to be done about LIFs.
func (s matrixState) networkInStep() bool { return s.data == "all" && s.management == "present" }

// taken is whether there is an account under the name in the seed secret that cannot be the one meant.
func (s matrixState) taken() bool {
	committed := slices.Contains([]string{"inStep", "locked", "two"}, s.account)
	return s.account == "foreign" || s.account == "outOfStep" || committed && s.secret == "edited"
}

// matrixRuleOf is the index of the rule that decides.
func matrixRuleOf(s matrixState) int {
	return slices.IndexFunc(matrixRules(), func(rule matrixRule) bool { return rule.applies(s) })
}
