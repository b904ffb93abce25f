// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"errors"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// inside is what a shoot has of its own: an API server, and Gardener's reconciler of ManagedResources between it and the seed.
type inside struct {
	client.WithWatch
	resources *resourcemanager.ResourceManager
	// asleep is whether the shoot hibernates: nobody answers, and nothing is applied.
	asleep bool
	// driverless is whether no Trident runs.
	driverless bool
}

// newInside returns a new one, whose API server knows what the extension leaves there and what is asked for besides.
func (w *world) newInside(namespace string) *inside {
	GinkgoHelper()
	kinds, err := trident.NewScheme()
	Expect(err).NotTo(HaveOccurred())
	Expect(scheme.AddToScheme(kinds)).To(Succeed())
	shoot := apiserver.New(apiserver.Options{Scheme: kinds, Clock: w.clock})
	Expect(shoot.Create(context.Background(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: metav1.NamespaceSystem}})).To(Succeed())
	return &inside{WithWatch: shoot, resources: resourcemanager.New(namespace, w.seed, interceptor.NewClient(shoot, w.lacking()), w.clock)}
}

// lacking refuses what a shoot has no API for.
func (w *world) lacking() interceptor.Funcs {
	if w.refuseInside == nil {
		return interceptor.Funcs{}
	}
	refuse := w.refuseInside
	return interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
		if err := refuse(object); err != nil {
			return err
		}
		return c.Get(ctx, key, object, options...)
	}}
}

// shootClient is how the extension gets to a shoot.
func (w *world) shootClient(_ context.Context, namespace string) (client.Client, error) {
	shoot, ok := w.insides[namespace]
	if !ok || shoot.asleep {
		return nil, errors.New("no route to host")
	}
	return interceptor.NewClient(shoot.WithWatch, w.faultsInside), nil
}

// othersWork is what goes on in the shoots whenever the extension pauses.
func (w *world) othersWork() {
	ctx := context.Background()
	for _, shoot := range w.insides {
		if shoot.asleep {
			continue
		}
		if err := shoot.resources.Pass(ctx); err != nil {
			w.faultsOfOthers = append(w.faultsOfOthers, err)
		}
		if !shoot.driverless {
			if err := w.playTrident(ctx, shoot); err != nil {
				w.faultsOfOthers = append(w.faultsOfOthers, err)
			}
		}
	}
}

// playTrident does to a backend what Trident does: it is bound if the account of the Secret is there, and let go when it is
// deleted.
func (w *world) playTrident(ctx context.Context, shoot *inside) error {
	backends := &tridentv1.TridentBackendConfigList{}
	if err := shoot.List(ctx, backends); err != nil {
		return err
	}
	for _, backend := range backends.Items {
		if backend.DeletionTimestamp != nil {
			backend.Finalizers = nil
			if err := shoot.Update(ctx, &backend); err != nil {
				return err
			}
			continue
		}
		secret := &corev1.Secret{}
		if err := shoot.Get(ctx, client.ObjectKey{Namespace: backend.Namespace, Name: backend.Spec.Credentials.Name}, secret); err != nil {
			return err
		}
		state, err := w.sim.State(ctx)
		if err != nil {
			return err
		}
		status := tridentv1.TridentBackendConfigStatus{Phase: backend.Status.Phase, LastOperationStatus: "Failed", Message: "login refused"}
		if letsIn(state, backend.Spec.ManagementLIF, string(secret.Data["username"])) {
			status = tridentv1.TridentBackendConfigStatus{Phase: "Bound", LastOperationStatus: "Success"}
		}
		if len(backend.Finalizers) == 0 {
			backend.Finalizers = []string{"trident.netapp.io"}
			if err := shoot.Update(ctx, &backend); err != nil {
				return err
			}
		}
		if backend.Status != status {
			backend.Status = status
			if err := shoot.Status().Update(ctx, &backend); err != nil {
				return err
			}
		}
	}
	return nil
}

// letsIn tells whether an account can log in through a management LIF.
func letsIn(state simulator.State, address, name string) bool {
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			through := slices.ContainsFunc(svm.LIFs, func(l simulator.LIFState) bool { return l.Address == address })
			known := slices.ContainsFunc(cluster.Accounts, func(a simulator.AccountState) bool { return a.SVMUUID == svm.UUID && a.Name == name })
			if through && known && svm.State == "running" && !cluster.Down {
				return true
			}
		}
	}
	return false
}

// inside is the shoot's own side.
func (s *shoot) inside() *inside { return s.insides[s.namespace()] }

// shootSecret is what Trident logs in with.
func (s *shoot) shootSecret(ctx context.Context) *corev1.Secret {
	GinkgoHelper()
	secret := &corev1.Secret{}
	Expect(s.inside().Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: "ontap-svm-credentials"}, secret)).To(Succeed())
	return secret
}
