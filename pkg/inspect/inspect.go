// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	extensionscontroller "github.com/gardener/gardener/extensions/pkg/controller"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/lifecycle"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// Inspector looks at shoots; every field is required. Seed must not answer from a cache.
type Inspector struct {
	Seed      client.Reader
	Inventory *svm.Inventory
	Config    *configv1alpha1.ControllerConfiguration
}

// Inspect looks at the shoot with this namespace, or at all shoots with the extension where it is empty. The error is of the seed
// alone: a cluster that does not answer is in the report.
func (i Inspector) Inspect(ctx context.Context, namespace string) (Report, error) {
	extensions, err := i.extensions(ctx, namespace)
	if err != nil {
		return Report{}, err
	}
	var within []client.ListOption
	if namespace != "" {
		within = append(within, client.InNamespace(namespace))
	}
	secrets, secretsErr := seedsecret.NewReader(i.Seed).List(ctx, within...)
	census := i.Inventory.TakeForViews(ctx)
	report := Report{Clusters: []Cluster{}, Shoots: []Shoot{}}
	for _, settings := range i.Config.Clusters {
		cluster := Cluster{Name: settings.Name, Answered: true, Held: settings.Hold}
		if err := census.Silent()[settings.Name]; err != nil {
			cluster.Answered, cluster.Problem = false, err.Error()
		}
		report.Clusters = append(report.Clusters, cluster)
	}
	for _, found := range extensions {
		shoot := i.shoot(ctx, census, found, secrets[found.Namespace], secretsErr)
		report.Shoots = append(report.Shoots, shoot)
	}
	return report, nil
}

// extensions are those of this type, by namespace.
func (i Inspector) extensions(ctx context.Context, namespace string) ([]*extensionsv1alpha1.Extension, error) {
	all := &extensionsv1alpha1.ExtensionList{}
	if err := i.Seed.List(ctx, all, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("listing Extensions: %w", err)
	}
	var ours []*extensionsv1alpha1.Extension
	for at := range all.Items {
		if all.Items[at].Spec.Type == ontapv1alpha1.ExtensionType {
			ours = append(ours, &all.Items[at])
		}
	}
	if len(ours) == 0 && namespace != "" {
		return nil, fmt.Errorf("there is no Extension of type %s in namespace %q", ontapv1alpha1.ExtensionType, namespace)
	}
	slices.SortFunc(ours, func(a, b *extensionsv1alpha1.Extension) int { return cmp.Compare(a.Namespace, b.Namespace) })
	return ours, nil
}

// shoot puts together what there is of one shoot.
func (i Inspector) shoot(
	ctx context.Context, census svm.Census, found *extensionsv1alpha1.Extension, secret seedsecret.Snapshot, secretErr error,
) Shoot {
	shoot := Shoot{Namespace: found.Namespace, SeedSecret: Unknown, Conditions: conditions(found), LastRun: lastRun(found)}
	shoot.SVM.State, shoot.SVM.Verdict, shoot.Account.Verdict, shoot.Account.Fingerprint = Unknown, Unknown, Unknown, Unknown
	record, err := lifecycle.RecordOf(found)
	shoot.trouble(err)
	shoot.SVM.Name, shoot.SVM.RecordedCluster, shoot.Account.Name = record.Status.SVMName, record.Status.Cluster, record.Status.Account
	desired, err := i.desired(ctx, found)
	shoot.trouble(err)
	shoot.trouble(secretErr)
	if desired.ShootUID == "" {
		return shoot // it is not known whose secret and SVM to look for
	}
	if secretErr == nil {
		state := secret.State(seedsecret.Owner{Namespace: found.Namespace, ShootName: desired.ShootName, ShootUID: desired.ShootUID})
		shoot.SeedSecret = string(state)
		if state != seedsecret.StatePresent && state != seedsecret.StateIncomplete {
			secret = seedsecret.Snapshot{}
		}
	}
	shoot.SVM.Name = cmp.Or(shoot.SVM.Name, desired.SVMName())
	shoot.SVM.RecordedCluster = cmp.Or(secret.Cluster(), shoot.SVM.RecordedCluster)
	shoot.Account.Name = cmp.Or(secret.Username(), shoot.Account.Name)
	shoot.see(census.View(ctx, desired, record, secret), desired)
	return shoot
}

