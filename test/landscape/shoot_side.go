// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	resourcemanagerv1alpha1 "github.com/gardener/gardener/pkg/apis/config/resourcemanager/v1alpha1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	"github.com/gardener/gardener/pkg/client/kubernetes"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/clientcmd"
	componentbaseconfigv1alpha1 "k8s.io/component-base/config/v1alpha1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

const resourceManagerName = "gardener-resource-manager"

// StartControlPlane starts what the shoot has of its own: a control plane, which takes some seconds, and between it and
// the seed Gardener's gardener-resource-manager. The kubeconfig for the extension lies in the seed, where gardenlet has it.
// Remove ends it.
func (s *Shoot) StartControlPlane(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("starting the control plane of shoot %q: %w", s.Name, err)
		}
	}()
	if s.ControlPlane, err = s.seed.newControlPlane(ctx, s.Name, kubernetes.ShootScheme); err != nil {
		return err
	}
	if err := s.publishKubeconfig(ctx); err != nil {
		return err
	}
	return s.start(ctx)
}

// publishKubeconfig leaves in the seed how the extension gets into the shoot.
func (s *Shoot) publishKubeconfig(ctx context.Context) error {
	content, err := clientcmd.Write(kubeconfig(s.ControlPlane.RESTConfig, metav1.NamespaceDefault))
	if err != nil {
		return err
	}
	return s.seed.Client.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: v1beta1constants.SecretNameGardener},
		Data:       map[string][]byte{"kubeconfig": content},
	})
}

// Hibernate lets the seed know that the shoot hibernates, and ends its control plane.
func (s *Shoot) Hibernate(ctx context.Context) error {
	s.Hibernated = true
	return errors.Join(s.writeCluster(ctx, nil), s.seed.stop(ctx, s.ControlPlane))
}

// WakeUp starts the control plane again and lets the seed know.
func (s *Shoot) WakeUp(ctx context.Context) error {
	s.Hibernated = false
	if err := s.start(ctx); err != nil {
		return err
	}
	return s.writeCluster(ctx, nil)
}

func (s *Shoot) start(ctx context.Context) error {
	if err := s.seed.start(ctx, s.ControlPlane); err != nil {
		return err
	}
	if err := s.startResourceManager(ctx); err != nil || !s.employsNodes {
		return err
	}
	return s.startNodePrograms(ctx)
}

// startResourceManager starts gardener-resource-manager with the controllers that handle ManagedResources, and the one that lets
// pods on nodes.
func (s *Shoot) startResourceManager(ctx context.Context) error {
	config, err := s.resourceManagerConfig(ctx)
	if err != nil {
		return err
	}
	content, err := yaml.Marshal(config)
	if err != nil {
		return err
	}
	path, err := s.seed.directory.write(content, s.Name+"-"+resourceManagerName, "config.yaml")
	if err != nil {
		return err
	}
	manager, err := s.seed.launch(program{
		name: s.Name + "-" + resourceManagerName,
		path: filepath.Join(s.seed.workspace.binaries(), resourceManagerName),
		args: []string{"--config=" + path},
	})
	if err != nil {
		return err
	}
	s.ControlPlane.running = append(s.ControlPlane.running, manager)
	url := "http://" + net.JoinHostPort(loopback, strconv.Itoa(config.Server.HealthProbes.Port)) + "/readyz"
	probe := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return manager.await(ctx, func(ctx context.Context) error { return ask(ctx, probe, url) })
}

