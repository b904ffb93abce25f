// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The modes of one half of a MetroCluster, as far as acts bring them about.
const (
	modeNormal        = "normal"
	modeNotConfigured = "not_configured"
	modeNotReachable  = "not_reachable"
	modeSwitchover    = "switchover"
	modeWaiting       = "waiting_for_switchback"
)

const (
	// maxSyncSourceName is the longest name of an SVM on a MetroCluster.
	maxSyncSourceName = 41

	subtypeDefault         = "default"
	subtypeSyncSource      = "sync_source"
	subtypeSyncDestination = "sync_destination"
	// partnerSuffix is what ONTAP appends to the name of the half that stands by, before the first dot.
	partnerSuffix = "-mc"

	codeDestination        = "2621574"
	codeDestinationChanged = "13434906"
)

// metroCluster is two clusters that mirror each other's data and SVMs.
type metroCluster struct {
	halves [2]*Cluster
	// cut is whether the clusters do not reach each other.
	cut bool
	// paused is whether the standby SVMs are left as they are.
	paused bool
	// replicated is when the standby SVMs were brought up to date.
	replicated time.Time
}

// joinMetroClusters pairs the clusters that name each other.
func (s *Simulator) joinMetroClusters() {
	for _, o := range s.options.Clusters {
		one, other := s.find(o.Name), s.find(o.MetroClusterPartner)
		if other == nil || one.state.metro != nil {
			continue
		}
		m := &metroCluster{halves: [2]*Cluster{one, other}}
		one.state.metro, other.state.metro = m, m
		one.state.mode, other.state.mode = modeNormal, modeNormal
		s.metroClusters = append(s.metroClusters, m)
	}
}

func (m *metroCluster) partner(of *cluster) *Cluster {
	if m.halves[0].state == of {
		return m.halves[1]
	}
	return m.halves[0]
}

// linked is whether the halves reach each other.
func (m *metroCluster) linked() bool {
	return !m.cut && !m.halves[0].down.Load() && !m.halves[1].down.Load()
}

func (m *metroCluster) normal() bool {
	return m.linked() && m.halves[0].state.mode == modeNormal && m.halves[1].state.mode == modeNormal
}

// replicate brings the SVMs that stand by up to date, as ONTAP does all the time while nothing is switched over.
func (s *Simulator) replicate() {
	now := s.options.Clock.Now()
	for _, m := range s.metroClusters {
		if m.normal() && !m.paused && now.Sub(m.replicated) >= s.options.ReplicationDuration {
			m.replicated = now
			m.mirrorBoth()
		}
	}
}

func (m *metroCluster) mirrorBoth() {
	m.mirror(m.halves[0].state, m.halves[1].state)
	m.mirror(m.halves[1].state, m.halves[0].state)
}

// mirror makes the standby SVMs of one half what their sources on the other are.
func (m *metroCluster) mirror(from, to *cluster) {
	for _, v := range to.svms {
		if v.source != "" {
			to.removeParts(v.uuid)
			delete(to.svms, v.uuid)
		}
	}
	for _, source := range from.svms {
		if source.source != "" || source.state == svmInitializing {
			continue
		}
		standby := source.copy(partnerUUID(source.uuid), partnerName(source.name))
		standby.source, standby.state, standby.subtype = source.uuid, svmStopped, subtypeSyncDestination
		to.svms[standby.uuid] = standby
		from.copyParts(source, to, standby)
	}
}

// copy returns the SVM under another UUID and name.
func (v *svm) copy(uuid, name string) *svm {
	other := *v
	other.uuid, other.name, other.protocols = uuid, name, map[string]*protocol{}
	for key, p := range v.protocols {
		other.protocols[key] = new(*p)
	}
	return &other
}

// partnerUUID is that of the other half. The one example in NetApp's document shows the same UUID on both sides, which does
// not make it certain; what is not the same shows who relies on it.
func partnerUUID(uuid string) string {
	last := map[bool]string{true: "1", false: "0"}[strings.HasSuffix(uuid, "0")]
	return uuid[:len(uuid)-1] + last
}

func partnerName(name string) string {
	first, rest, dotted := strings.Cut(name, ".")
	if dotted {
		return first + partnerSuffix + "." + rest
	}
	return name + partnerSuffix
}

// removeParts removes LIFs, routes and accounts of an SVM.
func (c *cluster) removeParts(svmUUID string) {
	c.net.lifs = slices.DeleteFunc(c.net.lifs, func(l *lif) bool { return l.svmUUID == svmUUID })
	c.net.routes = slices.DeleteFunc(c.net.routes, func(r *route) bool { return r.svmUUID == svmUUID })
	maps.DeleteFunc(c.accounts, func(key accountKey, _ *account) bool { return key.ownerUUID == svmUUID })
}

// copyParts gives an SVM on the other half the LIFs, routes and accounts of one on this half. LIFs are at home on the node
// with the same place.
func (c *cluster) copyParts(v *svm, to *cluster, other *svm) {
	to.removeParts(other.uuid)
	for _, l := range c.net.lifsOf(v.uuid) {
		moved := *l
		moved.svmUUID, moved.svmName = other.uuid, other.name
		moved.homeNode = c.counterpart(l.homeNode, to)
		to.net.lifs = append(to.net.lifs, &moved)
	}
	for _, r := range c.net.routes {
		if r.svmUUID == v.uuid {
			moved := *r
			moved.svmUUID = other.uuid
			to.net.routes = append(to.net.routes, &moved)
		}
	}
	for _, a := range c.accountsOf(v.uuid) {
		moved := *a
		moved.ownerUUID, moved.ownerName = other.uuid, other.name
		to.addAccount(&moved)
	}
}

