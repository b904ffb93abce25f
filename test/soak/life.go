// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// retry is when Gardener asks again for what has failed.
const retry = 30 * time.Second

// life is a shoot, and what its owner and Gardener have asked of it.
type life struct {
	shoot *landscape.Shoot
	// narrow is the providerConfig with two data LIFs; the wide one has four.
	narrow *runtime.RawExtension
	wide   bool
	asked  time.Time
	// leaving is whether the shoot is being deleted, gone whether that is over.
	leaving, gone bool
}

// goOn is Gardener's next look at the shoot. It tells whether what was last asked of it is done.
func (l *life) goOn(ctx context.Context, extension *extensionsv1alpha1.Extension) (bool, error) {
	switch {
	case l.gone:
		return true, nil
	case l.leaving && extension == nil:
		l.gone = true
		return true, l.shoot.Remove(ctx)
	case l.leaving:
		return false, nil
	case extension == nil:
		return false, l.deploy(ctx)
	}
	operation := extension.Status.LastOperation
	_, waiting := extension.Annotations[v1beta1constants.GardenerOperation]
	if operation == nil || waiting || operation.LastUpdateTime.Time.Before(l.asked.Truncate(time.Second)) {
		return false, nil
	}
	if operation.State == gardencorev1beta1.LastOperationStateError && watch.Since(l.asked) > retry {
		return false, l.deploy(ctx)
	}
	return operation.State == gardencorev1beta1.LastOperationStateSucceeded && extension.Status.ObservedGeneration == extension.Generation, nil
}

func (l *life) deploy(ctx context.Context) error {
	l.asked = watch.Now()
	return l.shoot.Deploy(ctx)
}

func (l *life) leave(ctx context.Context) error {
	l.leaving = true
	return l.shoot.Destroy(ctx)
}

// act is what the owner of a shoot does with it, or somebody to it: mostly nothing.
func (s *soak) act(ctx context.Context, l *life) error {
	const rest = 150
	acts := []struct {
		name string
		do   func(context.Context) error
	}{
		{"changed", func(ctx context.Context) error { return l.widen(ctx, !l.wide) }},
		{"changed", func(ctx context.Context) error { return l.widen(ctx, !l.wide) }},
		{"reconciled", l.deploy},
		{"secret lost", func(ctx context.Context) error { return l.loseSecret(ctx, s.landscape.Client) }},
		{"deleted", l.leave},
	}
	n := s.random.IntN(len(acts) + rest)
	if n >= len(acts) {
		return nil
	}
	s.acts[acts[n].name]++
	return acts[n].do(ctx)
}

// addresses are those that the shoot is to have, the one of its management LIF first.
func (l *life) addresses() ([]string, error) {
	config := &ontapv1alpha1.SVMConfig{}
	err := json.Unmarshal(l.shoot.ProviderConfig.Raw, config)
	return append([]string{config.ManagementLIF}, config.DataLIFs...), err
}

// widen gives the shoot two data LIFs more, or takes them away.
func (l *life) widen(ctx context.Context, wide bool) error {
	config := &ontapv1alpha1.SVMConfig{}
	if err := json.Unmarshal(l.narrow.Raw, config); err != nil {
		return err
	}
	for _, text := range config.DataLIFs {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return err
		}
		// In the same network, where no shoot has its first ones.
		other := address.As4()
		other[2] += 100
		if wide {
			config.DataLIFs = append(config.DataLIFs, netip.AddrFrom4(other).String())
		}
	}
	content, err := json.Marshal(config)
	if err != nil {
		return err
	}
	l.wide, l.shoot.ProviderConfig = wide, &runtime.RawExtension{Raw: content}
	return l.deploy(ctx)
}

// loseSecret deletes the seed secret, which nobody tells Gardener.
func (l *life) loseSecret(ctx context.Context, seed client.Client) error {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: l.shoot.Namespace, Name: seedsecret.Name}}
	return client.IgnoreNotFound(seed.Delete(ctx, secret))
}
