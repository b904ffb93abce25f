// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

// CheckResult is what came of a check.
type CheckResult string

const (
	// CheckOK is that of what is as it has to be.
	CheckOK CheckResult = "ok"
	// CheckMissing is that of something without which SVMs cannot be kept there.
	CheckMissing CheckResult = "missing"
	// CheckWarning is that of something that is not needed, or not by everybody.
	CheckWarning CheckResult = "warning"
	// CheckUnknown is that of what could not be looked at.
	CheckUnknown CheckResult = "unknown"
)

// Check is one thing that a cluster has to have.
type Check struct {
	Name    string      `json:"name"`
	Result  CheckResult `json:"result"`
	Message string      `json:"message,omitempty"`
}

// Preflight is what a cluster has of what it takes to keep SVMs there.
type Preflight struct {
	Cluster string  `json:"cluster"`
	Checks  []Check `json:"checks"`
}

func (p *Preflight) add(name string, result CheckResult, format string, args ...any) {
	p.Checks = append(p.Checks, Check{name, result, strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")})
}

// unknown notes that something could not be looked at.
func (p *Preflight) unknown(name string, err error) { p.add(name, CheckUnknown, "%v", err) }

// Preflight checks all clusters for SVMs that serve one of the given protocols. It reads only.
func (i *Inventory) Preflight(ctx context.Context, needed []v1alpha1.Protocol) []Preflight {
	all := make([]Preflight, 0, len(i.clusters))
	for _, cluster := range i.clusters {
		p := Preflight{Cluster: cluster.Name()}
		p.check(ctx, cluster, needed)
		all = append(all, p)
	}
	return all
}

func (p *Preflight) check(ctx context.Context, cluster Cluster, needed []v1alpha1.Protocol) {
	nodes, err := cluster.Nodes.List(ctx)
	if !p.reach(cluster, err) {
		p.add("Everything else", CheckUnknown, "not looked at")
		return
	}
	p.rights(ctx, cluster)
	p.approvals(ctx, cluster)
	p.licences(ctx, cluster, needed)
	if err != nil {
		for _, name := range []string{"Version", "Aggregates", "Networks"} {
			p.unknown(name, err)
		}
		return
	}
	aggregates, err := cluster.Aggregates.List(ctx)
	found := newLayout(nodes, aggregates)
	if found.version.AtLeast(minimumVersion) {
		p.add("Version", CheckOK, "ONTAP %s", found.version)
	} else {
		p.add("Version", CheckMissing, "a node runs ONTAP %s, which is older than %s", found.version, minimumVersion)
	}
	if err != nil {
		p.unknown("Aggregates", err)
	} else {
		p.aggregates(found, cluster.Settings)
	}
	if found.metroCluster {
		p.metroCluster(ctx, cluster)
	}
	p.networks(ctx, cluster, found.nodes())
}

// reach judges the first request. It reports false if there is no use in another one.
func (p *Preflight) reach(cluster Cluster, err error) bool {
	if ontap.IsUnavailable(err) {
		p.add("Reachable", CheckMissing, "%v", err)
		return false
	}
	if ontap.IsLoginRefused(err) && !answered(err) {
		p.add("Credentials", CheckMissing, "%v", err)
		return false
	}
	if ontap.IsUntrusted(err) {
		p.add("TLS", CheckMissing, "%v", err)
		return false
	}
	p.add("Reachable", CheckOK, "%s", cluster.Settings.Endpoint)
	if cluster.Settings.InsecureSkipVerify {
		p.add("TLS", CheckWarning, "the certificate is not verified, since insecureSkipVerify is set: whoever answers gets the credentials")
	} else {
		p.add("TLS", CheckOK, "")
	}
	if ontap.IsLoginRefused(err) {
		p.add("Credentials", CheckMissing, "%v", err)
		return false
	}
	p.add("Credentials", CheckOK, "")
	return true
}

// answered reports whether an error is an answer of the cluster's.
func answered(err error) bool {
	e, ok := errors.AsType[*ontap.Error](err)
	return ok && e.Status != 0
}

// rights compares the role of the cluster credentials with what the client sends, path by path.
func (p *Preflight) rights(ctx context.Context, cluster Cluster) {
	role, err := cluster.Roles.Own(ctx)
	if err != nil {
		p.unknown("Rights", err)
		return
	}
	lacking := 0
	for _, wanted := range ontap.PrivilegesFor(ontap.Rights()) {
		if !ontap.Allows(role.Privileges, wanted) {
			lacking++
			p.add("Right "+wanted.Path, CheckMissing, "role %s grants %s, not %s", role.Name, ontap.Granted(role.Privileges, wanted.Path), wanted.Access)
		}
	}
	if lacking == 0 {
		p.add("Rights", CheckOK, "role %s grants all that is needed", role.Name)
	}
}

// approvals looks for multi-admin rules that hold writes of the extension up.
func (p *Preflight) approvals(ctx context.Context, cluster Cluster) {
	const name = "Multi-admin rules"
	off, err := cluster.Approvals.Off(ctx)
	if err == nil && off {
		p.add(name, CheckOK, "multi-admin verification is off")
		return
	}
	var rules []string
	if err == nil {
		rules, err = cluster.Approvals.Rules(ctx)
	}
	rules = slices.DeleteFunc(rules, func(rule string) bool { return !slices.Contains(ontap.Commands(), rule) })
	slices.Sort(rules)
	switch {
	case err != nil:
		p.unknown(name, err)
	case len(rules) > 0:
		p.add(name, CheckWarning, "there are some for %s: runs wait for an approval each time that they come to that", strings.Join(rules, ", "))
	default:
		p.add(name, CheckOK, "none is for what the extension writes")
	}
}

func (p *Preflight) licences(ctx context.Context, cluster Cluster, needed []v1alpha1.Protocol) {
	found, err := cluster.Licenses.List(ctx)
	for _, protocol := range []v1alpha1.Protocol{v1alpha1.ProtocolNVMe, v1alpha1.ProtocolISCSI, v1alpha1.ProtocolNFS} {
		name, wanted := "Licence for "+string(protocol), slices.Contains(needed, protocol)
		switch {
		case err != nil && wanted:
			p.unknown(name, err)
		case err != nil:
			p.add(name, CheckWarning, "not known, and not needed: %v", err)
		case slices.ContainsFunc(found, func(l ontap.License) bool { return l.Name == protocols[protocol].license && l.Usable() }):
			p.add(name, CheckOK, "")
		case wanted:
			p.add(name, CheckMissing, "there is no usable licence %s", protocols[protocol].license)
		default:
			p.add(name, CheckWarning, "there is no usable licence %s: shoots with %s get no SVM here", protocols[protocol].license, protocol)
		}
	}
}

// aggregates looks for an HA pair that can take an SVM.
func (p *Preflight) aggregates(found layout, settings configv1alpha1.ONTAPCluster) {
	var usable, unusable, single []string
	for _, pair := range found.pairs {
		name := strings.Join(pair.nodes, " and ")
		if pair.roomy {
			usable = append(usable, name)
		} else {
			unusable = append(unusable, name)
		}
		if len(pair.nodes) == 1 && !settings.WithoutHA {
			single = append(single, name)
		}
	}
	kind := "online aggregate with room"
	if found.metroCluster {
		kind = "online, mirrored aggregate with room"
	}
	switch {
	case len(usable) == 0:
		p.add("Aggregates", CheckMissing, "no node has an %s", kind)
	case len(unusable) > 0:
		p.add("Aggregates", CheckWarning, "no %s on %s: SVMs are placed on %s", kind, strings.Join(unusable, ", "), strings.Join(usable, ", "))
	default:
		p.add("Aggregates", CheckOK, "on %s", strings.Join(usable, ", "))
	}
	if len(single) > 0 {
		p.add("HA", CheckMissing, "%s has no HA partner, and withoutHA is not set", strings.Join(single, ", "))
	}
}

func (p *Preflight) metroCluster(ctx context.Context, cluster Cluster) {
	switch metro, err := cluster.MetroCluster.Get(ctx); {
	case err != nil:
		p.unknown("MetroCluster", err)
	case !metro.Normal():
		p.add("MetroCluster", CheckWarning, "its mode is %s, that of its partner %s is %s: nothing is changed until both are normal", metro.Mode, metro.Partner, metro.PartnerMode)
	default:
		p.add("MetroCluster", CheckOK, "")
	}
}
