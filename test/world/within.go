// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"sync/atomic"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// within lets many worlds be on one API server, each with the shoot of the same name: for its client the namespace called here, the
// objects in it, and the Cluster of that name are those of the namespace there, and there are no others where all are listed, as
// on a seed with one shoot. Names are all that it changes, in requests and in answers.
type within struct {
	here, there string
	// called becomes true when a ManagedResource is written.
	called *atomic.Bool
}

func (w within) client(seed client.WithWatch) client.WithWatch {
	return interceptor.NewClient(seed, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			key.Namespace, key.Name = rename(key.Namespace, w.here, w.there), rename(key.Name, w.here, w.there)
			defer move(object, w.there, w.here)
			return c.Get(ctx, key, object, options...)
		},
		List: w.list,
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			return w.write(object, func() error { return c.Create(ctx, object, options...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			return w.write(object, func() error { return c.Update(ctx, object, options...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			return w.write(object, func() error { return c.Delete(ctx, object, options...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			return w.patch(object, patch, func(raw client.Patch) error { return c.Patch(ctx, object, raw, options...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			return w.patch(object, patch, func(raw client.Patch) error { return c.SubResource(name).Patch(ctx, object, raw, options...) })
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, name string, object client.Object, options ...client.SubResourceUpdateOption) error {
			return w.write(object, func() error { return c.SubResource(name).Update(ctx, object, options...) })
		},
	})
}

func (w within) list(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
	o := (&client.ListOptions{}).ApplyOptions(options)
	o.Namespace = w.there
	if err := c.List(ctx, list, o); err != nil {
		return err
	}
	return eachOf(list, func(object client.Object) error {
		move(object, w.there, w.here)
		return nil
	})
}

func (w within) write(object client.Object, do func() error) error {
	if _, ok := object.(*resourcesv1alpha1.ManagedResource); ok {
		defer w.called.Store(true)
	}
	move(object, w.here, w.there)
	defer move(object, w.there, w.here)
	return do()
}

// patch reads the patch first, which otherwise would move the object as well.
func (w within) patch(object client.Object, patch client.Patch, do func(client.Patch) error) error {
	content, err := patch.Data(object)
	if err != nil {
		return err
	}
	return w.write(object, func() error { return do(client.RawPatch(patch.Type(), content)) })
}

// move takes an object from one namespace to another; the namespace itself and its Cluster are renamed.
func move(object client.Object, from, to string) {
	object.SetNamespace(rename(object.GetNamespace(), from, to))
	object.SetName(rename(object.GetName(), from, to))
}

func rename(name, from, to string) string {
	if name == from {
		return to
	}
	return name
}
