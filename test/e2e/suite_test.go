// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package e2e_test runs the landscape: a real kube-apiserver, the ONTAP simulator and the extension as processes, driven
// by gardenlet's own deployer.
package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
	"github.com/gardener-community/gardener-extension-ontap/test/leaks"
)

func TestE2E(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "E2E Suite")
}

var (
	clusters = []string{"a", "b"}
	seed     *landscape.Landscape
	admin    client.WithWatch
	secrets  = leaks.NewCollector()
)

var _ = BeforeSuite(func(ctx SpecContext) {
	options := landscape.Options{Clusters: clusters, Audited: true, Out: GinkgoWriter}
	if os.Getenv("NODES") != "" { // what is told of a shoot's health rests on a sweep
		options.Values = map[string]any{"repairInterval": "5s", "healthCheckSyncPeriod": "1s"}
	}
	var err error
	seed, err = landscape.Start(ctx, options)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(seed.Close()).To(Succeed()) })
	admin, err = client.NewWithWatch(seed.RESTConfig, client.Options{Scheme: seed.Client.Scheme()})
	Expect(err).NotTo(HaveOccurred())
	for _, cluster := range clusters {
		password, err := os.ReadFile(filepath.Join(seed.ClusterDirectory(cluster), "password"))
		Expect(err).NotTo(HaveOccurred())
		username, err := os.ReadFile(filepath.Join(seed.ClusterDirectory(cluster), "username"))
		Expect(err).NotTo(HaveOccurred())
		secrets.Add("the password of cluster "+cluster, string(username), password)
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	DeferCleanup(stop)
	Expect(secrets.Watch(watching, admin, seedsecret.Name)).To(Succeed())
})

var _ = AfterSuite(func(ctx SpecContext) {
	if seed == nil {
		return
	}
	expectNoLeaks(ctx)
	expectLeastPrivilege(ctx)
})

// The in-process API server of the component specs and the real one agree on every row of one table.
var _ = apiserver.DescribeSemantics("kube-apiserver", func(context.Context) client.WithWatch { return admin })

// startShoot makes a shoot with a control plane, which the spec takes away.
func startShoot(ctx context.Context, name string) *landscape.Shoot {
	GinkgoHelper()
	shoot, err := seed.NewShoot(ctx, name)
	Expect(err).NotTo(HaveOccurred())
	Expect(shoot.StartControlPlane(ctx)).To(Succeed())
	return shoot
}

// newShoot makes a shoot that is taken away after the spec.
func newShoot(ctx context.Context, name string) *landscape.Shoot {
	GinkgoHelper()
	shoot := startShoot(ctx, name)
	DeferCleanup(func(ctx SpecContext) {
		Expect(shoot.Destroy(ctx)).To(Succeed())
		Expect(shoot.WaitCleanup(ctx)).To(Succeed())
		Expect(shoot.Remove(ctx)).To(Succeed())
	})
	return shoot
}

func seedSecret(ctx context.Context, shoot *landscape.Shoot) *corev1.Secret {
	GinkgoHelper()
	secret := &corev1.Secret{}
	Expect(admin.Get(ctx, client.ObjectKey{Namespace: shoot.Namespace, Name: seedsecret.Name}, secret)).To(Succeed())
	return secret
}
