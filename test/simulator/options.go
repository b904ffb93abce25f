// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"time"

	"k8s.io/utils/clock"
)

// Options describe a simulator. Only Clusters is required.
type Options struct {
	// Clusters are the ONTAP clusters, each with an address, state and credentials of its own.
	Clusters []ClusterOptions
	// Clock drives jobs and is the time of the journal. The real clock where nil.
	Clock clock.PassiveClock
	// QueueDuration is how long a job stays queued before it starts. With 0 it starts before the next request is
	// looked at.
	QueueDuration time.Duration
	// JobDuration is how long a started job runs. With 0 it ends as soon as it has started.
	JobDuration time.Duration
	// Latency is how long every answer takes, in real time.
	Latency time.Duration
	// ShowSVMsAtOnce makes an SVM visible with the answer to its POST. By default it is invisible, and its name not
	// yet taken, until its job has started.
	ShowSVMsAtOnce bool
	// HideCommentUntilRunning omits the comment of an SVM that is initializing. No document says whether it shows.
	HideCommentUntilRunning bool
	// KeepAccountsOnDelete lets accounts outlive their SVM. No document says that DELETE of an SVM removes them.
	KeepAccountsOnDelete bool
	// NVMeShared lets an SVM serve other protocols beside NVMe; NetApp's documents disagree. Refused by default.
	NVMeShared bool
	// UnlicensedAfterwards lets the job find out that a protocol has no licence, which leaves an SVM that stays initializing.
	// By default the POST is refused.
	UnlicensedAfterwards bool
	// DeleteEnabledLIFs lets LIFs be deleted that are switched on; no document says so. Refused by default.
	DeleteEnabledLIFs bool
	// DeleteInhabitedSVMs lets SVMs be deleted that still have LIFs, subsystems or a protocol service. NetApp's guides
	// ask to delete those first. Refused by default.
	DeleteInhabitedSVMs bool
	// DeniedAsUnauthorized answers 6691623 with 400 instead of 6 with 403 where a right is missing.
	DeniedAsUnauthorized bool
	// LoginFailures is how many failed logins in a row lock an account for an hour: ONTAP's 5 where it is 0, no number of
	// them where it is negative.
	LoginFailures int
	// PageSize bounds every page, also those that ask for more with max_records. 0 means no bound.
	PageSize int
	// Seed of the UUIDs that are handed out.
	Seed uint64
	// Inspect, if set, is shown each request together with its answer, before that is sent, by several goroutines at once.
	// What it objects to becomes violations. What is answered by a fault that somebody has armed is not shown. Where it is
	// nil, the program that the environment variable ONTAP_CONTRACT names does the same.
	Inspect func(Exchange) []string
}

// ClusterOptions describe one ONTAP cluster.
type ClusterOptions struct {
	// Name of the cluster, unique in a simulator.
	Name string
	// Version as generation.major.minor; 9.16.1 where empty.
	Version string
	// Username of the cluster account; "extension1" where empty.
	Username string
	// Password of the cluster account; a random one where empty.
	Password string
	// Nodes is their number, 4 in two HA pairs where it is 0; 1 is a cluster without HA.
	Nodes int
	// AggregatesPerNode is 2 where it is 0.
	AggregatesPerNode int
	// BGPPeersUp are the nodes with a BGP session, * for all.
	BGPPeersUp []string
	// Subnets are ONTAP's named ranges of addresses.
	Subnets []SubnetOptions
	// Unlicensed are protocols without a licence, by ONTAP's names for them.
	Unlicensed []string
	// ApprovalRules are the requests that other administrators have to approve, as "DELETE /svm/svms/{uuid}".
	ApprovalRules []string
	// Denied are the requests that the role of the cluster account lacks the right for, in the same form.
	Denied []string
	// Certificate is "expired" or "untrusted", or empty for a good one.
	Certificate string
}

// SubnetOptions describe one subnet in the IPspace Default.
type SubnetOptions struct {
	Name, Prefix, First, Last string
}

const (
	defaultVersion  = "9.16.1"
	defaultUsername = "extension1"
)

var (
	clusterNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$`)
	versions     = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
)

// withDefaults returns a copy in which everything optional is set.
func (o Options) withDefaults() (Options, error) {
	if len(o.Clusters) == 0 {
		return o, fmt.Errorf("no cluster given")
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	seen := map[string]bool{}
	clusters := make([]ClusterOptions, 0, len(o.Clusters))
	for _, c := range o.Clusters {
		if !clusterNames.MatchString(c.Name) || seen[c.Name] {
			return o, fmt.Errorf("cluster name %q is malformed or used twice", c.Name)
		}
		seen[c.Name] = true
		if c.Version == "" {
			c.Version = defaultVersion
		}
		if !versions.MatchString(c.Version) {
			return o, fmt.Errorf("version %q of cluster %q is not generation.major.minor", c.Version, c.Name)
		}
		if c.Username == "" {
			c.Username = defaultUsername
		}
		if c.Password == "" {
			c.Password = rand.Text() + "-1"
		}
		clusters = append(clusters, c)
	}
	o.Clusters = clusters
	return o, nil
}
