// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package story

import (
	"context"
	"fmt"
	"slices"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

const policyName = "no-seed-secret"

// refused is the failure that this project exists for.
func refused(ctx context.Context, s *Story) error {
	shoot, err := s.newShoot(ctx, "beta")
	if err != nil {
		return err
	}
	if err := s.forbid(ctx, shoot); err != nil {
		return err
	}
	before, err := s.now(ctx)
	if err != nil {
		return err
	}
	if err := s.tryTwice(ctx, shoot); err != nil {
		return err
	}
	if err := s.claimRefused(ctx, shoot); err != nil {
		return err
	}
	entries, err := s.journal(ctx, before)
	if err != nil {
		return err
	}
	if err := s.claim(len(entries) == 0, "not one request has reached ONTAP, for shoot %q or any other", shoot.Name); err != nil {
		return err
	}
	if err := s.allow(ctx); err != nil {
		return err
	}
	s.say("  the policy is gone")
	if err := shoot.Reconcile(ctx); err != nil {
		return err
	}
	return s.claimSucceeded(ctx, shoot)
}

// tryTwice deploys the Extension and waits for its failure, twice, as gardenlet does when a shoot is retried.
func (s *Story) tryTwice(ctx context.Context, shoot *landscape.Shoot) error {
	for range 2 {
		if err := shoot.Deploy(ctx); err != nil {
			return err
		}
		if err := until(ctx, "the Extension has failed", func(ctx context.Context) (bool, error) {
			extension, err := shoot.Extension(ctx)
			if err != nil {
				return false, err
			}
			return extension.Status.LastError != nil && extension.Annotations["gardener.cloud/operation"] == "" &&
				extension.Status.LastOperation.State == gardencorev1beta1.LastOperationStateError, nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Story) claimRefused(ctx context.Context, shoot *landscape.Shoot) error {
	extension, err := shoot.Extension(ctx)
	if err != nil {
		return err
	}
	conditions, err := s.conditions(ctx, shoot)
	if err != nil {
		return err
	}
	if err := s.claim(conditions["SeedSecretReady"] == "False SeedSecretNotWritten", "SeedSecretReady is %s", conditions["SeedSecretReady"]); err != nil {
		return err
	}
	s.say("  lastError: %s", extension.Status.LastError.Description)
	codes := extension.Status.LastError.Codes
	if err := s.claim(slices.Equal(codes, []gardencorev1beta1.ErrorCode{gardencorev1beta1.ErrorRetryableInfraDependencies}), "its codes are %q: the shoot is retried and never Failed", codes); err != nil {
		return err
	}
	warnings, err := s.warnings(ctx, shoot)
	if err != nil {
		return err
	}
	return s.claim(len(warnings) == 1, "one Warning event, for two attempts: %q", warnings)
}

// warnings waits for the first Warning event about the Extension, since events are written in the background, and
// returns the reasons of all.
func (s *Story) warnings(ctx context.Context, shoot *landscape.Shoot) (reasons []string, err error) {
	err = until(ctx, "there is a Warning event", func(ctx context.Context) (bool, error) {
		events := &eventsv1.EventList{}
		if err := s.landscape.Client.List(ctx, events, client.InNamespace(shoot.Namespace)); err != nil {
			return false, err
		}
		reasons = nil
		for _, event := range events.Items {
			if event.Type == corev1.EventTypeWarning && event.Regarding.Kind == "Extension" {
				reasons = append(reasons, event.Reason)
			}
		}
		return len(reasons) > 0, nil
	})
	return reasons, err
}

// forbid makes a policy that refuses every write of the shoot's seed secret, and proves that it is in force: what the
// extension is going to do is refused to its own ServiceAccount.
func (s *Story) forbid(ctx context.Context, shoot *landscape.Shoot) error {
	writes := admissionregistrationv1.RuleWithOperations{
		Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update},
		Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"secrets"}},
	}
	policy := &admissionregistrationv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: policyName},
		Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionregistrationv1.MatchResources{
				ResourceRules:     []admissionregistrationv1.NamedRuleWithOperations{{RuleWithOperations: writes}},
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: shoot.Namespace}},
			},
			Validations: []admissionregistrationv1.Validation{{
				Expression: fmt.Sprintf("object.metadata.name != %q", seedsecret.Name), Message: "seed secrets are forbidden today",
			}},
		},
	}
	binding := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: policyName},
		Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: policyName, ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny},
		},
	}
	for _, object := range []client.Object{policy, binding} {
		if err := s.landscape.Client.Create(ctx, object); err != nil {
			return err
		}
	}
	extension, err := client.New(s.landscape.ExtensionConfig, client.Options{})
	if err != nil {
		return err
	}
	if err := until(ctx, "the policy is in force", func(ctx context.Context) (bool, error) {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: shoot.Namespace, Name: seedsecret.Name}}
		err := extension.Create(ctx, secret, client.DryRunAll)
		return apierrors.IsInvalid(err) || apierrors.IsForbidden(err), nil
	}); err != nil {
		return err
	}
	return s.claim(true, "a policy forbids the seed secret of shoot %q: a dry run by the extension's ServiceAccount was refused", shoot.Name)
}

func (s *Story) allow(ctx context.Context) error {
	for _, object := range []client.Object{
		&admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: policyName}},
		&admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: policyName}},
	} {
		if err := s.landscape.Client.Delete(ctx, object); err != nil {
			return err
		}
	}
	return nil
}
