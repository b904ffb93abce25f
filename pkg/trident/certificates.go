// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"errors"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	kubernetesutils "github.com/gardener/gardener/pkg/utils/kubernetes"
	secretsutils "github.com/gardener/gardener/pkg/utils/secrets"
	secretsmanager "github.com/gardener/gardener/pkg/utils/secrets/manager"
	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	// caName is the name of the certificate authority that nodes and controller trust.
	caName = "ca-trident"
	// clientName is who a node is to the controller; the name is in Trident's code.
	clientName = "trident-node"
)

// managed are the Secrets of the secrets manager in the seed.
var managed = client.MatchingLabels{
	secretsmanager.LabelKeyManagedBy: secretsmanager.LabelValueSecretsManager, secretsmanager.LabelKeyManagerIdentity: Origin,
}

// certificates returns what controller and nodes prove themselves by to each other, rotated with the certificate authorities of
// the shoot. Pods with the result of one phase get on with those of the next, in whatever order they are replaced:
//
//   - Preparing: both authorities are trusted, the old one still signs;
//   - Prepared, Completing: both are trusted, the new one signs;
//   - after that: the new one is trusted alone.
//
// Gardener's helper for extensions forgets the old authority in Completing, where pods still run that only it has signed for.
func (s *ShootResources) certificates(ctx context.Context, content svm.ShootContent) (controller, node *corev1.Secret, err error) {
	signed, err := s.issue(ctx, content)
	if err != nil {
		return nil, nil, &svm.SeedError{Doing: "keeping the certificates of Trident", Cause: err}
	}
	bundle, server, client := signed[0].Data[secretsutils.DataKeyCertificateBundle], signed[1].Data, signed[2].Data
	controller, err = certificateSecret("trident-controller-tls", map[string][]byte{
		"caCert": bundle, "serverCert": server[secretsutils.DataKeyCertificate], "serverKey": server[secretsutils.DataKeyPrivateKey],
	})
	if err != nil {
		return nil, nil, err
	}
	node, err = certificateSecret("trident-node-tls", map[string][]byte{
		"caCert": bundle, "clientCert": client[secretsutils.DataKeyCertificate], "clientKey": client[secretsutils.DataKeyPrivateKey],
		"serverCert": client[secretsutils.DataKeyCertificate], "serverKey": client[secretsutils.DataKeyPrivateKey],
	})
	return controller, node, err
}

// certificateSecret is one with a name of its own for each content, so that pods are replaced when it changes: Trident reads its
// certificates when it starts.
func certificateSecret(name string, data map[string][]byte) (*corev1.Secret, error) {
	secret := &corev1.Secret{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: named(name, nil), Type: corev1.SecretTypeOpaque, Data: data,
	}
	return secret, kubernetesutils.MakeUnique(secret)
}

// issue returns the bundle of authorities, the certificate of the controller, and that of nodes, which are its clients, and
// servers of the kubelet's probes. All of them go with the shoot to another seed, so that no pod is replaced for that.
func (s *ShootResources) issue(ctx context.Context, content svm.ShootContent) ([]*corev1.Secret, error) {
	seed, err := readOnce(ctx, s.seed, content.Namespace)
	if err != nil {
		return nil, err
	}
	phase, times := rotation(content.CARotation)
	manager, err := secretsmanager.New(ctx, logr.FromContextOrDiscard(ctx), s.clock, seed, Origin,
		secretsmanager.WithNamespaces(content.Namespace), secretsmanager.WithSecretNamesToTimes(times))
	if err != nil {
		return nil, err
	}
	options := []secretsmanager.GenerateOption{secretsmanager.Persist(), secretsmanager.Rotate(secretsmanager.KeepOld)}
	signer := secretsmanager.SignedByCA(caName, secretsmanager.UseCurrentCA)
	switch phase {
	case gardencorev1beta1.RotationPreparing, gardencorev1beta1.RotationPreparingWithoutWorkersRollout, gardencorev1beta1.RotationWaitingForWorkersRollout:
		signer = secretsmanager.SignedByCA(caName, secretsmanager.UseOldCA)
	case gardencorev1beta1.RotationPrepared, gardencorev1beta1.RotationCompleting:
	case gardencorev1beta1.RotationCompleted, "":
		options = append(options, secretsmanager.IgnoreOldSecrets())
	}
	if _, err := manager.Generate(ctx, &secretsutils.CertificateSecretConfig{Name: caName, CommonName: caName, CertType: secretsutils.CACert}, options...); err != nil {
		return nil, err
	}
	bundle, found := manager.Get(caName)
	if !found {
		return nil, errors.New("the secrets manager has no bundle of " + caName)
	}
	signed := []*corev1.Secret{bundle}
	for _, config := range []*secretsutils.CertificateSecretConfig{
		{Name: "trident-server", CommonName: serviceName, DNSNames: []string{serviceName}, CertType: secretsutils.ServerCert, SkipPublishingCACertificate: true},
		{Name: "trident-node", CommonName: clientName, DNSNames: []string{clientName}, CertType: secretsutils.ServerClientCert, SkipPublishingCACertificate: true},
	} {
		secret, err := manager.Generate(ctx, config, secretsmanager.Persist(), signer)
		if err != nil {
			return nil, err
		}
		signed = append(signed, secret)
	}
	return signed, manager.Cleanup(ctx)
}

// rotation is the phase of the rotation of the shoot's authorities, and since when ours has to be another one.
func rotation(of *gardencorev1beta1.CARotation) (gardencorev1beta1.CredentialsRotationPhase, map[string]time.Time) {
	if of == nil {
		return "", nil
	}
	if of.LastInitiationTime == nil {
		return of.Phase, nil
	}
	return of.Phase, map[string]time.Time{caName: of.LastInitiationTime.Time}
}

// once is a client that knows the Secrets of the secrets manager from one list: the manager would read each by itself, in every
// run. One that is not in the list is looked for.
type once struct {
	client.Client
	secrets []corev1.Secret
}

func readOnce(ctx context.Context, seed client.Client, namespace string) (*once, error) {
	found := &corev1.SecretList{}
	if err := seed.List(ctx, found, client.InNamespace(namespace), managed); err != nil {
		return nil, err
	}
	return &once{seed, found.Items}, nil
}

func (c *once) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	if secret, ok := object.(*corev1.Secret); ok {
		for i := range c.secrets {
			if client.ObjectKeyFromObject(&c.secrets[i]) == key {
				c.secrets[i].DeepCopyInto(secret)
				return nil
			}
		}
	}
	return c.Client.Get(ctx, key, object, options...)
}

func (c *once) List(ctx context.Context, list client.ObjectList, options ...client.ListOption) error {
	secrets, ok := list.(*corev1.SecretList)
	if !ok {
		return c.Client.List(ctx, list, options...)
	}
	wanted := (&client.ListOptions{}).ApplyOptions(options).LabelSelector
	for i := range c.secrets {
		if wanted == nil || wanted.Matches(labels.Set(c.secrets[i].Labels)) {
			secrets.Items = append(secrets.Items, *c.secrets[i].DeepCopy())
		}
	}
	return nil
}
