// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package apiserver is the one in-process Kubernetes API server of this project's tests: controller-runtime's fake client
// over client-go's plain object tracker, plus the semantics of a kube-apiserver that those two lack.
//
// It knows nothing of ONTAP, of this extension or of faults; faults go around it, with interceptor.NewClient. One rule
// holds: what DescribeSemantics says is true here and on a kube-apiserver, on which the landscape runs the same table.
//
// It starts empty: create the namespaces that a test uses. As on a server without kube-controller-manager, a deleted
// namespace is terminating for ever and nothing is garbage collected. There is no schema validation, no defaulting beyond
// Secrets and Namespaces, no paging, no field selector but metadata.name in lists, and server-side apply is refused. A watch that leaves 100 events
// unread panics.
//
//	c := apiserver.New(apiserver.Options{Scheme: scheme, Clock: clock})
//	failing := interceptor.NewClient(c, interceptor.Funcs{Create: …})
package apiserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/testing"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// Options say what a server serves.
type Options struct {
	// Scheme holds the kinds that are served. Kinds outside Kubernetes' own groups are taken for custom resources with a
	// status subresource, as all of Gardener's CRDs have it.
	Scheme *runtime.Scheme
	// Clock gives creationTimestamp and deletionTimestamp, in whole seconds.
	Clock clock.PassiveClock
}

// New returns a client of a new, empty server. The client may be used concurrently; there is nothing to close.
func New(o Options) client.WithWatch {
	kinds := &kinds{scheme: o.Scheme, decoder: serializer.NewCodecFactory(o.Scheme).UniversalDecoder()}
	kinds.mapper, kinds.withStatus = discover(o.Scheme)
	return serve(kinds, o.Clock)
}

// Copy returns a client of a server of its own that has all objects of the one whose client is given, in their versions.
func Copy(c client.WithWatch, clock clock.PassiveClock) (client.WithWatch, error) {
	original, ok := c.(*connection)
	if !ok {
		return nil, errors.New("copying the API server: this is no client that New has returned")
	}
	from := original.server
	from.mu.Lock()
	defer from.mu.Unlock()
	other := serve(from.kinds, clock)
	to := other.server.store
	for place := range from.store.places {
		object, err := from.store.Get(place.resource, place.namespace, place.name)
		if err == nil {
			err = to.ObjectTracker.Create(place.resource, object, place.namespace)
		}
		if err != nil {
			return nil, fmt.Errorf("copying the API server: %w", err)
		}
	}
	to.revision, to.places = from.store.revision, maps.Clone(from.store.places)
	return other, nil
}

// kinds are what a server knows of a scheme.
type kinds struct {
	scheme     *runtime.Scheme
	decoder    runtime.Decoder
	mapper     meta.RESTMapper
	withStatus []client.Object
}

// connection is the client of a server.
type connection struct {
	client.WithWatch
	server *server
}

func serve(kinds *kinds, clock clock.PassiveClock) *connection {
	s := &server{kinds: kinds, store: &store{
		ObjectTracker: testing.NewObjectTracker(kinds.scheme, kinds.decoder), scheme: kinds.scheme, clock: clock, places: map[place]bool{},
	}}
	c := fake.NewClientBuilder().WithScheme(kinds.scheme).WithRESTMapper(kinds.mapper).WithObjectTracker(s.store).
		WithStatusSubresource(kinds.withStatus...).Build()
	return &connection{interceptor.NewClient(c, interceptor.Funcs{
		Get: s.get, List: s.list, Watch: s.watch,
		Create: s.create, Update: s.update, Patch: s.patch, Delete: s.delete, DeleteAllOf: s.deleteAllOf,
		SubResourceUpdate: s.updateSubResource, SubResourcePatch: s.patchSubResource,
	}), s}
}

// server answers requests: it checks what only the request tells, and hands the rest to the fake client and the store.
type server struct {
	kinds *kinds
	mu    sync.Mutex // makes each write one step, and guards the fields of store
	store *store
}

func (s *server) get(ctx context.Context, c client.WithWatch, key client.ObjectKey, obj client.Object, opts ...client.GetOption) error {
	key, err := locate(ctx, c, obj, key)
	if err != nil {
		return err
	}
	if gvk, err := apiutil.GVKForObject(obj, s.store.scheme); err == nil && typed(obj) {
		return s.getTyped(gvk, key, obj)
	}
	if u, ok := obj.(*unstructured.Unstructured); ok {
		if done, err := s.getUntyped(key, u); done {
			return err
		}
	}
	return c.Get(ctx, key, obj, opts...)
}

func (s *server) list(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
	s.mu.Lock() // so that the list is what the store held at the resourceVersion, which the fake client leaves out
	defer s.mu.Unlock()
	if err := alive(ctx); err != nil {
		return err
	}
	o := (&client.ListOptions{}).ApplyOptions(opts)
	name, err := nameSelected(o)
	if err != nil {
		return err
	}
	done, err := s.listTyped(list, []client.ListOption{o})
	if !done {
		err = c.List(ctx, list, o)
	}
	if err != nil {
		return err
	}
	if err := keepNamed(list, name); err != nil {
		return err
	}
	list.SetResourceVersion(strconv.FormatInt(s.store.revision, 10))
	return nil
}

