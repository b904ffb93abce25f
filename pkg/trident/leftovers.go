// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// finalizer is on most objects of Trident's API, and only a Trident that runs takes it off.
const finalizer = "trident.netapp.io"

// owned names what the owner of the shoot has made of Trident's API: to let go of it takes a Trident that runs, and to delete
// it is the owner's decision.
func owned(ctx context.Context, shoot client.Client) ([]string, error) {
	var names []string
	for _, k := range kinds {
		if !k.owners {
			continue
		}
		objects, err := k.list(ctx, shoot)
		if err != nil {
			return nil, err
		}
		for _, object := range objects {
			if ours := k.name == "TridentBackendConfig" && object.GetNamespace() == metav1.NamespaceSystem && object.GetName() == backendName; !ours {
				names = append(names, k.name+" "+object.GetName())
			}
		}
	}
	return names, nil
}

// forget deletes what nobody but Trident makes, for a Trident that does not run any more, and names one such object as long as
// there are any. Left behind, they would keep Trident's API from going, or be back with it, half deleted, should the shoot get
// Trident again. To forget a volume does not delete it on ONTAP.
func forget(ctx context.Context, shoot client.Client) (remaining string, err error) {
	for _, k := range kinds {
		if k.owners {
			continue
		}
		objects, err := k.list(ctx, shoot)
		if err != nil {
			return "", err
		}
		for i := range objects {
			remaining = k.name + " " + objects[i].GetName()
			if err := discard(ctx, shoot, &objects[i]); err != nil {
				return "", unreachable("deleting "+remaining, err)
			}
		}
	}
	return remaining, nil
}

// discard deletes an object that may have Trident's finalizer. Those of others are left to them.
func discard(ctx context.Context, shoot client.Client, object client.Object) error {
	before := client.MergeFromWithOptions(object.DeepCopyObject().(client.Object), client.MergeFromWithOptimisticLock{})
	if controllerutil.RemoveFinalizer(object, finalizer) {
		if err := shoot.Patch(ctx, object, before); apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
			return nil // the next look tells
		} else if err != nil {
			return err
		}
	}
	if object.GetDeletionTimestamp() != nil {
		return nil
	}
	return client.IgnoreNotFound(shoot.Delete(ctx, object))
}

// list returns the objects of a kind in all namespaces; none where the shoot does not have the kind.
func (k kind) list(ctx context.Context, shoot client.Client) ([]unstructured.Unstructured, error) {
	found := &unstructured.UnstructuredList{}
	found.SetGroupVersionKind(k.version())
	switch err := shoot.List(ctx, found); {
	case apierrors.IsNotFound(err) || meta.IsNoMatchError(err):
		return nil, nil
	case err != nil:
		return nil, unreachable("listing objects of the kind "+k.name, err)
	}
	return found.Items, nil
}
