// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"crypto/rand"
	"slices"
	"time"

	"k8s.io/utils/clock"
)

// Options describe a simulator. Only Clusters is required. Their JSON form is what the program takes with --config; there
// a duration is a string such as 500ms.
type Options struct {
	// Clusters are the ONTAP clusters, each with an address, state and credentials of its own.
	Clusters []ClusterOptions `json:"clusters"`
	// AdminListen is the IP address and port of the controls (ServeAdmin); a free port of 127.0.0.1 where empty. Whoever
	// reaches it may do anything.
	AdminListen string `json:"adminListen"`
	// Clock drives jobs and is the time of the journal. The real clock where nil. A request with return_timeout waits for
	// its job only if the clock has timers.
	Clock clock.PassiveClock `json:"-"`
	// QueueDuration is how long a job stays queued before it starts. With 0 it starts before the next request is
	// looked at.
	QueueDuration time.Duration `json:"queueDuration"`
	// JobDuration is how long a started job runs. With 0 it ends as soon as it has started.
	JobDuration time.Duration `json:"jobDuration"`
	// Latency is how long every answer takes, in real time.
	Latency time.Duration `json:"latency"`
	// ShowSVMsAtOnce makes an SVM visible with the answer to its POST. By default it is invisible, and its name not
	// yet taken, until its job has started.
	ShowSVMsAtOnce bool `json:"showSVMsAtOnce"`
	// HideCommentUntilRunning omits the comment of an SVM that is initializing. No document says whether it shows.
	HideCommentUntilRunning bool `json:"hideCommentUntilRunning"`
	// KeepAccountsOnDelete lets accounts outlive their SVM. No document says that DELETE of an SVM removes them.
	KeepAccountsOnDelete bool `json:"keepAccountsOnDelete"`
	// NVMeShared lets an SVM serve other protocols beside NVMe; NetApp's documents disagree. Refused by default.
	NVMeShared bool `json:"nvmeShared"`
	// UnlicensedAfterwards lets the job find out that a protocol has no licence, which leaves an SVM that stays initializing.
	// By default the POST is refused.
	UnlicensedAfterwards bool `json:"unlicensedAfterwards"`
	// DeleteEnabledLIFs lets LIFs be deleted that are switched on; no document says so. Refused by default.
	DeleteEnabledLIFs bool `json:"deleteEnabledLIFs"`
	// DeleteInhabitedSVMs lets SVMs be deleted that still have LIFs, subsystems or a protocol service. NetApp's guides
	// ask to delete those first. Refused by default.
	DeleteInhabitedSVMs bool `json:"deleteInhabitedSVMs"`
	// DeniedAsUnauthorized answers 6691623 with 400 instead of 6 with 403 where a right is missing.
	DeniedAsUnauthorized bool `json:"deniedAsUnauthorized"`
	// LoginFailures is how many failed logins in a row lock an account for an hour: ONTAP's 5 where it is 0, no number of
	// them where it is negative.
	LoginFailures int `json:"loginFailures"`
	// PageSize bounds every page, also those that ask for more with max_records. 0 means no bound.
	PageSize int `json:"pageSize"`
	// ReplicationDuration is how long a MetroCluster takes to make the standby of an SVM what the SVM is.
	ReplicationDuration time.Duration `json:"replicationDuration"`
	// Seed of the UUIDs that are handed out.
	Seed uint64 `json:"seed"`
	// Tolerated are the kinds of violations that are not remembered.
	Tolerated []ViolationKind `json:"tolerated"`
	// Unserved leaves out listeners and certificates: only Transport reaches the clusters.
	Unserved bool `json:"-"`
	// Inspect, if set, is shown each request together with its answer, before that is sent, by several goroutines at once.
	// What it objects to becomes violations. What is answered by a fault that somebody has armed is not shown. Where it is
	// nil, the program that the environment variable ONTAP_CONTRACT names does the same.
	Inspect func(Exchange) []string `json:"-"`
}

// Worsen puts every switch into the position that is the worse one for a client.
func (o *Options) Worsen() {
	o.HideCommentUntilRunning, o.KeepAccountsOnDelete, o.UnlicensedAfterwards, o.PageSize = true, true, true, 1
	o.ShowSVMsAtOnce, o.NVMeShared, o.DeleteEnabledLIFs, o.DeleteInhabitedSVMs, o.DeniedAsUnauthorized, o.LoginFailures = false, false, false, false, false, 0
}

// ClusterOptions describe one ONTAP cluster.
type ClusterOptions struct {
	// Name of the cluster, unique in a simulator.
	Name string `json:"name"`
	// Listen is its IP address and port; a free port of 127.0.0.1 where empty.
	Listen string `json:"listen"`
	// Hosts are names and IP addresses that its certificate is valid for, beside those of this machine's loopback and the
	// one that it listens on. The first is that of the endpoint.
	Hosts []string `json:"hosts"`
	// Version as generation.major.minor; 9.16.1 where empty.
	Version string `json:"version"`
	// Username of the cluster account; "extension1" where empty.
	Username string `json:"username"`
	// Password of the cluster account; a random one where empty.
	Password string `json:"password"`
	// Nodes is their number, 4 in two HA pairs where it is 0; 1 is a cluster without HA.
	Nodes int `json:"nodes"`
	// AggregatesPerNode is 2 where it is 0.
	AggregatesPerNode int `json:"aggregatesPerNode"`
	// BGPPeersUp are the nodes with a BGP session, * for all.
	BGPPeersUp []string `json:"bgpPeersUp"`
	// Subnets are ONTAP's named ranges of addresses.
	Subnets []SubnetOptions `json:"subnets"`
	// Unlicensed are protocols without a licence, by ONTAP's names for them.
	Unlicensed []string `json:"unlicensed"`
	// ApprovalRules are the requests that other administrators have to approve, as "DELETE /svm/svms/{uuid}".
	ApprovalRules []string `json:"approvalRules"`
	// Denied are the requests that the role of the cluster account lacks the right for, in the same form.
	Denied []string `json:"denied"`
	// Privileges are those of the role of the cluster account, which is admin where there are none.
	Privileges []PrivilegeOptions `json:"privileges"`
	// MetroClusterPartner is the other half of the MetroCluster that this cluster is half of, which has to name this one.
	MetroClusterPartner string `json:"metroClusterPartner"`
	// Certificate is "expired" or "untrusted", or empty for a good one.
	Certificate string `json:"certificate"`
}

// SubnetOptions describe one subnet in the IPspace Default.
type SubnetOptions struct {
	// Name of the subnet.
	Name string `json:"name"`
	// Prefix is its address and prefix length, as 10.12.0.0/16.
	Prefix string `json:"prefix"`
	// First and Last are its range of addresses.
	First string `json:"first"`
	Last  string `json:"last"`
}

const (
	defaultVersion  = "9.16.1"
	defaultUsername = "extension1"
	defaultListen   = "127.0.0.1:0"
)

// withDefaults returns a copy in which everything optional is set.
func (o Options) withDefaults() (Options, error) {
	if err := o.validate(); err != nil {
		return o, err
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	o.Clusters = slices.Clone(o.Clusters)
	for i := range o.Clusters {
		c := &o.Clusters[i]
		c.Version = cmp.Or(c.Version, defaultVersion)
		c.Username = cmp.Or(c.Username, defaultUsername)
		c.Nodes = cmp.Or(c.Nodes, defaultNodes)
		c.AggregatesPerNode = cmp.Or(c.AggregatesPerNode, defaultAggregatesPerNode)
		if c.Password == "" {
			c.Password = rand.Text() + "-1"
		}
	}
	return o, nil
}
