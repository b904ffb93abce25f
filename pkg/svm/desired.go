// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

// Desired is what a shoot's SVM should be. It is a pure function of the shoot and of the operator's configuration.
type Desired struct {
	// Namespace is the shoot's namespace in the seed.
	Namespace string
	// ShootName, ShootUID and TechnicalID are the shoot's metadata.name, status.uid and status.technicalID.
	ShootName, ShootUID, TechnicalID string
	// GardenIdentity and SeedName say on whose behalf the SVM is kept.
	GardenIdentity, SeedName string
	// TakeOver lets a mark of this garden and shoot that names another seed be rewritten: the shoot's control plane
	// was restored here after a migration.
	TakeOver bool
}

// SVMName is the name of the shoot's SVM: the UID starts with a letter here and fits ONTAP's 41 characters.
func (d Desired) SVMName() string { return "s" + strings.ReplaceAll(d.ShootUID, "-", "") }

func (d Desired) secretOwner() seedsecret.Owner {
	return seedsecret.Owner{Namespace: d.Namespace, ShootName: d.ShootName, ShootUID: d.ShootUID}
}

// mark is the owner mark of the shoot's SVM.
func (d Desired) mark(state MarkState) Mark {
	return Mark{
		Garden: shortHash(d.GardenIdentity), Owner: d.ShootUID, Seed: shortHash(d.SeedName),
		TechnicalID: d.TechnicalID, State: state,
	}
}

// accountMark is the owner mark of the shoot's accounts; a fingerprint commits the account.
func (d Desired) accountMark(fingerprint string) Mark {
	mark := d.mark(MarkActive)
	mark.TechnicalID, mark.Fingerprint = "", fingerprint
	return mark
}

// shortHash is eight hexadecimal digits, enough to tell the gardens and seeds of one storage cluster apart.
func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}
