// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// ActKind is something that somebody else does.
type ActKind string

// The acts. Where no SVM is said they concern the one named in SVM.
const (
	// StopSVM and SetComment (to Value) are a storage administrator's.
	StopSVM    ActKind = "StopSVM"
	SetComment ActKind = "SetComment"
	// RenameSVM gives an SVM the name Value, RemoveSVM takes it away with all that is in it.
	RenameSVM ActKind = "RenameSVM"
	RemoveSVM ActKind = "RemoveSVM"
	// SetAggregates gives an SVM the aggregates in Value, separated by commas.
	SetAggregates ActKind = "SetAggregates"
	// SetLimit sets the storage limit of an SVM to Value bytes.
	SetLimit ActKind = "SetLimit"
	// SetQoSPolicy gives an SVM the QoS policy group Value.
	SetQoSPolicy ActKind = "SetQoSPolicy"
	// AllowProtocol lets the SVM's administrator manage the protocol Name; DisableProtocol switches its service off.
	AllowProtocol   ActKind = "AllowProtocol"
	DisableProtocol ActKind = "DisableProtocol"
	// LockAccount locks the account Name, RemoveAccount takes it away, and RemovePassword leaves it without a password, as one
	// that was half made. SetAccountComment gives it the comment Value, SetAccountPassword the password Value. AddAccount makes one with the comment Value, and with a
	// password that nobody knows.
	LockAccount       ActKind = "LockAccount"
	RemoveAccount     ActKind = "RemoveAccount"
	RemovePassword    ActKind = "RemovePassword"
	SetAccountComment ActKind = "SetAccountComment"
	// SetAccountPassword is what the owner of an account may do.
	SetAccountPassword ActKind = "SetAccountPassword"
	AddAccount         ActKind = "AddAccount"
	// AddLIF makes the LIF Name with the address Value; RemoveLIF and DisableLIF work on it, and SetServicePolicy gives it
	// the policy Value, SetAddress the address Value.
	AddLIF           ActKind = "AddLIF"
	RemoveLIF        ActKind = "RemoveLIF"
	DisableLIF       ActKind = "DisableLIF"
	SetServicePolicy ActKind = "SetServicePolicy"
	SetAddress       ActKind = "SetAddress"
	// AddVolume and RemoveVolume are what Trident does in the SVM with the volume Name, on the aggregate Value, which is
	// the SVM's first where it is empty. What is removed lies in the recovery queue, unless the
	// Value is purged.
	AddVolume    ActKind = "AddVolume"
	RemoveVolume ActKind = "RemoveVolume"
	// EmptyRecoveryQueue is what ONTAP does by itself, some time after volumes were deleted.
	EmptyRecoveryQueue ActKind = "EmptyRecoveryQueue"
	// AddHostGroup makes the subsystem or igroup Name with a host; with the Value mapped something in the recovery queue is
	// mapped to it.
	AddHostGroup ActKind = "AddHostGroup"
	// Connect lets the host Name use the LIF Value; Disconnect ends that.
	Connect    ActKind = "Connect"
	Disconnect ActKind = "Disconnect"
	// DecideApproval gives the request for approval with the index Name the state Value. No SVM.
	DecideApproval ActKind = "DecideApproval"
	// SetAggregateState gives the aggregate Name the state Value, SetAvailable Value bytes of free space. No SVM.
	SetAggregateState ActKind = "SetAggregateState"
	SetAvailable      ActKind = "SetAvailable"
	// SetNodeState gives the node Name the state Value. No SVM.
	SetNodeState ActKind = "SetNodeState"
	// SetPassword changes the password of the cluster account to Value. No SVM.
	SetPassword ActKind = "SetPassword"
	// SetMirrored says whether the aggregate Name is mirrored, Value is true or false. No SVM.
	SetMirrored ActKind = "SetMirrored"
	// SwitchOver lets a half of a MetroCluster serve for its partner, which is lost and down from then on, until SetUp;
	// NegotiateSwitchOver is one in good order, with the partner's SVMs stopped. SwitchBack gives back. No SVM.
	SwitchOver          ActKind = "SwitchOver"
	NegotiateSwitchOver ActKind = "NegotiateSwitchOver"
	SwitchBack          ActKind = "SwitchBack"
	// CutLink parts the halves of a MetroCluster from each other, RestoreLink joins them. No SVM.
	CutLink     ActKind = "CutLink"
	RestoreLink ActKind = "RestoreLink"
	// PauseReplication keeps the standby SVMs of both halves as they are, ResumeReplication ends that. No SVM.
	PauseReplication  ActKind = "PauseReplication"
	ResumeReplication ActKind = "ResumeReplication"
	// SetMode gives the half of a MetroCluster the mode Value. No SVM.
	SetMode ActKind = "SetMode"
)