func (s *server) watch(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) (watch.Interface, error) {
	if err := alive(ctx); err != nil {
		return nil, err
	}
	w, err := c.Watch(ctx, list, opts...)
	if err == nil {
		context.AfterFunc(ctx, w.Stop)
	}
	return w, err
}

func (s *server) create(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.CreateOption) error {
	o := (&client.CreateOptions{}).ApplyOptions(opts)
	if len(o.DryRun) == 0 {
		if done, err := s.createStorable(ctx, c, obj); done {
			return err
		}
	}
	return s.write(ctx, c, obj, &o.DryRun, nil, func(draft client.Object) error { return c.Create(ctx, draft, o) })
}

func (s *server) update(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.UpdateOption) error {
	o := (&client.UpdateOptions{}).ApplyOptions(opts)
	if len(o.DryRun) == 0 {
		if done, err := s.updateTyped(ctx, c, obj, false); done {
			return err
		}
	}
	return s.write(ctx, c, obj, &o.DryRun, checkUpdate, func(draft client.Object) error { return c.Update(ctx, draft, o) })
}

func (s *server) updateSubResource(
	ctx context.Context, c client.Client, name string, obj client.Object, opts ...client.SubResourceUpdateOption,
) error {
	o := (&client.SubResourceUpdateOptions{}).ApplyOptions(opts)
	if len(o.DryRun) == 0 && name == "status" && o.SubResourceBody == nil {
		if done, err := s.updateTyped(ctx, c, obj, true); done {
			return err
		}
	}
	return s.write(ctx, c, obj, &o.DryRun, checkUpdate, func(draft client.Object) error { return c.SubResource(name).Update(ctx, draft, o) })
}

func (s *server) patch(ctx context.Context, c client.WithWatch, obj client.Object, patch client.Patch, opts ...client.PatchOption) error {
	o := (&client.PatchOptions{}).ApplyOptions(opts)
	if len(o.DryRun) == 0 {
		if done, err := s.mergeTyped(ctx, c, obj, patch, false); done {
			return err
		}
	}
	return s.write(ctx, c, obj, &o.DryRun, checkPatch(patch), func(draft client.Object) error { return c.Patch(ctx, draft, patch, o) })
}

func (s *server) patchSubResource(
	ctx context.Context, c client.Client, name string, obj client.Object, patch client.Patch, opts ...client.SubResourcePatchOption,
) error {
	o := (&client.SubResourcePatchOptions{}).ApplyOptions(opts)
	if len(o.DryRun) == 0 && name == "status" && o.SubResourceBody == nil {
		if done, err := s.mergeTyped(ctx, c, obj, patch, true); done {
			return err
		}
	}
	return s.write(ctx, c, obj, &o.DryRun, checkPatch(patch), func(draft client.Object) error {
		return c.SubResource(name).Patch(ctx, draft, patch, o)
	})
}

func (s *server) delete(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.DeleteOption) error {
	o := (&client.DeleteOptions{}).ApplyOptions(opts)
	return s.write(ctx, c, obj, &o.DryRun, checkDelete(o.Preconditions), func(draft client.Object) error { return c.Delete(ctx, draft, o) })
}

func (s *server) deleteAllOf(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.DeleteAllOfOption) error {
	o := (&client.DeleteAllOfOptions{}).ApplyOptions(opts)
	obj = obj.DeepCopyObject().(client.Object)
	obj.SetNamespace(o.Namespace)
	return s.write(ctx, c, obj, &o.DryRun, nil, func(draft client.Object) error { return c.DeleteAllOf(ctx, draft, o) })
}

// check judges a write before the fake client does, which lets too much pass in some places and too little in others.
type check func(ctx context.Context, c client.Client, draft client.Object) error

// write runs do, alone, on a copy of obj that only a success hands back: the fake client leaves traces of a failed write in
// the caller's object. It takes the dry run out of the options, with which the fake client would not even look.
func (s *server) write(
	ctx context.Context, c client.Client, obj client.Object, dryRun *[]string, check check, do func(client.Object) error,
) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := locate(ctx, c, obj, client.ObjectKeyFromObject(obj))
	if err != nil {
		return err
	}
	draft := obj.DeepCopyObject().(client.Object)
	draft.SetNamespace(key.Namespace)
	if check != nil {
		if err := check(ctx, c, draft); err != nil {
			return err
		}
	}
	s.store.dryRun, *dryRun = slices.Contains(*dryRun, metav1.DryRunAll), nil
	defer func() { s.store.dryRun = false }()
	if err := do(draft); err != nil {
		return err
	}
	if _, ok := draft.(*unstructured.Unstructured); ok && !s.store.dryRun {
		// The store filled in a typed copy, of which the fake client tells nothing.
		if err := c.Get(ctx, client.ObjectKeyFromObject(draft), draft); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	reflect.ValueOf(obj).Elem().Set(reflect.ValueOf(draft).Elem())
	return nil
}

