// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// verdict is what is wrong, and what the table tells besides.
type verdict struct {
	problems                 []string
	requests, faults, living int
}

func (v *verdict) problem(format string, arguments ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, arguments...))
}

// judge compares what is left with what the living shoots need.
func (s *soak) judge(ctx context.Context) (*verdict, error) {
	v := &verdict{}
	state, err := s.ontap.State(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.judgeStorm(ctx, v); err != nil {
		return nil, err
	}
	for owner, count := range state.EverCreated {
		if count != 1 {
			v.problem("TWIN: %d SVMs were ever made for %s", count, owner)
		}
	}
	namespaces, known := map[string]bool{}, map[string]bool{}
	for _, l := range s.lives {
		if l.gone {
			continue
		}
		v.living++
		namespaces[l.shoot.Namespace] = true
		if err := s.judgeShoot(ctx, v, state, l, known); err != nil {
			return nil, err
		}
	}
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if !known[svm.UUID] {
				v.problem("LEFT OVER: SVM %s (%s) on cluster %s: %s", svm.Name, svm.State, cluster.Name, svm.Comment)
			}
		}
		for _, account := range cluster.Accounts {
			if !known[account.SVMUUID] {
				v.problem("LEFT OVER: account %s of SVM %s on cluster %s", account.Name, account.SVMName, cluster.Name)
			}
		}
	}
	return v, s.judgeSeed(ctx, v, namespaces)
}

// judgeStorm tells whether it was one, and what was done in it that nobody may do.
func (s *soak) judgeStorm(ctx context.Context, v *verdict) error {
	entries, err := s.ontap.Journal(ctx, 0)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Class != simulator.Progress {
			v.requests++
		}
		if entry.Fault != "" {
			v.faults++
		}
	}
	if v.faults < minFaults {
		v.problem("NO STORM: %d faults, at least %d are asked for", v.faults, minFaults)
	}
	if s.killer.inside < minKills {
		v.problem("NO STORM: %d kills in the middle of a run, at least %d are asked for", s.killer.inside, minKills)
	}
	violations, err := s.ontap.Violations(ctx)
	for _, violation := range violations {
		v.problem("VIOLATION: %s", violation)
	}
	return err
}

// judgeShoot judges what there is for a shoot, and adds the UUIDs of its SVM and of that one's standby to those that are known.
func (s *soak) judgeShoot(ctx context.Context, v *verdict, state simulator.State, l *life, known map[string]bool) error {
	wanted, err := l.addresses()
	if err != nil {
		return err
	}
	var svms []string
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if !strings.Contains(svm.Comment, " o="+string(l.shoot.UID)+" ") {
				continue
			}
			known[svm.UUID] = true
			if svm.Subtype == "sync_destination" {
				continue
			}
			svms = append(svms, cluster.Name+"/"+svm.Name)
			var found []string
			for _, lif := range svm.LIFs {
				found = append(found, lif.Address)
			}
			slices.Sort(found)
			slices.Sort(wanted)
			if svm.State != "running" || !slices.Equal(found, wanted) {
				v.problem("SVM of %s is %s with LIFs %v, wanted are %v", l.shoot.Name, svm.State, found, wanted)
			}
			if err := s.judgeAccounts(ctx, v, cluster, svm.UUID, l); err != nil {
				return err
			}
		}
	}
	if len(svms) != 1 {
		v.problem("%s has the SVMs %v", l.shoot.Name, svms)
	}
	return nil
}

// judgeAccounts judges our accounts of an SVM; ONTAP makes one of its own. Those that the seed secret named before it was lost are kept, since the shoots,
// whose side is played, are never seen to have turned to the new ones.
func (s *soak) judgeAccounts(ctx context.Context, v *verdict, cluster simulator.ClusterState, uuid string, l *life) error {
	secret := &corev1.Secret{}
	if err := s.landscape.Client.Get(ctx, client.ObjectKey{Namespace: l.shoot.Namespace, Name: seedsecret.Name}, secret); err != nil {
		return err
	}
	for _, account := range cluster.Accounts {
		if account.SVMUUID == uuid && account.Comment != "" && !s.names.has(l.shoot.Namespace, account.Name) {
			v.problem("LEFT OVER: account %s of %s, which no seed secret ever named", account.Name, l.shoot.Name)
		}
	}
	tenant, err := s.landscape.NewTenant(cluster.Name)
	if err != nil {
		return err
	}
	states, status, err := tenant.LogIn(ctx, string(secret.Data["username"]), string(secret.Data["password"]))
	if err == nil && (status != http.StatusOK || !slices.Equal(states, []string{"running"})) {
		v.problem("the seed secret of %s does not log in: status %d, SVMs %v", l.shoot.Name, status, states)
	}
	return err
}

// judgeSeed looks for what deleted shoots have left in the seed.
func (s *soak) judgeSeed(ctx context.Context, v *verdict, living map[string]bool) error {
	secrets, resources := &corev1.SecretList{}, &resourcesv1alpha1.ManagedResourceList{}
	if err := s.landscape.Client.List(ctx, secrets, client.MatchingFields{"metadata.name": seedsecret.Name}); err != nil {
		return err
	}
	if err := s.landscape.Client.List(ctx, resources); err != nil {
		return err
	}
	for _, secret := range secrets.Items {
		if !living[secret.Namespace] {
			v.problem("LEFT OVER: the seed secret of %s", secret.Namespace)
		}
	}
	for _, resource := range resources.Items {
		if !living[resource.Namespace] {
			v.problem("LEFT OVER: ManagedResource %s of %s", resource.Name, resource.Namespace)
		}
	}
	return nil
}

// print prints the table.
func (s *soak) print(v *verdict, took time.Duration) {
	fmt.Printf("  shoots: %d ever, %d are left and succeeded, all others gone\n", s.born, v.living)
	for _, act := range slices.Sorted(maps.Keys(s.acts)) {
		fmt.Printf("  %-12s %6d times in the storm\n", act, s.acts[act])
	}
	fmt.Printf("  %-40s %8d\n", "requests to ONTAP", v.requests)
	fmt.Printf("  %-40s %8d\n", "faults fired", v.faults)
	fmt.Printf("  %-40s %8d, %d of them in the middle of a run\n", "kills", s.killer.kills, s.killer.inside)
	fmt.Printf("  %-40s %8d on one cluster\n", "most SVM jobs seen at once", s.mostJobs)
	for result, count := range s.killer.results() {
		fmt.Printf("  %-40s %8.0f\n", "reconciles that came to "+result, count)
	}
	fmt.Printf("  %-40s %8d\n", "problems", len(v.problems))
	fmt.Printf("  %-40s %8s\n", "time", took.Round(time.Second))
}
