// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// Located is an SVM and the configured name of the cluster it was found on.
type Located struct {
	Cluster string
	ontap.SVM
	// unanswered is why some cluster could not say whether it has one, too.
	unanswered error
}

// Observed is what an attempt has seen on ONTAP so far. Each part is not looked at until a step asks for it, and is
// dropped by the step that writes it, so that the next look is a real one.
type Observed struct {
	svm      part[*Located]
	marked   part[*Located]
	lifs     part[[]ontap.IPInterface]
	routes   part[[]ontap.Route]
	accounts part[[]ontap.Account]
	// target is where a missing SVM is to be made, layout what the nodes of its cluster have.
	target part[target]
	layout part[layout]
}

type part[T any] struct {
	value  T
	looked bool
}

func (p *part[T]) set(value T) { p.value, p.looked = value, true }

func (p *part[T]) drop() { *p = part[T]{} }

// get returns what was seen, or looks.
func (p *part[T]) get(look func() (T, error)) (T, error) {
	if p.looked {
		return p.value, nil
	}
	value, err := look()
	if err == nil {
		p.set(value)
	}
	return value, err
}

// svm returns the shoot's SVM by name, or nil if every configured cluster has answered that there is none. A cluster
// that did not answer makes absence unknown, which is an error; and so is an SVM on a MetroCluster that is not normal.
func (s *scope) svm(ctx context.Context, access Access) (*Located, error) {
	svm, err := s.observed.svm.get(func() (*Located, error) {
		name := s.desired.SVMName()
		return findEverywhere(ctx, access, "named "+name, func(ctx context.Context, cluster Cluster) ([]ontap.SVM, error) {
			return cluster.SVMs.FindHalves(ctx, name)
		})
	})
	s.held = svm != nil && holdRequested(svm.Comment)
	return svm, err
}

// forgetSVM makes the next look at the SVM a real one.
func (s *scope) forgetSVM() {
	s.observed.svm.drop()
	s.observed.marked.drop()
}

// svmByAnyName is svm, and where no cluster has an SVM of the shoot's name, one that carries its mark, or the one that is
// recorded: an SVM that still carries our mark is the shoot's whatever its name. It is worked on by UUID and never made
// again.
func (s *scope) svmByAnyName(ctx context.Context, access Access) (*Located, error) {
	svm, err := s.svm(ctx, access)
	if err != nil || svm != nil {
		return svm, err
	}
	svm, err = s.observed.marked.get(func() (*Located, error) {
		svm, err := s.svmByMark(ctx, access)
		if err == nil && svm == nil {
			err = s.refuseUnrecognized(ctx, access)
		}
		return svm, err
	})
	if err != nil {
		return nil, err
	}
	s.observed.svm.set(svm)
	return s.svm(ctx, access)
}

// svmByMark is the second look, for an SVM that was renamed: by owner mark on every cluster. It has the same verdicts.
func (s *scope) svmByMark(ctx context.Context, access Access) (*Located, error) {
	pattern := "*o=" + s.desired.ShootUID + "*"
	return findEverywhere(ctx, access, "marked for shoot "+s.desired.ShootUID, func(ctx context.Context, cluster Cluster) ([]ontap.SVM, error) {
		marked, err := cluster.SVMs.ListByComment(ctx, pattern)
		return slices.DeleteFunc(marked, func(svm ontap.SVM) bool { return !s.desired.sameShoot(svm.Comment) }), err
	})
}

// refuseUnrecognized is an error if the recorded SVM still exists, though neither its name nor its mark is the shoot's.
func (s *scope) refuseUnrecognized(ctx context.Context, access Access) error {
	record := s.record.Status
	if record.SVMUUID == "" {
		return nil
	}
	cluster, err := access.Cluster(record.Cluster)
	if err != nil {
		return err
	}
	known, err := cluster.SVMs.Get(ctx, record.SVMUUID)
	if err != nil {
		return doing(ontap.IgnoreNotFound(err), "looking for the recorded SVM %s", record.SVMUUID)
	}
	return humanNeeded(v1alpha1.ReasonSVMUnrecognized,
		"SVM %s on cluster %q has the recorded UUID %s, but neither the shoot's name nor its owner mark", known.Name, cluster.Name(), known.UUID)
}

func findEverywhere(ctx context.Context, access Access, which string, look func(context.Context, Cluster) ([]ontap.SVM, error)) (*Located, error) {
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
	found, standbys := whole(found)
	switch {
	case len(found) > 1:
		return nil, humanNeeded(v1alpha1.ReasonSVMDuplicate, "there are %d SVMs %s, among them one on cluster %q and one on %q",
			len(found), which, found[0].Cluster, found[1].Cluster)
	case len(found) == 1:
		found[0].unanswered = errors.Join(unanswered...)
		return &found[0], requireNormal(ctx, access, &found[0], standbys)
	case len(unanswered) > 0:
		return nil, fmt.Errorf("whether there is an SVM %s is unknown: %w", which, errors.Join(unanswered...))
	}
	return nil, nil
}

// existing returns the SVM that the steps before have found, and its cluster.
func (s *scope) existing(ctx context.Context, access Access) (*Located, Cluster, error) {
	svm, err := s.svmByAnyName(ctx, access)
	if err == nil && svm == nil {
		err = errSVMVanished
	}
	if err != nil {
		return nil, Cluster{}, err
	}
	cluster, err := access.Cluster(svm.Cluster)
	return svm, cluster, err
}

// lifs returns the LIFs of an SVM.
func (s *scope) lifs(ctx context.Context, cluster Cluster, svm *Located) ([]ontap.IPInterface, error) {
	return s.observed.lifs.get(func() ([]ontap.IPInterface, error) {
		lifs, err := cluster.IPInterfaces.List(ctx, svm.UUID)
		return lifs, doing(err, "listing the LIFs of SVM %s", svm.Name)
	})
}

// routes returns the routes of an SVM.
func (s *scope) routes(ctx context.Context, cluster Cluster, svm *Located) ([]ontap.Route, error) {
	return s.observed.routes.get(func() ([]ontap.Route, error) {
		routes, err := cluster.Routes.List(ctx, svm.UUID)
		return routes, doing(err, "listing the routes of SVM %s", svm.Name)
	})
}

// accounts returns the accounts of an SVM.
func (s *scope) accounts(ctx context.Context, cluster Cluster, svm *Located) ([]ontap.Account, error) {
	return s.observed.accounts.get(func() ([]ontap.Account, error) {
		accounts, err := cluster.Accounts.List(ctx, svm.UUID)
		return accounts, doing(err, "listing the accounts of SVM %s", svm.Name)
	})
}
