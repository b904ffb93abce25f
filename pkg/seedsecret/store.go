// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package seedsecret

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Healed says what Ensure had to do; empty if nothing.
type Healed string

const (
	// HealedCreated means that the secret was made for the first time.
	HealedCreated Healed = "SeedSecretCreated"
	// HealedRecreated means that a missing or malformed secret was replaced by one with fresh credentials.
	HealedRecreated Healed = "SeedSecretRecreated"
	// HealedCompleted means that labels or the recorded cluster were restored; the credentials are the same.
	HealedCompleted Healed = "SeedSecretCompleted"
	// InOrder is told, where something has to be, for nothing.
	InOrder Healed = "SeedSecretInOrder"
)

// Record is what is known of the secret from elsewhere, for the case that it has to be made again.
type Record struct {
	// Cluster is the ONTAP cluster that was chosen; empty if none was.
	Cluster string
	// Account is the account that the secret held when it last worked; empty if it never did.
	Account string
}

// Client is what a Store needs of the seed's API server.
type Client interface {
	client.Reader
	client.Writer
}

// Store reads and writes seed secrets. The client must not read from a cache: an answer from a cache is no proof that
// the secret is there.
type Store struct {
	Reader
	client Client
}

// NewStore returns a Store on an uncached client.
func NewStore(uncached Client) *Store { return &Store{NewReader(uncached), uncached} }

// Ensure returns the secret, which it makes if it is missing, replaces if it is malformed, and completes if only labels
// or the recorded cluster are missing. It is idempotent and safe against concurrent writers: it creates or updates only
// what it has read.
func (s *Store) Ensure(ctx context.Context, owner Owner, record Record) (Snapshot, Healed, error) {
	for range 3 {
		snapshot, healed, err := s.ensureOnce(ctx, owner, record)
		if !errors.Is(err, errOvertaken) {
			return snapshot, healed, err
		}
	}
	return Snapshot{}, "", notWritten(owner, errOvertaken)
}

// Renew replaces the credentials in the secret by fresh ones. If somebody else has changed them meanwhile, theirs stay:
// they are as new to the caller as ours would be. Who has changed anything else of the secret has not.
func (s *Store) Renew(ctx context.Context, owner Owner, seen Snapshot) error {
	fresh, err := newContent(owner, seen.Cluster())
	if err != nil {
		return err
	}
	for range 3 {
		if _, err = s.replace(ctx, owner, seen, fresh); !errors.Is(err, errOvertaken) {
			break
		}
		current, unseen := s.Look(ctx, owner)
		if unseen != nil || current.Fingerprint() != seen.Fingerprint() {
			return unseen
		}
		seen = current
	}
	return notWritten(owner, err)
}

// Place records the ONTAP cluster chosen for the SVM, and returns the secret as it is then. It never replaces another
// cluster.
func (s *Store) Place(ctx context.Context, owner Owner, seen Snapshot, cluster string) (Snapshot, error) {
	switch seen.Cluster() {
	case cluster:
		return seen, nil
	case "":
		want := seen.content
		want.cluster = cluster
		placed, err := s.replace(ctx, owner, seen, want)
		return placed, notWritten(owner, err)
	}
	return Snapshot{}, &Error{
		Kind: KindPlacedElsewhere, Namespace: owner.Namespace,
		Doing: fmt.Sprintf("it records cluster %q, not %q", seen.Cluster(), cluster),
	}
}

// Forget deletes the secret that was seen. A secret that is gone is forgotten already.
func (s *Store) Forget(ctx context.Context, owner Owner, seen Snapshot) error {
	if !seen.Exists() {
		return nil
	}
	return notWritten(owner, client.IgnoreNotFound(s.delete(ctx, seen)))
}

// errOvertaken says that the secret is no longer what was read.
var errOvertaken = errors.New("it was changed by somebody else meanwhile")

func (s *Store) ensureOnce(ctx context.Context, owner Owner, record Record) (Snapshot, Healed, error) {
	seen, err := s.Look(ctx, owner)
	switch {
	case err != nil:
		return Snapshot{}, "", err
	case seen.Exists() && seen.secret.DeletionTimestamp != nil:
		return Snapshot{}, "", &Error{Kind: KindDeleting, Namespace: owner.Namespace, Doing: "it is being deleted"}
	}
	want, healed := seen.content, HealedCompleted
	want.cluster = cmp.Or(want.cluster, record.Cluster)
	switch {
	case !want.wellFormed(owner):
		if want, err = newContent(owner, want.cluster); err != nil {
			return Snapshot{}, "", err
		}
		healed = HealedRecreated
		if !seen.Exists() && record.Account == "" {
			healed = HealedCreated
		}
	case want.cluster == seen.content.cluster && seen.labelledFor(owner):
		return seen, "", nil
	}
	written, err := s.replace(ctx, owner, seen, want)
	return written, healed, unlessOvertaken(owner, err)
}

// replace writes new content over exactly the secret that was seen, or makes one where none was. An immutable one is deleted
// and made again.
func (s *Store) replace(ctx context.Context, owner Owner, seen Snapshot, want content) (Snapshot, error) {
	over := &corev1.Secret{Type: corev1.SecretTypeOpaque}
	if seen.Exists() {
		over = seen.secret.DeepCopy()
	}
	if over.Immutable != nil && *over.Immutable {
		if err := s.delete(ctx, seen); err != nil {
			return Snapshot{}, err
		}
		over = &corev1.Secret{Type: over.Type, Data: over.Data}
	}
	return s.write(ctx, owner, over, want)
}

// write creates the secret, or updates it if it has been read from the API server.
func (s *Store) write(ctx context.Context, owner Owner, secret *corev1.Secret, want content) (Snapshot, error) {
	secret.Namespace, secret.Name = owner.Namespace, Name
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	maps.Copy(secret.Data, want.data())
	for key, value := range owner.labels() {
		metav1.SetMetaDataLabel(&secret.ObjectMeta, key, value)
	}
	metav1.SetMetaDataAnnotation(&secret.ObjectMeta, annotationNotice, notice)
	var err error
	if secret.UID == "" {
		if err = s.client.Create(ctx, secret); apierrors.IsAlreadyExists(err) {
			return Snapshot{}, errOvertaken
		}
	} else if err = s.client.Update(ctx, secret); apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return Snapshot{}, errOvertaken
	}
	if err != nil {
		return Snapshot{}, err
	}
	return snapshotOf(secret), nil
}

func (s *Store) delete(ctx context.Context, seen Snapshot) error {
	err := s.client.Delete(ctx, seen.secret.DeepCopy(), client.Preconditions{
		UID: &seen.secret.UID, ResourceVersion: &seen.secret.ResourceVersion,
	})
	if apierrors.IsConflict(err) {
		return errOvertaken
	}
	return err
}

func notWritten(owner Owner, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: KindNotWritten, Namespace: owner.Namespace, Doing: "writing it", cause: err}
}

// unlessOvertaken leaves errOvertaken as it is, for those who look again.
func unlessOvertaken(owner Owner, err error) error {
	if errors.Is(err, errOvertaken) {
		return err
	}
	return notWritten(owner, err)
}
