// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"slices"
	"strings"
	"time"
)

const (
	markPrefix = "gxo/v1"
	// commentLimit is ONTAP's limit for the comment of an SVM.
	commentLimit = 255
)

// MarkState is the state of the SVM that its owner mark tells.
type MarkState string

const (
	// MarkActive marks an SVM in use.
	MarkActive MarkState = "active"
	// MarkDeleting marks an SVM whose deletion has begun.
	MarkDeleting MarkState = "deleting"
)

// parkedPrefix is followed by the day on which the SVM was parked.
const parkedPrefix = "parked@"

// MarkParked marks an SVM whose shoot is gone while it still holds volumes.
func MarkParked(since time.Time) MarkState {
	return MarkState(parkedPrefix + since.UTC().Format(time.DateOnly))
}

// Parked reports whether the state is one of MarkParked.
func (s MarkState) Parked() bool { return strings.HasPrefix(string(s), parkedPrefix) }

// Mark is the owner mark: the first words of the comment of everything that this extension makes on ONTAP. What does
// not carry one of our garden and shoot is never changed, adopted or deleted.
type Mark struct {
	// Garden and Seed are short hashes of the garden's identity and the seed's name.
	Garden, Seed string
	// Owner is the shoot's status.uid.
	Owner string
	// TechnicalID is for humans; SVMs only.
	TechnicalID string
	State       MarkState
	// Fingerprint is that of the seed secret whose credentials the account has; accounts only. It is written after the
	// account was made, so an account without one is not finished.
	Fingerprint string
}

// word is a key of a mark, and where its value belongs.
type word struct {
	key   string
	value *string
}

// words are those of a mark, in their order.
func (m *Mark) words() []word {
	return []word{
		{"g", &m.Garden}, {"o", &m.Owner}, {"s", &m.Seed}, {"t", &m.TechnicalID}, {"st", (*string)(&m.State)}, {"fp", &m.Fingerprint},
	}
}

// String is the mark as it stands in a comment.
func (m Mark) String() string {
	text := markPrefix
	for _, word := range m.words() {
		if *word.value != "" {
			text += " " + word.key + "=" + *word.value
		}
	}
	return text
}

// Into puts the mark in front of what a human wrote into the comment, in place of an older mark.
func (m Mark) Into(comment string) string {
	_, rest := splitMark(comment)
	text := strings.TrimSpace(m.String() + " " + rest)
	return strings.ToValidUTF8(text[:min(len(text), commentLimit)], "")
}

// ParseMark reads the mark at the beginning of a comment. It reports false if there is none.
func ParseMark(comment string) (Mark, bool) {
	mark, _ := splitMark(comment)
	return mark, mark.Garden != "" && mark.Owner != ""
}

// splitMark returns as much of a mark as the comment begins with, and what follows it.
func splitMark(comment string) (mark Mark, rest string) {
	rest, ok := strings.CutPrefix(comment, markPrefix)
	if !ok || rest != "" && rest[0] != ' ' {
		return Mark{}, comment
	}
	for words := mark.words(); ; {
		rest = strings.TrimLeft(rest, " ")
		text, after, _ := strings.Cut(rest, " ")
		key, value, ok := strings.Cut(text, "=")
		i := slices.IndexFunc(words, func(w word) bool { return w.key == key })
		if !ok || i < 0 {
			return mark, rest
		}
		*words[i].value, rest = value, after
		words = slices.Delete(words, i, i+1) // a key that comes again is a human's
	}
}

// sameShoot reports whether the comment carries the mark of this garden and shoot, whatever the seed.
func (i Identity) sameShoot(comment string) bool {
	mark, ok := ParseMark(comment)
	return ok && mark.Garden == shortHash(i.GardenIdentity) && mark.Owner == i.ShootUID
}

// holdRequested reports whether an administrator has written the word hold into a comment.
func holdRequested(comment string) bool {
	_, rest := splitMark(comment)
	return slices.ContainsFunc(strings.Fields(rest), func(word string) bool {
		return strings.EqualFold(strings.Trim(word, ".,;:!"), "hold")
	})
}
