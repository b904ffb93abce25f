// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package metrics declares every collector of the extension. The labels of what is counted come from closed sets: no name of a
// shoot, no UUID and no namespace is ever one. What is shown of SVMs has the shoot's namespace and the ONTAP cluster, comes from the
// last complete sweep, and goes with the Extension. It is shown by the leader, since only the leader sweeps.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/seedsecret"
)

const namespace = "ontap_extension"

// Collectors are the extension's collectors. They implement ontap.Observer, lifecycle.Metrics and repair.Metrics.
type Collectors struct {
	*sweeps
	requests *prometheus.HistogramVec
	jobs     *prometheus.CounterVec
	gates    *prometheus.GaugeVec
	refused  *prometheus.GaugeVec
	steps    *prometheus.HistogramVec
	guard    *prometheus.CounterVec
	outages  *prometheus.CounterVec
	parked   prometheus.Counter
	repairs  *prometheus.CounterVec
	swept    *prometheus.GaugeVec
	insecure *prometheus.GaugeVec
	held     *prometheus.GaugeVec
	silent   *prometheus.GaugeVec
	failing  *prometheus.GaugeVec
}

// New returns the collectors, registered.
func New(registerer prometheus.Registerer) (*Collectors, error) {
	r := registration{to: registerer}
	c := &Collectors{
		sweeps: registered(&r, &sweeps{}),
		requests: r.histogram("ontap_request_duration_seconds",
			"Requests to ONTAP by cluster, method, path template and status code (error if there was no answer).",
			prometheus.ExponentialBuckets(0.005, 2, 12), "cluster", "method", "path", "code"),
		steps: r.histogram("step_duration_seconds", "Steps by name and outcome; the guard is the step named SeedSecret.",
			prometheus.ExponentialBuckets(0.01, 3, 10), "step", "outcome"),
		jobs: r.counter("ontap_jobs_total", "Jobs of ONTAP that were waited for, by cluster and the state in which they ended.", "cluster", "state"),
		gates: r.gauge("gate_callers",
			"Callers inside the gate of a cluster, or waiting before it: that of requests, and that of jobs that create or delete an SVM.",
			"cluster", "gate", "state"),
		refused: r.gauge("refused_clusters", "1 for each ONTAP cluster that has refused the credentials of the configuration.", "cluster"),
		guard: r.counter("seed_secret_checks_total",
			"Runs by what their guard found of the seed secret: in order, what it had to restore, or why the run could not go on.", "result"),
		outages: r.counter("outages_tolerated_total",
			"Reconciles that succeeded although ONTAP could not be asked, since nothing new was to be done, by reason.", "reason"),
		parked:   r.counter("parked_svms_total", "SVMs of deleted shoots that were left on ONTAP because they hold volumes.").WithLabelValues(),
		repairs:  r.counter("repairs_total", "Looks at shoots between Gardener's reconciles, by cause and what they came to.", "cause", "result"),
		swept:    r.gauge("swept_shoots", "Shoots by what the last sweep found of them; Pending waits for Gardener's next reconcile.", "finding"),
		held:     r.gauge("held_clusters", "1 for each ONTAP cluster that the configuration forbids to change.", "cluster"),
		insecure: r.gauge("insecure_clusters", "1 for each configured ONTAP cluster whose certificate is not verified.", "cluster"),
		silent: r.gauge("silent_clusters",
			"1 for each ONTAP cluster that does not answer, and is therefore asked by one request each 10 seconds only.", "cluster"),
		failing: r.gauge("shoots_failing_repeatedly",
			"Shoots whose runs have ended with a failure of the same step at least five times in a row, by step.", "step"),
	}
	for _, result := range guardResults() {
		c.guard.WithLabelValues(result)
	}
	return c, r.err
}

// guardResults are shown from the beginning: Prometheus sees no increase in a counter that was not there before.
func guardResults() []string {
	return []string{
		string(seedsecret.InOrder), string(seedsecret.HealedCreated), string(seedsecret.HealedRecreated), string(seedsecret.HealedCompleted),
		ontapv1alpha1.ReasonSeedSecretNotWritten, ontapv1alpha1.ReasonSeedSecretUnreadable, ontapv1alpha1.ReasonSeedSecretForeign,
		ontapv1alpha1.ReasonSeedSecretDeleting, ontapv1alpha1.ReasonSeedSecretUnstable,
	}
}

// registration makes collectors and registers them, up to the first error.
type registration struct {
	to  prometheus.Registerer
	err error
}

func (r *registration) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return registered(r, prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels))
}

func (r *registration) counter(name, help string, labels ...string) *prometheus.CounterVec {
	return registered(r, prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels))
}

func (r *registration) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return registered(r, prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels))
}

func registered[C prometheus.Collector](r *registration, collector C) C {
	if r.err == nil {
		r.err = r.to.Register(collector)
	}
	return collector
}

// ObserveRequest implements ontap.Observer.
func (c *Collectors) ObserveRequest(cluster, method, pathTemplate, code string, duration time.Duration) {
	c.requests.WithLabelValues(cluster, method, pathTemplate, code).Observe(duration.Seconds())
}

// ObserveSilence implements ontap.Observer.
func (c *Collectors) ObserveSilence(cluster string, silent bool) {
	c.silent.WithLabelValues(cluster).Set(oneIf(silent))
}

// ObserveRefusal implements ontap.Observer.
func (c *Collectors) ObserveRefusal(cluster string, refused bool) {
	c.refused.WithLabelValues(cluster).Set(oneIf(refused))
}

// ObserveGate implements ontap.Observer.
func (c *Collectors) ObserveGate(cluster, gate, state string, more int) {
	c.gates.WithLabelValues(cluster, gate, state).Add(float64(more))
}

// ObserveJob implements ontap.Observer.
func (c *Collectors) ObserveJob(cluster, state string) { c.jobs.WithLabelValues(cluster, state).Inc() }

// ObserveStep implements lifecycle.Metrics.
func (c *Collectors) ObserveStep(name, outcome string, duration time.Duration) {
	c.steps.WithLabelValues(name, outcome).Observe(duration.Seconds())
}

// CountGuard implements lifecycle.Metrics.
func (c *Collectors) CountGuard(result string) { c.guard.WithLabelValues(result).Inc() }

// CountTolerated implements lifecycle.Metrics.
func (c *Collectors) CountTolerated(reason string) { c.outages.WithLabelValues(reason).Inc() }

// CountParked implements lifecycle.Metrics.
func (c *Collectors) CountParked() { c.parked.Inc() }

// CountFailing implements lifecycle.Metrics.
func (c *Collectors) CountFailing(step string, more float64) {
	c.failing.WithLabelValues(step).Add(more)
}

// CountRepair implements repair.Metrics.
func (c *Collectors) CountRepair(cause, result string) {
	c.repairs.WithLabelValues(cause, result).Inc()
}

// SetSwept implements repair.Metrics.
func (c *Collectors) SetSwept(finding string, shoots int) {
	c.swept.WithLabelValues(finding).Set(float64(shoots))
}

// SetInsecure tells that the certificate of a cluster is not verified.
func (c *Collectors) SetInsecure(cluster string) { c.insecure.WithLabelValues(cluster).Set(1) }

// SetHeld tells that the configuration forbids to change anything on a cluster.
func (c *Collectors) SetHeld(cluster string) { c.held.WithLabelValues(cluster).Set(1) }