// counterpart is the node of the other half that stands in for one of this half.
func (c *cluster) counterpart(name string, other *cluster) string {
	i := slices.IndexFunc(c.net.nodes, func(n *node) bool { return n.name == name })
	return other.net.nodes[i].name
}

// actOnMetroCluster does what an administrator, or a disaster, does to a MetroCluster.
func (s *Simulator) actOnMetroCluster(c *Cluster, act Act) error {
	m := c.state.metro
	if m == nil {
		return fmt.Errorf("cluster %q is not half of a MetroCluster", c.name)
	}
	lost := m.partner(c.state)
	switch act.Kind {
	case CutLink, RestoreLink:
		m.cut = act.Kind == CutLink
	case PauseReplication, ResumeReplication:
		m.paused = act.Kind == PauseReplication
	case SetMode:
		c.state.mode = act.Value
	case SwitchOver, NegotiateSwitchOver:
		if c.state.mode != modeNormal || act.Kind == NegotiateSwitchOver && !m.normal() {
			return fmt.Errorf("cluster %q cannot take over in mode %q", c.name, c.state.mode)
		}
		if act.Kind == NegotiateSwitchOver {
			m.mirrorBoth()
		}
		m.takeOver(c.state, lost.state)
		if act.Kind == SwitchOver {
			lost.down.Store(true)
		} else {
			lost.state.stopSources()
		}
	case SwitchBack:
		if c.state.mode != modeSwitchover || !m.linked() {
			return fmt.Errorf("cluster %q has nothing to give back, or does not reach its partner", c.name)
		}
		m.giveBack(c.state, lost.state)
	default:
		return errors.New("it is not about a MetroCluster")
	}
	s.replicate()
	return nil
}

// stopSources stops the SVMs that have a standby, which NetApp says of a negotiated switchover only.
func (c *cluster) stopSources() {
	for _, v := range c.svms {
		if v.source == "" && v.state == svmRunning {
			v.state = svmStopped
		}
	}
}

// takeOver lets the standby SVMs of the survivor serve.
func (m *metroCluster) takeOver(survivor, lost *cluster) {
	for _, standby := range survivor.svms {
		source := lost.svms[standby.source]
		if standby.source == "" || source == nil {
			continue
		}
		standby.state = source.state
		lost.store.moveTo(&survivor.store, source.uuid, standby.uuid)
	}
	for _, a := range lost.net.aggregates {
		if a.mirrored {
			switched := *a
			switched.homeNode, switched.switchedOver = lost.counterpart(a.homeNode, survivor), true
			survivor.net.aggregates = append(survivor.net.aggregates, &switched)
		}
	}
	survivor.mode, lost.mode = modeSwitchover, modeWaiting
}

// giveBack lets the sources serve again, with everything that has changed meanwhile.
func (m *metroCluster) giveBack(survivor, lost *cluster) {
	for _, standby := range survivor.svms {
		source := lost.svms[standby.source]
		if standby.source == "" || source == nil {
			continue
		}
		returned := standby.copy(source.uuid, source.name)
		returned.source, returned.subtype = "", source.subtype
		*source = *returned
		survivor.copyParts(standby, lost, source)
		standby.state = svmStopped
		survivor.store.moveTo(&lost.store, standby.uuid, source.uuid)
	}
	survivor.net.aggregates = slices.DeleteFunc(survivor.net.aggregates, func(a *aggregate) bool { return a.switchedOver })
	survivor.mode, lost.mode = modeNormal, modeNormal
}

// standby refuses a change of an SVM that stands by, or of what is part of it.
func (v *svm) standby(code string) *failure {
	if v == nil || v.source == "" || v.state == svmRunning {
		return nil
	}
	return fail(http.StatusBadRequest, code, "SVM %q is the destination of a MetroCluster", v.name)
}

var metroClusterResource = resource{
	fields: []string{
		"configuration_type", "local.cluster.name", "local.cluster.uuid", "local.configuration_state", "local.mode", "local.partner_cluster_reachable",
		"remote.cluster.name", "remote.cluster.uuid", "remote.configuration_state", "remote.mode",
	},
	self: func(record) string { return "/api/cluster/metrocluster" },
}

func (s *Simulator) getMetroCluster(q *request) (*answer, *failure) {
	if q.login.svm != "" {
		return nil, s.denied()
	}
	c := q.cluster
	r := record{
		"local.cluster.name": c.name, "local.cluster.uuid": c.uuid, "local.configuration_state": modeNotConfigured,
		"local.mode": cmp.Or(c.mode, modeNotConfigured),
	}
	if c.metro != nil {
		partner := c.metro.partner(c).state
		maps.Copy(r, record{
			"configuration_type": "ip_fabric", "local.configuration_state": "configured", "local.partner_cluster_reachable": c.metro.linked(),
			"remote.cluster.name": partner.name, "remote.cluster.uuid": partner.uuid, "remote.configuration_state": "configured", "remote.mode": partner.mode,
		})
		if !c.metro.linked() {
			r["remote.configuration_state"], r["remote.mode"] = modeNotReachable, modeNotReachable
		}
	}
	return q.instance(metroClusterResource, r)
}
