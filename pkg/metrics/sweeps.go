// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package metrics

import (
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

func described(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}

// ofShoot describes what is shown of one SVM.
func ofShoot(name, help string, more ...string) *prometheus.Desc {
	return described(name, help, append([]string{"shoot_namespace", "cluster"}, more...)...)
}

var (
	descInterval = described("sweep_interval_seconds", "Configured time between two sweeps.")
	descSwept    = described("last_sweep_timestamp_seconds", "When the last complete sweep began, or sweeps did, if none is complete yet.")
	descAnswered = described("swept_clusters", "1 for each ONTAP cluster that has answered the last sweep completely, else 0.", "cluster")
	descMarked   = described("marked_svms",
		"SVMs on a cluster with the owner mark of this garden, whatever the seed, by what the mark says: active, deleting, parked or other.",
		"cluster", "mark")
	descSize      = described("aggregate_size_bytes", "Size of an online data aggregate.", "cluster", "aggregate")
	descAvailable = described("aggregate_available_bytes", "Free space on an online data aggregate.", "cluster", "aggregate")

	descState = ofShoot("svm_state",
		"1 for the state in which a shoot's SVM is: ONTAP's word, missing if it was there once, unknown if its cluster did not answer.", "state")
	descLIFsDown = ofShoot("svm_lifs_down", "LIFs of a running SVM that are not up, or switched off.")
	descLocked   = ofShoot("svm_account_locked", "1 if the account that the seed secret names is locked, else 0.")
	descHeld     = ofShoot("svm_held", "1 if a storage administrator has written the word hold into the SVM's comment, else 0.")
	descUsed     = ofShoot("svm_allocated_bytes", "Size of all volumes of an SVM, where ONTAP shows it.")
	descLimit    = ofShoot("svm_limit_bytes", "What bounds the size of all volumes of an SVM, where something does.")
	descSecret   = ofShoot("seed_secret_created_timestamp_seconds", "When the seed secret was created, which is how credentials are rotated.")
)

// sweeps shows what the last complete sweep has seen; nothing before sweeps begin. It implements prometheus.Collector.
type sweeps struct {
	mutex sync.Mutex
	// at is when the last complete sweep began, or sweeps did; zero before that.
	at       time.Time
	interval time.Duration
	clusters map[string]svm.ClusterState
	shoots   map[string]svm.State
}

// BeginSweeps implements repair.Metrics.
func (s *sweeps) BeginSweeps(now time.Time, interval time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.at, s.interval = now, interval
}

// ObserveSweep implements repair.Metrics.
func (s *sweeps) ObserveSweep(at time.Time, clusters map[string]svm.ClusterState, shoots map[string]svm.State) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.at, s.clusters, s.shoots = at, clusters, maps.Clone(shoots)
}

// ForgetShoot implements lifecycle.Metrics.
func (s *sweeps) ForgetShoot(namespace string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.shoots, namespace)
}

// Describe implements prometheus.Collector.
func (s *sweeps) Describe(descriptions chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{
		descInterval, descSwept, descAnswered, descMarked, descSize, descAvailable,
		descState, descLIFsDown, descLocked, descHeld, descUsed, descLimit, descSecret,
	} {
		descriptions <- one
	}
}

// Collect implements prometheus.Collector.
func (s *sweeps) Collect(metrics chan<- prometheus.Metric) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	show := func(description *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, labels...)
	}
	if s.at.IsZero() {
		return
	}
	show(descInterval, s.interval.Seconds())
	show(descSwept, float64(s.at.Unix()))
	for name, cluster := range s.clusters {
		showCluster(show, name, cluster)
	}
	for namespace, state := range s.shoots {
		showShoot(show, namespace, state)
	}
}

type shower func(description *prometheus.Desc, value float64, labels ...string)

func showCluster(show shower, name string, cluster svm.ClusterState) {
	show(descAnswered, oneIf(cluster.Answered), name)
	for mark, svms := range cluster.Marked {
		show(descMarked, float64(svms), name, mark)
	}
	for _, aggregate := range cluster.Aggregates {
		show(descSize, float64(aggregate.Size), name, aggregate.Name)
		show(descAvailable, float64(aggregate.Available), name, aggregate.Name)
	}
}

func showShoot(show shower, namespace string, state svm.State) {
	show(descState, 1, namespace, state.Cluster, state.SVM)
	if state.SVM != svm.StateMissing && state.SVM != svm.StateUnknown {
		show(descLIFsDown, float64(state.LIFsDown), namespace, state.Cluster)
		show(descLocked, oneIf(state.AccountLocked), namespace, state.Cluster)
		show(descHeld, oneIf(state.Held), namespace, state.Cluster)
	}
	if state.AllocatedBytes > 0 {
		show(descUsed, float64(state.AllocatedBytes), namespace, state.Cluster)
	}
	if state.LimitBytes > 0 {
		show(descLimit, float64(state.LimitBytes), namespace, state.Cluster)
	}
	if !state.SecretCreated.IsZero() {
		show(descSecret, float64(state.SecretCreated.Unix()), namespace, state.Cluster)
	}
}

func oneIf(condition bool) float64 { return map[bool]float64{true: 1}[condition] }
