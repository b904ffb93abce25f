// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// matrixSVM is an SVM with its accounts, the built-in one left out.
type matrixSVM struct {
	cluster string
	simulator.SVMState
	accounts []simulator.AccountState
}

// matrixView is all that there is of a shoot, on ONTAP, in the seed and inside.
type matrixView struct {
	extension *extensionsv1alpha1.Extension
	placed    string
	// secret and shootSecret are nil where there is none.
	secret, shootSecret *corev1.Secret
	bound               bool
	// svms are those that have the shoot's name or mark, or had.
	svms []matrixSVM
	// created is how many were ever made for the shoot.
	created int
	// letIn is whether ONTAP lets somebody in with what the seed secret holds.
	letIn bool
}

func (w *matrixWorld) view(ctx context.Context, s *matrixShoot) (matrixView, error) {
	v := matrixView{}
	var err error
	if v.extension, err = s.Extension(ctx); err != nil {
		return v, err
	}
	if raw := v.extension.Status.ProviderStatus; raw != nil {
		status := ontapv1alpha1.SVMStatus{}
		if err := json.Unmarshal(raw.Raw, &status); err != nil {
			return v, err
		}
		v.placed = status.Cluster
	}
	if v.secret, err = orNone(s.SeedSecret(ctx)); err != nil {
		return v, err
	}
	if v.shootSecret, err = orNone(s.ShootSecret(ctx)); err != nil {
		return v, err
	}
	backend := &tridentv1.TridentBackendConfig{}
	if err := s.Inside().Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: "ontap"}, backend); client.IgnoreNotFound(err) != nil {
		return v, err
	}
	v.bound = backend.Status.Phase == "Bound" && backend.Status.LastOperationStatus == "Success"
	state, err := w.Sim.State(ctx)
	if err != nil {
		return v, err
	}
	v.svms = matrixSVMsOf(state, s)
	for owner, count := range state.EverCreated {
		if strings.HasSuffix(owner, "/"+s.UID) {
			v.created += count
		}
	}
	if v.secret != nil && len(v.svms) == 1 {
		on := w.Sim.Cluster(v.svms[0].cluster)
		v.letIn = on.LetsIn(v.svms[0].UUID, string(v.secret.Data["username"]), string(v.secret.Data["password"]))
	}
	return v, nil
}

func orNone(secret *corev1.Secret, err error) (*corev1.Secret, error) {
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	return secret, err
}

func matrixSVMsOf(state simulator.State, s *matrixShoot) []matrixSVM {
	var svms []matrixSVM
	for _, cluster := range state.Clusters {
		for _, svm := range cluster.SVMs {
			if svm.Name != s.SVMName() && svm.Name != s.svm && !strings.Contains(svm.Comment, s.UID) {
				continue
			}
			one := matrixSVM{cluster: cluster.Name, SVMState: svm}
			for _, account := range cluster.Accounts {
				if account.SVMUUID == svm.UUID && account.Name != "vsadmin" {
					one.accounts = append(one.accounts, account)
				}
			}
			svms = append(svms, one)
		}
	}
	return svms
}

// condition is a condition as "Status Reason".
func (v matrixView) condition(conditionType string) string {
	condition := v1beta1helper.GetCondition(v.extension.Status.Conditions, gardencorev1beta1.ConditionType(conditionType))
	if condition == nil {
		return "absent"
	}
	return string(condition.Status) + " " + condition.Reason
}

func matrixConditions() []string {
	return []string{"SeedSecretReady", "SVMReady", "NetworkReady", "CredentialsReady", "ShootResourcesReady"}
}

// holds is whether what the condition claims when it is True is so, looked at from outside.
func (v matrixView) holds(s *matrixShoot, conditionType string) bool {
	if conditionType == "SeedSecretReady" {
		return v.secret != nil && v.secret.Labels["ontap.extensions.gardener.cloud/shoot-uid"] == s.UID &&
			len(v.secret.Data["username"]) > 0 && len(v.secret.Data["password"]) >= 8 && len(v.secret.Data["salt"]) == 32
	}
	if len(v.svms) != 1 {
		return false
	}
	svm := v.svms[0]
	switch conditionType {
	case "SVMReady":
		return svm.State == "running" && strings.HasPrefix(svm.Comment+" ", s.Mark()+" ") && svm.cluster == v.placed &&
			(v.secret == nil || svm.cluster == string(v.secret.Data["cluster"])) && svm.Protocols["nvme"].Enabled
	case "NetworkReady":
		return s.networkIsRight(svm)
	case "CredentialsReady":
		return v.accountIsRight(s, svm)
	default:
		return v.bound && v.secret != nil && v.shootSecret != nil &&
			bytes.Equal(v.shootSecret.Data["username"], v.secret.Data["username"]) &&
			bytes.Equal(v.shootSecret.Data["password"], v.secret.Data["password"])
	}
}

func (s *matrixShoot) networkIsRight(svm matrixSVM) bool {
	config := s.ProviderConfig()
	wanted := append(slices.Clone(config.DataLIFs), config.ManagementLIF)
	for _, lif := range svm.LIFs {
		policy := "default-data-nvme-tcp"
		if lif.Address == config.ManagementLIF {
			policy = "default-management"
		}
		if !slices.Contains(wanted, lif.Address) || !lif.Enabled || lif.ServicePolicy != policy {
			return false
		}
	}
	return len(svm.LIFs) == len(wanted)
}

// accountIsRight is whether the only account of the shoot is committed for what the seed secret names.
func (v matrixView) accountIsRight(s *matrixShoot, svm matrixSVM) bool {
	right := false
	for _, account := range svm.accounts {
		switch named := v.secret != nil && account.Name == string(v.secret.Data["username"]); {
		case named:
			right = strings.Contains(account.Comment, "o="+s.UID) && strings.Contains(account.Comment, " fp=") && account.HasPassword && !account.Locked
		case strings.Contains(account.Comment, s.UID):
			return false
		}
	}
	return right && v.letIn
}
