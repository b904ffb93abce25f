// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"net/netip"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// firewallKind is as metal-stack's firewall-controller v2 has it (api/v1/clusterwidenetworkpolicy_types.go). It heeds only what
// lies in this namespace, which metal-stack's provider extension makes.
var firewallKind = schema.GroupVersionKind{Group: "metal-stack.io", Version: "v1", Kind: "ClusterwideNetworkPolicy"}

const (
	firewallNamespace  = "firewall"
	firewallPolicyName = "ontap"
)

// dataPorts are where data LIFs answer the nodes, all of them with TCP. Trident connects to NVMe subsystems by name, so that the
// discovery at 8009 is not asked; NFS 3 has its port mapper, mounts, locks and their recovery beside it.
var dataPorts = map[v1alpha1.Protocol][]int64{
	v1alpha1.ProtocolNVMe:  {4420},
	v1alpha1.ProtocolISCSI: {3260},
	v1alpha1.ProtocolNFS:   {2049, 111, 635, 4045, 4046},
}

// firewallPolicy opens the way to the SVM, and to nothing else. There is one rule for each address, since the firewall takes the
// family of all addresses in a rule from the first.
func firewallPolicy(content svm.ShootContent) *unstructured.Unstructured {
	egress := []any{egressTo(content.ManagementLIF, managementPort)}
	for _, address := range slices.SortedFunc(slices.Values(content.DataLIFs), netip.Addr.Compare) {
		egress = append(egress, egressTo(address, dataPorts[content.Protocol]...))
	}
	policy := &unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{"description": "NetApp Trident and the nodes reach the SVM of this shoot", "egress": egress},
	}}
	policy.SetGroupVersionKind(firewallKind)
	policy.SetNamespace(firewallNamespace)
	policy.SetName(firewallPolicyName)
	return policy
}

func egressTo(address netip.Addr, ports ...int64) map[string]any {
	all := make([]any, 0, len(ports))
	for _, port := range ports {
		all = append(all, map[string]any{"protocol": "TCP", "port": port})
	}
	return map[string]any{"to": []any{map[string]any{"cidr": only(address)}}, "ports": all}
}
