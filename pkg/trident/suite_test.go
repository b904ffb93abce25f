// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"crypto/rand"
	"crypto/rsa"
	"io"
	"testing"

	secretsutils "github.com/gardener/gardener/pkg/utils/secrets"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestTrident(t *testing.T) {
	RegisterFailHandler(Fail)
	secretsutils.GenerateKey = nextKey()
	RunSpecs(t, "Trident Suite")
}

// nextKey returns a function that returns one key after the other, of which there are eight: each takes a while to make.
func nextKey() func(io.Reader, int) (*rsa.PrivateKey, error) {
	var keys [8]*rsa.PrivateKey
	next := -1
	return func(io.Reader, int) (key *rsa.PrivateKey, err error) {
		next = (next + 1) % len(keys)
		if keys[next] == nil {
			keys[next], err = rsa.GenerateKey(rand.Reader, 2048)
		}
		return keys[next], err
	}
}
