// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"github.com/gardener/gardener/pkg/client/kubernetes"
	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	// ExtensionNamespace is where the extension is installed, as gardenlet would name it.
	ExtensionNamespace = "extension-ontap"
	// GardenIdentity is the identity of the garden that the extension is told, and puts on everything it makes.
	GardenIdentity = "landscape"

	// tokenLifetime is longer than any landscape lives.
	tokenLifetime = 24 * time.Hour
	// authorizationTimeout bounds the wait for the API server to take notice of new roles.
	authorizationTimeout = 10 * time.Second
)

// install applies the chart with the administrator's rights, and identifies the extension.
func (l *Landscape) install(ctx context.Context) error {
	values, err := l.values()
	if err != nil {
		return err
	}
	objects, err := l.RenderChart(values)
	if err != nil {
		return fmt.Errorf("rendering the chart: %w", err)
	}
	if err := l.createNamespace(ctx, ExtensionNamespace); err != nil {
		return err
	}
	for _, object := range objects {
		if err := l.apply(ctx, object, ExtensionNamespace); err != nil {
			return err
		}
	}
	return l.identify(ctx)
}

func (s *Seed) createNamespace(ctx context.Context, name string) error {
	return s.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
}

// identify gets a token for the ServiceAccount of the Deployment, and verifies what that token is and may.
func (l *Landscape) identify(ctx context.Context) error {
	deployment, err := l.deployment(ctx)
	if err != nil {
		return err
	}
	account := deployment.Spec.Template.Spec.ServiceAccountName
	if l.ExtensionConfig, l.kubeconfig, err = l.authenticate(ctx, ExtensionNamespace, account); err != nil {
		return err
	}
	return l.verifyIdentity(ctx, serviceAccountUser(account))
}

// serviceAccountUser returns the name under which the API server knows a ServiceAccount of the extension's namespace.
func serviceAccountUser(account string) string {
	return "system:serviceaccount:" + ExtensionNamespace + ":" + account
}

// RenderChart renders the extension's chart with Helm's own engine, as gardenlet does, for this API server.
func (s *Seed) RenderChart(values common.Values) ([]*unstructured.Unstructured, error) {
	return s.renderChart(extensionName, common.ReleaseOptions{Name: extensionName, Namespace: ExtensionNamespace, Revision: 1, IsInstall: true}, values)
}

// renderChart renders the chart in a directory below charts.
func (s *Seed) renderChart(directory string, release common.ReleaseOptions, values common.Values) ([]*unstructured.Unstructured, error) {
	chart, err := loader.LoadDir(filepath.Join(s.workspace.root, "charts", directory))
	if err != nil {
		return nil, err
	}
	server, err := discovery.NewDiscoveryClientForConfig(s.RESTConfig)
	if err != nil {
		return nil, err
	}
	version, err := server.ServerVersion()
	if err != nil {
		return nil, err
	}
	capabilities := &common.Capabilities{KubeVersion: common.KubeVersion{
		Version: version.GitVersion, Major: version.Major, Minor: version.Minor,
	}}
	all, err := commonutil.ToRenderValues(chart, values, release, capabilities)
	if err != nil {
		return nil, err
	}
	files, err := (&engine.Engine{}).Render(chart, all)
	if err != nil {
		return nil, err
	}
	for name := range files {
		if strings.HasPrefix(path.Base(name), "_") || strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	_, manifests, err := releaseutil.SortManifests(files, common.DefaultVersionSet, releaseutil.InstallOrder)
	if err != nil {
		return nil, err
	}
	var objects []*unstructured.Unstructured
	for _, manifest := range manifests {
		decoded, err := decode([]byte(manifest.Content))
		if err != nil {
			return nil, fmt.Errorf("decoding %s: %w", manifest.Name, err)
		}
		objects = append(objects, decoded...)
	}
	return objects, nil
}

// values returns what an operator and gardenlet would give the chart, for the simulated clusters.
func (l *Landscape) values() (common.Values, error) {
	clusters := make([]any, 0, len(l.options.Clusters))
	for _, name := range l.options.Clusters {
		cluster := map[string]any{"name": name, "networks": networks()}
		for key, file := range map[string]string{
			"endpoint": "endpoint", "username": "username", "password": "password", "ca": "ca.crt",
		} {
			content, err := os.ReadFile(filepath.Join(l.ClusterDirectory(name), file))
			if err != nil {
				return nil, err
			}
			cluster[key] = string(content)
		}
		clusters = append(clusters, cluster)
	}
	values := common.Values{
		"clusters": clusters,
		"logLevel": "debug",
		"gardener": map[string]any{
			"version": l.workspace.gardenerVersion,
			"garden":  map[string]any{"clusterIdentity": GardenIdentity},
		},
	}
	maps.Copy(values, l.options.Values)
	return values, nil
}

// authenticate gets a token for a ServiceAccount, as the kubelet does, and writes a kubeconfig that holds nothing else, whose path it
// returns.
func (s *Seed) authenticate(ctx context.Context, namespace, account string) (*rest.Config, string, error) {
	request := &authenticationv1.TokenRequest{
		Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64(tokenLifetime.Seconds()))},
	}
	object := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: account}}
	if err := s.Client.SubResource("token").Create(ctx, object, request); err != nil {
		return nil, "", fmt.Errorf("requesting a token for ServiceAccount %q: %w", account, err)
	}
	config := &rest.Config{
		Host:            s.RESTConfig.Host,
		TLSClientConfig: rest.TLSClientConfig{CAData: s.RESTConfig.CAData},
		BearerToken:     request.Status.Token,
		QPS:             -1,
		WarningHandler:  rest.NoWarnings{},
	}
	file := s.directory.join(account + ".kubeconfig")
	return config, file, clientcmd.WriteToFile(kubeconfig(config, namespace), file)
}

// verifyIdentity makes sure that a success in this landscape says something about the chart's RBAC: the token is the
// ServiceAccount's, what the chart grants is permitted, and what it does not grant is not.
func (l *Landscape) verifyIdentity(ctx context.Context, user string) error {
	c, err := client.New(l.ExtensionConfig, client.Options{Scheme: kubernetes.SeedScheme})
	if err != nil {
		return err
	}
	review := &authenticationv1.SelfSubjectReview{}
	if err := c.Create(ctx, review); err != nil {
		return fmt.Errorf("reviewing the extension's identity: %w", err)
	}
	if review.Status.UserInfo.Username != user {
		return fmt.Errorf("the extension's identity is %q instead of %q", review.Status.UserInfo.Username, user)
	}
	var last error
	err = wait.PollUntilContextTimeout(ctx, pollInterval, authorizationTimeout, true, func(ctx context.Context) (bool, error) {
		last = c.List(ctx, &extensionsv1alpha1.ClusterList{})
		return last == nil, nil
	})
	if err != nil {
		return fmt.Errorf("%s may not list Clusters, which its chart grants: %w", user, last)
	}
	err = c.List(ctx, &corev1.ConfigMapList{}, client.InNamespace(metav1.NamespaceSystem))
	if !apierrors.IsForbidden(err) {
		return fmt.Errorf("%s was expected not to be permitted to list the ConfigMaps of kube-system, but the answer is: %w", user, err)
	}
	return nil
}
