// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package seedsecret

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// pageSize is how many secrets are read at a time.
const pageSize = 500

// Reader reads seed secrets, and has no way to write them.
type Reader struct{ reader client.Reader }

// NewReader returns a Reader. What it reads with must not answer from a cache.
func NewReader(uncached client.Reader) Reader { return Reader{uncached} }

// Look reads the secret. A secret that is not there is the zero Snapshot; one that is labelled for another shoot is an
// Error of KindForeign.
func (r Reader) Look(ctx context.Context, owner Owner) (Snapshot, error) {
	secret := &corev1.Secret{}
	err := r.reader.Get(ctx, client.ObjectKey{Namespace: owner.Namespace, Name: Name}, secret)
	if apierrors.IsNotFound(err) {
		return Snapshot{}, nil
	}
	if err != nil {
		return Snapshot{}, &Error{Kind: KindUnknown, Namespace: owner.Namespace, Doing: "reading it", cause: err}
	}
	if uid := secret.Labels[labelShootUID]; uid != "" && uid != owner.ShootUID {
		return Snapshot{}, &Error{Kind: KindForeign, Namespace: owner.Namespace, Doing: fmt.Sprintf("it is labelled for shoot %q", uid)}
	}
	return snapshotOf(secret), nil
}

// List reads all seed secrets of the seed, by namespace and whosever they are; options may leave out some.
func (r Reader) List(ctx context.Context, options ...client.ListOption) (map[string]Snapshot, error) {
	all := map[string]Snapshot{}
	for next := ""; ; {
		page := &corev1.SecretList{}
		which := append([]client.ListOption{client.MatchingFields{"metadata.name": Name}, client.Limit(pageSize), client.Continue(next)}, options...)
		err := r.reader.List(ctx, page, which...)
		if err != nil {
			return nil, &Error{Kind: KindUnknown, Doing: "listing all", cause: err}
		}
		for i := range page.Items {
			all[page.Items[i].Namespace] = snapshotOf(&page.Items[i])
		}
		if next = page.Continue; next == "" {
			return all, nil
		}
	}
}
