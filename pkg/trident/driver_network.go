// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"net/netip"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
)

// service is where nodes find the controller. Kubernetes puts its address into their pods when they start, so that it must never
// be made anew.
func service() *corev1.Service {
	return &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: named(serviceName, controllerSelector),
		Spec: corev1.ServiceSpec{
			Type:     corev1.ServiceTypeClusterIP,
			Selector: controllerSelector,
			Ports: []corev1.ServicePort{
				{Name: "https", Protocol: corev1.ProtocolTCP, Port: servicePort, TargetPort: intstr.FromInt32(restPort)},
				{Name: "metrics", Protocol: corev1.ProtocolTCP, Port: 9220, TargetPort: intstr.FromInt32(metricsPort)},
			},
		},
	}
}

// csiDriver tells Kubernetes of the driver. Most of it cannot be changed.
func csiDriver() *storagev1.CSIDriver {
	return &storagev1.CSIDriver{
		TypeMeta:   metav1.TypeMeta{APIVersion: storagev1.SchemeGroupVersion.String(), Kind: "CSIDriver"},
		ObjectMeta: metav1.ObjectMeta{Name: tridentv1.Driver, Annotations: map[string]string{resourcesv1alpha1.DeleteOnInvalidUpdate: "true"}},
		Spec:       storagev1.CSIDriverSpec{AttachRequired: new(true), FSGroupPolicy: new(storagev1.ReadWriteOnceWithFSTypeFSGroupPolicy)},
	}
}

// networkPolicy lets the controller reach ONTAP and the nodes reach the controller, where everything is forbidden that is not
// allowed, as in kube-system from Kubernetes 1.33 on. API server, DNS and whoever scrapes are Gardener's own policies, by label.
// The nodes are not named: what their addresses look like is up to the network of the shoot, and who asks has to show a certificate.
// The pods of nodes are on the network of their node, which no policy is for.
func (d driver) networkPolicy() *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: networkingv1.SchemeGroupVersion.String(), Kind: "NetworkPolicy"},
		ObjectMeta: named(controllerName, nil),
		Spec: networkingv1.NetworkPolicySpec{
			PodSelector: metav1.LabelSelector{MatchLabels: controllerSelector},
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress},
			Ingress:     []networkingv1.NetworkPolicyIngressRule{{Ports: tcp(restPort)}},
			Egress: []networkingv1.NetworkPolicyEgressRule{{
				Ports: tcp(managementPort), To: []networkingv1.NetworkPolicyPeer{{IPBlock: &networkingv1.IPBlock{CIDR: only(d.managementLIF)}}},
			}},
		},
	}
}

func tcp(port int32) []networkingv1.NetworkPolicyPort {
	return []networkingv1.NetworkPolicyPort{{Protocol: new(corev1.ProtocolTCP), Port: new(intstr.FromInt32(port))}}
}

// only is the block of one address.
func only(address netip.Addr) string { return netip.PrefixFrom(address, address.BitLen()).String() }
