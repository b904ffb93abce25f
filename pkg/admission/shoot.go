// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package admission refuses Shoots in the garden cluster whose SVM could not be what their owners write, and asks them to confirm
// what would take storage away from a shoot that lives on: here it can still be taken back. What makes a providerConfig valid is
// said in pkg/apis/ontap, for the extension in the seed as well, which trusts nobody to have asked here.
//
// One invariant: it asks nobody, neither ONTAP nor an API server. Whatever fails elsewhere, Shoots can be written.
//
//	err := admission.NewValidator(admission.AllowedRanges{}).Validate(ctx, shoot, oldShoot)
package admission

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	extensionswebhook "github.com/gardener/gardener/extensions/pkg/webhook"
	"github.com/gardener/gardener/pkg/apis/core"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

const (
	// confirmRemoval on a Shoot confirms that the extension may be removed or disabled. Its SVM goes, or is parked.
	confirmRemoval = "ontap.extensions.gardener.cloud/confirm-removal"
	// confirmDataLIFRemoval on a Shoot confirms that data LIFs may be taken away. That no host is connected through them is
	// still seen to in the seed.
	confirmDataLIFRemoval = "ontap.extensions.gardener.cloud/confirm-data-lif-removal"
)

var extensionsPath = field.NewPath("spec", "extensions")

// validator validates Shoots.
type validator struct {
	ranges AllowedRanges
}

// NewValidator returns a validator of Shoots, internal ones. It refuses nothing in a shoot that is being deleted, and, in an update
// that changes nothing of what the SVM depends on, nothing that was admitted before.
func NewValidator(ranges AllowedRanges) extensionswebhook.Validator {
	return &validator{ranges: ranges}
}

// Validate returns all that is wrong with the extension in a shoot, by field, nil where there is no such extension.
func (v *validator) Validate(_ context.Context, newObj, oldObj client.Object) error {
	shoot, ok := newObj.(*core.Shoot)
	if !ok {
		return fmt.Errorf("expected a Shoot, not a %T", newObj)
	}
	if shoot.DeletionTimestamp != nil {
		return nil
	}
	var was *wish
	if oldObj != nil {
		old, ok := oldObj.(*core.Shoot)
		if !ok {
			return fmt.Errorf("expected an old Shoot, not a %T", oldObj)
		}
		was = wishOf(old)
	}
	now := wishOf(shoot)
	switch {
	case now == nil && was == nil:
		return nil
	case now == nil:
		return validateRemoval(shoot).ToAggregate()
	case was != nil && now.equal(was):
		return nil
	}
	return v.validate(now, was, shoot).ToAggregate()
}

// validate compares what is wished for with the rules, with the shoot, and with what was wished for before, which may be nil.
func (v *validator) validate(now, was *wish, shoot *core.Shoot) field.ErrorList {
	config, err := ontapv1alpha1.DecodeSVMConfig(now.raw)
	if err != nil {
		return field.ErrorList{field.Invalid(now.path, field.OmitValueType{}, err.Error())}
	}
	errs := ontapv1alpha1.ValidateSVMConfig(config, now.path)
	errs = append(errs, ontapv1alpha1.ValidateWorkerPools(config.Workers, now.pools, now.path.Child("workers"))...)
	errs = append(errs, v.ranges.validateAddresses(config, shoot, now.path)...)
	if was == nil {
		return errs
	}
	old, err := ontapv1alpha1.DecodeSVMConfig(was.raw)
	if err != nil {
		return errs // nothing was made of it
	}
	errs = append(errs, ontapv1alpha1.ValidateSVMConfigUpdate(config, old.Protocol, now.path)...)
	return append(errs, validateDataLIFs(config, old, shoot, now.path.Child("dataLIFs"))...)
}

// validateDataLIFs wants a confirmation for data LIFs that are taken away, which includes those that get another address.
func validateDataLIFs(config, old *ontapv1alpha1.SVMConfig, shoot *core.Shoot, path *field.Path) field.ErrorList {
	_, wanted, err := config.Addresses()
	_, had, oldErr := old.Addresses()
	if err != nil || oldErr != nil || shoot.Annotations[confirmDataLIFRemoval] == "true" {
		return nil
	}
	var errs field.ErrorList
	for _, address := range had {
		if !slices.Contains(wanted, address) {
			errs = append(errs, field.Forbidden(path, fmt.Sprintf(
				"%s cannot be taken away without the annotation %s: \"true\" on the Shoot, since nodes may be connected through it", address, confirmDataLIFRemoval)))
		}
	}
	return errs
}

// validateRemoval wants a confirmation for the extension that a shoot has had and has no more.
func validateRemoval(shoot *core.Shoot) field.ErrorList {
	if shoot.Annotations[confirmRemoval] == "true" {
		return nil
	}
	return field.ErrorList{field.Forbidden(extensionsPath, fmt.Sprintf(
		"%s cannot be removed or disabled without the annotation %s: \"true\" on the Shoot, which loses its SVM then", ontapv1alpha1.ExtensionType, confirmRemoval))}
}

// wish is all in the spec of a Shoot that decides whether its SVM can be made.
type wish struct {
	// path is that of the providerConfig, raw its content.
	path  *field.Path
	raw   []byte
	taken []shootRange
	pools sets.Set[string]
}

// wishOf is nil for a shoot that does not want an SVM.
func wishOf(shoot *core.Shoot) *wish {
	for i, extension := range shoot.Spec.Extensions {
		if extension.Type != ontapv1alpha1.ExtensionType || extension.Disabled != nil && *extension.Disabled {
			continue
		}
		w := &wish{path: extensionsPath.Index(i).Child("providerConfig"), taken: specRanges(shoot), pools: sets.New[string]()}
		if extension.ProviderConfig != nil {
			w.raw = extension.ProviderConfig.Raw
		}
		for _, worker := range shoot.Spec.Provider.Workers {
			w.pools.Insert(worker.Name)
		}
		return w
	}
	return nil
}

// equal leaves out the path: where the extension stands among the others decides nothing.
func (w *wish) equal(other *wish) bool {
	return bytes.Equal(w.raw, other.raw) && slices.Equal(w.taken, other.taken) && w.pools.Equal(other.pools)
}
