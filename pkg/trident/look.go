// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"fmt"
	"strings"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// unreachable is the error of a look into a shoot that found nothing out.
func unreachable(doing string, err error) error {
	return fmt.Errorf("%w: %s: %w", svm.ErrShootUnreachable, doing, err)
}

// look sees in the shoot whether Trident has what the seed says and works with it. What differs is applied again: the
// owner of the shoot may change it at any time, and nobody else would notice for hours.
func (s *ShootResources) look(ctx context.Context, content svm.ShootContent, found map[string]*resourcesv1alpha1.ManagedResource) (svm.ShootView, error) {
	shoot, err := s.shoot(ctx, content.Namespace)
	if err != nil {
		return svm.ShootView{}, unreachable("making a client", err)
	}
	wanted := credentials(content)
	secret, err := get(ctx, shoot, wanted, &corev1.Secret{})
	if err != nil {
		return svm.ShootView{}, err
	}
	if secret == nil || !equality.Semantic.DeepEqual(secret.Data, wanted.Data) || secret.Annotations[lifsAnnotation] != wanted.Annotations[lifsAnnotation] {
		return svm.ShootView{Altered: "Secret " + CredentialsName + " in the shoot is not the one that it was given"}, s.sync(ctx, found[Credentials])
	}
	config := backendConfig(content)
	backend, err := get(ctx, shoot, config, newUnstructured(config))
	if err != nil {
		return svm.ShootView{}, err
	}
	same, err := sameSpec(backend, config)
	if err != nil {
		return svm.ShootView{}, err
	}
	if !same && !content.CredentialsOnly {
		return svm.ShootView{Altered: "TridentBackendConfig " + backendName + " in the shoot is not the one that it was given"}, s.sync(ctx, found[Classes])
	}
	view, err := judge(backend, content.Credentials.Password())
	if err == nil && view.Bound && content.Protocol == v1alpha1.ProtocolNVMe && !content.CredentialsOnly {
		view.Unprepared, err = unprepared(ctx, shoot)
	}
	return view, err
}

// get returns an object of the shoot, or nil if there is none.
func get[T client.Object](ctx context.Context, shoot client.Client, wanted client.Object, into T) (found T, err error) {
	switch err := shoot.Get(ctx, client.ObjectKeyFromObject(wanted), into); {
	case apierrors.IsNotFound(err):
		return found, nil
	case err != nil:
		return found, unreachable("reading "+wanted.GetObjectKind().GroupVersionKind().Kind+" "+wanted.GetName(), err)
	}
	return into, nil
}

func newUnstructured(object client.Object) *unstructured.Unstructured {
	empty := &unstructured.Unstructured{}
	empty.SetGroupVersionKind(object.GetObjectKind().GroupVersionKind())
	return empty
}

// sameSpec compares all fields, also those that our types do not have.
func sameSpec(found *unstructured.Unstructured, wanted *tridentv1.TridentBackendConfig) (bool, error) {
	if found == nil {
		return false, nil
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(wanted)
	if err != nil {
		return false, fmt.Errorf("encoding TridentBackendConfig %s: %w", wanted.Name, err)
	}
	return equality.Semantic.DeepEqual(found.Object["spec"], fields["spec"]), nil
}

// judge reads what Trident says of its backend. Whatever that quotes, it is not the password.
func judge(found *unstructured.Unstructured, password string) (svm.ShootView, error) {
	backend := &tridentv1.TridentBackendConfig{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, backend); err != nil {
		return svm.ShootView{}, unreachable("decoding TridentBackendConfig "+backendName, err)
	}
	status := backend.Status
	if status.Phase == tridentv1.PhaseBound && status.LastOperationStatus == tridentv1.OperationSuccess {
		return svm.ShootView{Bound: true}, nil
	}
	text := "Trident has not made its backend yet"
	if status.LastOperationStatus != "" {
		message := strings.ReplaceAll(status.Message, password, "[redacted]")
		text = fmt.Sprintf("Trident's backend is %q, its last operation %q: %s", status.Phase, status.LastOperationStatus, message)
	}
	return svm.ShootView{Backend: text}, nil
}

// InUse implements svm.ShootResources: it names the PersistentVolumes and VolumeAttachments of Trident's driver, and what the
// owner of the shoot has made of Trident's API.
func (s *ShootResources) InUse(ctx context.Context, namespace string) ([]string, error) {
	shoot, err := s.shoot(ctx, namespace)
	if err != nil {
		return nil, unreachable("making a client", err)
	}
	volumes := &corev1.PersistentVolumeList{}
	if err := shoot.List(ctx, volumes); err != nil {
		return nil, unreachable("listing PersistentVolumes", err)
	}
	attachments := &storagev1.VolumeAttachmentList{}
	if err := shoot.List(ctx, attachments); err != nil {
		return nil, unreachable("listing VolumeAttachments", err)
	}
	names, err := owned(ctx, shoot)
	if err != nil {
		return nil, err
	}
	for _, volume := range volumes.Items {
		if volume.Spec.CSI != nil && volume.Spec.CSI.Driver == tridentv1.Driver {
			names = append(names, "PersistentVolume "+volume.Name)
		}
	}
	for _, attachment := range attachments.Items {
		if attachment.Spec.Attacher == tridentv1.Driver {
			names = append(names, "VolumeAttachment "+attachment.Name)
		}
	}
	return names, nil
}
