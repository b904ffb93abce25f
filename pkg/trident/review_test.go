// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	podsecurity "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// The tables for whoever reviews what stands in shoots are made of what stands in one, and are in the README between these.
const (
	readme = "../../README.md"
	begin  = "<!-- Made by `make generate` of the objects in pkg/trident -->\n"
	end    = "<!-- End of what `make generate` makes -->\n"
)

var _ = Describe("The README", func() {
	It("should show reviewers what a shoot is given: if not, run `make generate`", func(ctx SpecContext) {
		content, err := os.ReadFile(readme)
		Expect(err).NotTo(HaveOccurred())
		before, rest, found := strings.Cut(string(content), begin)
		Expect(found).To(BeTrue())
		shown, after, found := strings.Cut(rest, end)
		Expect(found).To(BeTrue())
		tables := "\n" + strings.Join([]string{workloads(ctx), rights(ctx), ways(ctx)}, "\n") + "\n"
		if os.Getenv("WRITE_README") != "" {
			Expect(os.WriteFile(readme, []byte(before+begin+tables+end+after), 0o600)).To(Succeed())
			return
		}
		Expect(shown).To(Equal(tables))
	})
})

// table renders rows; cells of the first column that repeat the one above are left empty.
func table(header string, rows [][]string) string {
	lines := []string{"| " + header + " |", "|" + strings.Repeat("---|", strings.Count(header, "|")+1)}
	above := ""
	for _, row := range rows {
		first := row[0]
		if first == above {
			row[0] = ""
		}
		above = first
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	return strings.Join(lines, "\n") + "\n"
}

func code(names ...string) string { return "`" + strings.Join(names, "`, `") + "`" }

// or is what is said of an empty list.
func or(nothing string, names []string) string {
	if len(names) == 0 {
		return nothing
	}
	return code(names...)
}

// workloads has a row for all containers of a workload that are alike.
func workloads(ctx context.Context) string {
	GinkgoHelper()
	w := newWorld(ctx)
	w.settle(ctx)
	deployment, set := &appsv1.Deployment{}, &appsv1.DaemonSet{}
	w.get(ctx, deployment, "kube-system", "trident-controller")
	w.get(ctx, set, "kube-system", "trident-node-linux")
	rows := append(containers("Deployment", deployment.Name, deployment.Spec.Template), containers("DaemonSet", set.Name, set.Spec.Template)...)
	return table("pods | fit Pod Security Standard | namespaces of the host | containers | privileged | capabilities | own root file system | directories of the host", rows)
}

func containers(kind, name string, template corev1.PodTemplateSpec) [][]string {
	GinkgoHelper()
	spec := template.Spec
	var rows [][]string
	for _, container := range append(slices.Clone(spec.InitContainers), spec.Containers...) {
		row := append([]string{
			kind + " " + code(name), level(template), or("none", hostNamespaces(spec)), code(container.Name),
		}, confinement(container, spec.Volumes)...)
		if last := len(rows) - 1; last >= 0 && slices.Equal(rows[last][4:], row[4:]) {
			rows[last][3] += ", " + row[3]
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// level is the strictest level that pods fit, as the API server judges.
func level(template corev1.PodTemplateSpec) string {
	GinkgoHelper()
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	Expect(err).NotTo(HaveOccurred())
	for _, level := range []podsecurity.Level{podsecurity.LevelRestricted, podsecurity.LevelBaseline} {
		wanted := podsecurity.LevelVersion{Level: level, Version: podsecurity.LatestVersion()}
		if policy.AggregateCheckResults(evaluator.EvaluatePod(wanted, &template.ObjectMeta, &template.Spec)).Allowed {
			return string(level)
		}
	}
	return string(podsecurity.LevelPrivileged)
}

func hostNamespaces(spec corev1.PodSpec) []string {
	shared := map[string]bool{"network": spec.HostNetwork, "IPC": spec.HostIPC, "PID": spec.HostPID}
	maps.DeleteFunc(shared, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(shared))
}

// confinement is whether a container is privileged, its capabilities, its root file system, and what it mounts of the host.
func confinement(container corev1.Container, volumes []corev1.Volume) []string {
	paths := map[string]string{}
	for _, volume := range volumes {
		if volume.HostPath != nil {
			paths[volume.Name] = volume.HostPath.Path
		}
	}
	var mounted []string
	for _, mount := range container.VolumeMounts {
		if path, ok := paths[mount.Name]; ok {
			mounted = append(mounted, path)
		}
	}
	slices.Sort(mounted)
	context := container.SecurityContext
	privileged, capabilities, root := "no", "the default ones", "writable"
	if context.Capabilities != nil {
		capabilities = fmt.Sprintf("drop %v, add %v", context.Capabilities.Drop, context.Capabilities.Add)
		if slices.Contains(context.Capabilities.Drop, "ALL") && len(context.Capabilities.Add) == 0 {
			capabilities = "none"
		}
	}
	if *context.Privileged {
		privileged, capabilities = "**yes**", "**all**"
	}
	if *context.ReadOnlyRootFilesystem {
		root = "read-only"
	}
	return []string{privileged, capabilities, root, or("none", mounted)}
}

// rights has a row for all resources that a role may do the same with.
func rights(ctx context.Context) string {
	GinkgoHelper()
	w := newWorld(ctx)
	w.settle(ctx)
	cluster, own := &rbacv1.ClusterRoleList{}, &rbacv1.RoleList{}
	clusterBindings, ownBindings := &rbacv1.ClusterRoleBindingList{}, &rbacv1.RoleBindingList{}
	Expect(w.inside.List(ctx, cluster)).To(Succeed())
	Expect(w.inside.List(ctx, own)).To(Succeed())
	Expect(w.inside.List(ctx, clusterBindings)).To(Succeed())
	Expect(w.inside.List(ctx, ownBindings)).To(Succeed())
	holders := map[string]string{}
	for _, binding := range clusterBindings.Items {
		holders[binding.RoleRef.Kind+binding.RoleRef.Name] += names(binding.Subjects)
	}
	for _, binding := range ownBindings.Items {
		holders[binding.RoleRef.Kind+binding.RoleRef.Name] += names(binding.Subjects)
	}
	var rows [][]string
	for _, role := range cluster.Items {
		rows = append(rows, rules("ClusterRole "+code(role.Name)+" of "+holders["ClusterRole"+role.Name], role.Rules)...)
	}
	for _, role := range own.Items {
		rows = append(rows, rules("Role "+code(role.Name)+" in "+role.Namespace+" of "+holders["Role"+role.Name], role.Rules)...)
	}
	return table("rights of a service account | resources | verbs", rows)
}

func names(subjects []rbacv1.Subject) string {
	var all []string
	for _, subject := range subjects {
		all = append(all, subject.Kind+" "+code(subject.Namespace+"/"+subject.Name))
	}
	return strings.Join(all, ", ")
}

// rules merges those with the same verbs. Trident's own API is counted, and everything else named.
func rules(role string, all []rbacv1.PolicyRule) [][]string {
	GinkgoHelper()
	resources := map[string][]string{}
	var order []string
	for _, rule := range all {
		Expect(rule).To(And(HaveField("ResourceNames", BeEmpty()), HaveField("NonResourceURLs", BeEmpty())))
		verbs := strings.Join(rule.Verbs, ", ")
		if _, known := resources[verbs]; !known {
			order = append(order, verbs)
		}
		group := strings.Join(rule.APIGroups, ",")
		if len(rule.Resources) > 9 && group == "trident.netapp.io" {
			resources[verbs] = append(resources[verbs], fmt.Sprintf("%d kinds and subresources of %s", len(rule.Resources), code(group)))
			continue
		}
		for _, resource := range rule.Resources {
			name, part, _ := strings.Cut(resource, "/")
			resources[verbs] = append(resources[verbs], code(strings.Trim(strings.TrimSuffix(name+"."+group, ".")+"/"+part, "/")))
		}
	}
	var rows [][]string
	for _, verbs := range order {
		rows = append(rows, []string{role, strings.Join(resources[verbs], ", "), verbs})
	}
	return rows
}

// ways has what of the network is open, with names for addresses.
func ways(ctx context.Context) string {
	GinkgoHelper()
	w := newWorld(ctx)
	w.settle(ctx)
	policies, deployment := &networkingv1.NetworkPolicyList{}, &appsv1.Deployment{}
	Expect(w.inside.List(ctx, policies)).To(Succeed())
	w.get(ctx, deployment, "kube-system", "trident-controller")
	var rows [][]string
	for _, policy := range policies.Items {
		name := "NetworkPolicy " + code(policy.Namespace+"/"+policy.Name)
		for _, rule := range policy.Spec.Ingress {
			rows = append(rows, []string{name, "in", w.peers(rule.From), ports(rule.Ports)})
		}
		for _, rule := range policy.Spec.Egress {
			rows = append(rows, []string{name, "out", w.peers(rule.To), ports(rule.Ports)})
		}
	}
	for _, label := range slices.Sorted(maps.Keys(deployment.Spec.Template.Labels)) {
		if way, ok := strings.CutPrefix(label, "networking.gardener.cloud/"); ok {
			direction, peer, _ := strings.Cut(way, "-")
			rows = append(rows, []string{"Gardener's own, by labels of the controller", map[string]string{"from": "in", "to": "out"}[direction], peer, "as Gardener says"})
		}
	}
	for _, protocol := range []v1alpha1.Protocol{v1alpha1.ProtocolNVMe, v1alpha1.ProtocolISCSI, v1alpha1.ProtocolNFS} {
		rows = append(rows, waysThroughFirewall(ctx, protocol)...)
	}
	return table("way of the network | direction | peer | ports", rows)
}

func waysThroughFirewall(ctx context.Context, protocol v1alpha1.Protocol) [][]string {
	GinkgoHelper()
	w := newWorld(ctx)
	w.content.Protocol, w.content.StorageClasses = protocol, w.content.StorageClasses[:1]
	w.onMetal(ctx)
	w.settle(ctx)
	Expect(w.manager.Pass(ctx)).To(Succeed())
	var rows [][]string
	for _, line := range w.firewall(ctx) {
		cidr, ports, _ := strings.Cut(line, " ")
		name := "ClusterwideNetworkPolicy " + code("firewall/ontap") + " on metal-stack, with " + string(protocol)
		rows = append(rows, []string{name, "out", w.address(cidr), strings.NewReplacer(" ", ", ", "/", " ").Replace(ports)})
	}
	return slices.CompactFunc(rows, slices.Equal)
}

// address says what an address is.
func (w *world) address(cidr string) string {
	switch address, _, _ := strings.Cut(cidr, "/"); {
	case address == w.content.ManagementLIF.String():
		return "the management LIF"
	case slices.ContainsFunc(w.content.DataLIFs, func(lif netip.Addr) bool { return lif.String() == address }):
		return "each data LIF"
	}
	return code(cidr)
}

func (w *world) peers(all []networkingv1.NetworkPolicyPeer) string {
	GinkgoHelper()
	if len(all) == 0 {
		return "**anybody**"
	}
	var texts []string
	for _, peer := range all {
		Expect(peer).To(And(HaveField("IPBlock.Except", BeEmpty()), HaveField("PodSelector", BeNil()), HaveField("NamespaceSelector", BeNil())))
		texts = append(texts, w.address(peer.IPBlock.CIDR))
	}
	return strings.Join(texts, ", ")
}

func ports(all []networkingv1.NetworkPolicyPort) string {
	if len(all) == 0 {
		return "**all**"
	}
	var texts []string
	for _, port := range all {
		texts = append(texts, string(*port.Protocol)+" "+port.Port.String())
	}
	return strings.Join(texts, ", ")
}
