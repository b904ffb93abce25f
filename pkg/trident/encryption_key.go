// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"crypto/rand"
	"fmt"

	secretsmanager "github.com/gardener/gardener/pkg/utils/secrets/manager"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	// EncryptionKeyName is the name of the Secret with the key that Trident encrypts the CHAP credentials of published volumes
	// with, in the seed and in the shoot. Who loses it cannot let go of these volumes; it is made once and never changed.
	EncryptionKeyName = "trident-encryption-keys"

	keyEntry  = "aesKey"
	keyLength = 32
)

// encryptionKey returns the Secret for the shoot. The seed has the key; one that only the shoot has is taken from there, and
// only where neither has any is one made.
func (s *ShootResources) encryptionKey(ctx context.Context, namespace string) (*corev1.Secret, error) {
	kept := &corev1.Secret{}
	err := s.seed.Get(ctx, client.ObjectKey{Namespace: namespace, Name: EncryptionKeyName}, kept)
	switch {
	case apierrors.IsNotFound(err):
		if kept, err = s.firstKey(ctx, namespace); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, &svm.SeedError{Doing: "reading Secret " + EncryptionKeyName, Cause: err}
	}
	if len(kept.Data[keyEntry]) != keyLength {
		return nil, &svm.SeedError{Doing: "reading Secret " + EncryptionKeyName, Cause: fmt.Errorf("%s is not %d bytes: only a human can tell which was the key", keyEntry, keyLength)}
	}
	return &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: named(EncryptionKeyName, nil), Type: corev1.SecretTypeOpaque, Data: map[string][]byte{keyEntry: kept.Data[keyEntry]},
	}, nil
}

// firstKey writes the key of the shoot, or a new one, to the seed. gardenlet carries it to another seed with the shoot.
func (s *ShootResources) firstKey(ctx context.Context, namespace string) (*corev1.Secret, error) {
	shoot, err := s.shoot(ctx, namespace)
	if err != nil {
		return nil, unreachable("making a client", err)
	}
	secret := &corev1.Secret{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: named(EncryptionKeyName, nil)}
	there, err := get(ctx, shoot, secret, &corev1.Secret{})
	if err != nil {
		return nil, err
	}
	key := make([]byte, keyLength)
	if there != nil {
		key = there.Data[keyEntry]
	} else if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	secret.Namespace, secret.Labels = namespace, map[string]string{secretsmanager.LabelKeyPersist: "true"}
	secret.Type, secret.Data = corev1.SecretTypeOpaque, map[string][]byte{keyEntry: key}
	if err := s.seed.Create(ctx, secret); err != nil {
		return nil, &svm.SeedError{Doing: "writing Secret " + EncryptionKeyName, Cause: err}
	}
	return secret, nil
}
