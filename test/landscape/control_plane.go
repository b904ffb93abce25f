// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/keyutil"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ControlPlane is a real kube-apiserver with its etcd. There are no controllers, unless a shoot has nodes: namespaces stay
// Terminating, nothing collects garbage, no Deployment gets pods. ValidatingAdmissionPolicies work; the API server looks for them once a second.
type ControlPlane struct {
	// RESTConfig authenticates as an administrator.
	RESTConfig *rest.Config
	// Client is the administrator's, uncached.
	Client client.Client
	// KubeconfigPath is a file with the administrator's kubeconfig.
	KubeconfigPath string

	name            string
	etcd, apiserver program
	running         []*process
}

// newControlPlane prepares a control plane: everything that outlives its processes. The seed's directory is where it lives. The
// API server gets the flags besides its own.
func (s *Seed) newControlPlane(ctx context.Context, name string, scheme *runtime.Scheme, flags ...string) (*ControlPlane, error) {
	assets, err := s.workspace.assets(ctx)
	if err != nil {
		return nil, err
	}
	port, err := reservePort(ctx)
	if err != nil {
		return nil, err
	}
	ca, err := newAuthority()
	if err != nil {
		return nil, err
	}
	c := &ControlPlane{name: name}
	socket := "unix://" + s.directory.join(name+".sock")
	c.etcd = s.etcdProgram(assets, name, socket)
	// Not a certificate, whose signature costs the server as much with each request as reading a Secret.
	token := rand.Text()
	args, err := s.writeServerFiles(ca, name, token)
	if err != nil {
		return nil, err
	}
	apiserver := cmp.Or(s.apiserver, filepath.Join(assets, "kube-apiserver"))
	c.apiserver = program{name: name + "-kube-apiserver", path: apiserver, args: slices.Concat(args, []string{
		"--etcd-servers=" + socket,
		"--bind-address=" + loopback,
		"--advertise-address=" + loopback,
		"--secure-port=" + strconv.Itoa(port),
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--authorization-mode=RBAC",
		"--allow-privileged=true", // as Gardener has it: drivers of storage need it
		"--v=4",                   // every request in the log, which is what leaks are looked for in
	}, flags), env: []string{"GOGC=800"}} // a fifth of its time is for garbage otherwise
	c.KubeconfigPath = s.directory.join(name + ".kubeconfig")
	if err := c.configureAdministrator(ca, token, "https://"+net.JoinHostPort(loopback, strconv.Itoa(port))); err != nil {
		return nil, err
	}
	c.Client, err = client.New(c.RESTConfig, client.Options{Scheme: scheme})
	return c, err
}

// start starts the processes of a control plane, also again after stop, and waits until it is ready.
func (s *Seed) start(ctx context.Context, c *ControlPlane) error {
	etcd, err := s.launch(c.etcd)
	if err != nil {
		return err
	}
	c.running = append(c.running, etcd)
	apiserver, err := s.launch(c.apiserver)
	if err != nil {
		return err
	}
	c.running = append(c.running, apiserver)
	probe, err := discovery.NewDiscoveryClientForConfig(c.RESTConfig)
	if err != nil {
		return err
	}
	return apiserver.await(ctx, func(ctx context.Context) error {
		return probe.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
}

// stop kills the processes of a control plane, the last one first. What etcd holds is kept.
func (s *Seed) stop(ctx context.Context, c *ControlPlane) error {
	var errs []error
	for _, p := range slices.Backward(c.running) {
		errs = append(errs, s.end(ctx, p, syscall.SIGKILL))
	}
	c.running = nil
	return errors.Join(errs...)
}

// forget removes what the etcd of a control plane that was stopped holds.
func (s *Seed) forget(c *ControlPlane) error { return os.RemoveAll(s.etcdDirectory(c.name)) }

func (s *Seed) etcdDirectory(name string) string { return s.directory.join(name + "-etcd") }

// etcdProgram listens on Unix sockets only: no port, and nobody else can reach it.
func (s *Seed) etcdProgram(assets, name, socket string) program {
	// A single member never talks to itself, but etcd insists on a TCP address for that.
	const nobody = "http://" + loopback + ":1"
	return program{name: name + "-etcd", path: filepath.Join(assets, "etcd"), args: []string{
		"--name=" + name,
		"--data-dir=" + s.etcdDirectory(name),
		"--listen-client-urls=" + socket,
		"--advertise-client-urls=" + nobody,
		"--listen-peer-urls=unix://" + s.directory.join(name+"-peer.sock"),
		"--initial-advertise-peer-urls=" + nobody,
		"--initial-cluster=" + name + "=" + nobody,
		"--unsafe-no-fsync",
		"--quota-backend-bytes=" + strconv.Itoa(8<<30), // thousands of lives of shoots, of which nothing is deleted
	}}
}

// writeServerFiles writes the certificates, the keys and the administrator's token of an API server and returns the flags that
// name them.
func (s *Seed) writeServerFiles(ca *authority, name, token string) ([]string, error) {
	serving, servingKey, err := ca.issue(pkix.Name{CommonName: "kube-apiserver"}, net.ParseIP(loopback))
	if err != nil {
		return nil, err
	}
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serviceAccountKey, err := keyutil.MarshalPrivateKeyToPEM(signer)
	if err != nil {
		return nil, err
	}
	var args []string
	for _, file := range []struct {
		flag    string
		content []byte
	}{
		{"token-auth-file", fmt.Appendf(nil, "%s,administrator,administrator,system:masters", token)},
		{"tls-cert-file", serving},
		{"tls-private-key-file", servingKey},
		{"service-account-key-file", serviceAccountKey},
		{"service-account-signing-key-file", serviceAccountKey},
	} {
		path, err := s.directory.write(file.content, name+"-kube-apiserver", file.flag)
		if err != nil {
			return nil, err
		}
		args = append(args, "--"+file.flag+"="+path)
	}
	return args, nil
}

// configureAdministrator sets RESTConfig and writes the kubeconfig.
func (c *ControlPlane) configureAdministrator(ca *authority, token, host string) error {
	c.RESTConfig = &rest.Config{
		Host:            host,
		BearerToken:     token,
		TLSClientConfig: rest.TLSClientConfig{CAData: ca.pem()},
		QPS:             -1,
		WarningHandler:  rest.NoWarnings{},
	}
	return clientcmd.WriteToFile(kubeconfig(c.RESTConfig, "default"), c.KubeconfigPath)
}

// kubeconfig holds what a configuration authenticates with.
func kubeconfig(config *rest.Config, namespace string) clientcmdapi.Config {
	const name = "landscape"
	return clientcmdapi.Config{
		CurrentContext: name,
		Clusters:       map[string]*clientcmdapi.Cluster{name: {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {Token: config.BearerToken}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name, Namespace: namespace}},
	}
}
