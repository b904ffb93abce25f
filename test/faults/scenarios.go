// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// Scenarios are all of them.
func Scenarios() []Scenario {
	deleted := phase{begin: deleteExtension, reached: gone}
	return []Scenario{
		{Name: "create", phases: []phase{reconciling(nil)}},
		{Name: "create-ranking-changes", prepare: fillFirstChoice, phases: []phase{reconciling(nil)}, between: emptyFirstChoice},
		{Name: "create-with-routes", familiar: true, prepare: all(wantRoutes, wantSnapshots), phases: []phase{reconciling(nil)}},
		{Name: "steady", prepare: create, phases: []phase{reconciling(nil)}},
		{Name: "secret-deleted", prepare: create, phases: []phase{reconciling(deleteSecret)}},
		{Name: "secret-emptied", prepare: create, phases: []phase{reconciling(editSecret(func(s *corev1.Secret) { s.Data = nil }))}},
		{Name: "secret-edited", prepare: create, phases: []phase{reconciling(editSecret(func(s *corev1.Secret) {
			s.Data["password"] = append(s.Data["password"], '1')
		}))}},
		{Name: "secret-wrong-owner", prepare: create, phases: []phase{
			{
				begin: labelSecret("somebody-else"), operation: v1beta1constants.GardenerOperationReconcile,
				reached: refused(ontapv1alpha1.ConditionSeedSecretReady, ontapv1alpha1.ReasonSeedSecretForeign),
			},
			reconciling(labelSecret("")),
		}},
		{Name: "repair-deleted", prepare: create, phases: []phase{repairing(deleteSecret)}},
		{Name: "repair-edited", familiar: true, prepare: create, phases: []phase{repairing(editSecret(func(s *corev1.Secret) {
			s.Data["password"] = append(s.Data["password"], '1')
		}))}},
		{Name: "repair-drift", familiar: true, prepare: create, moreLIFs: 1, phases: []phase{repairing(all(deleteSecret, loseLIF))}},
		{Name: "rotation", prepare: create, phases: []phase{reconciling(rotate)}},
		{Name: "data-lif-moved", prepare: create, moreLIFs: 1, phases: []phase{reconciling(wantDataLIFs("10.11.0.1", "10.12.0.101"))}},
		{Name: "data-lifs-added", prepare: create, moreLIFs: 2, phases: []phase{reconciling(wantDataLIFs("10.11.0.1", "10.12.0.1", "10.11.0.101", "10.12.0.101"))}},
		{Name: "data-lifs-removed", prepare: createWith("10.11.0.1", "10.12.0.1", "10.11.0.101", "10.12.0.101"), moreLIFs: 2, phases: []phase{
			reconciling(wantDataLIFs("10.11.0.1", "10.12.0.1")),
		}},
		{Name: "delete", prepare: create, phases: []phase{{begin: all(doom, deleted.begin), reached: gone}}},
		{Name: "delete-volumes-living", prepare: all(create, addVolume), phases: []phase{
			{begin: deleted.begin, reached: refused(ontapv1alpha1.ConditionSVMReady, ontapv1alpha1.ReasonInUse)},
			{begin: removeVolume, reached: gone},
		}},
		{Name: "delete-volumes-dying", prepare: all(create, addVolume), phases: []phase{{begin: all(doom, deleted.begin), reached: gone}}},
		{Name: "migrate-and-restore", prepare: create, phases: []phase{
			{operation: v1beta1constants.GardenerOperationMigrate, reached: succeeded},
			{begin: moveToOtherSeed, operation: v1beta1constants.GardenerOperationRestore, reached: ready},
		}},
	}
}

