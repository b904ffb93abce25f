// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"fmt"
	"time"

	extensionsconfigv1alpha1 "github.com/gardener/gardener/extensions/pkg/apis/config/v1alpha1"
	"github.com/gardener/gardener/extensions/pkg/util"
	volumesnapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v4/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	vpaautoscalingv1 "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
)

// shootTimeout bounds a request to a shoot's API server.
const shootTimeout = 10 * time.Second

// ShootClient makes a client for the shoot whose namespace in the seed is given.
type ShootClient func(ctx context.Context, namespace string) (client.Client, error)

// NewShootClient returns a ShootClient that reads the kubeconfigs which gardenlet keeps in the seed. Its clients know the
// kinds that we look at without asking for them.
func NewShootClient(seed client.Client) (ShootClient, error) {
	scheme, err := NewScheme()
	if err != nil {
		return nil, fmt.Errorf("making the scheme of shoots: %w", err)
	}
	mapper := meta.NewDefaultRESTMapper(nil)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Secret"), meta.RESTScopeNamespace)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Pod"), meta.RESTScopeNamespace)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("Node"), meta.RESTScopeRoot)
	mapper.Add(corev1.SchemeGroupVersion.WithKind("PersistentVolume"), meta.RESTScopeRoot)
	mapper.Add(storagev1.SchemeGroupVersion.WithKind("VolumeAttachment"), meta.RESTScopeRoot)
	for _, k := range kinds {
		version, scope := k.version(), meta.RESTScope(meta.RESTScopeNamespace)
		if k.cluster {
			scope = meta.RESTScopeRoot
		}
		resource := version.GroupVersion().WithResource(k.resource())
		mapper.AddSpecific(version, resource, resource, scope)
	}
	options := client.Options{Scheme: scheme, Mapper: mapper}
	return func(ctx context.Context, namespace string) (client.Client, error) {
		_, shoot, err := util.NewClientForShoot(ctx, seed, namespace, options, extensionsconfigv1alpha1.RESTOptions{Timeout: new(shootTimeout)})
		return shoot, err
	}, nil
}

// NewScheme returns a scheme with everything that stands in a shoot or is looked at there.
func NewScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(
		corev1.AddToScheme, storagev1.AddToScheme, apiextensionsv1.AddToScheme, volumesnapshotv1.AddToScheme, vpaautoscalingv1.AddToScheme,
		tridentv1.AddToScheme,
	)
	if err := builder.AddToScheme(scheme); err != nil {
		return nil, err
	}
	untyped := []schema.GroupVersionKind{firewallKind}
	for _, k := range kinds {
		untyped = append(untyped, k.version())
	}
	for _, kind := range untyped {
		if !scheme.Recognizes(kind) {
			scheme.AddKnownTypeWithName(kind, &unstructured.Unstructured{})
			scheme.AddKnownTypeWithName(kind.GroupVersion().WithKind(kind.Kind+"List"), &unstructured.UnstructuredList{})
		}
	}
	return scheme, nil
}
