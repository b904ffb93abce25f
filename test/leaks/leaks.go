// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package leaks looks for secrets in what programs wrote. It knows the secrets that tests have seen, in the forms in which
// they leak: as they are, base64, URL-escaped, quoted, and as basic authentication.
package leaks

import (
	"context"
	"encoding/base64"
	"fmt"
	"index/suffixarray"
	"io"
	"net/url"
	"strconv"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// shortest keeps out what stands in every log anyway.
const shortest = 8

// Collector collects secrets. It may be used concurrently.
type Collector struct {
	mutex  sync.Mutex
	values map[string]string
	forms  map[string]string
}

// NewCollector returns a Collector that knows no secret.
func NewCollector() *Collector {
	return &Collector{values: map[string]string{}, forms: map[string]string{}}
}

// Add adds a secret under the name that a finding tells, and how it goes with a user name where that is not empty.
func (c *Collector) Add(name, username string, secret []byte) {
	if len(secret) < shortest {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.values[string(secret)] = name
	for _, form := range formsOf(secret) {
		c.forms[form] = name
	}
	if username != "" {
		for _, form := range formsOf([]byte(username + ":" + string(secret)))[1:] {
			c.forms[form] = name + " as basic authentication"
		}
	}
}

func formsOf(secret []byte) []string {
	text := string(secret)
	return []string{
		text,
		base64.StdEncoding.EncodeToString(secret), base64.RawStdEncoding.EncodeToString(secret),
		base64.URLEncoding.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret),
		url.QueryEscape(text), url.PathEscape(text), strconv.Quote(text), fmt.Sprintf("%x", secret),
	}
}

// Watch adds passwords and salts of every state of every Secret of the given name, until the context ends.
func (c *Collector) Watch(ctx context.Context, seed client.WithWatch, name string) error {
	watching, err := seed.Watch(ctx, &corev1.SecretList{})
	if err != nil {
		return err
	}
	go func() {
		defer watching.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case event, open := <-watching.ResultChan():
				if !open {
					return
				}
				if secret, ok := event.Object.(*corev1.Secret); ok && secret.Name == name {
					c.AddSecret(secret)
				}
			}
		}
	}()
	return nil
}

// AddSecret adds password and salt of a seed secret.
func (c *Collector) AddSecret(secret *corev1.Secret) {
	c.Add("a password of "+secret.Namespace, string(secret.Data["username"]), secret.Data["password"])
	c.Add("a salt of "+secret.Namespace, "", secret.Data["salt"])
}

// Len returns the number of different secrets, whatever their forms.
func (c *Collector) Len() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.values)
}

// Find returns the names of the secrets that stand in the text, and the number of bytes that it has read.
func (c *Collector) Find(text io.Reader) (found []string, read int, err error) {
	content, err := io.ReadAll(text)
	if err != nil {
		return nil, len(content), err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	index := suffixarray.New(content) // of thousands of secrets in megabytes of logs
	for form, name := range c.forms {
		if index.Lookup([]byte(form), 1) != nil {
			found = append(found, name)
		}
	}
	return found, len(content), nil
}
