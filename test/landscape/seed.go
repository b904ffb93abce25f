// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gardener/gardener/pkg/client/kubernetes"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// readyTimeout bounds the wait for a process to become ready.
const readyTimeout = time.Minute

// Seed is a real kube-apiserver with its etcd and Gardener's CRDs. There are no controllers: namespaces stay
// Terminating, nothing collects garbage, no Deployment gets pods. ValidatingAdmissionPolicies work; the API server
// looks for them once a second.
type Seed struct {
	// RESTConfig authenticates as an administrator.
	RESTConfig *rest.Config
	// Client is the administrator's, uncached, with Gardener's scheme for seeds.
	Client client.Client
	// KubeconfigPath is a file with the administrator's kubeconfig.
	KubeconfigPath string

	workspace *workspace
	nursery   *nursery
	directory *directory
	processes []*process
	// shoots counts those that were made, so that each gets addresses of its own.
	shoots atomic.Int32
}

// StartSeed starts a seed and returns when it is ready. It builds etcd and kube-apiserver first if that was not done
// before, and tells out, which may be nil, about its progress. ctx bounds the start only; the seed runs until Close.
func StartSeed(ctx context.Context, out io.Writer) (_ *Seed, err error) {
	if out == nil {
		out = io.Discard
	}
	start := clock.RealClock{}.Now()
	s := &Seed{nursery: newNursery()}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("starting the seed: %w", err), s.Close())
		}
	}()
	if s.workspace, err = findWorkspace(ctx, s.nursery, out); err != nil {
		return nil, err
	}
	assets, err := s.workspace.assets(ctx)
	if err != nil {
		return nil, err
	}
	if s.directory, err = newDirectory(); err != nil {
		return nil, err
	}
	etcd, err := s.startEtcd(assets)
	if err != nil {
		return nil, err
	}
	if err := s.startAPIServer(ctx, assets, etcd); err != nil {
		return nil, err
	}
	if err := s.applyCRDs(ctx); err != nil {
		return nil, err
	}
	s.workspace.say("the seed is ready at %s after %s", s.RESTConfig.Host,
		clock.RealClock{}.Since(start).Round(100*time.Millisecond))
	return s, nil
}

// Close kills all processes, awaits their end and removes everything they wrote. It may be called more than once.
func (s *Seed) Close() error {
	var errs []error
	for _, p := range s.processes {
		errs = append(errs, p.end(context.Background(), syscall.SIGKILL))
	}
	s.nursery.close()
	if s.directory != nil {
		errs = append(errs, s.directory.remove())
	}
	s.processes, s.directory = nil, nil
	return errors.Join(errs...)
}

// Directory returns the directory that holds everything the processes write. Close removes it.
func (s *Seed) Directory() string { return s.directory.path }

// PIDs returns the IDs of the processes that were started and not ended by us.
func (s *Seed) PIDs() []int {
	pids := make([]int, 0, len(s.processes))
	for _, p := range s.processes {
		pids = append(pids, p.cmd.Process.Pid)
	}
	return pids
}

// launch starts a program that is killed by Close. Its log is <name>.log in the directory, added to if it exists.
func (s *Seed) launch(p program) (*process, error) {
	p.logFile = s.directory.join(p.name + ".log")
	started, err := s.nursery.launch(p)
	if err != nil {
		return nil, err
	}
	s.processes = append(s.processes, started)
	return started, nil
}

// end sends a signal to a process, waits until it is gone and leaves it to Close no more.
func (s *Seed) end(ctx context.Context, p *process, signal syscall.Signal) error {
	if err := p.end(ctx, signal); err != nil {
		return err
	}
	s.processes = slices.DeleteFunc(s.processes, func(other *process) bool { return other == p })
	return nil
}

