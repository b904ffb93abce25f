// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"fmt"
	"slices"
	"strings"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	preparationName = "prepare-node"
	// namedNodes is how many nodes a message names; the others are counted.
	namedNodes = 5
)

// unprepared says which nodes lack what, from what the preparation of each has left in its message. It costs one request, and one
// more for each node that it names.
func unprepared(ctx context.Context, shoot client.Client) (string, error) {
	pods := &corev1.PodList{}
	if err := shoot.List(ctx, pods, client.InNamespace(metav1.NamespaceSystem), client.MatchingLabels(nodeSelector)); err != nil {
		return "", unreachable("listing the pods of "+nodeName, err)
	}
	pods.Items = slices.DeleteFunc(pods.Items, func(pod corev1.Pod) bool { return lacking(pod) == "" })
	slices.SortFunc(pods.Items, func(a, b corev1.Pod) int { return strings.Compare(a.Spec.NodeName, b.Spec.NodeName) })
	var findings []string
	for i, pod := range pods.Items {
		if i == namedNodes {
			findings = append(findings, fmt.Sprintf("%d nodes more lack something", len(pods.Items)-namedNodes))
			break
		}
		node := &corev1.Node{}
		if err := shoot.Get(ctx, client.ObjectKey{Name: pod.Spec.NodeName}, node); client.IgnoreNotFound(err) != nil {
			return "", unreachable("reading Node "+pod.Spec.NodeName, err)
		}
		findings = append(findings, fmt.Sprintf("node %s of worker pool %q lacks %s", pod.Spec.NodeName, node.Labels[v1beta1constants.LabelWorkerPool], lacking(pod)))
	}
	return strings.Join(findings, "; "), nil
}

// lacking is what the preparation of a node has found missing there, one in a line of its message.
func lacking(pod corev1.Pod) string {
	for _, status := range pod.Status.InitContainerStatuses {
		if ended := status.State.Terminated; status.Name == preparationName && ended != nil {
			return strings.Join(strings.FieldsFunc(ended.Message, func(r rune) bool { return r == '\n' }), ", ")
		}
	}
	return ""
}
