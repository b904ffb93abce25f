// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"

	"helm.sh/helm/v4/pkg/chart/common"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	admissionName = "gardener-extension-ontap-admission"
	// gardenNamespace is where gardener-operator installs the component.
	gardenNamespace = "garden"
	// admissionAccount is the ServiceAccount that gardener-operator gives it in the virtual garden.
	admissionAccount = "extension-admission-ontap"
)

// StartAdmission installs both charts of the admission component with these values, as gardener-operator does, and starts it under
// the rights of these charts and no others. It returns when the component is ready and its webhook is registered; the API server
// asks it from some moment after that. The garden stands for both of its clusters.
func (g *Garden) StartAdmission(ctx context.Context, values map[string]any) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("starting the admission component: %w", err)
		}
	}()
	programs, err := g.workspace.programs(ctx, admissionName)
	if err != nil {
		return err
	}
	if err := g.installAdmission(ctx, values); err != nil {
		return err
	}
	var env []string
	for variable, account := range map[string]client.ObjectKey{
		"KUBECONFIG":        {Namespace: gardenNamespace, Name: admissionName},
		"GARDEN_KUBECONFIG": {Namespace: metav1.NamespaceSystem, Name: admissionAccount},
	} {
		_, path, err := g.authenticate(ctx, account.Namespace, account.Name)
		if err != nil {
			return err
		}
		env = append(env, variable+"="+path)
	}
	args, readinessURL, err := g.admissionArgs(ctx)
	if err != nil {
		return err
	}
	process, err := g.launch(program{name: admissionName, path: filepath.Join(programs, admissionName), args: args, env: env})
	if err != nil {
		return err
	}
	probe := newProbe()
	return process.await(ctx, func(ctx context.Context) error {
		if err := ask(ctx, probe, readinessURL); err != nil {
			return err
		}
		registered := &admissionregistrationv1.ValidatingWebhookConfiguration{}
		if err := g.Client.Get(ctx, client.ObjectKey{Name: admissionName}, registered); err != nil {
			return err
		}
		if len(registered.Webhooks) != 1 || len(registered.Webhooks[0].ClientConfig.CABundle) == 0 {
			return errors.New("the webhook has no CA yet")
		}
		return nil
	})
}

// AdmissionLog returns the path of the component's log. Close removes it.
func (g *Garden) AdmissionLog() string { return g.directory.join(admissionName + ".log") }

// RenderAdmission renders both charts of the admission component with these values, by the namespace that each is installed into.
func (s *Seed) RenderAdmission(values map[string]any) (map[string][]*unstructured.Unstructured, error) {
	account := map[string]any{"name": admissionAccount, "namespace": metav1.NamespaceSystem}
	all := common.Values{
		"gardener": map[string]any{
			"runtimeCluster": map[string]any{},
			"virtualCluster": map[string]any{"enabled": true, "namespace": ExtensionNamespace, "serviceAccount": account},
		},
	}
	maps.Copy(all, values)
	rendered := map[string][]*unstructured.Unstructured{}
	for chart, namespace := range map[string]string{"application": ExtensionNamespace, "runtime": gardenNamespace} {
		release := common.ReleaseOptions{Name: extensionType, Namespace: namespace, Revision: 1, IsInstall: true}
		objects, err := s.renderChart(filepath.Join(admissionName, chart), release, all)
		if err != nil {
			return nil, fmt.Errorf("rendering the chart %s: %w", chart, err)
		}
		rendered[namespace] = objects
	}
	return rendered, nil
}

func (g *Garden) installAdmission(ctx context.Context, values map[string]any) error {
	if err := g.ApplyCRD(ctx, "seed-crds", "10-crd-autoscaling.k8s.io_verticalpodautoscalers.yaml"); err != nil {
		return err
	}
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: gardenNamespace}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ExtensionNamespace}},
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespaceSystem, Name: admissionAccount}},
	} {
		if err := g.Client.Create(ctx, object); err != nil {
			return err
		}
	}
	charts, err := g.RenderAdmission(values)
	if err != nil {
		return err
	}
	for namespace, objects := range charts {
		for _, object := range objects {
			if err := g.apply(ctx, object, namespace); err != nil {
				return err
			}
		}
	}
	return nil
}

// admissionArgs returns the arguments of the Deployment, with ports and paths of this machine in place of the pod's, and the URL of
// its readiness probe.
func (g *Garden) admissionArgs(ctx context.Context) (args []string, readinessURL string, err error) {
	var deployment appsv1.Deployment
	if err := g.Client.Get(ctx, client.ObjectKey{Namespace: gardenNamespace, Name: admissionName}, &deployment); err != nil {
		return nil, "", err
	}
	container := deployment.Spec.Template.Spec.Containers[0]
	webhook, err := reservePort(ctx)
	if err != nil {
		return nil, "", err
	}
	health, err := reservePort(ctx)
	if err != nil {
		return nil, "", err
	}
	address := net.JoinHostPort(loopback, strconv.Itoa(health))
	// Of a flag that is given twice, the second one holds.
	args = append(slices.Clone(container.Args),
		"--webhook-config-url="+net.JoinHostPort(loopback, strconv.Itoa(webhook)),
		"--webhook-config-server-host="+loopback,
		"--webhook-config-server-port="+strconv.Itoa(webhook),
		"--webhook-config-cert-dir="+g.directory.join(admissionName),
		"--health-bind-address="+address,
		"--metrics-bind-address=0",
	)
	return args, "http://" + address + container.ReadinessProbe.HTTPGet.Path, nil
}