// ActKinds are all of them. Perform refuses others.
func ActKinds() []ActKind {
	return []ActKind{
		StopSVM, SetComment, RenameSVM, RemoveSVM, SetAggregates, SetLimit, SetQoSPolicy, AllowProtocol, DisableProtocol,
		LockAccount, RemoveAccount, RemovePassword, SetAccountComment, SetAccountPassword, AddAccount,
		AddLIF, RemoveLIF, DisableLIF, SetServicePolicy, SetAddress, AddVolume, RemoveVolume, EmptyRecoveryQueue, AddHostGroup, Connect, Disconnect,
		DecideApproval, SetAggregateState, SetAvailable, SetNodeState, SetPassword,
		SetMirrored, SwitchOver, NegotiateSwitchOver, SwitchBack, CutLink, RestoreLink, PauseReplication, ResumeReplication, SetMode,
	}
}

// purged is the value of a RemoveVolume after which nothing can be recovered.
const purged = "purged"

// Act is one deed: what is done, where, to what, and how.
type Act struct {
	Kind  ActKind `json:"kind"`
	SVM   string  `json:"svm,omitempty"`
	Name  string  `json:"name,omitempty"`
	Value string  `json:"value,omitempty"`
}

// Perform does something to a cluster that somebody else does. It fails if what it is about does not exist.
func (s *Simulator) Perform(_ context.Context, cluster string, act Act) error {
	err := s.change(cluster, func(c *Cluster) error {
		if !slices.Contains(ActKinds(), act.Kind) {
			return fmt.Errorf("unknown kind, there are %s", listed(ActKinds()))
		}
		switch act.Kind { //nolint:exhaustive // the others follow
		case SwitchOver, NegotiateSwitchOver, SwitchBack, CutLink, RestoreLink, PauseReplication, ResumeReplication, SetMode:
			return s.actOnMetroCluster(c, act)
		}
		if done, err := c.actOnCluster(act); done || err != nil {
			return err
		}
		v := c.state.findSVM(act.SVM)
		if v == nil {
			return fmt.Errorf("there is no SVM %q", act.SVM)
		}
		switch act.Kind {
		case AddLIF, RemoveLIF, DisableLIF, SetServicePolicy, SetAddress, Connect, Disconnect:
			return s.actOnLIF(c.state, v, act)
		case LockAccount, RemoveAccount, RemovePassword, SetAccountComment, SetAccountPassword, AddAccount:
			return c.state.actOnAccount(v, act)
		default:
			return s.actOnSVM(c.state, v, act)
		}
	})
	if err != nil {
		return fmt.Errorf("performing %s on cluster %q: %w", act.Kind, cluster, err)
	}
	return nil
}

func (c *Cluster) actOnCluster(act Act) (done bool, err error) {
	aggregate, node := c.state.net.aggregate(act.Name), c.state.net.node(act.Name)
	switch act.Kind {
	case DecideApproval:
		index, err := strconv.Atoi(act.Name)
		if err != nil || index < 1 || index > len(c.state.approvals) {
			return true, fmt.Errorf("there is no request %q", act.Name)
		}
		c.state.approvals[index-1].state = act.Value
	case SetAggregateState, SetAvailable, SetMirrored:
		if aggregate == nil {
			return true, fmt.Errorf("there is no aggregate %q", act.Name)
		}
		err = aggregate.set(act)
	case SetNodeState:
		if node == nil {
			return true, fmt.Errorf("there is no node %q", act.Name)
		}
		node.state = act.Value
	case SetPassword:
		c.password = act.Value
		c.state.accounts[accountKey{c.state.adminUUID, c.username}].password = act.Value
	default:
		return false, nil
	}
	return true, err
}

func (a *aggregate) set(act Act) (err error) {
	switch act.Kind { //nolint:exhaustive // the others are not an aggregate's
	case SetAggregateState:
		a.state = act.Value
	case SetAvailable:
		a.available, err = strconv.ParseInt(act.Value, 10, 64)
	case SetMirrored:
		a.mirrored, err = strconv.ParseBool(act.Value)
	}
	return err
}

