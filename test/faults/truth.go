// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	corev1 "k8s.io/api/core/v1"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/world"
)

// truth is by condition whether what it says is so, looked up by somebody who sees everything.
type truth map[string]bool

// observe looks, and shows the Extension that it has seen; nil where there is none.
func (l *life) observe(ctx context.Context) (truth, *extensionsv1alpha1.Extension) {
	seen := truth{}
	extension, err := l.shoot.Extension(ctx)
	if err != nil {
		extension = nil
	}
	secret, err := l.seedSecret(ctx)
	if err != nil {
		secret = &corev1.Secret{}
	}
	seen[ontapv1alpha1.ConditionSeedSecretReady] = err == nil && secret.Labels["ontap.extensions.gardener.cloud/shoot-uid"] == l.shoot.UID &&
		len(secret.Data["username"]) > 0 && len(secret.Data["password"]) > 0 && len(secret.Data["salt"]) == 32
	state, err := l.shoot.Sim.State(ctx)
	if err != nil {
		l.problem("the state of ONTAP cannot be seen: %v", err)
		return seen, extension
	}
	_, svm, found := svmOf(state, l.shoot)
	seen[ontapv1alpha1.ConditionSVMReady] = found && svm.State == "running" && strings.HasPrefix(svm.Comment, "gxo/v1 ")
	seen[ontapv1alpha1.ConditionNetworkReady] = found && connected(extension, svm)
	seen[ontapv1alpha1.ConditionCredentialsReady] = found && slices.ContainsFunc(l.shoot.Sim.Credentials(), func(c simulator.Credential) bool {
		return c.SVMUUID == svm.UUID && c.Name == string(secret.Data["username"]) && c.Password == string(secret.Data["password"]) && !c.Locked
	})
	inside, err := l.shoot.ShootSecret(ctx)
	seen[ontapv1alpha1.ConditionShootResourcesReady] = err == nil && string(inside.Data["username"]) == string(secret.Data["username"]) &&
		string(inside.Data["password"]) == string(secret.Data["password"])
	return seen, extension
}

// seedSecret is the seed secret as it is now. What it holds is remembered: nothing changes it but a write to a Secret, and what
// somebody does before a run.
func (l *life) seedSecret(ctx context.Context) (*corev1.Secret, error) {
	secret, err := l.shoot.SeedSecret(ctx)
	if err == nil && len(secret.Data["username"]) > 0 {
		l.contents[string(secret.Data["username"])] = true
	}
	return secret, err
}

// connected tells whether an SVM has the LIFs of providerConfig.
func connected(extension *extensionsv1alpha1.Extension, svm simulator.SVMState) bool {
	if extension == nil || extension.Spec.ProviderConfig == nil {
		return false
	}
	config := ontapv1alpha1.SVMConfig{}
	if err := json.Unmarshal(extension.Spec.ProviderConfig.Raw, &config); err != nil {
		return false
	}
	for _, address := range append([]string{config.ManagementLIF}, config.DataLIFs...) {
		if !slices.ContainsFunc(svm.LIFs, func(lif simulator.LIFState) bool { return lif.Address == address && lif.Enabled }) {
			return false
		}
	}
	return true
}

// svmOf finds the SVM of a shoot's name.
func svmOf(state simulator.State, shoot *world.Shoot) (cluster string, svm simulator.SVMState, found bool) {
	for _, c := range state.Clusters {
		for _, svm := range c.SVMs {
			if svm.Name == shoot.SVMName() {
				return c.Name, svm, true
			}
		}
	}
	return "", simulator.SVMState{}, false
}
