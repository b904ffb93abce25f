// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	_ "embed"
	"maps"
	"strconv"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
)

// prepareNode makes a node ready for NVMe/TCP, as far as it can, before Trident looks, which it does once.
//
//go:embed prepare_node.sh
var prepareNode string

// daemonSet is the driver on each node. Gardener lets nothing else on a node before its pod is ready and the kubelet knows the
// driver: the label for the first stands on object and pod, the annotation for the second on the pod.
func (d driver) daemonSet() *appsv1.DaemonSet {
	labels := maps.Clone(nodeSelector)
	labels[v1beta1constants.LabelNodeCriticalComponent] = "true"
	podLabels := maps.Clone(labels)
	podLabels[withoutDNS] = withoutDNSValue
	set := &appsv1.DaemonSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: "DaemonSet"},
		ObjectMeta: named(nodeName, labels),
		Spec: appsv1.DaemonSetSpec{
			RevisionHistoryLimit: new(int32(2)),
			Selector:             &metav1.LabelSelector{MatchLabels: nodeSelector},
			// One after the other would take hours in a large shoot; mounted volumes work on meanwhile.
			UpdateStrategy: appsv1.DaemonSetUpdateStrategy{
				Type: appsv1.RollingUpdateDaemonSetStrategyType, RollingUpdate: &appsv1.RollingUpdateDaemonSet{MaxUnavailable: new(intstr.FromString("10%"))},
			},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{
					Labels:      podLabels,
					Annotations: map[string]string{v1beta1constants.AnnotationPrefixWaitForCSINode + "trident": tridentv1.Driver},
				},
				Spec: corev1.PodSpec{
					ServiceAccountName: nodeName,
					PriorityClassName:  "system-node-critical",
					HostNetwork:        true,
					HostIPC:            true,
					HostPID:            true,
					// The DNS of the shoot does not run before nodes are ready, and this is what makes them ready.
					DNSPolicy:  corev1.DNSDefault,
					Affinity:   onLinux(d.workers),
					Containers: d.nodeContainers(),
					Volumes:    append(hostDirectories(), d.certificates(d.node)),
					Tolerations: []corev1.Toleration{
						{Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute}, {Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
					},
				},
			},
		},
	}
	if d.protocol == v1alpha1.ProtocolNVMe {
		set.Spec.Template.Spec.InitContainers = []corev1.Container{d.preparation()}
	}
	return set
}

func (d driver) nodeContainers() []corev1.Container {
	return []corev1.Container{d.nodeMain(), d.registrar()}
}

func (d driver) nodeMain() corev1.Container {
	probe := func(path string) corev1.ProbeHandler {
		return corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Scheme: corev1.URISchemeHTTPS, Port: intstr.FromInt32(probePort)}}
	}
	both := corev1.MountPropagationBidirectional
	container := corev1.Container{
		Name: "trident-main", Image: d.images["trident"], ImagePullPolicy: corev1.PullIfNotPresent,
		Command: []string{"/trident_orchestrator"},
		Args: append(common("node"), "--no_persistence", "--rest=false", "--https_port="+strconv.Itoa(probePort),
			"--iscsi_self_healing_interval=5m", "--iscsi_self_healing_wait_time=7m"),
		Env: []corev1.EnvVar{
			fromField("KUBE_NODE_NAME", "spec.nodeName"),
			{Name: "KUBELET_DIR", Value: kubeletDirectory}, {Name: "CSI_ENDPOINT", Value: "unix://plugin/csi.sock"}, {Name: "PATH", Value: "/netapp:/bin"},
		},
		StartupProbe:    &corev1.Probe{ProbeHandler: probe("/liveness"), PeriodSeconds: 10, TimeoutSeconds: 5, FailureThreshold: 5},
		LivenessProbe:   &corev1.Probe{ProbeHandler: probe("/liveness"), PeriodSeconds: 10, TimeoutSeconds: 5, FailureThreshold: 5},
		ReadinessProbe:  &corev1.Probe{ProbeHandler: probe("/readiness"), InitialDelaySeconds: 15, PeriodSeconds: 10, TimeoutSeconds: 5, FailureThreshold: 5},
		Resources:       requests("10m", "60Mi"),
		SecurityContext: privileged(),
		VolumeMounts: []corev1.VolumeMount{
			{Name: "plugin-dir", MountPath: "/plugin"},
			{Name: "plugins-mount-dir", MountPath: kubeletDirectory + "/plugins", MountPropagation: &both},
			{Name: "pods-mount-dir", MountPath: kubeletDirectory + "/pods", MountPropagation: &both},
			{Name: "dev-dir", MountPath: "/dev"}, {Name: "sys-dir", MountPath: "/sys"},
			{Name: "host-dir", MountPath: "/host", MountPropagation: &both},
			{Name: "trident-tracking-dir", MountPath: "/var/lib/trident/tracking", MountPropagation: &both},
			{Name: "certs", MountPath: certificatesDirectory, ReadOnly: true},
		},
	}
	if d.ipv6 {
		// Trident puts the address, which Kubernetes has put there, into a URL as it is. The name of the Service would need the DNS.
		container.Env = append(container.Env, corev1.EnvVar{Name: "TRIDENT_CSI_SERVICE_HOST", Value: "[$(TRIDENT_CSI_SERVICE_HOST)]"})
	}
	return container
}