func (s *Simulator) actOnSVM(c *cluster, v *svm, act Act) (err error) {
	switch act.Kind {
	case StopSVM:
		v.state = svmStopped
	case SetComment:
		v.comment = act.Value
	case RenameSVM:
		return c.rename(v, act.Value)
	case RemoveSVM:
		s.removeSVM(c, v)
	case SetAggregates:
		v.aggregates = strings.Split(act.Value, ",")
	case SetLimit:
		v.storageLimit, err = strconv.ParseInt(act.Value, 10, 64)
	case SetQoSPolicy:
		v.qosPolicy = act.Value
	case AllowProtocol, DisableProtocol:
		p := v.protocols[act.Name]
		if p == nil {
			return fmt.Errorf("there is no protocol %q", act.Name)
		}
		p.allowed, p.enabled = p.allowed || act.Kind == AllowProtocol, p.enabled && act.Kind != DisableProtocol
	case AddVolume:
		s.actVolume(c, v, act)
	case RemoveVolume:
		if gone := c.store.volumeNamed(v.uuid, act.Name); gone != nil {
			c.store.unmap(gone)
			c.store.queue(gone)
			if act.Value == purged {
				c.store.destroy(gone)
			}
		}
	case EmptyRecoveryQueue:
		c.store.volumes = slices.DeleteFunc(c.store.volumes, func(one *volume) bool { return one.svmUUID == v.uuid && one.queued })
	case AddHostGroup:
		s.actHostGroup(c, v, act)
	default:
		return fmt.Errorf("it is not about an SVM")
	}
	return err
}

// bytesOfAVolume is the size of the volumes that acts make.
const bytesOfAVolume = 1 << 30

// actVolume makes a volume with a namespace, or a LUN where NVMe is not served. Nothing refuses it.
func (s *Simulator) actVolume(c *cluster, v *svm, act Act) *namespace {
	made := newVolume(s.newUUID(), v.uuid, act.Name, cmp.Or(act.Value, firstOf(v.aggregates)), s.now())
	made.size = bytesOfAVolume
	n := &namespace{
		uuid: s.newUUID(), leaf: "namespace0", osType: "linux", volume: made, size: made.size, blockSize: minNamespaceSize, created: made.created,
		lun: !v.protocols["nvme"].service,
	}
	c.store.volumes, c.store.namespaces = append(c.store.volumes, made), append(c.store.namespaces, n)
	return n
}

// actHostGroup makes a subsystem or igroup with a host. What is mapped to it lies in the recovery queue.
func (s *Simulator) actHostGroup(c *cluster, v *svm, act Act) {
	g := &hostGroup{uuid: s.newUUID(), svmUUID: v.uuid, protocol: "iscsi", name: act.Name, osType: "linux", hosts: []string{"iqn.1994-05.com.example:" + act.Name}}
	if v.protocols["nvme"].service {
		g.protocol, g.hosts = "nvme", []string{"nqn.2014-08.org.nvmexpress:" + act.Name}
	}
	c.store.groups = append(c.store.groups, g)
	if act.Value == "mapped" {
		n := s.actVolume(c, v, Act{Name: "used_by_" + act.Name})
		c.store.add(g, n)
		c.store.queue(n.volume)
	}
}

func firstOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func (s *Simulator) actOnLIF(c *cluster, v *svm, act Act) error {
	if act.Kind == AddLIF {
		address, err := netip.ParseAddr(act.Value)
		if err != nil {
			return err
		}
		c.net.lifs = append(c.net.lifs, &lif{
			uuid: s.newUUID(), name: act.Name, svmUUID: v.uuid, svmName: v.name, address: netip.PrefixFrom(address, 16),
			homeNode: c.net.nodes[0].name, port: homePort, policy: policyManagement, enabled: true,
		})
		return nil
	}
	name := act.Name
	if act.Kind == Connect || act.Kind == Disconnect {
		name = act.Value
	}
	i := slices.IndexFunc(c.net.lifs, func(l *lif) bool { return l.svmUUID == v.uuid && l.name == name })
	if i < 0 {
		return fmt.Errorf("SVM %q has no LIF %q", v.name, name)
	}
	l := c.net.lifs[i]
	switch act.Kind {
	case RemoveLIF:
		c.net.lifs = slices.Delete(c.net.lifs, i, i+1)
	case DisableLIF:
		l.enabled = false
	case SetServicePolicy:
		l.policy = act.Value
	case SetAddress:
		address, err := netip.ParseAddr(act.Value)
		if err != nil {
			return err
		}
		l.address = netip.PrefixFrom(address, l.address.Bits())
	case Connect, Disconnect:
		one := connection{v.uuid, "", act.Name, l.name, l.address.Addr().String()}
		for key, p := range v.protocols {
			if p.service {
				one.protocol = key
			}
		}
		c.store.connections = slices.DeleteFunc(c.store.connections, func(other connection) bool { return other == one })
		if act.Kind == Connect {
			c.store.connections = append(c.store.connections, one)
		}
	default:
		return fmt.Errorf("it is not about a LIF")
	}
	return nil
}
