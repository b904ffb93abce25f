// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"errors"
	"fmt"
	"io"
)

const redacted = "[redacted]"

var errSecretMarshalled = errors.New("a secret must not be marshalled")

// Secret is a text that cannot be printed, logged or marshalled by accident: formatting shows "[redacted]" under every
// verb, and marshalling fails, for a "[redacted]" that was sent would become a password. The zero value is empty.
type Secret struct {
	// A pointer, because fmt does not call the methods of a Secret in an unexported field, but prints what it finds,
	// and does not follow pointers.
	value *string
}

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret { return Secret{value: &value} }

// Reveal returns the text. Call it only where the text leaves the process.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the text is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// String returns "[redacted]".
func (s Secret) String() string { return redacted }

// GoString returns "[redacted]".
func (s Secret) GoString() string { return redacted }

// Format writes "[redacted]" for every verb.
func (s Secret) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, redacted) // fmt keeps what it is given in memory; it cannot fail
}

// MarshalLog returns "[redacted]" to logr.
func (s Secret) MarshalLog() any { return redacted }

// MarshalJSON fails.
func (s Secret) MarshalJSON() ([]byte, error) { return nil, errSecretMarshalled }

// MarshalText fails. YAML, XML and log encoders use it.
func (s Secret) MarshalText() ([]byte, error) { return nil, errSecretMarshalled }
