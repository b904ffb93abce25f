// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package apiserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// What is asked for most, reads of typed objects and merge patches, goes to the store directly: the fake client encodes and
// decodes an object up to ten times a write, which is most of what a test with thousands of worlds does. The semantics are the
// same, and held to the same table.

// typed tells whether an object is one of a Go type of its own.
func typed(obj any) bool {
	switch obj.(type) {
	case *unstructured.Unstructured, *unstructured.UnstructuredList, *metav1.PartialObjectMetadata, *metav1.PartialObjectMetadataList:
		return false
	}
	return true
}

// getTyped reads what the store holds, which is as it would be after a way over the wire.
func (s *server) getTyped(gvk schema.GroupVersionKind, key client.ObjectKey, obj client.Object) error {
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	stored, err := s.store.Get(gvr, key.Namespace, key.Name)
	if err != nil {
		return err
	}
	return handBack(obj, stored.(client.Object))
}

// handBack replaces an object of a caller by one that nobody else has. Like a client, it leaves the kind out.
func handBack(obj, content client.Object) error {
	if to, from := reflect.TypeOf(obj), reflect.TypeOf(content); to != from {
		return errors.New("the store has a " + from.String() + ", not a " + to.String())
	}
	content.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	reflect.ValueOf(obj).Elem().Set(reflect.ValueOf(content).Elem())
	return nil
}

