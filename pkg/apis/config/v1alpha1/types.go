// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// +k8s:deepcopy-gen:interfaces=k8s.io/apimachinery/pkg/runtime.Object

// ControllerConfiguration is the operator's configuration of the extension in one seed.
type ControllerConfiguration struct {
	metav1.TypeMeta `json:",inline"`

	// GardenIdentity is the identity of the garden cluster. It goes into the owner mark of every object made on
	// ONTAP, so that two gardens that share a storage cluster never touch each other's SVMs.
	GardenIdentity string `json:"gardenIdentity"`
	// Clusters are the ONTAP clusters on which SVMs may live. At least one; names are unique.
	Clusters []ONTAPCluster `json:"clusters"`
	// Limits bound what the SVM of a shoot may use.
	Limits LimitsPolicy `json:"limits,omitempty"`
	// DriftCorrection says what is corrected that is only reported otherwise.
	DriftCorrection DriftCorrection `json:"driftCorrection,omitempty"`
	// RecoveryQueue says what becomes of an SVM that is to go while ONTAP can still recover volumes that were deleted in it;
	// Park where it is empty.
	RecoveryQueue RecoveryQueuePolicy `json:"recoveryQueue,omitempty"`
	// RepairInterval is the time between two sweeps for drift, 10 minutes where it is 0.
	RepairInterval metav1.Duration `json:"repairInterval,omitempty"`
	// HealthCheckSyncPeriod is the time between two health checks of an Extension, one minute where it is 0.
	HealthCheckSyncPeriod metav1.Duration `json:"healthCheckSyncPeriod,omitempty"`
}

// LimitsPolicy is what the operator lays down for the limits in providerConfigs.
type LimitsPolicy struct {
	// Default holds for shoots that say nothing.
	Default ontapv1alpha1.Limits `json:"default,omitempty"`
	// Maximum is more than no shoot gets, whether it says something or not.
	Maximum ontapv1alpha1.Limits `json:"maximum,omitempty"`
}

// RecoveryQueuePolicy says what becomes of volumes in ONTAP's recovery queue, which the deletion of their SVM empties for good.
type RecoveryQueuePolicy string

const (
	// RecoveryQueuePark parks the SVM, as it is parked while it holds volumes.
	RecoveryQueuePark RecoveryQueuePolicy = "Park"
	// RecoveryQueueWait deletes the SVM when ONTAP has emptied the queue, which takes 12 hours where nobody has set it
	// otherwise. The deletion of the shoot waits for that.
	RecoveryQueueWait RecoveryQueuePolicy = "Wait"
	// RecoveryQueueDiscard deletes the SVM and the queue with it.
	RecoveryQueueDiscard RecoveryQueuePolicy = "Discard"
)

// DriftCorrection says what is corrected that is only reported otherwise.
type DriftCorrection struct {
	// AdminState has SVMs that are stopped started, LIFs and protocols that are switched off switched on, and accounts that
	// are locked unlocked. A storage administrator may have done that to contain something.
	AdminState bool `json:"adminState,omitempty"`
}

