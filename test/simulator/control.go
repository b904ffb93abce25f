// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"strings"
	"time"
)

// Control is what a test can see and do behind the API's back. *Simulator has it in its own process, Dial for a
// simulator that runs as a program. An unknown cluster is an error everywhere.
type Control interface {
	// HoldJobs keeps every job of a cluster that has not got past a stage in it.
	HoldJobs(ctx context.Context, cluster string, stage Stage) error
	// ReleaseJobs ends HoldJobs.
	ReleaseJobs(ctx context.Context, cluster string) error
	// FailNext arms a fault. It fails if the fault's address is no route.
	FailNext(ctx context.Context, fault Fault) error
	// FailShare lets a share of all requests to all clusters fail, until it is another; 0 ends it.
	FailShare(ctx context.Context, share Share) error
	// SetDown cuts every connection on which a cluster is asked anything, without an answer, until SetUp.
	SetDown(ctx context.Context, cluster string) error
	// SetUp makes a cluster answer again, under the same address and with its state.
	SetUp(ctx context.Context, cluster string) error
	// AddSVMs adds n running SVMs that belong to somebody else.
	AddSVMs(ctx context.Context, cluster string, n int) error
	// Perform does something to a cluster that somebody else does: an administrator, a node, or nature.
	Perform(ctx context.Context, cluster string, act Act) error
	// Journal returns the entries with a sequence number above since, oldest first.
	Journal(ctx context.Context, since uint64) ([]Entry, error)
	// State returns everything that exists, without secrets.
	State(ctx context.Context) (State, error)
	// Violations returns what no client of ours may do and yet was done, oldest first.
	Violations(ctx context.Context) ([]Violation, error)
}

// Stage is a stage of a job in which HoldJobs can keep it.
type Stage string

// The stages. A held queued job has had no effect; that of a held running one is half done.
const (
	Queued  Stage = "queued"
	Running Stage = "running"
)

func stages() []Stage { return []Stage{Queued, Running} }

// FaultKind says what goes wrong.
type FaultKind string

// The kinds of faults. A dropped connection is cut without an answer. Note that Go's HTTP transport repeats a GET on
// its own when a connection it has used before is cut.
const (
	// ErrorBefore answers Status, Code and Message instead of doing anything.
	ErrorBefore FaultKind = "ErrorBefore"
	// ErrorAfterEffect does what is asked and answers Status, Code and Message all the same.
	ErrorAfterEffect FaultKind = "ErrorAfterEffect"
	// DropBefore drops the connection instead of doing anything.
	DropBefore FaultKind = "DropBefore"
	// DropAfterEffect does what is asked and drops the connection.
	DropAfterEffect FaultKind = "DropAfterEffect"
	// DropHalfway makes an account without its password and drops the connection. Only for POST /security/accounts,
	// which no document calls atomic.
	DropHalfway FaultKind = "DropHalfway"
	// FailJob accepts the request and lets its job fail with Code and Message, without any effect.
	FailJob FaultKind = "FailJob"
	// StickInitializing lets the job that makes an SVM end half-way: the job is gone, and the SVM stays initializing.
	StickInitializing FaultKind = "StickInitializing"
	// AnswerHTML, AnswerTruncated, AnswerHuge and AnswerEndless do what is asked and answer 200 with a page of HTML, with
	// half of the answer, with 10 MB, and with a byte from time to time until the client has gone.
	AnswerHTML      FaultKind = "AnswerHTML"
	AnswerTruncated FaultKind = "AnswerTruncated"
	AnswerHuge      FaultKind = "AnswerHuge"
	AnswerEndless   FaultKind = "AnswerEndless"
)

