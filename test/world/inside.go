// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
	"github.com/gardener-community/gardener-extension-ontap/test/apiserver"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// Inside is what a shoot has of its own: an API server, and Gardener's reconciler of ManagedResources between it and the seed.
type Inside struct {
	client.WithWatch
	// Asleep is whether the shoot hibernates: nobody answers, and nothing is applied.
	Asleep bool
	// Driverless is whether no Trident runs.
	Driverless bool

	resources *resourcemanager.ResourceManager
	// called is whether there is something new for Gardener's reconciler of ManagedResources; nil where nobody would tell it.
	called *atomic.Bool
}

// manage lets Gardener's reconciler work. Where it would be told of something new it does nothing otherwise.
func (i *Inside) manage(ctx context.Context) error {
	if i.called != nil && !i.called.Swap(false) {
		return nil
	}
	err := i.resources.Pass(ctx)
	if i.called != nil && !i.resources.Idle() {
		i.called.Store(true)
	}
	return err
}

// shootScheme holds the kinds that shoots serve, as far as anybody here knows them. It is one for all worlds.
var shootScheme = sync.OnceValues(func() (*runtime.Scheme, error) {
	kinds, err := trident.NewScheme()
	return kinds, errors.Join(err, scheme.AddToScheme(kinds))
})

// Furnish gives the shoot with this namespace a new inside, whose API server knows what the extension leaves there and what is
// asked for besides.
func (w *World) Furnish(ctx context.Context, namespace string) error {
	kinds, err := shootScheme()
	if err != nil {
		return err
	}
	shoot := apiserver.New(apiserver.Options{Scheme: kinds, Clock: w.Clock})
	if err := shoot.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: metav1.NamespaceSystem}}); err != nil {
		return err
	}
	w.insides[namespace] = &Inside{
		WithWatch: shoot, resources: resourcemanager.New(namespace, w.Seed, interceptor.NewClient(shoot, w.lacking()), w.Clock),
	}
	return nil
}

// lacking refuses what a shoot has no API for.
func (w *World) lacking() interceptor.Funcs {
	if w.RefuseInside == nil {
		return interceptor.Funcs{}
	}
	refuse := w.RefuseInside
	return interceptor.Funcs{Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
		if err := refuse(object); err != nil {
			return err
		}
		return c.Get(ctx, key, object, options...)
	}}
}

// shootClient is how the extension gets to a shoot.
func (w *World) shootClient(_ context.Context, namespace string) (client.Client, error) {
	shoot, ok := w.insides[namespace]
	if !ok || shoot.Asleep {
		return nil, errors.New("no route to host")
	}
	return interceptor.NewClient(shoot.WithWatch, w.FaultsInside), nil
}

// OthersWork is what goes on in the shoots whenever the extension pauses.
func (w *World) OthersWork() {
	ctx := context.Background()
	for _, shoot := range w.insides {
		if shoot.Asleep {
			continue
		}
		if err := shoot.manage(ctx); err != nil {
			w.FaultsOfOthers = append(w.FaultsOfOthers, fmt.Errorf("resource manager: %w", err))
		}
		if shoot.Driverless {
			continue
		}
		if err := w.playTrident(ctx, shoot); err != nil {
			w.FaultsOfOthers = append(w.FaultsOfOthers, fmt.Errorf("trident: %w", err))
		}
	}
}

// playTrident does to the backends what Trident does: one is bound if the account of its Secret is there, and let go when it is
// deleted.
func (w *World) playTrident(ctx context.Context, shoot *Inside) error {
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
		if err := w.bind(ctx, shoot, &backend); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) bind(ctx context.Context, shoot *Inside, backend *tridentv1.TridentBackendConfig) error {
	secret := &corev1.Secret{}
	if err := shoot.Get(ctx, client.ObjectKey{Namespace: backend.Namespace, Name: backend.Spec.Credentials.Name}, secret); err != nil {
		return err
	}
	state, err := w.Sim.State(ctx)
	if err != nil {
		return err
	}
	status := tridentv1.TridentBackendConfigStatus{Phase: backend.Status.Phase, LastOperationStatus: "Failed", Message: "login refused"}
	if w.letsIn(state, backend.Spec.ManagementLIF, secret) {
		status = tridentv1.TridentBackendConfigStatus{Phase: "Bound", LastOperationStatus: "Success"}
	}
	if len(backend.Finalizers) == 0 {
		if err := start(ctx, shoot); err != nil {
			return err
		}
		backend.Finalizers = []string{"trident.netapp.io"}
		if err := shoot.Update(ctx, backend); err != nil {
			return err
		}
	}
	if backend.Status == status {
		return nil
	}
	backend.Status = status
	return shoot.Status().Update(ctx, backend)
}

// start makes what Trident makes of its API when it starts for the first time.
func start(ctx context.Context, shoot client.Client) error {
	version := &unstructured.Unstructured{Object: map[string]any{"apiVersion": tridentv1.SchemeGroupVersion.String(), "kind": "TridentVersion"}}
	version.SetNamespace(metav1.NamespaceSystem)
	version.SetName("trident")
	version.SetFinalizers([]string{"trident.netapp.io"})
	return client.IgnoreAlreadyExists(shoot.Create(ctx, version))
}

// letsIn tells whether somebody can log in through a management LIF with what a Secret holds.
func (w *World) letsIn(state simulator.State, address string, secret *corev1.Secret) bool {
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			through := slices.ContainsFunc(svm.LIFs, func(l simulator.LIFState) bool { return l.Address == address })
			known := w.Sim.Cluster(cluster.Name).LetsIn(svm.UUID, string(secret.Data["username"]), string(secret.Data["password"]))
			if through && known && svm.State == "running" && !cluster.Down {
				return true
			}
		}
	}
	return false
}
