// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"slices"
)

// Checkpoint keeps an SVM with all that is in it, as it is now, and returns what puts it back, as often as that is called. It is
// for tests that try thousands of things with one SVM: what is put back counts as made neither once more nor by anybody.
func (s *Simulator) Checkpoint(cluster, name string) (restore func() error, err error) {
	var kept *checkpoint
	if err := s.change(cluster, func(c *Cluster) error {
		v := c.state.findSVM(name)
		if v == nil {
			return fmt.Errorf("there is no SVM %q", name)
		}
		kept = (&checkpoint{
			svm: v, accounts: c.state.accountsOf(v.uuid), lifs: c.state.net.lifsOf(v.uuid),
			volumes:    slices.DeleteFunc(slices.Clone(c.state.store.volumes), func(one *volume) bool { return one.svmUUID != v.uuid }),
			namespaces: slices.DeleteFunc(slices.Clone(c.state.store.namespaces), func(one *namespace) bool { return one.volume.svmUUID != v.uuid }),
		}).clone()
		return nil
	}); err != nil {
		return nil, fmt.Errorf("keeping an SVM of cluster %q: %w", cluster, err)
	}
	return func() error {
		return s.change(cluster, func(c *Cluster) error {
			if now := c.state.svms[kept.svm.uuid]; now != nil {
				s.removeSVM(c.state, now)
			}
			kept.clone().putInto(c.state)
			return nil
		})
	}, nil
}

// checkpoint is an SVM with what is in it. Volumes and namespaces are only put where they were, whatever has become of them.
type checkpoint struct {
	svm        *svm
	accounts   []*account
	lifs       []*lif
	volumes    []*volume
	namespaces []*namespace
}

func (k *checkpoint) clone() *checkpoint {
	one := &checkpoint{svm: new(*k.svm), volumes: k.volumes, namespaces: k.namespaces}
	one.svm.protocols = map[string]*protocol{}
	for key, p := range k.svm.protocols {
		one.svm.protocols[key] = new(*p)
	}
	one.svm.aggregates = slices.Clone(k.svm.aggregates)
	for _, a := range k.accounts {
		one.accounts = append(one.accounts, new(*a))
	}
	for _, l := range k.lifs {
		one.lifs = append(one.lifs, new(*l))
	}
	return one
}

func (k *checkpoint) putInto(c *cluster) {
	c.svms[k.svm.uuid] = k.svm
	for _, a := range k.accounts {
		c.addAccount(a)
	}
	c.net.lifs = append(c.net.lifs, k.lifs...)
	c.store.volumes = append(c.store.volumes, k.volumes...)
	c.store.namespaces = append(c.store.namespaces, k.namespaces...)
}