// ONTAPCluster says how to reach one ONTAP cluster, and what SVMs on it are made of.
type ONTAPCluster struct {
	// Name is this configuration's name for the cluster. It is written into seed secrets as the placement of an SVM,
	// so it must never be given to another cluster.
	Name string `json:"name"`
	// Endpoint is the URL of the cluster management LIF, https only, without a path.
	Endpoint string `json:"endpoint"`
	// CredentialsDirectory holds the files username and password of a cluster account. They are read again when they
	// change, as a mounted Secret does.
	CredentialsDirectory string `json:"credentialsDirectory"`
	// CAFile is a PEM bundle that the cluster's certificate is verified against. The system's roots where it is empty.
	CAFile string `json:"caFile,omitempty"`
	// InsecureSkipVerify lets everybody pass for the cluster, who gets its credentials then. Not together with CAFile.
	InsecureSkipVerify bool `json:"insecureSkipVerify,omitempty"`
	// Hold makes the extension only look at this cluster: nothing is changed, and no new SVM is placed there.
	Hold bool `json:"hold,omitempty"`
	// MaxSVMs is how many SVMs, everybody's included, the cluster may have for another one to be placed there. Where it is 0,
	// it is 64 on a MetroCluster, which is all that NetApp supports, and there is no ceiling but ONTAP's elsewhere.
	MaxSVMs int32 `json:"maxSVMs,omitempty"`
	// MaxJobs is how many SVMs this seed creates and deletes at a time, 1 to 5, and 3 where it is 0: ONTAP allows five
	// altogether, and other seeds may share the cluster.
	MaxJobs int32 `json:"maxJobs,omitempty"`
	// AccountRole is the role of the accounts of SVMs, vsadmin where it is empty.
	AccountRole string `json:"accountRole,omitempty"`
	// IPspace is that of the SVMs, Default where it is empty.
	IPspace string `json:"ipspace,omitempty"`
	// WithoutHA says that the cluster is a single node: an SVM has one or two data LIFs there.
	WithoutHA bool `json:"withoutHA,omitempty"`
	// Zones are those whose nodes reach the data LIFs; all of them where it is empty. No SVM is placed here for a shoot that
	// has no worker in one of them.
	Zones []string `json:"zones,omitempty"`
	// QoSPolicies are those that shoots may have for the volumes of a storage class; none where it is empty. No SVM is placed
	// here for a shoot that wants another one. To take one away refuses the providerConfigs that name it.
	QoSPolicies []QoSPolicy `json:"qosPolicies,omitempty"`
	// Networks are those that the LIFs of SVMs lie in.
	Networks Networks `json:"networks"`
}

// QoSPolicy is a QoS policy group of an ONTAP cluster. It has to exist there and to be the cluster's own, not an SVM's: nobody
// but ONTAP sees whether it does, when Trident makes a volume.
type QoSPolicy struct {
	Name string `json:"name"`
	// Adaptive says that it is an adaptive one, as ONTAP's value, performance and extreme are.
	Adaptive bool `json:"adaptive,omitempty"`
}

// Networks are the storage networks of a cluster.
type Networks struct {
	// Management is the network of management LIFs.
	Management Network `json:"management"`
	// Data are the networks of data LIFs, at least one. They alternate: the address at index i of dataLIFs lies in the
	// network at index i modulo their number.
	Data []Network `json:"data"`
}

// NetworkMode says how ONTAP finds the port for a LIF.
type NetworkMode string

const (
	// NetworkModeBroadcastDomain puts LIFs on a port of a broadcast domain.
	NetworkModeBroadcastDomain NetworkMode = "BroadcastDomain"
	// NetworkModeHomePort puts LIFs on the port of one name on each node.
	NetworkModeHomePort NetworkMode = "HomePort"
	// NetworkModeVIP has addresses announced by BGP; each home node needs a session.
	NetworkModeVIP NetworkMode = "VIP"
	// NetworkModeSubnet takes prefix length and broadcast domain from one of ONTAP's subnets, which has to have the address.
	NetworkModeSubnet NetworkMode = "Subnet"
)

// Network is a storage network.
type Network struct {
	Mode NetworkMode `json:"mode"`
	// BroadcastDomain, HomePort and Subnet are the names that the modes need.
	BroadcastDomain string `json:"broadcastDomain,omitempty"`
	HomePort        string `json:"homePort,omitempty"`
	Subnet          string `json:"subnet,omitempty"`
	// IPv4PrefixLength and IPv6PrefixLength are those of the LIFs in the modes BroadcastDomain and HomePort; a network
	// without one has no addresses of that family.
	IPv4PrefixLength int32 `json:"ipv4PrefixLength,omitempty"`
	IPv6PrefixLength int32 `json:"ipv6PrefixLength,omitempty"`
	// AllowedCIDRs are the ranges that shoots may take addresses from; any where it is empty.
	AllowedCIDRs []string `json:"allowedCIDRs,omitempty"`
	// Routes are given to every SVM with a LIF of their family in this network.
	Routes []Route `json:"routes,omitempty"`
}

// Route is a route of an SVM.
type Route struct {
	// Destination is a CIDR, everything where it is empty.
	Destination string `json:"destination,omitempty"`
	// Gateway is an address in the network.
	Gateway string `json:"gateway"`
}
