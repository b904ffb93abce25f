// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// masks are the reviewed list of what may differ between two lives that end alike: times and revisions; among them when a
// certificate was issued, which Gardener's secrets manager writes onto its Secrets in the time of the machine, and its checksum of
// what the certificate is made of, a number that may be short.
var masks = []string{
	"creationTimestamp", "deletionTimestamp", "lastTransitionTime", "lastUpdateTime", "lastHeartbeatTime", "resourceVersion", "generation", "observedGeneration", "since",
	"issued-at-time", "valid-until-time", "checksum-of-config",
}

func masked(path string) bool {
	dot := strings.LastIndexByte(path, '.')
	return dot >= 0 && slices.Contains(masks, path[dot+1:])
}

// names are what is made at random: UUIDs, accounts, fingerprints, and hashes of content.
var names = []string{
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, `shoot\d+-[0-9a-f]{8}-[a-z0-9]{6}`, `fp=[A-Z2-7]{26}`,
	`[0-9a-f]{63,64}`, `\b[0-9a-f]{8}\b`, `\b[ab]_0\d_aggr\d`, `\b[ab]-0\d`,
}

var random = regexp.MustCompile(strings.Join(names, "|"))

// renaming gives equal values equal names, in the order in which they are met, so that what should be equal shows.
type renaming struct {
	secrets []string
	given   map[string]string
}

func newRenaming() *renaming { return &renaming{given: map[string]string{}} }

// secret makes a value one that is renamed wherever it stands.
func (r *renaming) secret(value string) {
	if value != "" && !slices.Contains(r.secrets, value) {
		r.secrets = append(r.secrets, value)
		// The longest first: one may be the beginning of another.
		slices.SortStableFunc(r.secrets, func(a, b string) int { return len(b) - len(a) })
	}
}

func (r *renaming) rename(lines []string) string {
	renamed := make([]string, 0, len(lines))
	for _, line := range lines {
		renamed = append(renamed, r.line(line))
	}
	return strings.Join(renamed, "\n")
}

func (r *renaming) line(line string) string {
	for _, secret := range r.secrets {
		if strings.Contains(line, secret) {
			line = strings.ReplaceAll(line, secret, r.name(secret))
		}
	}
	var renamed strings.Builder
	for line != "" {
		length, suspect := word(line)
		if suspect {
			renamed.WriteString(random.ReplaceAllStringFunc(line[:length], r.name))
		} else {
			renamed.WriteString(line[:length])
		}
		line = line[length:]
	}
	return renamed.String()
}

// word is how long the first word of a text is, of letters, digits and what else there is in names, with all that is no word
// behind it, and whether there may be something random in it: all of that stands in one word, and most words have none.
func word(text string) (length int, suspect bool) {
	digits := 0
	for length < len(text) && inWord(text[length]) {
		if isHex(text[length]) {
			digits++
		} else {
			digits = 0
		}
		suspect = suspect || digits == 8
		length++
	}
	if word := text[:length]; !suspect {
		suspect = strings.Contains(word, "fp=") || strings.Contains(word, "_aggr") || strings.Contains(word, "-0")
	}
	for length < len(text) && !inWord(text[length]) {
		length++
	}
	return length, suspect
}

func isHex(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' }

func inWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_' || c == '='
}

func (r *renaming) name(value string) string {
	if r.given[value] == "" {
		r.given[value] = fmt.Sprintf("<%d>", len(r.given)+1)
	}
	return r.given[value]
}

// difference is the first line in which two statements differ.
func difference(wanted, found string) string {
	if wanted == found {
		return ""
	}
	a, b := strings.Split(wanted, "\n"), strings.Split(found, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%q instead of %q", b[i], a[i])
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(b), len(a))
}