func checkUpdate(ctx context.Context, c client.Client, draft client.Object) error {
	current := draft.DeepCopyObject().(client.Object)
	if err := c.Get(ctx, client.ObjectKeyFromObject(draft), current); err != nil {
		return err
	}
	gvk, err := c.GroupVersionKindFor(draft)
	if err != nil {
		return err
	}
	return judgeUpdate(gvk, draft, current)
}

// judgeUpdate refuses an update that does not fit the object that there is.
func judgeUpdate(gvk schema.GroupVersionKind, draft, current client.Object) error {
	if uid := draft.GetUID(); uid != "" && uid != current.GetUID() {
		return uidConflict(gvk, draft.GetName())
	}
	metadata, errs := field.NewPath("metadata"), field.ErrorList{}
	if draft.GetResourceVersion() == "" && custom(gvk) {
		errs = append(errs, field.Required(metadata.Child("resourceVersion"), "must be specified for an update"))
	}
	if current.GetDeletionTimestamp() == nil && draft.GetDeletionTimestamp() != nil {
		errs = append(errs, field.Forbidden(metadata.Child("deletionTimestamp"), "field is immutable"))
	}
	if len(errs) > 0 {
		return apierrors.NewInvalid(gvk.GroupKind(), draft.GetName(), errs)
	}
	draft.SetDeletionTimestamp(current.GetDeletionTimestamp())
	return nil
}

func checkPatch(patch client.Patch) check {
	return func(_ context.Context, c client.Client, draft client.Object) error {
		gvk, err := c.GroupVersionKindFor(draft)
		if err == nil && custom(gvk) && patch.Type() == types.StrategicMergePatchType {
			return apierrors.NewGenericServerResponse(http.StatusUnsupportedMediaType, "patch", schema.GroupResource{}, draft.GetName(), "", 0, false)
		}
		return err
	}
}

func checkDelete(expected *metav1.Preconditions) check {
	if expected == nil || expected.UID == nil {
		return nil // The fake client looks at the resourceVersion.
	}
	return func(ctx context.Context, c client.Client, draft client.Object) error {
		current := draft.DeepCopyObject().(client.Object)
		err := c.Get(ctx, client.ObjectKeyFromObject(draft), current)
		if err != nil || current.GetUID() == *expected.UID {
			return err
		}
		gvk, err := c.GroupVersionKindFor(draft)
		if err != nil {
			return err
		}
		return uidConflict(gvk, draft.GetName())
	}
}

func uidConflict(gvk schema.GroupVersionKind, name string) error {
	gvr, _ := meta.UnsafeGuessKindToResource(gvk)
	return apierrors.NewConflict(gvr.GroupResource(), name, errors.New("the UID in the precondition does not match the UID in record"))
}

// locate returns the key under which the server keeps the object. Like client-go it wants a namespace where there must be one,
// and ignores one where there is none.
func locate(ctx context.Context, c client.Client, obj client.Object, key client.ObjectKey) (client.ObjectKey, error) {
	if err := alive(ctx); err != nil {
		return key, err
	}
	namespaced, err := c.IsObjectNamespaced(obj)
	switch {
	case err != nil:
		return key, err
	case !namespaced:
		key.Namespace = ""
	case key.Namespace == "":
		return key, errors.New("an empty namespace may not be set")
	}
	return key, nil
}

// alive returns the wrapped error of a context that has ended, as client-go does it.
func alive(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("client rate limiter Wait returned an error: %w", err)
	}
	return nil
}

// discover returns the kinds of the scheme with their scope, and one object of each custom kind.
func discover(scheme *runtime.Scheme) (meta.RESTMapper, []client.Object) {
	clusterScoped := []string{
		"Namespace", "Node", "PersistentVolume", "StorageClass", "CSIDriver", "VolumeAttachment", "VolumeSnapshotClass", "PriorityClass", "ClusterRole", "ClusterRoleBinding",
		"CustomResourceDefinition", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
		"Cluster", "BackupBucket", "BackupEntry", "TridentAutogrowPolicy", "TridentConfigurator",
	}
	mapper := meta.NewDefaultRESTMapper(scheme.PrioritizedVersionsAllGroups())
	var customs []client.Object
	for gvk, goType := range scheme.AllKnownTypes() {
		obj, ok := reflect.New(goType).Interface().(client.Object)
		if !ok || gvk.Version == runtime.APIVersionInternal {
			continue
		}
		if slices.Contains(clusterScoped, gvk.Kind) {
			mapper.Add(gvk, meta.RESTScopeRoot)
		} else {
			mapper.Add(gvk, meta.RESTScopeNamespace)
		}
		if custom(gvk) {
			obj.GetObjectKind().SetGroupVersionKind(gvk) // an unstructured one is of no kind
			customs = append(customs, obj)
		}
	}
	return mapper, customs
}

// custom reports whether a kind is a custom resource: its group has a dot and is none of Kubernetes' own.
func custom(gvk schema.GroupVersionKind) bool {
	return strings.Contains(gvk.Group, ".") && !strings.HasSuffix(gvk.Group, ".k8s.io")
}
