// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	extensionswebhook "github.com/gardener/gardener/extensions/pkg/webhook"
	"github.com/gardener/gardener/pkg/apis/core"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// WebhookName is the first part of the webhook's name, which the API server puts before what it refuses.
const WebhookName = "validator"

// NewWebhook returns the webhook that validates Shoots. It is asked about those alone that have the extension, or had it before the
// request: Gardener's plugin ExtensionLabels keeps the label, and Kubernetes looks for it on the old object, too.
func NewWebhook(mgr manager.Manager, ranges AllowedRanges) (*extensionswebhook.Webhook, error) {
	return extensionswebhook.New(mgr, extensionswebhook.Args{
		Name:   WebhookName,
		Path:   "/webhooks/validate-shoots",
		Target: extensionswebhook.TargetSeed,
		ObjectSelector: &metav1.LabelSelector{
			MatchLabels: map[string]string{v1beta1constants.LabelExtensionExtensionTypePrefix + ontapv1alpha1.ExtensionType: "true"},
		},
		// The internal type, so that every version of the API is validated.
		Validators: map[extensionswebhook.Validator][]extensionswebhook.Type{NewValidator(ranges): {{Obj: &core.Shoot{}}}},
	})
}
