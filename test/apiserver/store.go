// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package apiserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/testing"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

var namespaces = corev1.SchemeGroupVersion.WithResource("namespaces")

// store is what a kube-apiserver does between a request and etcd. Writes come in one at a time (server.mu), typed, and
// already checked by the fake client for the resourceVersion and the part of the object that the subresource may change. It
// writes what it assigned into the object it was given, which is how the fake client's caller learns of it.
type store struct {
	testing.ObjectTracker
	scheme   *runtime.Scheme
	clock    clock.PassiveClock
	revision int64
	dryRun   bool
	// places are where the objects are.
	places map[place]bool
}

// place is where an object is.
type place struct {
	resource        schema.GroupVersionResource
	namespace, name string
}

// Create stores a new object as it is after a way over the wire, without its status.
func (s *store) Create(gvr schema.GroupVersionResource, o runtime.Object, ns string, opts ...metav1.CreateOptions) error {
	obj := o.(client.Object)
	gvk, err := apiutil.GVKForObject(obj, s.scheme)
	if err != nil {
		return err
	}
	if err := s.admit(gvr, obj.GetName(), ns); err != nil {
		return err
	}
	content, err := toMap(obj)
	if err != nil {
		return err
	}
	delete(content, "status")
	if err := fromMap(content, obj); err != nil {
		return err
	}
	return s.insert(gvr, gvk, obj, ns, opts...)
}

// insert stores a new object that came over the wire, with the metadata that only a server may set.
func (s *store) insert(gvr schema.GroupVersionResource, gvk schema.GroupVersionKind, obj client.Object, ns string, opts ...metav1.CreateOptions) error {
	obj.SetUID(uuid.NewUUID())
	obj.SetCreationTimestamp(s.now())
	obj.SetDeletionTimestamp(nil)
	obj.SetDeletionGracePeriodSeconds(nil)
	if counted(gvk) {
		obj.SetGeneration(1)
	}
	applyDefaults(obj)
	if errs := validation.ValidateObjectMetaAccessor(obj, ns != "", nameRule(gvk), field.NewPath("metadata")); len(errs) > 0 {
		return apierrors.NewInvalid(gvk.GroupKind(), obj.GetName(), errs)
	}
	if _, err := s.Get(gvr, ns, obj.GetName()); s.dryRun && err != nil {
		obj.SetResourceVersion("")
		return client.IgnoreNotFound(err)
	}
	// A dry run that comes here is about a name that is taken, and fails.
	return s.commit(obj, func() error {
		err := s.ObjectTracker.Create(gvr, obj, ns, opts...)
		if err == nil {
			s.places[place{gvr, ns, obj.GetName()}] = true
		}
		return err
	})
}

// Update replaces an object. It is also the way by which the fake client marks an object as deleted.
func (s *store) Update(gvr schema.GroupVersionResource, o runtime.Object, ns string, opts ...metav1.UpdateOptions) error {
	obj := o.(client.Object)
	gvk, err := apiutil.GVKForObject(obj, s.scheme)
	if err != nil {
		return err
	}
	stored, err := s.Get(gvr, ns, obj.GetName())
	if err != nil {
		return err
	}
	content, err := toMap(obj)
	if err != nil {
		return err
	}
	// What is stored is as it would be after a way over the wire.
	if err := fromMap(content, obj); err != nil {
		return err
	}
	return s.replace(gvr, gvk, obj, stored.(client.Object), ns, opts...)
}

// replace puts an object that came over the wire into the place of the one that is stored.
func (s *store) replace(gvr schema.GroupVersionResource, gvk schema.GroupVersionKind, obj, old client.Object, ns string, opts ...metav1.UpdateOptions) error {
	deleting := old.GetDeletionTimestamp() == nil && obj.GetDeletionTimestamp() != nil
	s.restore(obj, old)
	changed, err := compare(gvk, old, obj)
	if err != nil {
		return err
	}
	errs := append(validation.ValidateObjectMetaAccessorUpdate(obj, old, field.NewPath("metadata")), changed.forbidden...)
	switch {
	case deleting:
		s.markDeleted(obj)
	case len(errs) > 0:
		return apierrors.NewInvalid(gvk.GroupKind(), obj.GetName(), errs)
	case !changed.anything:
		return nil
	case changed.intent:
		obj.SetGeneration(old.GetGeneration() + 1)
	}
	if s.dryRun {
		return nil
	}
	return s.commit(obj, func() error { return s.ObjectTracker.Update(gvr, obj, ns, opts...) })
}

