// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"net/netip"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	"github.com/gardener/gardener/pkg/resourcemanager/controller/garbagecollector/references"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	// serviceName is also the name on the certificate of the controller that the nodes ask for, whatever host they dial.
	serviceName    = "trident-csi"
	controllerName = "trident-controller"
	nodeName       = "trident-node-linux"
	// restPort is where the controller answers the nodes, servicePort where the Service does; both are in Trident's code.
	restPort, servicePort = 8443, 34571
	metricsPort           = 8001
	// probePort is where a node answers the kubelet.
	probePort = 17546
	// managementPort is where ONTAP answers the controller.
	managementPort = 443

	certificatesDirectory = "/certs"
	kubeletDirectory      = "/var/lib/kubelet"
)

// The labels by which the pods are known. They are in selectors, which cannot be changed: they are for ever.
var (
	controllerSelector = map[string]string{"app": "controller.csi.trident.netapp.io"}
	nodeSelector       = map[string]string{"app": "node.csi.trident.netapp.io"}
)

// driver is what Trident is deployed from.
type driver struct {
	images        map[string]string
	managementLIF netip.Addr
	protocol      v1alpha1.Protocol
	// workers are the worker pools whose nodes get it; all where it is empty.
	workers []string
	// ipv6 is whether the Services of the shoot have IPv6 addresses.
	ipv6 bool
	// controller and node are the Secrets with certificates, key is the one that Trident encrypts CHAP credentials with.
	controller, node, key *corev1.Secret
}

// driver makes what Trident is deployed from: it keeps in the seed what of it is not to be lost.
func (s *ShootResources) driver(content svm.ShootContent) func(context.Context) (map[string][]byte, error) {
	return func(ctx context.Context) (map[string][]byte, error) {
		images, err := imageReferences(s.images)
		if err != nil {
			return nil, err
		}
		key, err := s.encryptionKey(ctx, content.Namespace)
		if err != nil {
			return nil, err
		}
		controller, node, err := s.certificates(ctx, content)
		if err != nil {
			return nil, err
		}
		objects, err := driver{
			images: images, managementLIF: content.ManagementLIF, protocol: content.Protocol, workers: content.Workers, ipv6: content.IPv6,
			controller: controller, node: node, key: key,
		}.objects()
		if err != nil {
			return nil, err
		}
		return encode(objects)
	}
}

// objects are those that NetApp's tridentctl makes for 26.06, as far as a shoot needs them. There is no PodDisruptionBudget:
// one for the only controller would either forbid to drain its node or allow everything, and nobody evicts the pods of a
// DaemonSet. There is no ResourceQuota: kube-system has none that would have to be got round.
func (d driver) objects() ([]client.Object, error) {
	deployment, daemonSet := d.deployment(), d.daemonSet()
	for _, workload := range []client.Object{deployment, daemonSet} {
		if err := references.InjectAnnotations(workload); err != nil {
			return nil, err
		}
	}
	all := []client.Object{d.controller, d.node, d.key, deployment, daemonSet, service(), csiDriver(), d.networkPolicy()}
	return append(all, access()...), nil
}

// named is the metadata of an object in kube-system, or of one in no namespace if that is said.
func named(name string, labels map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: name, Labels: labels}
}

// localhost is the loopback address of the shoot's IP family, as it stands in a URL.
func (d driver) localhost() string {
	if d.ipv6 {
		return "[::1]"
	}
	return "127.0.0.1"
}

// common are the arguments of controller and node.
func common(role string) []string {
	return []string{
		"--k8s_pod", "--https_rest", "--csi_node_name=$(KUBE_NODE_NAME)", "--csi_endpoint=$(CSI_ENDPOINT)", "--csi_role=" + role,
		"--log_format=json", "--log_level=info", "--disable_audit_log=true", "--http_request_timeout=90s", "--enable_force_detach=false",
	}
}

func fromField(name, path string) corev1.EnvVar {
	return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{APIVersion: "v1", FieldPath: path}}}
}

// certificates is the volume with what a pod proves itself by, and with the key.
func (d driver) certificates(secret *corev1.Secret) corev1.Volume {
	source := func(name string) corev1.VolumeProjection {
		return corev1.VolumeProjection{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: name}}}
	}
	return corev1.Volume{Name: "certs", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		Sources: []corev1.VolumeProjection{source(secret.Name), source(d.key.Name)}, DefaultMode: new(int32(0o400)),
	}}}
}

// onLinux keeps pods on nodes that Trident's images are made for, and of worker pools if some are given.
func onLinux(workers []string) *corev1.Affinity {
	in := func(key string, values ...string) corev1.NodeSelectorRequirement {
		return corev1.NodeSelectorRequirement{Key: key, Operator: corev1.NodeSelectorOpIn, Values: values}
	}
	wanted := []corev1.NodeSelectorRequirement{in(corev1.LabelArchStable, "amd64", "arm64"), in(corev1.LabelOSStable, "linux")}
	if len(workers) > 0 {
		wanted = append(wanted, in(v1beta1constants.LabelWorkerPool, workers...))
	}
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
		NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: wanted}},
	}}}
}
