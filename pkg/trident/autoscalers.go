// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	vpaautoscalingv1 "k8s.io/autoscaler/vertical-pod-autoscaler/pkg/apis/autoscaling.k8s.io/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// autoscalers let what the pods of Trident request follow what they use.
func autoscalers() []client.Object {
	return []client.Object{
		autoscaler("Deployment", controllerName, driver{}.controllerContainers()),
		autoscaler("DaemonSet", nodeName, driver{}.nodeContainers()),
	}
}

// autoscaler never lets a container request less memory than it does here: it is chosen for what comes after the quiet that is
// measured. The mode is that of Gardener's own components in shoots.
func autoscaler(kind, name string, containers []corev1.Container) *vpaautoscalingv1.VerticalPodAutoscaler {
	policies := make([]vpaautoscalingv1.ContainerResourcePolicy, 0, len(containers))
	for _, container := range containers {
		policies = append(policies, vpaautoscalingv1.ContainerResourcePolicy{
			ContainerName:    container.Name,
			ControlledValues: new(vpaautoscalingv1.ContainerControlledValuesRequestsOnly),
			MinAllowed:       corev1.ResourceList{corev1.ResourceMemory: container.Resources.Requests[corev1.ResourceMemory]},
		})
	}
	return &vpaautoscalingv1.VerticalPodAutoscaler{
		TypeMeta:   metav1.TypeMeta{APIVersion: vpaautoscalingv1.SchemeGroupVersion.String(), Kind: "VerticalPodAutoscaler"},
		ObjectMeta: named(name, nil),
		Spec: vpaautoscalingv1.VerticalPodAutoscalerSpec{
			TargetRef:      &autoscalingv1.CrossVersionObjectReference{APIVersion: appsv1.SchemeGroupVersion.String(), Kind: kind, Name: name},
			UpdatePolicy:   &vpaautoscalingv1.PodUpdatePolicy{UpdateMode: new(vpaautoscalingv1.UpdateModeInPlaceOrRecreate)},
			ResourcePolicy: &vpaautoscalingv1.PodResourcePolicy{ContainerPolicies: policies},
		},
	}
}
