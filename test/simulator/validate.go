// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

var (
	clusterNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)
	versions     = regexp.MustCompile(`^\d{1,4}\.\d{1,4}\.\d{1,4}$`)
	hostNames    = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$`)
)

// maxNodes is how many nodes ONTAP allows in a cluster, and more than enough aggregates on one.
const maxNodes = 24

// problems are what is wrong with options, each with the path of its field.
type problems []error

func (p *problems) add(path, format string, args ...any) {
	*p = append(*p, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
}

// oneOf demands a value that is known.
func oneOf[T ~string](p *problems, path string, value T, allowed []T) {
	if !slices.Contains(allowed, value) {
		p.add(path, "%q is not one of %s", value, listed(allowed))
	}
}

func eachOf[T ~string](p *problems, path string, values, allowed []T) {
	for i, value := range values {
		oneOf(p, fmt.Sprintf("%s[%d]", path, i), value, allowed)
	}
}

// listed is how the allowed values are shown to whoever gave another one.
func listed[T ~string](allowed []T) string {
	texts := make([]string, 0, len(allowed))
	for _, one := range allowed {
		texts = append(texts, string(one))
	}
	return strings.Join(texts, ", ")
}

// validate names everything that is wrong, by the names of the JSON form.
func (o Options) validate() error {
	var p problems
	if len(o.Clusters) == 0 {
		p.add("clusters", "at least one is required")
	}
	listens := map[string]string{}
	listen := func(path, address string) {
		if other, taken := listens[address]; taken && address != "" && !strings.HasSuffix(address, ":0") {
			p.add(path, "%q is that of %s", address, other)
		}
		listens[address] = path
		p.listen(path, address)
	}
	listen("adminListen", o.AdminListen)
	for path, value := range map[string]int64{
		"queueDuration": int64(o.QueueDuration), "jobDuration": int64(o.JobDuration), "latency": int64(o.Latency), "pageSize": int64(o.PageSize),
		"replicationDuration": int64(o.ReplicationDuration),
	} {
		if value < 0 {
			p.add(path, "it cannot be negative")
		}
	}
	eachOf(&p, "tolerated", o.Tolerated, violationKinds())
	names := map[string]bool{}
	for i, c := range o.Clusters {
		path := fmt.Sprintf("clusters[%d]", i)
		if names[c.Name] {
			p.add(path+".name", "%q is used twice", c.Name)
		}
		names[c.Name] = true
		listen(path+".listen", c.Listen)
		c.validate(path, &p)
		if c.MetroClusterPartner != "" && !o.pairs(c) {
			p.add(path+".metroClusterPartner", "%q is not another cluster that names %q and has as many nodes", c.MetroClusterPartner, c.Name)
		}
	}
	slices.SortStableFunc(p, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(p...)
}

// pairs tells whether the cluster and its partner can be a MetroCluster.
func (o Options) pairs(c ClusterOptions) bool {
	return slices.ContainsFunc(o.Clusters, func(other ClusterOptions) bool {
		return other.Name == c.MetroClusterPartner && other.Name != c.Name && other.MetroClusterPartner == c.Name &&
			cmp.Or(other.Nodes, defaultNodes) == cmp.Or(c.Nodes, defaultNodes)
	})
}

func (c ClusterOptions) validate(path string, p *problems) {
	if !clusterNames.MatchString(c.Name) {
		p.add(path+".name", "%q is not 1 to 40 letters, digits, - and _, with a letter or digit first", c.Name)
	}
	if c.Version != "" && !versions.MatchString(c.Version) {
		p.add(path+".version", "%q is not generation.major.minor such as %s", c.Version, defaultVersion)
	}
	if strings.Contains(c.Username, ":") {
		p.add(path+".username", "%q has a colon, which a basic login cannot have", c.Username)
	}
	for field, count := range map[string]int{"nodes": c.Nodes, "aggregatesPerNode": c.AggregatesPerNode} {
		if count < 0 || count > maxNodes {
			p.add(path+"."+field, "%d is not 0 (the default) to %d", count, maxNodes)
		}
	}
	for i, host := range c.Hosts {
		if _, err := netip.ParseAddr(host); err != nil && !hostNames.MatchString(host) {
			p.add(fmt.Sprintf("%s.hosts[%d]", path, i), "%q is neither a host name nor an IP address", host)
		}
	}
	if address, err := netip.ParseAddrPort(c.Listen); err == nil && address.Addr().IsUnspecified() && len(c.Hosts) == 0 {
		p.add(path+".hosts", "required where listen is %s, for nobody can call that address", address.Addr())
	}
	nodes := []string{"*"}
	for i := range min(cmp.Or(max(c.Nodes, 0), defaultNodes), maxNodes) {
		nodes = append(nodes, nodeName(c.Name, i))
	}
	eachOf(p, path+".bgpPeersUp", c.BGPPeersUp, nodes)
	eachOf(p, path+".unlicensed", c.Unlicensed, protocolKeys())
	oneOf(p, path+".certificate", c.Certificate, []string{"", certificateExpired, certificateUntrusted})
	p.requests(path+".approvalRules", c.ApprovalRules)
	p.requests(path+".denied", c.Denied)
	for i, one := range c.Privileges {
		at := fmt.Sprintf("%s.privileges[%d]", path, i)
		oneOf(p, at+".access", one.Access, slices.Sorted(maps.Keys(accessLevels)))
		if !strings.HasPrefix(one.Path, "/api") {
			p.add(at+".path", "%q does not begin with /api", one.Path)
		}
	}
	for i, s := range c.Subnets {
		s.validate(fmt.Sprintf("%s.subnets[%d]", path, i), p)
	}
}

// listen demands what one can listen on.
func (p *problems) listen(path, address string) {
	if _, err := netip.ParseAddrPort(address); err != nil && address != "" {
		p.add(path, "%q is not an IP address with a port such as 127.0.0.1:8443", address)
	}
}

// requests demands operations that are simulated.
func (p *problems) requests(path string, values []string) {
	all := routes()
	for i, value := range values {
		method, template, _ := strings.Cut(value, " ")
		if _, ok := all[template][method]; !ok {
			p.add(fmt.Sprintf("%s[%d]", path, i), "%q is not simulated; one that is: DELETE /svm/svms/{uuid}", value)
		}
	}
}

func (s SubnetOptions) validate(path string, p *problems) {
	if s.Name == "" {
		p.add(path+".name", "required")
	}
	prefix, err := netip.ParsePrefix(s.Prefix)
	if err != nil {
		p.add(path+".prefix", "%q is not an address with a prefix length such as 10.12.0.0/16", s.Prefix)
		return
	}
	first := p.within(path+".first", s.First, prefix)
	if last := p.within(path+".last", s.Last, prefix); first.IsValid() && last.IsValid() && last.Less(first) {
		p.add(path+".last", "%s is below first, %s", last, first)
	}
}

// within demands an address of a prefix.
func (p *problems) within(path, value string, prefix netip.Prefix) netip.Addr {
	address, err := netip.ParseAddr(value)
	if err != nil || !prefix.Contains(address) {
		p.add(path, "%q is not an address in %s", value, prefix)
	}
	return address
}