// desired is what the SVM should be. With an error it has at most the shoot's identity.
func (i Inspector) desired(ctx context.Context, found *extensionsv1alpha1.Extension) (svm.Desired, error) {
	cluster, err := extensionscontroller.GetCluster(ctx, i.Seed, found.Namespace)
	if err != nil {
		return svm.Desired{}, fmt.Errorf("reading Cluster %s: %w", found.Namespace, err)
	}
	return lifecycle.DesiredOf(i.Config, found, cluster)
}

func (s *Shoot) trouble(err error) {
	if err != nil {
		s.Problems = append(s.Problems, strings.Join(strings.Fields(err.Error()), " "))
	}
}

// see adds what was seen on ONTAP.
func (s *Shoot) see(view svm.View, desired svm.Desired) {
	s.trouble(view.Unanswered)
	if view.Drift != "" {
		s.SVM.Verdict = string(view.Drift)
	}
	switch {
	case view.SVM != nil:
		s.SVM.Name, s.SVM.UUID, s.SVM.Cluster, s.SVM.State, s.SVM.Held = view.SVM.Name, view.SVM.UUID, view.SVM.Cluster, view.SVM.State, view.Held
	case view.Drift == svm.SVMMissing:
		s.SVM.State = "missing"
	}
	for _, standby := range view.Standbys {
		s.SVM.Standby = &Standby{Name: standby.Name, Cluster: standby.Cluster, State: standby.State}
	}
	for _, other := range view.Others {
		s.trouble(fmt.Errorf("SVM %s (%s) on cluster %q is the shoot's as well, by its name or mark", other.Name, other.UUID, other.Cluster))
	}
	s.LIFs = lifs(view, desired)
	if view.Account != "" {
		s.Account.Verdict, s.Account.Fingerprint = string(view.Account), fingerprint(view.Account)
	}
}

// lifs are those of the SVM, by name, and after them the wanted addresses that it does not have.
func lifs(view svm.View, desired svm.Desired) []LIF {
	var all []LIF
	has := map[netip.Addr]bool{}
	for _, lif := range view.LIFs {
		state := LIFUp
		switch {
		case !lif.Enabled:
			state = LIFDisabled
		case lif.Down:
			state = LIFDown
		}
		has[lif.Address] = true
		all = append(all, LIF{Name: lif.Name, Address: lif.Address.String(), HomeNode: lif.HomeNode, State: state})
	}
	slices.SortFunc(all, func(a, b LIF) int { return cmp.Compare(a.Name, b.Name) })
	state := Unknown
	if view.SVM != nil || view.Drift == svm.SVMMissing {
		state = LIFMissing
	}
	for _, address := range append(slices.Clone(desired.DataLIFs), desired.ManagementLIF) {
		if address.IsValid() && !has[address] {
			all = append(all, LIF{Address: address.String(), State: state})
		}
	}
	return all
}

func fingerprint(drift svm.AccountDrift) string {
	switch drift {
	case svm.AccountInStep, svm.AccountLocked:
		return FingerprintInStep
	case svm.AccountTaken:
		return FingerprintOutOfStep
	case svm.AccountMissing, svm.AccountUncommitted:
		return FingerprintNone
	}
	return Unknown
}

func conditions(found *extensionsv1alpha1.Extension) []Condition {
	var all []Condition
	for _, one := range found.Status.Conditions {
		all = append(all, Condition{Type: string(one.Type), Status: string(one.Status), Reason: one.Reason, Message: one.Message})
	}
	return all
}

func lastRun(found *extensionsv1alpha1.Extension) *Run {
	last := found.Status.LastOperation
	if last == nil {
		return nil
	}
	return &Run{Type: string(last.Type), State: string(last.State), Time: last.LastUpdateTime, Description: last.Description}
}

// ErrIncomplete says that a report has something unknown in it.
var ErrIncomplete = errors.New("not everything could be looked at: see what is unknown, and why")
