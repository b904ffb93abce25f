// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package inspect

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Unknown is said of what could not be looked at.
const Unknown = "unknown"

// The states of a LIF.
const (
	LIFUp       = "up"
	LIFDown     = "down"
	LIFDisabled = "disabled"
	// LIFMissing is that of an address that the shoot is to have and that its SVM does not have.
	LIFMissing = "missing"
)

// The states of a fingerprint: what ONTAP has noted of the credentials beside what the seed secret holds.
const (
	FingerprintInStep    = "in step"
	FingerprintOutOfStep = "out of step"
	// FingerprintNone is that of an account that is not there or was never finished.
	FingerprintNone = "none"
)

// Report is what there is of some shoots.
type Report struct {
	Clusters []Cluster `json:"clusters"`
	Shoots   []Shoot   `json:"shoots"`
}

// Cluster is a configured ONTAP cluster.
type Cluster struct {
	Name     string `json:"name"`
	Answered bool   `json:"answered"`
	// Held is whether the configuration keeps the extension from changing anything there.
	Held bool `json:"held,omitempty"`
	// Problem is why nothing is known of the cluster.
	Problem string `json:"problem,omitempty"`
}

// Shoot is what there is of one shoot.
type Shoot struct {
	Namespace string  `json:"namespace"`
	SVM       SVM     `json:"svm"`
	LIFs      []LIF   `json:"lifs,omitempty"`
	Account   Account `json:"account"`
	// SeedSecret is a seedsecret.State, or unknown.
	SeedSecret string      `json:"seedSecret"`
	Conditions []Condition `json:"conditions,omitempty"`
	LastRun    *Run        `json:"lastRun,omitempty"`
	// Problems are what could not be looked at and why, and what is there once too often.
	Problems []string `json:"problems,omitempty"`
}

// SVM is that of a shoot.
type SVM struct {
	Name string `json:"name,omitempty"`
	UUID string `json:"uuid,omitempty"`
	// Cluster is where the SVM was seen, RecordedCluster where the seed secret or the Extension says that it is.
	Cluster         string `json:"cluster,omitempty"`
	RecordedCluster string `json:"recordedCluster,omitempty"`
	// State is ONTAP's, missing where all clusters say that there is no such SVM, or unknown.
	State string `json:"state"`
	// Verdict is a svm.SVMDrift, or unknown.
	Verdict string `json:"verdict"`
	// Held is whether an administrator keeps the extension from changing it.
	Held bool `json:"held,omitempty"`
	// Standby is the half that stands by for it on a MetroCluster.
	Standby *Standby `json:"standby,omitempty"`
}

// Standby is the half of an SVM that serves only while the other one cannot.
type Standby struct {
	Name    string `json:"name"`
	Cluster string `json:"cluster"`
	State   string `json:"state"`
}

// LIF is one that the SVM has or is to have.
type LIF struct {
	Name     string `json:"name,omitempty"`
	Address  string `json:"address"`
	HomeNode string `json:"homeNode,omitempty"`
	State    string `json:"state"`
}

// Account is the one that the seed secret names, or the one that was last known to work.
type Account struct {
	Name string `json:"name,omitempty"`
	// Verdict is a svm.AccountDrift, or unknown.
	Verdict     string `json:"verdict"`
	Fingerprint string `json:"fingerprint"`
}

// Condition is one of the Extension's.
type Condition struct {
	Type    string `json:"type"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message,omitempty"`
}

// Run is the last operation of Gardener's on the Extension.
type Run struct {
	Type        string      `json:"type"`
	State       string      `json:"state"`
	Time        metav1.Time `json:"time"`
	Description string      `json:"description,omitempty"`
}

// Complete reports whether everything could be looked at.
func (r Report) Complete() bool {
	for _, cluster := range r.Clusters {
		if !cluster.Answered {
			return false
		}
	}
	for _, shoot := range r.Shoots {
		if shoot.SeedSecret == Unknown || shoot.SVM.State == Unknown || shoot.SVM.Verdict == Unknown {
			return false
		}
	}
	return true
}
