// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

const (
	// luksLabel is the label of the virtual pools of classes that want nothing else of Trident.
	luksLabel = "luks"
	// classLabel is the label of a virtual pool that is one class's alone.
	classLabel = "class"
)

// pools are the virtual pools that storage classes choose from: what a class cannot say itself is said by its pool. Trident calls
// pools after their place, and volumes remember the name, so those that are always there come first. With NFS no class needs one
// as long as none wants a QoS policy.
func pools(content svm.ShootContent) []tridentv1.Pool {
	var own []tridentv1.Pool
	for _, class := range content.StorageClasses {
		if class.QoSPolicy != "" {
			own = append(own, poolOf(content, class))
		}
	}
	plain := tridentv1.Pool{Labels: map[string]string{luksLabel: "false"}}
	switch {
	case content.Protocol != v1alpha1.ProtocolNFS:
		plain.Defaults = luks(false)
		return append([]tridentv1.Pool{plain, {Labels: map[string]string{luksLabel: "true"}, Defaults: luks(true)}}, own...)
	case len(own) > 0:
		return append([]tridentv1.Pool{plain}, own...)
	}
	return nil
}

// poolOf is the pool of a class with a QoS policy.
func poolOf(content svm.ShootContent, class v1alpha1.StorageClass) tridentv1.Pool {
	defaults := map[string]string{}
	if content.Protocol != v1alpha1.ProtocolNFS {
		defaults = luks(class.Encrypted)
	}
	policy := "qosPolicy"
	if slices.Contains(content.QoSPolicies, configv1alpha1.QoSPolicy{Name: class.QoSPolicy, Adaptive: true}) {
		policy = "adaptiveQosPolicy"
	}
	defaults[policy] = class.QoSPolicy
	return tridentv1.Pool{Labels: map[string]string{classLabel: labelOf(class)}, Defaults: defaults}
}

func luks(encrypted bool) map[string]string {
	return map[string]string{"luksEncryption": strconv.FormatBool(encrypted)}
}

// labelOf stands for the name of a class: Trident's selectors know letters, digits and underscores, and what it writes of labels
// into the comment of a namespace must be short.
func labelOf(class v1alpha1.StorageClass) string {
	sum := sha256.Sum256([]byte(class.Name))
	return hex.EncodeToString(sum[:8])
}

// selector is how a class chooses its pool; empty if there is none to choose from.
func selector(content svm.ShootContent, class v1alpha1.StorageClass) string {
	switch {
	case class.QoSPolicy != "":
		return classLabel + "=" + labelOf(class)
	case len(pools(content)) > 0:
		return luksLabel + "=" + strconv.FormatBool(class.Encrypted)
	}
	return ""
}
