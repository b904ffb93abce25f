// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

const (
	// healings is how many seed secrets are deleted, one after another.
	healings  = 100
	healLimit = time.Second
	patience  = time.Minute
)

// heal measures how long it takes from the deletion of a seed secret until the account of the new one answers, and the
// ManagedResource holds its credentials.
func heal(ctx context.Context, t *table, l *landscape.Landscape, shoots []*landscape.Shoot) error {
	tenants := map[string]*landscape.Tenant{}
	for _, cluster := range []string{"a", "b"} {
		tenant, err := l.NewTenant(cluster)
		if err != nil {
			return err
		}
		tenants[cluster] = tenant
	}
	var took []time.Duration
	for n := range healings {
		shoot := shoots[n%len(shoots)]
		secret := &corev1.Secret{}
		key := client.ObjectKey{Namespace: shoot.Namespace, Name: seedsecret.Name}
		if err := l.Client.Get(ctx, key, secret); err != nil {
			return err
		}
		begin := clock.RealClock{}.Now()
		if err := l.Client.Delete(ctx, secret); err != nil {
			return err
		}
		if err := wait.PollUntilContextTimeout(ctx, 5*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
			return isHealed(ctx, l.Client, tenants, key, string(secret.Data["username"]))
		}); err != nil {
			return fmt.Errorf("waiting until %s is healed: %w", shoot.Namespace, err)
		}
		took = append(took, clock.RealClock{}.Since(begin))
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	fmt.Printf("        (%d shoots have SVMs and lose their secrets in turn; the %d others are Extensions that nothing is to be done for)\n", len(shoots), manyCount)
	t.line(p99 <= healLimit, "%-58s %8s  at most %s (median %s, %d deletions)", fmt.Sprintf("p99 until a lost seed secret is healed, %d shoots", manyCount),
		p99.Round(time.Millisecond), healLimit, took[len(took)/2].Round(time.Millisecond), healings)
	return nil
}

// isHealed asks ONTAP last, with the new credentials.
func isHealed(ctx context.Context, seed client.Client, tenants map[string]*landscape.Tenant, key client.ObjectKey, old string) (bool, error) {
	secret, resource, content := &corev1.Secret{}, &resourcesv1alpha1.ManagedResource{}, &corev1.Secret{}
	if err := seed.Get(ctx, key, secret); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	name, password := secret.Data["username"], secret.Data["password"]
	if string(name) == old {
		return false, nil
	}
	if err := seed.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: trident.Credentials}, resource); err != nil {
		return false, err
	}
	if len(resource.Spec.SecretRefs) != 1 {
		return false, errors.New("the ManagedResource does not refer to one Secret")
	}
	if err := seed.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: resource.Spec.SecretRefs[0].Name}, content); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	for _, encoded := range content.Data {
		inside := &corev1.Secret{}
		if err := json.Unmarshal(encoded, inside); err != nil {
			return false, err
		}
		if !bytes.Equal(inside.Data["password"], password) {
			return false, nil
		}
	}
	_, status, err := tenants[string(secret.Data["cluster"])].LogIn(ctx, string(name), string(password))
	return status == http.StatusOK, err
}