// startEtcd starts etcd and returns its URL. It listens on Unix sockets only: no port, and nobody else can reach it.
func (s *Seed) startEtcd(assets string) (string, error) {
	// A single member never talks to itself, but etcd insists on a TCP address for that.
	const nobody = "http://" + loopback + ":1"
	url := "unix://" + s.directory.join("etcd.sock")
	_, err := s.launch(program{name: "etcd", path: filepath.Join(assets, "etcd"), args: []string{
		"--name=seed",
		"--data-dir=" + s.directory.join("etcd"),
		"--listen-client-urls=" + url,
		"--advertise-client-urls=" + nobody,
		"--listen-peer-urls=unix://" + s.directory.join("etcd-peer.sock"),
		"--initial-advertise-peer-urls=" + nobody,
		"--initial-cluster=seed=" + nobody,
		"--unsafe-no-fsync",
	}})
	return url, err
}

// startAPIServer starts kube-apiserver, waits until it is ready and sets the administrator's client.
func (s *Seed) startAPIServer(ctx context.Context, assets, etcd string) error {
	port, err := reservePort(ctx)
	if err != nil {
		return err
	}
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	args, err := s.writeServerFiles(ca)
	if err != nil {
		return err
	}
	apiserver, err := s.launch(program{name: "kube-apiserver", path: filepath.Join(assets, "kube-apiserver"), args: append(args,
		"--etcd-servers="+etcd,
		"--bind-address="+loopback,
		"--advertise-address="+loopback,
		"--secure-port="+strconv.Itoa(port),
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.0.0.0/24",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--authorization-mode=RBAC",
		"--v=4", // every request in the log, which is what leaks are looked for in
	)})
	if err != nil {
		return err
	}
	if err := s.configureAdministrator(ca, "https://"+net.JoinHostPort(loopback, strconv.Itoa(port))); err != nil {
		return err
	}
	probe, err := discovery.NewDiscoveryClientForConfig(s.RESTConfig)
	if err != nil {
		return err
	}
	if err := apiserver.await(ctx, readyTimeout, func(ctx context.Context) error {
		return probe.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	}); err != nil {
		return err
	}
	s.Client, err = client.New(s.RESTConfig, client.Options{Scheme: kubernetes.SeedScheme})
	return err
}

// writeServerFiles writes the certificates and keys of the API server and returns the flags that name them.
func (s *Seed) writeServerFiles(ca *authority) ([]string, error) {
	serving, servingKey, err := ca.issue(pkix.Name{CommonName: "kube-apiserver"}, x509.ExtKeyUsageServerAuth,
		net.ParseIP(loopback))
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
		{"client-ca-file", ca.pem()},
		{"tls-cert-file", serving},
		{"tls-private-key-file", servingKey},
		{"service-account-key-file", serviceAccountKey},
		{"service-account-signing-key-file", serviceAccountKey},
	} {
		path, err := s.directory.write(file.content, "kube-apiserver", file.flag)
		if err != nil {
			return nil, err
		}
		args = append(args, "--"+file.flag+"="+path)
	}
	return args, nil
}

// configureAdministrator sets RESTConfig and writes the kubeconfig.
func (s *Seed) configureAdministrator(ca *authority, host string) error {
	certificate, key, err := ca.issue(pkix.Name{CommonName: "administrator", Organization: []string{"system:masters"}},
		x509.ExtKeyUsageClientAuth)
	if err != nil {
		return err
	}
	s.RESTConfig = &rest.Config{
		Host:            host,
		TLSClientConfig: rest.TLSClientConfig{CAData: ca.pem(), CertData: certificate, KeyData: key},
		QPS:             -1,
		WarningHandler:  rest.NoWarnings{},
	}
	s.KubeconfigPath = s.directory.join("administrator.kubeconfig")
	return writeKubeconfig(s.KubeconfigPath, s.RESTConfig, "default")
}

// writeKubeconfig writes what a configuration authenticates with to a file that only we may read.
func writeKubeconfig(path string, config *rest.Config, namespace string) error {
	const name = "seed"
	return clientcmd.WriteToFile(clientcmdapi.Config{
		CurrentContext: name,
		Clusters:       map[string]*clientcmdapi.Cluster{name: {Server: config.Host, CertificateAuthorityData: config.CAData}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			ClientCertificateData: config.CertData, ClientKeyData: config.KeyData, Token: config.BearerToken,
		}},
		Contexts: map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name, Namespace: namespace}},
	}, path)
}
