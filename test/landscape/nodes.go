// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// controllers are those of kube-controller-manager that a workload needs: for its pods, their accounts, the taints of nodes that
// have just come, and for what is left of it when it goes.
var controllers = []string{
	"deployment-controller", "replicaset-controller", "daemonset-controller", "serviceaccount-controller", "node-lifecycle-controller",
	"garbage-collector-controller", "pod-garbage-collector-controller",
}

// EmployNodes lets the shoot, whose control plane runs, have nodes: kube-controller-manager makes the pods of its workloads,
// kube-scheduler places them, and kwok is the kubelet of every node; the three are built first if that was not done. A hibernation ends all three, and WakeUp starts them again.
func (s *Shoot) EmployNodes(ctx context.Context) error {
	s.employsNodes = true
	return s.startNodePrograms(ctx)
}

func (s *Shoot) startNodePrograms(ctx context.Context) error {
	if _, err := s.seed.workspace.assets(ctx, "nodes"); err != nil {
		return err
	}
	kubeconfig := "--kubeconfig=" + s.ControlPlane.KubeconfigPath
	for _, p := range []program{
		{name: "kube-controller-manager", args: []string{
			kubeconfig, "--leader-elect=false", "--secure-port=0", "--controllers=" + strings.Join(controllers, ","),
			"--node-monitor-period=1s", "--kube-api-qps=100", "--kube-api-burst=200",
		}},
		{name: "kube-scheduler", args: []string{kubeconfig, "--leader-elect=false", "--secure-port=0", "--kube-api-qps=100", "--kube-api-burst=200"}},
		{name: "kwok", args: []string{
			kubeconfig, "--config=" + filepath.Join(s.seed.workspace.binaries(), "kwok.yaml"), "--manage-all-nodes=true", "--node-lease-duration-seconds=40",
		}},
	} {
		p.path, p.name = filepath.Join(s.seed.workspace.binaries(), p.name), s.Name+"-"+p.name
		started, err := s.seed.launch(p)
		if err != nil {
			return err
		}
		s.ControlPlane.running = append(s.ControlPlane.running, started)
	}
	return nil
}

// Join adds a node of a worker pool, as Gardener's machines come: nothing runs on it but what is critical to nodes.
func (s *Shoot) Join(ctx context.Context, name, pool string) error {
	return s.ControlPlane.Client.Create(ctx, &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			corev1.LabelHostname: name, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64", v1beta1constants.LabelWorkerPool: pool,
		}},
		Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: v1beta1constants.TaintNodeCriticalComponentsNotReady, Effect: corev1.TaintEffectNoSchedule}}},
	})
}

// RegisterDriver says in the place of a node's kubelet, which kwok plays without it, that a CSI driver has registered there.
func (s *Shoot) RegisterDriver(ctx context.Context, node, driver string) error {
	owner := &corev1.Node{}
	if err := s.Inside(ctx, "", node, owner); err != nil {
		return fmt.Errorf("registering a driver on node %q: %w", node, err)
	}
	return s.ControlPlane.Client.Create(ctx, &storagev1.CSINode{
		ObjectMeta: metav1.ObjectMeta{Name: node, OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(owner, corev1.SchemeGroupVersion.WithKind("Node"))}},
		Spec:       storagev1.CSINodeSpec{Drivers: []storagev1.CSINodeDriver{{Name: driver, NodeID: node}}},
	})
}
