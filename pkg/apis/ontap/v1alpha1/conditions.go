// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

// The condition types that the extension keeps in Extension.status.conditions.
const (
	// ConditionSeedSecretReady is True if the seed secret was there, well formed and ours before every step of the
	// last run.
	ConditionSeedSecretReady = "SeedSecretReady"
	// ConditionSVMReady is True if the shoot's SVM runs on ONTAP and carries our owner mark.
	ConditionSVMReady = "SVMReady"
	// ConditionNetworkReady is True if the SVM has the data LIFs and the management LIF of providerConfig, enabled, and
	// the configured routes.
	ConditionNetworkReady = "NetworkReady"
	// ConditionCredentialsReady is True if the account that the seed secret names is committed on the SVM and no other
	// account of the shoot is left.
	ConditionCredentialsReady = "CredentialsReady"
	// ConditionShootResourcesReady is True if what the SVM needs in the shoot is applied there, and Trident's backend works
	// with the credentials and LIFs that the SVM has.
	ConditionShootResourcesReady = "ShootResourcesReady"
)

// The reasons of the conditions. Reasons of waiting steps are set while the condition is False or Progressing.
const (
	// ReasonReady is the reason of every True condition.
	ReasonReady = "Ready"
	// ReasonDeleted is the reason of a False condition of an Extension whose deletion has come past it.
	ReasonDeleted = "Deleted"

	// ReasonSeedSecretUnreadable: the seed's API server did not let the extension read the seed secret. Nothing is
	// known of it and nothing is done until it can be read.
	ReasonSeedSecretUnreadable = "SeedSecretUnreadable"
	// ReasonSeedSecretNotWritten: the seed's API server refused to take the seed secret, for example because of an
	// admission policy or a quota. Nothing is done on ONTAP until it is written.
	ReasonSeedSecretNotWritten = "SeedSecretNotWritten"
	// ReasonSeedSecretForeign: a secret of that name is labelled for another shoot. Remove or rename it by hand.
	ReasonSeedSecretForeign = "SeedSecretForeign"
	// ReasonSeedSecretDeleting: the secret is being deleted, and something holds it with a finalizer.
	ReasonSeedSecretDeleting = "SeedSecretDeleting"
	// ReasonSeedSecretUnstable: the secret was changed three times within one run. Find out who writes it.
	ReasonSeedSecretUnstable = "SeedSecretUnstable"

	// ReasonRecoveryQueueNotEmpty: the SVM goes when ONTAP has emptied its recovery queue of deleted volumes. Nothing to do.
	ReasonRecoveryQueueNotEmpty = "RecoveryQueueNotEmpty"
	// ReasonMetroClusterNotNormal: the SVM is on a MetroCluster that is switched over, or whose halves do not reach each other.
	// Nothing is changed until both halves are in the mode normal.
	ReasonMetroClusterNotNormal = "MetroClusterNotNormal"
	// ReasonPaused: the annotation of that name on the Extension keeps everything as it is. Nothing is known until it is gone.
	ReasonPaused = "Paused"
	// ReasonUnreachable: ONTAP did not answer, so nothing is known. See the network and the cluster.
	ReasonUnreachable = "Unreachable"
	// ReasonAccessDenied: ONTAP refused the cluster credentials, or their role lacks a right.
	ReasonAccessDenied = "AccessDenied"
	// ReasonCapacityExhausted: ONTAP has no room for what was asked.
	ReasonCapacityExhausted = "CapacityExhausted"
	// ReasonConflict: ONTAP was busy with, or had meanwhile changed, what was asked for. It is tried again.
	ReasonConflict = "Conflict"
	// ReasonRejected: ONTAP refused the request as it is; the message has ONTAP's code.
	ReasonRejected = "Rejected"
	// ReasonInterrupted: the extension ran out of time or was stopped. It is tried again.
	ReasonInterrupted = "Interrupted"
	// ReasonInternalError: a defect of the extension; please report it with the message.
	ReasonInternalError = "InternalError"
	// ReasonStepFailsRepeatedly: a step has failed five times in a row. The condition's message says since when, and how
	// often by now. An event only.
	ReasonStepFailsRepeatedly = "StepFailsRepeatedly"

	// ReasonSVMForeign: an SVM of the shoot's name exists without our owner mark. It is not touched; move it out of
	// the way, or restore its mark if it is the shoot's.
	ReasonSVMForeign = "SVMForeign"
	// ReasonSVMOfOtherSeed: the SVM is marked for another seed of this garden, which may still work on it.
	ReasonSVMOfOtherSeed = "SVMOfOtherSeed"
	// ReasonSVMDuplicate: more than one SVM is the shoot's by name or mark. A human has to decide which one is.
	ReasonSVMDuplicate = "SVMDuplicate"
	// ReasonSVMUnrecognized: the SVM with the recorded UUID has neither the shoot's name nor its owner mark.
	ReasonSVMUnrecognized = "SVMUnrecognized"
	// ReasonSVMMissing: no cluster has the SVM any more, which was found between two reconciles of the shoot. Restore it if you
	// can; the next reconcile makes a new, empty one.
	ReasonSVMMissing = "SVMMissing"
	// ReasonSVMStopped: the SVM is stopped. That may be a storage administrator's decision; start it by hand.
	ReasonSVMStopped = "SVMStopped"
	// ReasonSVMIncomplete: the SVM was never finished, and what there is of it cannot be proven to be the shoot's. Look
	// at it and delete it by hand.
	ReasonSVMIncomplete = "SVMIncomplete"
	// ReasonSVMRemarked: the owner mark was lost or said something else and was written again. An event only.
	ReasonSVMRemarked = "SVMRemarked"
	// ReasonSVMParked: the shoot is gone, its SVM still holds volumes. The SVM is left on ONTAP without accounts and
	// LIFs, and its mark says since when. An event only.
	ReasonSVMParked = "SVMParked"
	// ReasonInUse: the shoot lives, and its SVM holds volumes or the shoot has some of the driver, so it is not deleted.
	ReasonInUse = "InUse"
	// ReasonHeldByAdministrator: the configuration or the SVM's comment says hold, and something would have to be
	// changed.
	ReasonHeldByAdministrator = "HeldByAdministrator"
	// ReasonApprovalPending: a multi-admin rule of ONTAP protects what is to be done; the request waits for approval.
	ReasonApprovalPending = "ApprovalPending"
	// ReasonApprovalVetoed: the approval was refused.
	ReasonApprovalVetoed = "ApprovalVetoed"
	// ReasonProtocolUnlicensed: no cluster has a licence for the protocol of providerConfig.
	ReasonProtocolUnlicensed = "ProtocolUnlicensed"
	// ReasonProtocolDisabled: the SVM's protocol service is switched off. That may be a storage administrator's decision.
	ReasonProtocolDisabled = "ProtocolDisabled"
	// ReasonLimitsRejected: ONTAP refuses the limits of providerConfig, for example because more is in use.
	ReasonLimitsRejected = "LimitsRejected"
	// ReasonAddressTaken: a LIF of somebody else has an address of providerConfig.
	ReasonAddressTaken = "AddressTaken"
	// ReasonAddressRejected: ONTAP refuses an address of providerConfig.
	ReasonAddressRejected = "AddressRejected"
	// ReasonTooManyDataLIFs: the cluster has not enough nodes for the data LIFs of providerConfig, two on each.
	ReasonTooManyDataLIFs = "TooManyDataLIFs"
	// ReasonBGPPeerDown: a virtual IP address needs a BGP session on its home node, and there is none.
	ReasonBGPPeerDown = "BGPPeerDown"
	// ReasonLIFDisabled: a LIF is switched off. That may be a storage administrator's decision.
	ReasonLIFDisabled = "LIFDisabled"
	// ReasonDataPathInUse: hosts are connected through a data LIF that providerConfig no longer has.
	ReasonDataPathInUse = "DataPathInUse"
	// ReasonPlacementConflict: seed secret, providerStatus and ONTAP do not name the same cluster.
	ReasonPlacementConflict = "PlacementConflict"
	// ReasonNoEligibleCluster: no configured cluster may take a new SVM.
	ReasonNoEligibleCluster = "NoEligibleCluster"
	// ReasonAccountLocked: the account is locked. That may be a storage administrator's decision; unlock it by hand.
	ReasonAccountLocked = "AccountLocked"

	// ReasonSVMCreating: ONTAP is creating the SVM, or may be: the answer to the request was lost.
	ReasonSVMCreating = "SVMCreating"
	// ReasonSVMNotRunning: the SVM is on its way to another state, or ONTAP is changing it.
	ReasonSVMNotRunning = "SVMNotRunning"
	// ReasonSVMDeleting: ONTAP is deleting the SVM.
	ReasonSVMDeleting = "SVMDeleting"
	// ReasonNoJobSlot: too many SVMs are being created or deleted on the cluster.
	ReasonNoJobSlot = "NoJobSlot"

	// ReasonShootResourcesPending: what stands in the seed for the shoot is not applied there yet. See the conditions of the
	// ManagedResource that the message names.
	ReasonShootResourcesPending = "ShootResourcesPending"
	// ReasonShootResourcesAltered: somebody in the shoot changes what was applied there, again and again.
	ReasonShootResourcesAltered = "ShootResourcesAltered"
	// ReasonShootResourcesRemaining: what stood in the shoot is not gone yet. The message has what is in the way.
	ReasonShootResourcesRemaining = "ShootResourcesRemaining"
	// ReasonBackendNotBound: Trident does not use the SVM, or not with the credentials that it has. The message has Trident's.
	ReasonBackendNotBound = "BackendNotBound"
	// ReasonNodesUnprepared: nodes lack what it takes to reach volumes; all else works. Have their image bring it, or leave their
	// worker pools out in providerConfig.
	ReasonNodesUnprepared = "NodesUnprepared"
	// ReasonHibernated: the shoot hibernates. What it needs stands ready in the seed, and nothing is known of it.
	ReasonHibernated = "Hibernated"
	// ReasonShootUnreachable: the shoot's API server does not answer, so nothing is known of what stands in it.
	ReasonShootUnreachable = "ShootUnreachable"
	// ReasonWaitingForWakeUp: whether the shoot uses the SVM cannot be seen while it hibernates; wake it up, or delete it.
	ReasonWaitingForWakeUp = "WaitingForWakeUp"
	// ReasonAccountsRetained: accounts that the seed secret no longer names are kept until the shoot is known not to use them.
	ReasonAccountsRetained = "AccountsRetained"
)
