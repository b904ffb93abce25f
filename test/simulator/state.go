// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// SVM states, as far as they are simulated.
const (
	svmInitializing = "initializing"
	svmRunning      = "running"
	svmStopped      = "stopped"
	svmDeleting     = "deleting"
)

// svm is a data SVM.
type svm struct {
	uuid, name, state, subtype, comment, ipspace string
	aggregates                                   []string
	// protocols are all that ONTAP knows, by its names for them.
	protocols                      map[string]*protocol
	maxVolumes                     string
	storageLimit, qosIOPS, qosMBps int64
	// qosPolicy is a policy group that somebody made. Limits of the SVM's own take its place.
	qosPolicy string
	// source is the UUID of the SVM on the other half of a MetroCluster that this one mirrors; empty for all others.
	source string
}

// protocol is what an SVM does with a protocol: whether its administrator may manage it, whether there is a service, and
// whether that is switched on.
type protocol struct{ allowed, service, enabled bool }

// newProtocols allows all and serves none.
func newProtocols() map[string]*protocol {
	all := map[string]*protocol{}
	for _, key := range protocolKeys() {
		all[key] = &protocol{allowed: true}
	}
	return all
}

func protocolKeys() []string { return []string{"nvme", "iscsi", "nfs", "cifs", "fcp"} }

// account is a login. Its owner is an SVM, or the admin SVM of the cluster.
type account struct {
	ownerUUID, ownerName, name, role, comment string
	// password is kept for logging in and for nothing else; empty means none.
	password string
	// locked says that nobody logs in. It shows only together with a password.
	locked bool
	// cluster says that the account is the cluster's own.
	cluster bool
}

type accountKey struct{ ownerUUID, name string }

func (a *account) key() accountKey { return accountKey{a.ownerUUID, a.name} }

// cluster is the state of one ONTAP cluster. The simulator's lock guards it.
type cluster struct {
	name, uuid, adminUUID string
	version               [3]int
	svms                  map[string]*svm
	accounts              map[accountKey]*account
	roles                 []role // all but the built-in ones
	jobs                  []*job // oldest first
	foreign               int    // SVMs added by AddSVMs
	hold                  Stage
	released              time.Time // the last ReleaseJobs
	net                   network
	store                 storage
	approvals             []*approval
	approvalRules, denied []string
	failedLogins          map[string]*failedLogins
	// metro is the MetroCluster that the cluster is half of, mode that half's mode; nothing where it is none.
	metro *metroCluster
	mode  string
}

func (s *Simulator) newState(o ClusterOptions) *cluster {
	c := &cluster{
		name: o.Name, uuid: s.newUUID(), adminUUID: s.newUUID(),
		svms: map[string]*svm{}, accounts: map[accountKey]*account{}, failedLogins: map[string]*failedLogins{},
		net: newNetwork(o), store: newStorage(o), approvalRules: o.ApprovalRules, denied: o.Denied,
	}
	for i, part := range strings.Split(o.Version, ".") {
		c.version[i], _ = strconv.Atoi(part) // withDefaults has seen that these are digits
	}
	administrator := "admin"
	if len(o.Privileges) > 0 {
		administrator = customRole
		custom := role{ownerUUID: c.adminUUID, ownerName: c.name, name: customRole}
		for _, one := range o.Privileges {
			custom.privileges = append(custom.privileges, privilege(one.Path, one.Access))
		}
		c.roles = append(c.roles, custom)
	}
	c.addAccount(&account{
		ownerUUID: c.adminUUID, ownerName: c.name, name: o.Username, role: administrator, password: o.Password, cluster: true,
	})
	return c
}

func (c *cluster) addAccount(a *account) { c.accounts[a.key()] = a }

// addSVM adds an SVM together with the account that every data SVM comes with: locked, because it has no password.
func (c *cluster) addSVM(v *svm) {
	if v.protocols == nil {
		v.protocols = newProtocols()
	}
	if v.maxVolumes == "" {
		v.maxVolumes = unlimited
	}
	v.subtype = map[bool]string{true: subtypeSyncSource, false: subtypeDefault}[c.metro != nil]
	c.svms[v.uuid] = v
	c.addAccount(&account{ownerUUID: v.uuid, ownerName: v.name, name: builtInAccount, role: builtInAccount, locked: true})
}

func (c *cluster) findSVM(name string) *svm {
	for _, v := range c.svms {
		if v.name == name {
			return v
		}
	}
	return nil
}

// accountsOf returns the accounts of an owner by name.
func (c *cluster) accountsOf(ownerUUID string) []*account {
	var owned []*account
	for _, a := range c.accounts {
		if a.ownerUUID == ownerUUID {
			owned = append(owned, a)
		}
	}
	slices.SortFunc(owned, func(a, b *account) int { return strings.Compare(a.name, b.name) })
	return owned
}

// login is who makes a request.
type login struct {
	user string
	svm  string // UUID of the SVM that the account belongs to; empty for the cluster's account
}

// sees tells whether objects of an SVM exist for this login.
func (l login) sees(svmUUID string) bool { return l.svm == "" || l.svm == svmUUID }

// logIn finds the account with this name and password. Accounts of different SVMs may share a name.
func (c *cluster) logIn(user, password string) (login, bool) {
	for _, a := range c.accounts {
		if a.name != user || a.password == "" || a.password != password || a.locked {
			continue
		}
		if a.cluster {
			return login{user: user}, true
		}
		if v := c.svms[a.ownerUUID]; v != nil && v.source != "" && v.state != svmRunning {
			continue // the LIFs of an SVM that stands by are down
		}
		return login{user: user, svm: a.ownerUUID}, true
	}
	return login{user: user}, false
}

// newUUID returns the next UUID of the seed.
func (s *Simulator) newUUID() string {
	high, low := s.random.Uint64(), s.random.Uint64()
	high = high&^0xf000 | 0x4000
	low = low&^(3<<62) | 2<<62
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}
