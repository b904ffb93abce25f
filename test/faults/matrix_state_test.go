// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// matrixState is a state in which a run of the extension may find a shoot's storage, and the mode that it runs in.
type matrixState struct {
	// svm is how the SVM is, data and management how its LIFs are, account how its accounts are, compared with the seed secret
	// that the shoot had, and secret what has become of that.
	svm, data, management, account, secret string
	// correcting is whether administrative states are to be corrected.
	correcting bool
}

// matrixDimensions are the values of a state's parts, in their order.
//
// An absent SVM was deleted behind the extension's back; one that is initialising has a job that makes it; one that is half made
// has none any more. A renamed one has its mark. One that is unmarked has the shoot's name, and is not the recorded one. One on
// the partner is on the other of the two configured clusters than the one that the placement records name, seed secret and
// providerStatus. All that were ever finished hold a volume with data.
func matrixDimensions() [][]string {
	return [][]string{
		{"absent", "initialising", "halfMade", "stopped", "running", "renamed", "unmarked", "otherSeed", "held", "partner"},
		{"none", "some", "all", "wrongAddress", "down"},
		{"absent", "present", "wrong"},
		{"absent", "inStep", "uncommitted", "withoutPassword", "outOfStep", "locked", "foreign", "two"},
		{"absent", "malformed", "present", "edited", "foreign"},
		{"false", "true"},
	}
}

func matrixNames() []string {
	return []string{"svm", "data", "management", "account", "secret", "adminState"}
}

// matrixExclusion is the one rule about what ONTAP cannot be in.
const matrixExclusion = "an SVM that is not there, or was never finished, has neither LIFs nor accounts"

func (s matrixState) excluded() bool {
	return s.unfinished() && (s.data != "none" || s.management != "absent" || s.account != "absent")
}

func (s matrixState) unfinished() bool {
	return slices.Contains([]string{"absent", "initialising", "halfMade"}, s.svm)
}

func newMatrixState(values []string) matrixState {
	return matrixState{values[0], values[1], values[2], values[3], values[4], values[5] == "true"}
}

// String names the state in the form that parseMatrixState reads.
func (s matrixState) String() string {
	values := []string{s.svm, s.data, s.management, s.account, s.secret, strconv.FormatBool(s.correcting)}
	for i, name := range matrixNames() {
		values[i] = name + "=" + values[i]
	}
	return strings.Join(values, ",")
}

func parseMatrixState(text string) (matrixState, error) {
	names, values := matrixNames(), []string{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(part, "=")
		i := len(values)
		if i == len(names) || name != names[i] || !slices.Contains(matrixDimensions()[i], value) {
			return matrixState{}, fmt.Errorf("%q is not %s of %v", part, names[min(i, len(names)-1)], matrixDimensions()[min(i, len(names)-1)])
		}
		values = append(values, value)
	}
	if len(values) != len(names) {
		return matrixState{}, fmt.Errorf("%q does not say %s", text, names[len(values)])
	}
	return newMatrixState(values), nil
}

// matrixSecondMode says which states are tried in the second mode.
const matrixSecondMode = "administrative states are corrected where there is one: an SVM stopped or held, a LIF down, an account locked"

func (s matrixState) administrative() bool {
	return s.svm == "stopped" || s.svm == "held" || s.data == "down" || s.account == "locked"
}

// matrixStates are all that are tried, and how many combinations there are in the first mode that ONTAP cannot be in.
func matrixStates() (states []matrixState, excluded int) {
	combinations := [][]string{{}}
	for _, values := range matrixDimensions() {
		var longer [][]string
		for _, combination := range combinations {
			for _, value := range values {
				longer = append(longer, append(slices.Clone(combination), value))
			}
		}
		combinations = longer
	}
	for _, combination := range combinations {
		switch state := newMatrixState(combination); {
		case !state.excluded() && (!state.correcting || state.administrative()):
			states = append(states, state)
		case !state.correcting:
			excluded++
		}
	}
	return states, excluded
}
