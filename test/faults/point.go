// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Side is whom a request goes to.
type Side string

// The sides.
const (
	Seed  Side = "seed"
	Shoot Side = "shoot"
	ONTAP Side = "ontap"
)

// Point is one request of the extension.
type Point struct {
	Side Side
	// Verb is the method of a request to ONTAP; Subject is what the request is about, without anything random.
	Verb, Subject string
	Write         bool
	// Cached says that a cache may answer.
	Cached bool
}

// String is the same in each life.
func (p Point) String() string { return fmt.Sprintf("%s %s %s", p.Side, p.Verb, p.Subject) }

// job tells whether ONTAP answers with a job that makes or deletes an SVM.
func (p Point) job() bool {
	return p.Side == ONTAP && p.Write && (strings.HasSuffix(p.Subject, "/svm/svms") || p.Verb == "DELETE" && strings.HasSuffix(p.Subject, "/svm/svms/{uuid}"))
}

// overwrites tells whether a write needs the object to be as it was read.
func (p Point) overwrites() bool {
	return p.Side != ONTAP && slices.Contains([]string{"update", "patch", "patch status"}, p.Verb)
}

// contentHash is what ends the name of an object that is named after its content.
var contentHash = regexp.MustCompile(`-[0-9a-f]{8}$`)

func subject(object any, name string) string {
	kind := strings.TrimPrefix(fmt.Sprintf("%T", object), "*")
	return strings.TrimSpace(kind[strings.LastIndexByte(kind, '.')+1:] + " " + contentHash.ReplaceAllString(name, ""))
}

func about(object client.Object) string { return subject(object, object.GetName()) }
