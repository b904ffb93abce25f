// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package seedsecret

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Name is the fixed name of the seed secret, so that RBAC and watches can be narrowed to it.
const Name = "ontap-svm-credentials"

const (
	keyUsername = "username"
	keyPassword = "password"
	keySalt     = "salt"
	keyCluster  = "cluster"

	// labelShootUID says whose secret it is; it is a label because gardenlet carries labels, not annotations, over a
	// control-plane migration.
	labelShootUID = "ontap.extensions.gardener.cloud/shoot-uid"
	// labelPersist makes gardenlet carry the secret over a control-plane migration.
	labelPersist     = "persist"
	annotationNotice = "ontap.extensions.gardener.cloud/notice"
	notice           = "Do not edit. Written by gardener-extension-ontap; delete it to get fresh credentials."
)

// Owner is the shoot whose seed secret is meant.
type Owner struct {
	// Namespace is the shoot's namespace in the seed.
	Namespace string
	// ShootName and ShootUID are the shoot's metadata.name and status.uid.
	ShootName, ShootUID string
}

// usernamePrefix is common to all accounts ever made for the owner.
func (o Owner) usernamePrefix() string {
	hex := strings.ReplaceAll(o.ShootUID, "-", "")
	return fmt.Sprintf("%s-%.8s-", o.ShootName, hex)
}

func (o Owner) labels() map[string]string {
	return map[string]string{labelShootUID: o.ShootUID, labelPersist: "true"}
}

// Snapshot is the seed secret as it was read. Its zero value stands for a secret that is not there. It prints as
// "[redacted]" whatever the verb, and cannot be marshalled.
type Snapshot struct {
	content content
	secret  *corev1.Secret
}

func snapshotOf(secret *corev1.Secret) Snapshot {
	return Snapshot{content: contentOf(secret.Data), secret: secret}
}

// Exists reports whether there was a secret.
func (s Snapshot) Exists() bool { return s.secret != nil }

// Username is the name of the SVM's account.
func (s Snapshot) Username() string { return s.content.username }

// Password is the password of the SVM's account, in clear. Hand it to nothing that prints or stores it.
func (s Snapshot) Password() string { return s.content.password }

// Cluster is the name of the ONTAP cluster chosen for the SVM; empty before the choice.
func (s Snapshot) Cluster() string { return s.content.cluster }

// Created is when the secret was created in this seed; zero if there is none. The credentials are no older, but where a malformed
// secret was mended in place, or a control-plane migration has brought it here.
func (s Snapshot) Created() time.Time {
	if !s.Exists() {
		return time.Time{}
	}
	return s.secret.CreationTimestamp.Time
}

// Usable reports whether Ensure would leave the secret as it is for an SVM that is placed.
func (s Snapshot) Usable(owner Owner) bool {
	return s.Exists() && s.secret.DeletionTimestamp == nil && s.Cluster() != "" && s.labelledFor(owner) && s.content.wellFormed(owner)
}

// State says what a seed secret is worth for its shoot.
type State string

const (
	// StatePresent is that of a secret that is as it should be.
	StatePresent State = "present"
	// StateIncomplete is that of a secret with credentials, but without all of its labels or the ONTAP cluster.
	StateIncomplete State = "incomplete"
	// StateMalformed is that of a secret whose content can be no account of the shoot.
	StateMalformed State = "malformed"
	// StateForeign is that of a secret that is labelled for another shoot.
	StateForeign State = "foreign"
	// StateDeleting is that of a secret that is being deleted.
	StateDeleting State = "deleting"
	// StateAbsent is that of a secret that is not there.
	StateAbsent State = "absent"
)

// State says what Ensure would find. It tells nothing of the content.
func (s Snapshot) State(owner Owner) State {
	if !s.Exists() {
		return StateAbsent
	}
	uid := s.secret.Labels[labelShootUID]
	switch {
	case uid != "" && uid != owner.ShootUID:
		return StateForeign
	case s.secret.DeletionTimestamp != nil:
		return StateDeleting
	case !s.content.wellFormed(owner):
		return StateMalformed
	case !s.Usable(owner):
		return StateIncomplete
	}
	return StatePresent
}

func (s Snapshot) labelledFor(owner Owner) bool {
	return labels.SelectorFromSet(owner.labels()).Matches(labels.Set(s.secret.Labels))
}

// Fingerprint identifies username, password and salt without giving the password away; empty if there is no secret.
// The cluster is not part of it.
func (s Snapshot) Fingerprint() string {
	if !s.Exists() {
		return ""
	}
	return s.content.fingerprint()
}

// Format implements fmt.Formatter.
func (s Snapshot) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, "[redacted]") } // fmt has no way to take an error

// MarshalLog implements logr.Marshaler.
func (s Snapshot) MarshalLog() any { return "[redacted]" }

// MarshalJSON fails: a snapshot is not for storing.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a snapshot of the seed secret cannot be marshalled")
}