// mergeTyped applies a merge patch to a typed object or, where that is said, to its status. It reports false if it leaves the
// patch to the fake client.
func (s *server) mergeTyped(ctx context.Context, c client.Client, obj client.Object, patch client.Patch, status bool) (bool, error) {
	gvk, err := apiutil.GVKForObject(obj, s.store.scheme)
	if err != nil || !typed(obj) || patch.Type() != types.MergePatchType || status && !custom(gvk) {
		return false, nil
	}
	raw, err := patch.Data(obj)
	if err != nil {
		return true, err
	}
	change := map[string]any{}
	if json.Unmarshal(raw, &change) != nil {
		return false, nil // the fake client says what is wrong with it
	}
	metadata, _ := change["metadata"].(map[string]any)
	for _, key := range []string{"name", "namespace", "deletionTimestamp"} {
		if _, ok := metadata[key]; ok {
			return false, nil
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := locate(ctx, c, obj, client.ObjectKeyFromObject(obj))
	if err != nil {
		return true, err
	}
	return true, s.merge(gvk, key, obj, change, status)
}

func (s *server) merge(gvk schema.GroupVersionKind, key client.ObjectKey, obj client.Object, change map[string]any, status bool) error {
	stored, err := s.stored(gvk, key)
	if err != nil {
		return err
	}
	metadata, _ := change["metadata"].(map[string]any)
	if version := metadata["resourceVersion"]; version != nil && version != stored.GetResourceVersion() {
		return modified(gvk, key)
	}
	content, err := toMap(writable(gvk, stored, status))
	if err != nil {
		return err
	}
	return s.put(gvk, key, obj, stored, merged(content, change), status)
}

// updateTyped replaces a typed object or, where that is said, its status.
func (s *server) updateTyped(ctx context.Context, c client.Client, obj client.Object, status bool) (bool, error) {
	gvk, err := apiutil.GVKForObject(obj, s.store.scheme)
	if err != nil || !typed(obj) || status && !custom(gvk) {
		return false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := locate(ctx, c, obj, client.ObjectKeyFromObject(obj))
	if err != nil {
		return true, err
	}
	return true, s.replace(gvk, key, obj, status)
}

func (s *server) replace(gvk schema.GroupVersionKind, key client.ObjectKey, obj client.Object, status bool) error {
	stored, err := s.stored(gvk, key)
	if err != nil {
		return err
	}
	draft := obj.DeepCopyObject().(client.Object)
	if err := judgeUpdate(gvk, draft, stored); err != nil {
		return err
	}
	if version := draft.GetResourceVersion(); version != "" && version != stored.GetResourceVersion() {
		return modified(gvk, key)
	}
	content, err := toMap(writable(gvk, draft, status))
	if err != nil {
		return err
	}
	return s.put(gvk, key, obj, stored, content, status)
}

// stored is a copy of what the store holds, without its kind.
func (s *server) stored(gvk schema.GroupVersionKind, key client.ObjectKey) (client.Object, error) {
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	found, err := s.store.Get(gvr, key.Namespace, key.Name)
	if err != nil {
		return nil, err
	}
	found.GetObjectKind().SetGroupVersionKind(schema.GroupVersionKind{})
	return found.(client.Object), nil
}

func modified(gvk schema.GroupVersionKind, key client.ObjectKey) error {
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	return apierrors.NewConflict(gvr.GroupResource(), key.Name, errors.New("object was modified"))
}

// writable is the part of an object that a request may change: the status alone or, of a custom resource, all but the status.
func writable(gvk schema.GroupVersionKind, obj client.Object, status bool) client.Object {
	if !status && !custom(gvk) {
		return obj
	}
	part := reflect.New(reflect.TypeOf(obj).Elem())
	if status {
		setStatus(part.Elem(), reflect.ValueOf(obj).Elem())
	} else {
		part.Elem().Set(reflect.ValueOf(obj).Elem())
		setStatus(part.Elem(), reflect.Zero(part.Elem().Type()))
	}
	return part.Interface().(client.Object)
}

// setStatus replaces the status of one object, if it has one, by that of another of its type.
func setStatus(to, from reflect.Value) {
	for i := range to.NumField() {
		if partName(to.Type().Field(i)) == "status" {
			to.Field(i).Set(from.Field(i))
		}
	}
}

// put stores what a request made of the part of an object that it may change, and hands the object back.
func (s *server) put(gvk schema.GroupVersionKind, key client.ObjectKey, obj, stored client.Object, content map[string]any, status bool) error {
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	if status {
		content = map[string]any{"status": content["status"]}
	} else if custom(gvk) {
		delete(content, "status")
	}
	draft := reflect.New(reflect.TypeOf(obj).Elem()).Interface().(client.Object)
	if err := fromMap(content, draft); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	switch whole := stored.DeepCopyObject().(client.Object); {
	case status:
		setStatus(reflect.ValueOf(whole).Elem(), reflect.ValueOf(draft).Elem())
		draft = whole
	case custom(gvk):
		setStatus(reflect.ValueOf(draft).Elem(), reflect.ValueOf(whole).Elem())
	}
	draft.SetNamespace(key.Namespace)
	if err := s.store.replace(gvr, gvk, draft, stored, key.Namespace); err != nil {
		return err
	}
	if draft.GetDeletionTimestamp() != nil && len(draft.GetFinalizers()) == 0 && gvr != namespaces {
		if err := s.store.Delete(gvr, key.Namespace, key.Name); err != nil {
			return err
		}
	}
	return handBack(obj, draft)
}

// listTyped lists what the store holds, by namespace and labels. As it comes over the wire, each custom resource names its kind.
func (s *server) listTyped(list client.ObjectList, opts []client.ListOption) (bool, error) {
	gvk, unknown := apiutil.GVKForObject(list, s.store.scheme)
	o := (&client.ListOptions{}).ApplyOptions(opts)
	partial, metadataOnly := list.(*metav1.PartialObjectMetadataList)
	if unknown != nil || !typed(list) && !metadataOnly || o.FieldSelector != nil {
		return false, nil //nolint:nilerr // the fake client says what is wrong with it
	}
	gvk.Kind = strings.TrimSuffix(gvk.Kind, "List")
	if metadataOnly && !s.store.scheme.Recognizes(gvk) {
		return false, nil
	}
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	stored, err := s.store.List(gvr, gvk, o.Namespace)
	if err != nil {
		return true, err
	}
	items, err := meta.ExtractList(stored)
	if err != nil {
		return true, err
	}
	named := schema.GroupVersionKind{}
	if custom(gvk) {
		named = gvk
	}
	items = slices.DeleteFunc(items, func(item runtime.Object) bool {
		item.GetObjectKind().SetGroupVersionKind(named)
		return o.LabelSelector != nil && !o.LabelSelector.Matches(labels.Set(item.(client.Object).GetLabels()))
	})
	if metadataOnly {
		partial.Items = metadataOf(gvk, items)
		return true, nil
	}
	reflect.ValueOf(list).Elem().SetZero()
	return true, meta.SetList(list, items)
}

// merged is a document with a merge patch applied, by RFC 7386; the document stays as it is.
func merged(document, patch map[string]any) map[string]any {
	result := maps.Clone(document)
	if result == nil {
		result = map[string]any{}
	}
	for key, value := range patch {
		if value == nil {
			delete(result, key)
			continue
		}
		change, ok := value.(map[string]any)
		if !ok {
			result[key] = value
			continue
		}
		part, _ := result[key].(map[string]any)
		result[key] = merged(part, change)
	}
	return result
}

// nameSelected takes the one field selector that is served out of the options; empty where there is none.
func nameSelected(o *client.ListOptions) (string, error) {
	if o.FieldSelector == nil || o.FieldSelector.Empty() {
		return "", nil
	}
	name, found := o.FieldSelector.RequiresExactMatch(metav1.ObjectNameField)
	if !found || len(o.FieldSelector.Requirements()) > 1 {
		return "", fmt.Errorf("field selector %q is not served, only one for %s", o.FieldSelector, metav1.ObjectNameField)
	}
	o.FieldSelector = nil
	return name, nil
}

func keepNamed(list client.ObjectList, name string) error {
	if name == "" {
		return nil
	}
	items, err := meta.ExtractList(list)
	if err != nil {
		return err
	}
	return meta.SetList(list, slices.DeleteFunc(items, func(item runtime.Object) bool {
		object, ok := item.(client.Object)
		return !ok || object.GetName() != name
	}))
}
