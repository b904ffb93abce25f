// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package svm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

// Limits bound what an SVM may use; 0 is no limit.
type Limits = ontap.Limits

// Desired is what a shoot's SVM should be. It is a pure function of the shoot and of the operator's configuration.
type Desired struct {
	Identity
	Site
	Wishes
	// TakeOver lets a mark of this garden and shoot that names another seed be rewritten: the shoot's control plane
	// was restored here after a migration.
	TakeOver bool
	// Paused keeps everything as it is: no step is taken.
	Paused bool
	// ConfirmPathLoss lets data LIFs be removed while hosts are connected through them.
	ConfirmPathLoss bool
	// ShootDeleting tells the deletion of a shoot from the removal of the extension from a shoot that lives on.
	ShootDeleting bool
	// RecoveryQueue says what becomes of the SVM while volumes that were deleted in it can be recovered.
	RecoveryQueue configv1alpha1.RecoveryQueuePolicy
	// Forced is whether it is deleted by force: nothing waits for what may never come.
	Forced bool
	// CARotation is the rotation of the shoot's certificate authorities, with which those in the shoot are rotated; nil where
	// there was none.
	CARotation *gardencorev1beta1.CARotation
	// Hibernated is whether the shoot hibernates or is about to: its API server does not answer, or will not.
	Hibernated bool
}

// Identity says whose the SVM is.
type Identity struct {
	// Namespace is the shoot's namespace in the seed.
	Namespace string
	// ShootName, ShootUID and TechnicalID are the shoot's metadata.name, status.uid and status.technicalID.
	ShootName, ShootUID, TechnicalID string
	// GardenIdentity and SeedName say on whose behalf the SVM is kept.
	GardenIdentity, SeedName string
}

// Site is where the shoot's nodes are, and what Gardener has given them.
type Site struct {
	Region string
	// Zones are those of all workers.
	Zones []string
	// IPv6 is whether the Services of the shoot have IPv6 addresses.
	IPv6 bool
	// Provider is the type of the infrastructure.
	Provider string
	// VerticalPodAutoscaler is whether Gardener brings the shoot one.
	VerticalPodAutoscaler bool
}

// Wishes are what the shoot's owner wants of the SVM, within what the operator allows. They are valid.
type Wishes struct {
	ManagementLIF netip.Addr
	DataLIFs      []netip.Addr
	Protocol      v1alpha1.Protocol
	// Workers are the worker pools whose nodes get the driver; all where it is empty.
	Workers []string `json:",omitempty"`
	Limits  Limits
	// StorageClasses are those that the shoot gets, SnapshotClass whether it gets one for snapshots.
	StorageClasses []v1alpha1.StorageClass
	SnapshotClass  bool
	// CorrectAdminState has administrative states corrected that are only reported otherwise.
	CorrectAdminState bool
}

// SVMName is the name of the shoot's SVM: the UID starts with a letter here and fits ONTAP's 41 characters.
func (i Identity) SVMName() string { return "s" + strings.ReplaceAll(i.ShootUID, "-", "") }

func (i Identity) secretOwner() seedsecret.Owner {
	return seedsecret.Owner{Namespace: i.Namespace, ShootName: i.ShootName, ShootUID: i.ShootUID}
}

// mark is the owner mark of the shoot's SVM.
func (i Identity) mark(state MarkState) Mark {
	return Mark{
		Garden: shortHash(i.GardenIdentity), Owner: i.ShootUID, Seed: shortHash(i.SeedName),
		TechnicalID: i.TechnicalID, State: state,
	}
}

// accountMark is the owner mark of the shoot's accounts; a fingerprint commits the account.
func (i Identity) accountMark(fingerprint string) Mark {
	mark := i.mark(MarkActive)
	mark.TechnicalID, mark.Fingerprint = "", fingerprint
	return mark
}

// shortHash is eight hexadecimal digits, enough to tell the gardens and seeds of one storage cluster apart.
func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:4])
}

// hash identifies everything that a run applies: the shoot's wishes, and the operator's settings for SVMs on a cluster.
func (d Desired) hash(settings configv1alpha1.ONTAPCluster) (string, error) {
	applied, err := json.Marshal(struct {
		Identity
		Wishes
		AccountRole, IPspace string
		Zones                []string
		Networks             configv1alpha1.Networks
		QoSPolicies          []configv1alpha1.QoSPolicy `json:",omitempty"` // what was applied without has the hash it had
	}{d.Identity, d.Wishes, settings.AccountRole, settings.IPspace, settings.Zones, settings.Networks, d.qosPolicies(settings)})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(applied)
	return hex.EncodeToString(sum[:]), nil
}

// qosPolicies are those of a cluster that storage classes name.
func (w Wishes) qosPolicies(settings configv1alpha1.ONTAPCluster) []configv1alpha1.QoSPolicy {
	return slices.DeleteFunc(slices.Clone(settings.QoSPolicies), func(policy configv1alpha1.QoSPolicy) bool {
		return !slices.ContainsFunc(w.StorageClasses, func(class v1alpha1.StorageClass) bool { return class.QoSPolicy == policy.Name })
	})
}

// protocols are ONTAP's names of the protocols, the service policies of their data LIFs, which are built in, and the names of
// their licences.
var protocols = map[v1alpha1.Protocol]struct{ name, dataPolicy, license string }{
	v1alpha1.ProtocolNVMe:  {"nvme", "default-data-nvme-tcp", "nvme_of"},
	v1alpha1.ProtocolISCSI: {"iscsi", "default-data-iscsi", "iscsi"},
	v1alpha1.ProtocolNFS:   {"nfs", "default-data-files", "nfs"},
}