func all(deeds ...deed) deed {
	return func(ctx context.Context, s *world.Shoot) error {
		for _, one := range deeds {
			if err := one(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}

// create reconciles until there is no more to do.
func create(ctx context.Context, s *world.Shoot) error {
	for range 2 {
		if err := s.Annotate(ctx, v1beta1constants.GardenerOperationReconcile); err != nil {
			return err
		}
		if err := s.Run(ctx); err != nil {
			return fmt.Errorf("creating: %w", err)
		}
		s.OthersWork()
	}
	return nil
}

func createWith(dataLIFs ...string) deed { return all(wantDataLIFs(dataLIFs...), create) }

func wantDataLIFs(addresses ...string) deed {
	return func(ctx context.Context, s *world.Shoot) error {
		config := s.ProviderConfig()
		config.DataLIFs = addresses
		return s.Configure(ctx, config)
	}
}

func wantRoutes(_ context.Context, s *world.Shoot) error {
	return s.Reconfigure(func(config *configv1alpha1.ControllerConfiguration) {
		for i := range config.Clusters {
			for j := range config.Clusters[i].Networks.Data {
				config.Clusters[i].Networks.Data[j].Routes = []configv1alpha1.Route{{Destination: "0.0.0.0/0", Gateway: "10.11.255.254"}}
			}
		}
	})
}

func wantSnapshots(ctx context.Context, s *world.Shoot) error {
	config := s.ProviderConfig()
	config.SnapshotClass = &ontapv1alpha1.SnapshotClass{Enabled: true}
	return s.Configure(ctx, config)
}

// firstChoice is the cluster on which the SVM is made where both have room.
const firstChoice = "a"

// setRoom says how much room the first choice has.
func setRoom(ctx context.Context, s *world.Shoot, bytes string) error {
	for node := 1; node <= 4; node++ {
		for _, aggregate := range aggregatesOf(firstChoice, node) {
			if err := s.Sim.Perform(ctx, firstChoice, simulator.Act{Kind: simulator.SetAvailable, Name: aggregate, Value: bytes}); err != nil {
				return err
			}
		}
	}
	return nil
}

func aggregatesOf(cluster string, node int) []string {
	return []string{fmt.Sprintf("%s_%02d_aggr1", cluster, node), fmt.Sprintf("%s_%02d_aggr2", cluster, node)}
}

func fillFirstChoice(ctx context.Context, s *world.Shoot) error { return setRoom(ctx, s, "0") }

func emptyFirstChoice(ctx context.Context, s *world.Shoot) error {
	return setRoom(ctx, s, "100000000000000")
}

func deleteSecret(ctx context.Context, s *world.Shoot) error {
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	return s.Seed.Delete(ctx, secret)
}

func editSecret(edit func(*corev1.Secret)) deed {
	return func(ctx context.Context, s *world.Shoot) error {
		secret, err := s.SeedSecret(ctx)
		if err != nil {
			return err
		}
		edit(secret)
		return s.Seed.Update(ctx, secret)
	}
}

// labelSecret labels the seed secret for an owner; for its own where that is empty.
func labelSecret(owner string) deed {
	return func(ctx context.Context, s *world.Shoot) error {
		if owner == "" {
			owner = s.UID
		}
		return editSecret(func(secret *corev1.Secret) { secret.Labels["ontap.extensions.gardener.cloud/shoot-uid"] = owner })(ctx, s)
	}
}

// rotate puts another, well-formed secret in the place of the one that is there.
func rotate(ctx context.Context, s *world.Shoot) error {
	old, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	if err := s.Seed.Delete(ctx, old); err != nil {
		return err
	}
	fresh := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: old.Namespace, Name: old.Name, Labels: old.Labels, Annotations: old.Annotations,
	}, Type: old.Type, Data: old.DeepCopy().Data}
	username := fresh.Data["username"]
	swap := map[byte]byte{'a': 'b', 'b': 'a', '1': '2', '2': '1'}
	last := username[len(username)-1]
	if other, ok := swap[last]; ok {
		last = other
	} else {
		last = 'a'
	}
	if bytes.Equal(old.Data["username"], append(username[:len(username)-1:len(username)-1], last)) {
		return errors.New("the rotated account would have the old name")
	}
	fresh.Data["username"] = append(username[:len(username)-1:len(username)-1], last)
	fresh.Data["password"] = append(fresh.Data["password"], 'z')
	return s.Seed.Create(ctx, fresh)
}

func addVolume(ctx context.Context, s *world.Shoot) error {
	return onSVM(ctx, s, simulator.AddVolume, "")
}

func removeVolume(ctx context.Context, s *world.Shoot) error {
	return onSVM(ctx, s, simulator.RemoveVolume, "purged")
}

func onSVM(ctx context.Context, s *world.Shoot, kind simulator.ActKind, value string) error {
	state, err := s.Sim.State(ctx)
	if err != nil {
		return err
	}
	cluster, svm, _ := svmOf(state, s)
	return s.Sim.Perform(ctx, cluster, simulator.Act{Kind: kind, SVM: svm.Name, Name: "trident_pvc_1", Value: value})
}

func deleteExtension(ctx context.Context, s *world.Shoot) error { return s.DeleteExtension(ctx) }

func doom(ctx context.Context, s *world.Shoot) error { return s.Doom(ctx) }

// moveToOtherSeed is what gardenlets do between a migration and the restoration: the Extension and the seed secret come to
// another seed, with their state, data and labels, and without annotations.
func moveToOtherSeed(ctx context.Context, s *world.Shoot) error {
	old, err := s.Extension(ctx)
	if err != nil {
		return err
	}
	if err := s.Seed.Delete(ctx, old); err != nil {
		return err
	}
	secret, err := s.SeedSecret(ctx)
	if err != nil {
		return err
	}
	if err := s.Seed.Delete(ctx, secret); err != nil {
		return err
	}
	if err := s.WriteCluster(ctx, "seed-2"); err != nil {
		return err
	}
	if err := s.Seed.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: secret.Namespace, Name: secret.Name, Labels: secret.Labels}, Type: secret.Type, Data: secret.Data,
	}); err != nil {
		return err
	}
	restored := &extensionsv1alpha1.Extension{ObjectMeta: metav1.ObjectMeta{Namespace: old.Namespace, Name: old.Name}, Spec: old.Spec}
	if err := s.Seed.Create(ctx, restored); err != nil {
		return err
	}
	restored.Status.State, restored.Status.Resources = old.Status.State, old.Status.Resources
	return s.Seed.Status().Update(ctx, restored)
}
