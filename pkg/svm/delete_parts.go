// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"

	"github.com/gardener-community/gardener-extension-ontap/pkg/step"
)

// deletable returns the SVM as far as there is something left of it to take away, and its cluster. With an error there is no SVM.
func (s *scope) deletable(ctx context.Context, access Access) (*Located, Cluster, error) {
	svm, err := s.svmByAnyName(ctx, access)
	if err != nil || svm == nil || svm.leaving() {
		return nil, Cluster{}, err
	}
	cluster, err := access.Cluster(svm.Cluster)
	if err != nil {
		return nil, Cluster{}, err
	}
	return svm, cluster, nil
}

// deleteAccounts deletes the shoot's accounts, so that nobody uses the SVM any more.
func (s *scope) deleteAccounts(ctx context.Context, _ Access, cluster Cluster, svm *Located) (step.Outcome, error) {
	accounts, err := s.accounts(ctx, cluster, svm)
	if err != nil {
		return step.Outcome{}, err
	}
	for _, account := range accounts {
		if !s.desired.sameShoot(account.Comment) {
			continue
		}
		if err := s.deleteAccount(ctx, cluster, svm, account.Name); err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Done(), nil
}

// deleteLIFs deletes all LIFs of the SVM, so that their addresses are free.
func (s *scope) deleteLIFs(ctx context.Context, _ Access, cluster Cluster, svm *Located) (step.Outcome, error) {
	lifs, err := s.lifs(ctx, cluster, svm)
	if err != nil {
		return step.Outcome{}, err
	}
	for _, lif := range lifs {
		if err := s.deleteLIF(ctx, cluster, lif); err != nil {
			return step.Outcome{}, err
		}
	}
	return step.Done(), nil
}
