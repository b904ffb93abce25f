// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"maps"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// withoutPolling keeps Trident 26.06 from asking ONTAP for its state every five minutes: while ONTAP has not answered since the
// controller started, it does so with a client that is nil, and the process dies, again and again, so that no node gets ready.
// Whether the SVM works is watched by this extension anyway.
const withoutPolling = "--backend_storage_poll_interval=0"

// deployment is the one controller: it keeps what it knows in memory, so there is never a second one.
func (d driver) deployment() *appsv1.Deployment {
	labels := maps.Clone(controllerSelector)
	maps.Copy(labels, map[string]string{
		v1beta1constants.LabelNetworkPolicyShootToAPIServer: v1beta1constants.LabelNetworkPolicyAllowed,
		v1beta1constants.LabelNetworkPolicyToDNS:            v1beta1constants.LabelNetworkPolicyAllowed,
		v1beta1constants.LabelNetworkPolicyShootFromSeed:    v1beta1constants.LabelNetworkPolicyAllowed,
		withoutDNS: withoutDNSValue,
	})
	return &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: "Deployment"},
		ObjectMeta: named(controllerName, controllerSelector),
		Spec: appsv1.DeploymentSpec{
			Replicas:             new(int32(1)),
			RevisionHistoryLimit: new(int32(2)),
			Strategy:             appsv1.DeploymentStrategy{Type: appsv1.RecreateDeploymentStrategyType},
			Selector:             &metav1.LabelSelector{MatchLabels: controllerSelector},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					ServiceAccountName: controllerName,
					PriorityClassName:  "system-cluster-critical",
					SecurityContext:    &corev1.PodSecurityContext{SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}},
					Affinity:           onLinux(nil),
					// No node gets ready without the controller, so it has to start where nothing else may yet. The pools for
					// system components, and the taints of these, are gardener-resource-manager's.
					Tolerations: []corev1.Toleration{
						{Key: v1beta1constants.TaintNodeCriticalComponentsNotReady, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule},
						{Key: "CriticalAddonsOnly", Operator: corev1.TolerationOpExists},
					},
					Containers: d.controllerContainers(),
					Volumes: []corev1.Volume{
						{Name: "socket-dir", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
						d.certificates(d.controller),
					},
				},
			},
		},
	}
}

// The name of the API server that Gardener puts into pods needs a DNS, which does not run before nodes are ready. Without it
// pods go through the node's own proxy.
const (
	withoutDNS      = resourcesv1alpha1.KubernetesServiceHostInject
	withoutDNSValue = "disable"
)

func (d driver) controllerContainers() []corev1.Container {
	return []corev1.Container{
		d.controllerMain(),
		d.sidecar("csi-provisioner", "3m", "--worker-threads=25"),
		d.sidecar("csi-attacher", "2m", "--worker-threads=25"),
		d.sidecar("csi-resizer", "3m", "--workers=25"),
		d.sidecar("csi-snapshotter", "2m", "--worker-threads=25"),
	}
}

func (d driver) controllerMain() corev1.Container {
	server := d.localhost() + ":8000"
	probe := corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"tridentctl", "-s", server, "version"}}}
	return corev1.Container{
		Name: "trident-main", Image: d.images["trident"], ImagePullPolicy: corev1.PullIfNotPresent,
		Command: []string{"/trident_orchestrator"},
		Args: append(common("controller"),
			"--crd_persistence", "--https_port=8443", "--address="+d.localhost(), "--enable_concurrency=false", "--metrics", withoutPolling),
		Env: []corev1.EnvVar{
			fromField("KUBE_NODE_NAME", "spec.nodeName"), fromField("POD_NAMESPACE", "metadata.namespace"),
			{Name: "CSI_ENDPOINT", Value: "unix://plugin/csi.sock"}, {Name: "TRIDENT_SERVER", Value: server},
		},
		Ports: []corev1.ContainerPort{
			{Name: "https", ContainerPort: restPort, Protocol: corev1.ProtocolTCP}, {Name: "metrics", ContainerPort: metricsPort, Protocol: corev1.ProtocolTCP},
		},
		LivenessProbe: &corev1.Probe{
			ProbeHandler: probe, InitialDelaySeconds: 120, PeriodSeconds: 120, TimeoutSeconds: 90, FailureThreshold: 2,
		},
		ReadinessProbe: &corev1.Probe{
			ProbeHandler: probe, InitialDelaySeconds: 10, PeriodSeconds: 10, TimeoutSeconds: 10, FailureThreshold: 3,
		},
		Resources:       requests("10m", "80Mi"),
		SecurityContext: confined(),
		VolumeMounts: []corev1.VolumeMount{
			{Name: "socket-dir", MountPath: "/plugin"}, {Name: "certs", MountPath: certificatesDirectory, ReadOnly: true},
		},
	}
}

// sidecar is one of Kubernetes' own CSI containers, which speaks to Trident through a socket.
func (d driver) sidecar(name, cpu, workers string) corev1.Container {
	return corev1.Container{
		Name: name, Image: d.images[name], ImagePullPolicy: corev1.PullIfNotPresent,
		Args: []string{
			"--v=2", "--csi-address=/plugin/csi.sock", workers, "--timeout=600s", "--retry-interval-start=10s", "--retry-interval-max=300s",
		},
		Resources:       requests(cpu, "20Mi"),
		SecurityContext: confined(),
		VolumeMounts:    []corev1.VolumeMount{{Name: "socket-dir", MountPath: "/plugin"}},
	}
}

// requests are without limits: what is needed grows with the number of volumes.
func requests(cpu, memory string) corev1.ResourceRequirements {
	return corev1.ResourceRequirements{Requests: corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory),
	}}
}

// confined leaves a container nothing but its user, which is root: Trident makes the socket, and nobody else may write to it.
func confined() *corev1.SecurityContext {
	return &corev1.SecurityContext{
		AllowPrivilegeEscalation: new(false), ReadOnlyRootFilesystem: new(true), Privileged: new(false),
		Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
	}
}
