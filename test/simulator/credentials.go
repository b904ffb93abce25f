// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"slices"
)

// Credential is what an account of an SVM logs in with.
type Credential struct {
	Cluster, SVMUUID, Name, Password string
	// Locked says that nobody logs in with it.
	Locked bool
}

// Credentials are those of all accounts of SVMs, in a stable order. They are for oracles in this process: State has no secrets.
func (s *Simulator) Credentials() []Credential {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	var all []Credential
	for _, c := range s.clusters {
		for _, a := range c.state.accounts {
			if !a.cluster {
				all = append(all, Credential{Cluster: c.name, SVMUUID: a.ownerUUID, Name: a.name, Password: a.password, Locked: a.locked})
			}
		}
	}
	slices.SortFunc(all, func(a, b Credential) int {
		return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.SVMUUID, b.SVMUUID), cmp.Compare(a.Name, b.Name))
	})
	return all
}
