// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// kubernetes puts the tape between the extension and an API server.
func (t *tape) kubernetes(side Side, cached bool) interceptor.Funcs {
	read := func(verb, subject string, perform func() error) error {
		point := Point{Side: side, Verb: verb, Subject: subject, Cached: cached}
		return t.pass(request{Point: point, perform: perform, refuse: func(k Kind) error { return k.apiError(point) }})
	}
	return interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
			return read("get", subject(object, key.Name), func() error { return c.Get(ctx, key, object, options...) })
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
			return read("list", subject(list, ""), func() error { return c.List(ctx, list, options...) })
		},
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			return t.write(side, "create", object, "", func(ctx context.Context, object client.Object) error {
				return c.Create(ctx, object, options...)
			})(ctx)
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			return t.write(side, "update", object, "", func(ctx context.Context, object client.Object) error {
				return c.Update(ctx, object, options...)
			})(ctx)
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			return t.write(side, "delete", object, "", func(ctx context.Context, object client.Object) error {
				return c.Delete(ctx, object, options...)
			})(ctx)
		},
		DeleteAllOf: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteAllOfOption) error {
			return t.write(side, "delete all", object, "", func(ctx context.Context, object client.Object) error {
				return c.DeleteAllOf(ctx, object, options...)
			})(ctx)
		},
		Patch: func(ctx context.Context, c client.WithWatch, object client.Object, patch client.Patch, options ...client.PatchOption) error {
			content, err := patch.Data(object)
			if err != nil {
				return err
			}
			raw := client.RawPatch(patch.Type(), content)
			return t.write(side, "patch", object, string(content), func(ctx context.Context, object client.Object) error {
				return c.Patch(ctx, object, raw, options...)
			})(ctx)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
			content, err := patch.Data(object)
			if err != nil {
				return err
			}
			raw := client.RawPatch(patch.Type(), content)
			return t.write(side, "patch "+name, object, string(content), func(ctx context.Context, object client.Object) error {
				return c.SubResource(name).Patch(ctx, object, raw, options...)
			})(ctx)
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, name string, object client.Object, options ...client.SubResourceUpdateOption) error {
			return t.write(side, "update "+name, object, "", func(ctx context.Context, object client.Object) error {
				return c.SubResource(name).Update(ctx, object, options...)
			})(ctx)
		},
	}
}

func (t *tape) write(side Side, verb string, object client.Object, patch string, do func(context.Context, client.Object) error) func(context.Context) error {
	return func(ctx context.Context) error {
		point := Point{Side: side, Verb: verb, Subject: about(object), Write: true}
		return t.pass(request{
			Point: point, patch: patch,
			perform: func() error { return do(ctx, object) },
			later: func() func() {
				content := object.DeepCopyObject().(client.Object)
				// What has become of it by then is nobody's to know.
				return func() { _ = do(context.WithoutCancel(ctx), content) }
			},
			refuse: func(k Kind) error {
				if k == AnswerLost {
					if err := do(ctx, object.DeepCopyObject().(client.Object)); err != nil {
						return err
					}
				}
				return k.apiError(point)
			},
		})
	}
}
