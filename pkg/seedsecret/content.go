// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package seedsecret

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

const (
	saltLength       = 32
	passwordLength   = 32
	fingerprintBytes = 16

	lower    = "abcdefghijklmnopqrstuvwxyz"
	upper    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits   = "0123456789"
	specials = "-_.#%+"
)

// ONTAP takes account names of 3 to 64 characters and, for applications with basic authentication, passwords of 8 to
// 128 characters that do not contain the name.
var (
	usernamePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{2,63}$`)
	passwordPattern = regexp.MustCompile(`^[\x21-\x7e]{8,128}$`)
)

// content is what the seed secret holds. It must never be formatted; Snapshot, which carries it, prints nothing.
type content struct {
	username, password string
	salt               []byte
	cluster            string
}

// newContent makes fresh credentials for the owner and keeps the cluster, which a new password does not change.
func newContent(owner Owner, cluster string) (content, error) {
	suffix, err := randomText(6, class{lower, 1}, class{digits, 1})
	if err != nil {
		return content{}, err
	}
	c := content{username: owner.usernamePrefix() + suffix, salt: make([]byte, saltLength), cluster: cluster}
	if c.password, err = randomText(passwordLength, class{lower, 4}, class{upper, 4}, class{digits, 4}, class{specials, 2}); err != nil {
		return content{}, err
	}
	if _, err := io.ReadFull(rand.Reader, c.salt); err != nil {
		return content{}, fmt.Errorf("making a salt: %w", err)
	}
	return c, nil
}

func contentOf(data map[string][]byte) content {
	return content{
		username: string(data[keyUsername]),
		password: string(data[keyPassword]),
		salt:     data[keySalt],
		cluster:  string(data[keyCluster]),
	}
}

func (c content) data() map[string][]byte {
	data := map[string][]byte{keyUsername: []byte(c.username), keyPassword: []byte(c.password), keySalt: c.salt}
	if c.cluster != "" {
		data[keyCluster] = []byte(c.cluster)
	}
	return data
}

// wellFormed reports whether the content can be an account of the owner. Whether ONTAP takes it is ONTAP's to say.
func (c content) wellFormed(owner Owner) bool {
	return strings.HasPrefix(c.username, owner.usernamePrefix()) &&
		usernamePattern.MatchString(c.username) &&
		passwordPattern.MatchString(c.password) &&
		!strings.Contains(c.password, c.username) &&
		len(c.salt) == saltLength
}

// fingerprint is the first 128 bits of HMAC-SHA-256(salt, username NUL password) in base32: it tells whether two
// contents are equal without telling anything about the password.
func (c content) fingerprint() string {
	mac := hmac.New(sha256.New, c.salt)
	mac.Write([]byte(c.username + "\x00" + c.password))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:fingerprintBytes])
}

type class struct {
	characters string
	atLeast    int
}

// randomText returns length characters of the given classes, with at least as many of each as the class asks for.
func randomText(length int, classes ...class) (string, error) {
	var from []string
	alphabet := ""
	for _, c := range classes {
		alphabet += c.characters
		from = append(from, slices.Repeat([]string{c.characters}, c.atLeast)...)
	}
	from = append(from, slices.Repeat([]string{alphabet}, length-len(from))...)
	text := make([]byte, 0, length)
	for len(from) > 0 {
		position, err := randomBelow(len(from))
		if err != nil {
			return "", err
		}
		character, err := randomBelow(len(from[position]))
		if err != nil {
			return "", err
		}
		text = append(text, from[position][character])
		from = slices.Delete(from, position, position+1)
	}
	return string(text), nil
}

func randomBelow(n int) (int, error) {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, fmt.Errorf("drawing a random number: %w", err)
	}
	return int(i.Int64()), nil
}
