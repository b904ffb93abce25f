// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package seedsecret

import (
	"errors"
	"fmt"
)

// Kind says what is wrong with the seed secret.
type Kind string

const (
	// KindUnknown is the kind of an error after which nothing is known of the secret: it could not be read.
	KindUnknown Kind = "Unknown"
	// KindNotWritten is the kind of an error of the seed's API server on a write; the secret is missing or out of date.
	KindNotWritten Kind = "NotWritten"
	// KindForeign is the kind of a secret that is labelled for another shoot. It is not touched.
	KindForeign Kind = "Foreign"
	// KindDeleting is the kind of a secret that is being deleted; it is recreated once it is gone.
	KindDeleting Kind = "Deleting"
	// KindPlacedElsewhere is the kind of an attempt to replace the cluster that the secret already names.
	KindPlacedElsewhere Kind = "PlacedElsewhere"
)

// Error is an error of this package.
type Error struct {
	Kind Kind
	// Namespace is that of the secret.
	Namespace string
	// Doing is what was attempted or seen, as a phrase.
	Doing string
	cause error
}

// Error implements error. It never contains any content of the secret but the cluster's name.
func (e *Error) Error() string {
	text := fmt.Sprintf("seed secret %s/%s: %s", e.Namespace, Name, e.Doing)
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Unwrap returns the API server's error, if there is one.
func (e *Error) Unwrap() error { return e.cause }

// KindOf returns the kind of the Error in err's chain, or "" if there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return ""
}
