// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package apiserver

import (
	"context"
	"reflect"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// storable returns a new object of the type in which the store holds those of a kind; nil where there is no such type, or where
// the caller's is for reading metadata only.
func (s *server) storable(obj client.Object) (schema.GroupVersionKind, client.Object) {
	gvk, err := apiutil.GVKForObject(obj, s.store.scheme)
	if _, metadataOnly := obj.(*metav1.PartialObjectMetadata); err != nil || metadataOnly || !s.store.scheme.Recognizes(gvk) {
		return gvk, nil
	}
	created, err := s.store.scheme.New(gvk)
	if err != nil || !typed(created) {
		return gvk, nil
	}
	return gvk, created.(client.Object)
}

// createStorable stores a new object of a kind that has a type. It reports false if it leaves that to the fake client.
func (s *server) createStorable(ctx context.Context, c client.Client, obj client.Object) (bool, error) {
	gvk, draft := s.storable(obj)
	if draft == nil || obj.GetName() == "" || obj.GetResourceVersion() != "" {
		return false, nil // for a name that the server makes, or a clear refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := locate(ctx, c, obj, client.ObjectKeyFromObject(obj))
	if err != nil {
		return true, err
	}
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	if err := s.store.admit(gvr, key.Name, key.Namespace); err != nil {
		return true, err
	}
	content, err := toMap(obj)
	if err != nil {
		return true, err
	}
	delete(content, "status")
	if err := fromMap(content, draft); err != nil {
		return true, err
	}
	draft.SetNamespace(key.Namespace)
	if err := s.store.insert(gvr, gvk, draft, key.Namespace); err != nil {
		return true, err
	}
	if u, ok := obj.(*unstructured.Unstructured); ok {
		return true, describe(gvk, draft, u)
	}
	return true, handBack(obj, draft)
}

// getUntyped reads an object of a kind that has a type into one that has none. It reports false if it leaves that to the fake
// client.
func (s *server) getUntyped(key client.ObjectKey, obj *unstructured.Unstructured) (bool, error) {
	gvk, known := s.storable(obj)
	if known == nil {
		return false, nil
	}
	stored, err := s.stored(gvk, key)
	if err != nil {
		return true, err
	}
	return true, describe(gvk, stored, obj)
}

// describe replaces an object without a type by what one with a type says.
func describe(gvk schema.GroupVersionKind, content client.Object, obj *unstructured.Unstructured) error {
	described, err := runtime.DefaultUnstructuredConverter.ToUnstructured(content)
	if err != nil {
		return err
	}
	obj.Object = described
	obj.SetGroupVersionKind(gvk)
	return nil
}

// metadataOf is a list of what has no type but metadata.
func metadataOf(gvk schema.GroupVersionKind, items []runtime.Object) []metav1.PartialObjectMetadata {
	described := make([]metav1.PartialObjectMetadata, 0, len(items))
	for _, item := range items {
		one := metav1.PartialObjectMetadata{ObjectMeta: reflect.ValueOf(item).Elem().FieldByName("ObjectMeta").Interface().(metav1.ObjectMeta)}
		one.SetGroupVersionKind(gvk)
		described = append(described, one)
	}
	return described
}