func (d driver) registrar() corev1.Container {
	return corev1.Container{
		Name: "node-driver-registrar", Image: d.images["csi-node-driver-registrar"], ImagePullPolicy: corev1.PullIfNotPresent,
		Args: []string{
			"--v=2", "--csi-address=/plugin/csi.sock", "--kubelet-registration-path=" + kubeletDirectory + "/plugins/" + tridentv1.Driver + "/csi.sock",
		},
		Env:             []corev1.EnvVar{fromField("KUBE_NODE_NAME", "spec.nodeName")},
		Resources:       requests("1m", "10Mi"),
		SecurityContext: confined(),
		VolumeMounts:    []corev1.VolumeMount{{Name: "plugin-dir", MountPath: "/plugin"}, {Name: "registration-dir", MountPath: "/registration"}},
	}
}

// preparation never fails: a node without NVMe is still one for everything else, and what it lacks is in its message.
func (d driver) preparation() corev1.Container {
	return corev1.Container{
		Name: preparationName, Image: d.images["alpine"], ImagePullPolicy: corev1.PullIfNotPresent,
		Command: []string{"/bin/sh", "-c", prepareNode},
		Env:     []corev1.EnvVar{{Name: "HOST", Value: "/host"}, {Name: "MESSAGE", Value: corev1.TerminationMessagePathDefault}},
		// What it needs is on the host: it is the host that loads the module.
		Resources:       requests("1m", "10Mi"),
		SecurityContext: privileged(),
		VolumeMounts:    []corev1.VolumeMount{{Name: "host-dir", MountPath: "/host"}},
	}
}

// privileged is what it takes to mount, and to run the tools of the host.
func privileged() *corev1.SecurityContext {
	return &corev1.SecurityContext{Privileged: new(true), AllowPrivilegeEscalation: new(true), ReadOnlyRootFilesystem: new(true)}
}

func hostDirectories() []corev1.Volume {
	var volumes []corev1.Volume
	for _, directory := range []struct {
		name, path string
		kind       corev1.HostPathType
	}{
		{"plugin-dir", kubeletDirectory + "/plugins/" + tridentv1.Driver + "/", corev1.HostPathDirectoryOrCreate},
		{"registration-dir", kubeletDirectory + "/plugins_registry/", corev1.HostPathDirectory},
		{"plugins-mount-dir", kubeletDirectory + "/plugins", corev1.HostPathDirectoryOrCreate},
		{"pods-mount-dir", kubeletDirectory + "/pods", corev1.HostPathDirectoryOrCreate},
		{"dev-dir", "/dev", corev1.HostPathDirectory},
		{"sys-dir", "/sys", corev1.HostPathDirectory},
		{"host-dir", "/", corev1.HostPathDirectory},
		{"trident-tracking-dir", "/var/lib/trident/tracking", corev1.HostPathDirectoryOrCreate},
	} {
		volumes = append(volumes, corev1.Volume{Name: directory.name, VolumeSource: corev1.VolumeSource{
			HostPath: &corev1.HostPathVolumeSource{Path: directory.path, Type: &directory.kind},
		}})
	}
	return volumes
}
