// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// names are the accounts that seed secrets have ever named, by namespace.
type names struct {
	mutex sync.Mutex
	ever  map[string]map[string]bool
}

// watch notes the names until ctx ends, beginning with those that stand there.
func (n *names) watch(ctx context.Context, l *landscape.Landscape) error {
	seed, err := client.NewWithWatch(l.RESTConfig, client.Options{Scheme: l.Client.Scheme()})
	if err != nil {
		return err
	}
	watching, err := seed.Watch(ctx, &corev1.SecretList{}, client.MatchingFields{"metadata.name": seedsecret.Name})
	if err != nil {
		return err
	}
	defer watching.Stop()
	for event := range watching.ResultChan() {
		if secret, ok := event.Object.(*corev1.Secret); ok {
			n.note(secret.Namespace, string(secret.Data["username"]))
		}
	}
	return errors.New("the watch on seed secrets has ended")
}

func (n *names) note(namespace, name string) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.ever[namespace] == nil {
		n.ever[namespace] = map[string]bool{}
	}
	n.ever[namespace][name] = true
}

func (n *names) has(namespace, name string) bool {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.ever[namespace][name]
}