// difference is what an update changes.
type difference struct {
	anything, intent bool
	forbidden        field.ErrorList
}

func compare(gvk schema.GroupVersionKind, old, updated client.Object) (difference, error) {
	parts, err := changedParts(old, updated)
	// What is left is what the generation counts. The kind is set in some objects only.
	intent := slices.DeleteFunc(slices.Clone(parts), func(part string) bool {
		return part == "metadata" || part == "status" || part == kindPart
	})
	return difference{len(parts) > 0, counted(gvk) && len(intent) > 0, validateImmutable(old, parts)}, err
}

// kindPart is the part of an object that has no name of its own: apiVersion and kind.
const kindPart = ""

// changedParts are the names of those parts of an object that are encoded in another way than they were. Only those that Go
// takes for different are encoded: nothing and empty may be the same.
func changedParts(old, updated client.Object) (changed []string, err error) {
	was, is := reflect.ValueOf(old).Elem(), reflect.ValueOf(updated).Elem()
	for i := range was.NumField() {
		if reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()) {
			continue
		}
		before, err := encodedPart(was, i)
		if err != nil {
			return nil, err
		}
		after, err := encodedPart(is, i)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(before, after) {
			changed = append(changed, partName(was.Type().Field(i)))
		}
	}
	return changed, nil
}

// encodedPart is an object that has this part alone.
func encodedPart(of reflect.Value, field int) ([]byte, error) {
	alone := reflect.New(of.Type())
	alone.Elem().Field(field).Set(of.Field(field))
	return json.Marshal(alone.Interface())
}

// partName is how a part of an object is called when it is encoded.
func partName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name
}

// Patch replaces an object with the result of a patch.
func (s *store) Patch(gvr schema.GroupVersionResource, obj runtime.Object, ns string, _ ...metav1.PatchOptions) error {
	return s.Update(gvr, obj, ns)
}

// Apply is refused: without managed fields, which cost 3 ms a write, its result would be wrong.
func (s *store) Apply(schema.GroupVersionResource, runtime.Object, string, ...metav1.PatchOptions) error {
	return errors.New("server-side apply is not served by the in-process API server")
}

// Delete removes an object without finalizers. A namespace stays, terminating: it has the finalizer "kubernetes" in its
// spec, which only kube-controller-manager takes away.
func (s *store) Delete(gvr schema.GroupVersionResource, ns, name string, opts ...metav1.DeleteOptions) error {
	stored, err := s.Get(gvr, ns, name)
	if err != nil {
		return err
	}
	if namespace, ok := stored.(*corev1.Namespace); ok {
		namespace.Finalizers, namespace.DeletionTimestamp = nil, new(s.now())
		return s.Update(gvr, namespace, ns)
	}
	if s.dryRun {
		return nil
	}
	return s.commit(stored.(client.Object), func() error {
		delete(s.places, place{gvr, ns, name})
		return s.ObjectTracker.Delete(gvr, ns, name, opts...)
	})
}

// Watch starts with the objects that exist, as a watch without a resourceVersion does.
func (s *store) Watch(gvr schema.GroupVersionResource, ns string, _ ...metav1.ListOptions) (watch.Interface, error) {
	return s.ObjectTracker.Watch(gvr, ns, metav1.ListOptions{})
}

// commit gives the object the next resourceVersion of the store, which counts only if do succeeds.
func (s *store) commit(obj client.Object, do func() error) error {
	next := s.revision + 1
	obj.SetResourceVersion(strconv.FormatInt(next, 10))
	if err := do(); err != nil {
		return err
	}
	s.revision = next
	return nil
}

// admit is the admission plugin NamespaceLifecycle, which every kube-apiserver runs.
func (s *store) admit(gvr schema.GroupVersionResource, name, ns string) error {
	if ns == "" {
		return nil
	}
	namespace, err := s.Get(namespaces, "", ns)
	if err != nil || namespace.(*corev1.Namespace).DeletionTimestamp == nil {
		return err
	}
	forbidden := apierrors.NewForbidden(gvr.GroupResource(), name,
		fmt.Errorf("unable to create new content in namespace %s because it is being terminated", ns))
	forbidden.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause, Field: "metadata.namespace"}}
	return forbidden
}

