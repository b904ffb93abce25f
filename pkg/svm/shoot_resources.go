// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

// ErrShootUnreachable is in the chain of errors of a shoot's own API server, which leave unknown what stands there.
var ErrShootUnreachable = errors.New("the shoot cannot be looked into")

// SeedError is an error of the seed's API server: never the shoot owner's fault, and nothing is known.
type SeedError struct {
	Doing string
	Cause error
}

func (e *SeedError) Error() string { return e.Doing + ": " + e.Cause.Error() }

// Unwrap lets a conflict be recognized.
func (e *SeedError) Unwrap() error { return e.Cause }

// ShootContent says what has to stand in a shoot for its SVM.
type ShootContent struct {
	Desired
	// ReachableFrom are the zones whose nodes reach the SVM; all where it is empty.
	ReachableFrom []string
	// QoSPolicies are those that the storage classes name.
	QoSPolicies []configv1alpha1.QoSPolicy
	// Credentials are those of the account that the driver in the shoot logs in with.
	Credentials seedsecret.Snapshot
	// CredentialsOnly leaves everything but the credentials as it is.
	CredentialsOnly bool
}

// ShootView is what one pass over a shoot has come to.
type ShootView struct {
	// Pending names what has to be applied in the shoot before another pass can do more. Empty if everything is.
	Pending string
	// Altered is what in the shoot is not as it was applied. It is being applied again.
	Altered string
	// Unseen is why nothing could be seen in the shoot itself, if so.
	Unseen string
	// Bound is whether the driver works with the SVM, and Backend, if not, why.
	Bound   bool
	Backend string
	// Unprepared says which nodes lack something without which no volume gets there. Empty if none does.
	Unprepared string
}

// ShootResources keeps what stands in shoots for their SVMs. Errors are SeedErrors, or have ErrShootUnreachable in their
// chain.
type ShootResources interface {
	// Ensure returns one pass after the other: each brings up to date what can be by now, and looks. For a shoot that hibernates
	// it prepares everything in the seed and looks at nothing. What is to stand there is made once for all passes.
	Ensure(content ShootContent) func(context.Context) (ShootView, error)
	// InUse names what in the shoot needs the SVM.
	InUse(ctx context.Context, namespace string) ([]string, error)
	// Remove is one pass that takes everything out of a shoot that lives on, in the order in which its parts need each
	// other, and returns what is still there. Leave lets go of it instead: it stays in the shoot, but not in the seed.
	Remove(ctx context.Context, namespace string) (remaining string, err error)
	Leave(ctx context.Context, namespace string) (remaining string, err error)
	// Forget deletes what is kept in the seed of what stands in the shoot no more.
	Forget(ctx context.Context, namespace string) error
}
