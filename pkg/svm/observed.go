// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// Located is an SVM and the configured name of the cluster it was found on.
type Located struct {
	Cluster string
	ontap.SVM
}

// Observed is what an attempt has seen on ONTAP so far. Each part is not looked at until a step asks for it, and is
// dropped by the step that writes it, so that the next look is a real one.
type Observed struct {
	svm      part[*Located]
	accounts part[[]ontap.Account]
}

type part[T any] struct {
	value  T
	looked bool
}

func (p *part[T]) set(value T) { p.value, p.looked = value, true }

func (p *part[T]) drop() { *p = part[T]{} }

// svm returns the shoot's SVM by name, or nil if every configured cluster has answered that there is none. A cluster
// that did not answer makes absence unknown, which is an error.
func (s *scope) svm(ctx context.Context, access Access) (*Located, error) {
	if s.observed.svm.looked {
		return s.observed.svm.value, nil
	}
	name := s.desired.SVMName()
	found, err := findEverywhere(ctx, access, "named "+name, func(ctx context.Context, cluster *ontap.Client) ([]ontap.SVM, error) {
		svm, err := cluster.SVMs.Find(ctx, name)
		if ontap.IsNotFound(err) {
			return nil, nil
		}
		return []ontap.SVM{svm}, err
	})
	if err != nil {
		return nil, err
	}
	s.observed.svm.set(found)
	return found, nil
}

// svmByMark is the second look, for an SVM that was renamed: by owner mark on every cluster. It has the same verdicts.
func (s *scope) svmByMark(ctx context.Context, access Access) (*Located, error) {
	pattern := "*o=" + s.desired.ShootUID + "*"
	return findEverywhere(ctx, access, "marked for shoot "+s.desired.ShootUID, func(ctx context.Context, cluster *ontap.Client) ([]ontap.SVM, error) {
		marked, err := cluster.SVMs.ListByComment(ctx, pattern)
		var ours []ontap.SVM
		for _, svm := range marked {
			if s.desired.sameShoot(svm.Comment) {
				ours = append(ours, svm)
			}
		}
		return ours, err
	})
}

func findEverywhere(ctx context.Context, access Access, which string, look func(context.Context, *ontap.Client) ([]ontap.SVM, error)) (*Located, error) {
	clusters, err := access.Clusters()
	if err != nil {
		return nil, err
	}
	var found []Located
	var unanswered []error
	for _, cluster := range clusters {
		svms, err := look(ctx, cluster)
		if err != nil {
			unanswered = append(unanswered, err)
			continue
		}
		for _, svm := range svms {
			found = append(found, Located{Cluster: cluster.Name(), SVM: svm})
		}
	}
	switch {
	case len(found) > 1:
		return nil, humanNeeded(v1alpha1.ReasonSVMDuplicate, "there are %d SVMs %s, among them one on cluster %q and one on %q",
			len(found), which, found[0].Cluster, found[1].Cluster)
	case len(found) == 1:
		return &found[0], nil
	case len(unanswered) > 0:
		return nil, fmt.Errorf("whether there is an SVM %s is unknown: %w", which, errors.Join(unanswered...))
	}
	return nil, nil
}

// accounts returns the accounts of an SVM.
func (s *scope) accounts(ctx context.Context, access Access, svm *Located) ([]ontap.Account, error) {
	if s.observed.accounts.looked {
		return s.observed.accounts.value, nil
	}
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return nil, err
	}
	accounts, err := cluster.Accounts.List(ctx, svm.UUID)
	if err != nil {
		return nil, fmt.Errorf("listing the accounts of SVM %s: %w", svm.Name, err)
	}
	s.observed.accounts.set(accounts)
	return accounts, nil
}