func (s *Shoot) resourceManagerConfig(ctx context.Context) (*resourcemanagerv1alpha1.ResourceManagerConfiguration, error) {
	certificates, err := s.writeWebhookFiles()
	if err != nil {
		return nil, err
	}
	var servers [3]resourcemanagerv1alpha1.Server
	for i := range servers {
		port, err := reservePort(ctx)
		if err != nil {
			return nil, err
		}
		servers[i] = resourcemanagerv1alpha1.Server{BindAddress: loopback, Port: port}
	}
	connection := func(c *ControlPlane) resourcemanagerv1alpha1.ClientConnection {
		return resourcemanagerv1alpha1.ClientConnection{ClientConnectionConfiguration: componentbaseconfigv1alpha1.ClientConnectionConfiguration{
			Kubeconfig: c.KubeconfigPath, QPS: 100, Burst: 130,
		}}
	}
	source, target := connection(s.seed.ControlPlane), connection(s.ControlPlane)
	source.Namespaces = []string{s.Namespace}
	return &resourcemanagerv1alpha1.ResourceManagerConfiguration{
		TypeMeta:               metav1.TypeMeta{APIVersion: resourcemanagerv1alpha1.SchemeGroupVersion.String(), Kind: "ResourceManagerConfiguration"},
		SourceClientConnection: source,
		TargetClientConnection: &target,
		LeaderElection:         componentbaseconfigv1alpha1.LeaderElectionConfiguration{LeaderElect: new(false)},
		LogLevel:               "debug",
		LogFormat:              "json",
		Server: resourcemanagerv1alpha1.ServerConfiguration{
			HealthProbes: &servers[0], Metrics: &servers[1],
			Webhooks: resourcemanagerv1alpha1.HTTPSServer{Server: servers[2], TLS: resourcemanagerv1alpha1.TLSServer{ServerCertDir: certificates}},
		},
		Controllers: resourcemanagerv1alpha1.ResourceManagerControllerConfiguration{
			ClusterID: new(string(s.UID)), ResourceClass: new(resourcemanagerv1alpha1.DefaultResourceClass),
			NodeCriticalComponents: resourcemanagerv1alpha1.NodeCriticalComponentsControllerConfig{Enabled: true, Backoff: &metav1.Duration{Duration: time.Second}},
		},
	}, nil
}

// writeWebhookFiles writes the certificate of a server that nobody asks anything, and returns its directory.
func (s *Shoot) writeWebhookFiles() (string, error) {
	ca, err := newAuthority()
	if err != nil {
		return "", err
	}
	certificate, key, err := ca.issue(pkix.Name{CommonName: resourceManagerName}, net.ParseIP(loopback))
	if err != nil {
		return "", err
	}
	path, err := s.seed.directory.write(certificate, s.Name+"-"+resourceManagerName, "tls.crt")
	if err != nil {
		return "", err
	}
	_, err = s.seed.directory.write(key, s.Name+"-"+resourceManagerName, "tls.key")
	return filepath.Dir(path), err
}

// BindBackend says in Trident's place that its backend works: Trident itself does not run in a landscape without nodes.
func (s *Shoot) BindBackend(ctx context.Context) error {
	backend := &unstructured.Unstructured{}
	backend.SetAPIVersion("trident.netapp.io/v1")
	backend.SetKind("TridentBackendConfig")
	if err := s.Inside(ctx, metav1.NamespaceSystem, "ontap", backend); err != nil {
		return err
	}
	backend.Object["status"] = map[string]any{"phase": "Bound", "lastOperationStatus": "Success"}
	return s.ControlPlane.Client.Status().Update(ctx, backend)
}

// collectGarbage is the part of kube-controller-manager without which no workload goes that gardener-resource-manager deletes: it
// waits for its pods, of which there are none here. It does so until ctx ends.
func (s *Shoot) collectGarbage(ctx context.Context) {
	if s.ControlPlane == nil {
		return
	}
	let := client.RawPatch(types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`))
	_ = wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		for name, workload := range map[string]client.Object{"trident-controller": &appsv1.Deployment{}, "trident-node-linux": &appsv1.DaemonSet{}} {
			if s.Inside(ctx, metav1.NamespaceSystem, name, workload) == nil && workload.GetDeletionTimestamp() != nil {
				_ = s.ControlPlane.Client.Patch(ctx, workload, let) // the next look tells
			}
		}
		return false, nil
	})
}

// Inside reads an object of the shoot.
func (s *Shoot) Inside(ctx context.Context, namespace, name string, object client.Object) error {
	return s.ControlPlane.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object)
}
