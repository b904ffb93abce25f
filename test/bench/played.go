// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

// playInterval is the pause between two rounds.
const playInterval = 20 * time.Millisecond

// errPlayed is what the extension gets for a client of a shoot that is only played.
var errPlayed = errors.New("this shoot is played and has no API server")

// playedKey is what the extension would look for in a shoot that it has not seen yet.
func playedKey(namespace string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: trident.EncryptionKeyName}, Data: map[string][]byte{"aesKey": make([]byte, 32)},
	}
}

// whilePlayed does something while the shoots are played.
func whilePlayed(ctx context.Context, seed client.Client, do func() error) error {
	fmt.Println("        (the shoots' side is played: one loop says of every ManagedResource that it is applied)")
	playing, stop := context.WithCancel(ctx)
	played := make(chan error, 1)
	go func() { played <- playShoots(playing, seed) }()
	err := do()
	stop()
	if ended := <-played; !wait.Interrupted(ended) {
		err = errors.Join(err, fmt.Errorf("playing the shoots: %w", ended))
	}
	return err
}

// playShoots plays the side of all shoots until ctx ends, where hundreds of control planes would be too many: nothing is
// applied, every ManagedResource is said to be. None gets a finalizer, so that none has to be let go.
func playShoots(ctx context.Context, seed client.Client) error {
	return wait.PollUntilContextCancel(ctx, playInterval, true, func(ctx context.Context) (bool, error) {
		all := &resourcesv1alpha1.ManagedResourceList{}
		if err := seed.List(ctx, all); err != nil {
			return false, err
		}
		for _, resource := range all.Items {
			if resource.Status.ObservedGeneration == resource.Generation {
				continue
			}
			resource.Status.ObservedGeneration = resource.Generation
			resource.Status.Conditions = nil
			for conditionType, status := range map[gardencorev1beta1.ConditionType]gardencorev1beta1.ConditionStatus{
				resourcesv1alpha1.ResourcesApplied: "True", resourcesv1alpha1.ResourcesHealthy: "True", resourcesv1alpha1.ResourcesProgressing: "False",
			} {
				resource.Status.Conditions = append(resource.Status.Conditions, gardencorev1beta1.Condition{
					Type: conditionType, Status: status, Reason: "Played", LastTransitionTime: metav1.Unix(1, 0), LastUpdateTime: metav1.Unix(1, 0),
				})
			}
			// What has changed meanwhile is seen to in the next round.
			if err := seed.Status().Update(ctx, &resource); err != nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
				return false, err
			}
		}
		return false, nil
	})
}