// restore puts back what an update may not change and a server silently ignores.
func (s *store) restore(obj, old client.Object) {
	obj.SetGeneration(old.GetGeneration())
	obj.SetResourceVersion(old.GetResourceVersion())
	obj.SetCreationTimestamp(old.GetCreationTimestamp())
	if obj.GetUID() == "" {
		obj.SetUID(old.GetUID())
	}
	if old.GetDeletionTimestamp() != nil {
		obj.SetDeletionTimestamp(old.GetDeletionTimestamp())
		obj.SetDeletionGracePeriodSeconds(old.GetDeletionGracePeriodSeconds())
	}
	applyDefaults(obj)
}

// markDeleted counts as a change of the intent, so that it shows in the generation of the kinds that have one.
func (s *store) markDeleted(obj client.Object) {
	obj.SetDeletionTimestamp(new(s.now()))
	if namespace, ok := obj.(*corev1.Namespace); ok {
		namespace.Status.Phase = corev1.NamespaceTerminating
		return
	}
	obj.SetDeletionGracePeriodSeconds(new(int64(0)))
	if obj.GetGeneration() > 0 {
		obj.SetGeneration(obj.GetGeneration() + 1)
	}
}

func (s *store) now() metav1.Time { return metav1.Unix(s.clock.Now().Unix(), 0) }

// applyDefaults fills in what the server sets in the two built-in kinds that tests read closely.
func applyDefaults(obj client.Object) {
	switch o := obj.(type) {
	case *corev1.Secret:
		if o.Type == "" {
			o.Type = corev1.SecretTypeOpaque
		}
		for key, value := range o.StringData {
			if o.Data == nil {
				o.Data = map[string][]byte{}
			}
			o.Data[key] = []byte(value)
		}
		o.StringData = nil
	case *corev1.Namespace:
		metav1.SetMetaDataLabel(&o.ObjectMeta, corev1.LabelMetadataName, o.Name)
		o.Spec.Finalizers = []corev1.FinalizerName{corev1.FinalizerKubernetes}
		if o.Status.Phase == "" {
			o.Status.Phase = corev1.NamespaceActive
		}
	}
}

// validateImmutable is what the API server checks in Secrets, ConfigMaps and StorageClasses.
func validateImmutable(old client.Object, changed []string) field.ErrorList {
	var fields []string
	var sealed *bool
	switch o := old.(type) {
	case *corev1.Secret:
		fields, sealed = []string{"type"}, o.Immutable
	case *corev1.ConfigMap:
		sealed = o.Immutable
	case *storagev1.StorageClass:
		fields = []string{"provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"}
	}
	if sealed != nil && *sealed {
		fields = append(fields, "immutable", "data", "binaryData")
	}
	var errs field.ErrorList
	for _, name := range fields {
		if slices.Contains(changed, name) {
			errs = append(errs, field.Forbidden(field.NewPath(name), "field is immutable"))
		}
	}
	return errs
}

func nameRule(gvk schema.GroupVersionKind) validation.ValidateNameFunc {
	switch {
	case gvk.Kind == "Namespace":
		return validation.ValidateNamespaceName
	case gvk.Group == "rbac.authorization.k8s.io":
		return func(string, bool) []string { return nil } // Nearly anything goes, such as system:auth-delegator.
	default:
		return validation.NameIsDNSSubdomain
	}
}

// counted reports whether the generation of a kind counts the changes of its spec: custom resources and workloads.
func counted(gvk schema.GroupVersionKind) bool { return custom(gvk) || gvk.Group == "apps" }

func toMap(obj client.Object) (map[string]any, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", obj, err)
	}
	if _, ok := obj.(*unstructured.Unstructured); ok {
		content = runtime.DeepCopyJSON(content) // which is still the object's own
	}
	// The kind follows from the type, and is set in some objects only.
	delete(content, "apiVersion")
	delete(content, "kind")
	return content, nil
}

func fromMap(content map[string]any, obj client.Object) error {
	if u, ok := obj.(*unstructured.Unstructured); ok { // of a kind that has no type
		kind := u.GroupVersionKind()
		u.Object = runtime.DeepCopyJSON(content)
		u.SetGroupVersionKind(kind)
		return nil
	}
	reflect.ValueOf(obj).Elem().SetZero()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(content, obj); err != nil {
		return fmt.Errorf("decode %T: %w", obj, err)
	}
	return nil
}
