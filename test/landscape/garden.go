// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	"github.com/gardener/gardener/pkg/client/kubernetes"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

const gardenerAPIServerName = "gardener-apiserver"

// unneededPlugins want a whole landscape of Seeds, CloudProfiles and registrations before they let a Shoot pass.
var unneededPlugins = []string{
	"DeletionConfirmation", "ExtensionValidator", "ResourceReferenceManager", "ShootDNS", "ShootMutator", "ShootQuotaValidator",
	"ShootTolerationRestriction", "ShootValidator",
}

// Garden is a control plane with Gardener's own API beside the one of Kubernetes: a real gardener-apiserver with its plugin
// ExtensionLabels and what it validates by itself, and with webhooks. Its client has Gardener's scheme for gardens, and CRDs; what the
// admission component asks for is audited.
type Garden struct {
	*Seed
}

// StartGarden starts a garden and returns when Shoots are served. It builds the programs first if that was not done before, and
// tells out, which may be nil, about its progress. ctx bounds the start only; the garden runs until Close.
func StartGarden(ctx context.Context, out io.Writer) (_ *Garden, err error) {
	g := &Garden{Seed: &Seed{}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("starting the garden: %w", err), g.Close())
		}
	}()
	if err := g.prepare(ctx, out); err != nil {
		return nil, err
	}
	aggregation, err := g.writeAggregation()
	if err != nil {
		return nil, err
	}
	flags := slices.Concat(aggregation, g.auditFlags())
	scheme := runtime.NewScheme()
	// gardener-operator has CRDs in the cluster that it runs in.
	if err := errors.Join(kubernetes.AddGardenSchemeToScheme(scheme), apiextensionsv1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	if g.ControlPlane, err = g.newControlPlane(ctx, "garden", scheme, flags...); err != nil {
		return nil, err
	}
	if err := g.start(ctx, g.ControlPlane); err != nil {
		return nil, err
	}
	return g, g.startAPIServer(ctx)
}

// writeAggregation writes what a kube-apiserver proves to another API server that it is itself, and returns the flags for it.
func (s *Seed) writeAggregation() ([]string, error) {
	flags, err := s.writeCertificate("front-proxy", "requestheader-client-ca-file", "proxy-client-cert-file", "proxy-client-key-file")
	return append(flags, "--requestheader-allowed-names=front-proxy", "--requestheader-username-headers=X-Remote-User",
		"--requestheader-group-headers=X-Remote-Group", "--requestheader-extra-headers-prefix=X-Remote-Extra-"), err
}

// writeCertificate writes a certificate of a new authority, and returns the flags that name the files. That of the authority may be
// empty.
func (s *Seed) writeCertificate(name, caFlag, certificateFlag, keyFlag string) ([]string, error) {
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	certificate, key, err := ca.issue(pkix.Name{CommonName: name})
	if err != nil {
		return nil, err
	}
	var flags []string
	for flag, content := range map[string][]byte{caFlag: ca.pem(), certificateFlag: certificate, keyFlag: key} {
		if flag == "" {
			continue
		}
		path, err := s.directory.write(content, name, flag)
		if err != nil {
			return nil, err
		}
		flags = append(flags, "--"+flag+"="+path)
	}
	return flags, nil
}

// startAPIServer starts gardener-apiserver on the etcd of the kube-apiserver, and waits until Shoots are served through that.
func (g *Garden) startAPIServer(ctx context.Context) error {
	port, err := reservePort(ctx)
	if err != nil {
		return err
	}
	serving, err := g.writeCertificate(gardenerAPIServerName, "", "tls-cert-file", "tls-private-key-file")
	if err != nil {
		return err
	}
	process, err := g.launch(program{
		name: gardenerAPIServerName, path: filepath.Join(g.workspace.binaries(), gardenerAPIServerName), args: append(serving,
			"--etcd-servers=unix://"+g.directory.join("garden.sock"),
			"--bind-address="+loopback,
			"--secure-port="+strconv.Itoa(port),
			"--kubeconfig="+g.KubeconfigPath,
			"--authentication-kubeconfig="+g.KubeconfigPath,
			"--authorization-kubeconfig="+g.KubeconfigPath,
			"--cluster-identity="+GardenIdentity,
			"--disable-admission-plugins="+strings.Join(unneededPlugins, ","),
		),
	})
	if err != nil {
		return err
	}
	return process.await(ctx, func(ctx context.Context) error {
		for _, object := range gardenerAPI(port) {
			if err := g.apply(ctx, object, ""); err != nil {
				return err
			}
		}
		return g.Client.List(ctx, &gardencorev1beta1.ShootList{})
	})
}

// gardenerAPI is what has a kube-apiserver hand requests for Gardener's API to a port of this machine.
func gardenerAPI(port int) []*unstructured.Unstructured {
	object := func(version, kind, namespace, name string, spec map[string]any) *unstructured.Unstructured {
		o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": version, "kind": kind, "spec": spec}}
		o.SetNamespace(namespace)
		o.SetName(name)
		return o
	}
	objects := []*unstructured.Unstructured{object("v1", "Service", metav1.NamespaceSystem, gardenerAPIServerName, map[string]any{
		"type": "ExternalName", "externalName": "localhost",
	})}
	for _, groupVersion := range []string{
		"core.gardener.cloud/v1", "core.gardener.cloud/v1beta1", "operations.gardener.cloud/v1alpha1",
		"security.gardener.cloud/v1alpha1", "seedmanagement.gardener.cloud/v1alpha1", "settings.gardener.cloud/v1alpha1",
	} {
		group, version, _ := strings.Cut(groupVersion, "/")
		objects = append(objects, object("apiregistration.k8s.io/v1", "APIService", "", version+"."+group, map[string]any{
			"group": group, "version": version, "groupPriorityMinimum": int64(9000), "versionPriority": int64(10),
			"insecureSkipTLSVerify": true, // the name in it would have to be that of the Service, and nobody but this machine hears it
			"service":               map[string]any{"namespace": metav1.NamespaceSystem, "name": gardenerAPIServerName, "port": int64(port)},
		}))
	}
	return objects
}