// Fault happens to the next requests that have its address.
type Fault struct {
	// Cluster is the cluster's name; any cluster where empty.
	Cluster string `json:"cluster,omitempty"`
	// Method and Path are the address; Path is a template without /api, such as /svm/svms/{uuid}.
	Method string `json:"method"`
	Path   string `json:"path"`
	// Times is the number of requests it happens to; 1 where 0.
	Times int `json:"times,omitempty"`
	// Kind says what happens.
	Kind FaultKind `json:"kind"`
	// Status, Code and Message are the answer, where the kind has one.
	Status  int    `json:"status,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// Share is a part of all requests, each drawn by itself, and how it is drawn. What happens to one of them is drawn, too, from
// what can happen to it: it is lost, its answer is, ONTAP is busy or fails, an account is made half, a job fails.
type Share struct {
	// Percent of the requests, 0 to 100.
	Percent int `json:"percent"`
	// Seed of what is drawn.
	Seed uint64 `json:"seed"`
}

// Class tells requests that only look from those that may change something, and both from the progress of a job.
type Class string

// The classes of journal entries.
const (
	Read     Class = "read"
	Write    Class = "write"
	Progress Class = "job"
)

// Entry is one line of the journal: a request that reached a cluster, or a job that went on. It holds no secrets.
type Entry struct {
	Seq     uint64    `json:"seq"`
	Time    time.Time `json:"time"`
	Class   Class     `json:"class"`
	Cluster string    `json:"cluster"`
	// User is the name given for the login, also for one that was refused.
	User string `json:"user,omitempty"`
	// Tenant says that it was the login of an SVM and not the cluster's.
	Tenant bool   `json:"tenant,omitempty"`
	Method string `json:"method,omitempty"`
	// Path is the decoded path with /api. Template is its route without /api, empty for an unknown one.
	Path     string `json:"path"`
	Template string `json:"template,omitempty"`
	// Query and Body are decoded, and without passwords.
	Query string `json:"query,omitempty"`
	Body  string `json:"body,omitempty"`
	// Owner is the owner UID in the mark of the SVM concerned, as far as it can be told.
	Owner string `json:"owner,omitempty"`
	// Status is the answer's status and Bytes the length of its body; both are 0 where no answer was sent.
	Status int `json:"status,omitempty"`
	Bytes  int `json:"bytes,omitempty"`
	// Fault is the kind of the fault that happened to the request.
	Fault   FaultKind `json:"fault,omitempty"`
	Effects []Effect  `json:"effects,omitempty"`
}

// Mentions tells whether a text occurs in what was asked, in the owner, or in an effect.
func (e Entry) Mentions(text string) bool {
	parts := []string{e.Path, e.Query, e.Body, e.Owner}
	for _, effect := range e.Effects {
		parts = append(parts, effect.UUID, effect.Name, effect.Before, effect.After)
	}
	for _, part := range parts {
		if strings.Contains(part, text) {
			return true
		}
	}
	return false
}

// Op is what an effect did to its object.
type Op string

// The operations.
const (
	Created Op = "created"
	Changed Op = "changed"
	Deleted Op = "deleted"
)

// Object is the kind of object that an effect concerns.
type Object string

// The kinds of objects.
const (
	SVMObject       Object = "svm"
	AccountObject   Object = "account"
	JobObject       Object = "job"
	LIFObject       Object = "lif"
	RouteObject     Object = "route"
	ServiceObject   Object = "service"
	HostGroupObject Object = "hostGroup"
	RoleObject      Object = "role"
	VolumeObject    Object = "volume"
	SnapshotObject  Object = "snapshot"
	NamespaceObject Object = "namespace"
	MapObject       Object = "map"
)

// Effect is a change of state. The UUID of an account is its SVM's. The name of a job is that of the SVM it works on.
// Before and After are the comments of the object; those of everything inside an SVM but accounts are the SVM's.
type Effect struct {
	Op     Op     `json:"op"`
	Object Object `json:"object"`
	UUID   string `json:"uuid"`
	Name   string `json:"name"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// State is everything that exists, in a stable order.
type State struct {
	Clusters []ClusterState `json:"clusters"`
	// EverCreated counts the SVMs ever made per owner, deleted ones too, under "<g>/<o>" of their marks.
	EverCreated map[string]int `json:"everCreated"`
	// LIFsEverCreated counts the LIFs ever made per owner.
	LIFsEverCreated map[string]int `json:"lifsEverCreated"`
	// PendingFaults is the number of faults still to happen.
	PendingFaults int `json:"pendingFaults"`
}

// Cluster returns the state of one cluster; its zero value where there is none of that name.
func (s State) Cluster(name string) ClusterState {
	for _, c := range s.Clusters {
		if c.Name == name {
			return c
		}
	}
	return ClusterState{}
}

// ClusterState is the state of one cluster.
type ClusterState struct {
	Name     string `json:"name"`
	Endpoint string `json:"endpoint"`
	Down     bool   `json:"down,omitempty"`
	Held     Stage  `json:"held,omitempty"`
	// Mode is that of the half of a MetroCluster.
	Mode     string         `json:"mode,omitempty"`
	SVMs     []SVMState     `json:"svms"`
	Accounts []AccountState `json:"accounts"`
	Jobs     []JobState     `json:"jobs"`
}

// SVMState is an SVM.
type SVMState struct {
	UUID    string `json:"uuid"`
	Name    string `json:"name"`
	State   string `json:"state"`
	Subtype string `json:"subtype"`
	Comment string `json:"comment,omitempty"`
	// Aggregates are names, and so are Volumes (all but the root volume and those in the recovery queue) and HostGroups
	// (subsystems and igroups).
	Aggregates []string                 `json:"aggregates,omitempty"`
	Protocols  map[string]ProtocolState `json:"protocols,omitempty"`
	Limits     LimitsState              `json:"limits,omitzero"`
	LIFs       []LIFState               `json:"lifs,omitempty"`
	Routes     []RouteState             `json:"routes,omitempty"`
	Volumes    []string                 `json:"volumes,omitempty"`
	HostGroups []string                 `json:"hostGroups,omitempty"`
	// RecoveryQueue is the number of volumes that were deleted and can still be recovered.
	RecoveryQueue int `json:"recoveryQueue,omitempty"`
}

// ProtocolState is what an SVM does with a protocol.
type ProtocolState struct {
	Allowed bool `json:"allowed,omitempty"`
	Service bool `json:"service,omitempty"`
	Enabled bool `json:"enabled,omitempty"`
}

// LimitsState is what bounds an SVM; 0 and "unlimited" are no limits.
type LimitsState struct {
	StorageBytes int64  `json:"storageBytes,omitempty"`
	MaxVolumes   string `json:"maxVolumes,omitempty"`
	IOPS         int64  `json:"iops,omitempty"`
	MBps         int64  `json:"mbps,omitempty"`
	QoSPolicy    string `json:"qosPolicy,omitempty"`
}

// LIFState is a LIF.
type LIFState struct {
	Name          string `json:"name"`
	Address       string `json:"address"`
	PrefixLength  int    `json:"prefixLength"`
	HomeNode      string `json:"homeNode"`
	Port          string `json:"port,omitempty"`
	ServicePolicy string `json:"servicePolicy"`
	Enabled       bool   `json:"enabled,omitempty"`
	VIP           bool   `json:"vip,omitempty"`
}

// RouteState is a route of an SVM.
type RouteState struct {
	Destination string `json:"destination"`
	Gateway     string `json:"gateway"`
}

// AccountState is an account of an SVM.
type AccountState struct {
	SVMUUID     string `json:"svmUUID"`
	SVMName     string `json:"svmName"`
	Name        string `json:"name"`
	Role        string `json:"role"`
	Comment     string `json:"comment,omitempty"`
	HasPassword bool   `json:"hasPassword,omitempty"`
	Locked      bool   `json:"locked,omitempty"`
}

// JobState is a job that has not vanished yet.
type JobState struct {
	UUID        string `json:"uuid"`
	Description string `json:"description"`
	State       string `json:"state"`
	Code        string `json:"code,omitempty"`
	// Held says that it stays in its state until ReleaseJobs.
	Held    bool   `json:"held,omitempty"`
	SVMUUID string `json:"svmUUID"`
	SVMName string `json:"svmName"`
}

// ViolationKind says which rule was broken.
type ViolationKind string

// The rules.
const (
	// UnknownRequest is a route, parameter or field that is not simulated.
	UnknownRequest ViolationKind = "UnknownRequest"
	// PasswordChanged is an attempt to set the password of an existing account.
	PasswordChanged ViolationKind = "PasswordChanged"
	// TwinSVMs are two SVMs of one owner at the same time, on whatever clusters.
	TwinSVMs ViolationKind = "TwinSVMs"
	// TwinAccounts are two accounts with one fingerprint.
	TwinAccounts ViolationKind = "TwinAccounts"
	// Unmarked is an effect on an object that does not carry our mark.
	Unmarked ViolationKind = "Unmarked"
	// OrphanAccount is an account whose SVM is gone.
	OrphanAccount ViolationKind = "OrphanAccount"
	// RepeatedApproval is a write that was sent again while its request for approval was pending.
	RepeatedApproval ViolationKind = "RepeatedApproval"
	// ChangedInSwitchover is a write to half of a MetroCluster that is not in the mode normal.
	ChangedInSwitchover ViolationKind = "ChangedInSwitchover"
	// BrokenContract is a request or an answer that ONTAP's API does not have.
	BrokenContract ViolationKind = "BrokenContract"
)

func violationKinds() []ViolationKind {
	return []ViolationKind{
		UnknownRequest, PasswordChanged, TwinSVMs, TwinAccounts, Unmarked, OrphanAccount, RepeatedApproval, ChangedInSwitchover, BrokenContract,
	}
}

// Violation is a broken rule.
type Violation struct {
	// Seq is the journal entry that broke it.
	Seq     uint64        `json:"seq"`
	Kind    ViolationKind `json:"kind"`
	Cluster string        `json:"cluster"`
	Text    string        `json:"text"`
}

// String renders the violation in one line.
func (v Violation) String() string {
	return string(v.Kind) + " on cluster " + v.Cluster + ": " + v.Text
}
