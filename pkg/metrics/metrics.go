// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package metrics declares every collector of the extension. Labels come from closed sets: no name of a shoot, no UUID
// and no namespace is ever one.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const namespace = "ontap_extension"

// Collectors are the extension's collectors. They implement ontap.Observer, lifecycle.Metrics and repair.Metrics.
type Collectors struct {
	requests *prometheus.HistogramVec
	steps    *prometheus.HistogramVec
	healed   *prometheus.CounterVec
	outages  *prometheus.CounterVec
	parked   prometheus.Counter
	repairs  *prometheus.CounterVec
	swept    *prometheus.GaugeVec
	insecure *prometheus.GaugeVec
	silent   *prometheus.GaugeVec
	failing  *prometheus.GaugeVec
}

// New returns the collectors, registered.
func New(registerer prometheus.Registerer) (*Collectors, error) {
	c := &Collectors{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "ontap_request_duration_seconds",
			Help:    "Requests to ONTAP by cluster, method, path template and status code (error if there was no answer).",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 12),
		}, []string{"cluster", "method", "path", "code"}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "step_duration_seconds",
			Help:    "Steps by name and outcome; the guard is the step named SeedSecret.",
			Buckets: prometheus.ExponentialBuckets(0.01, 3, 10),
		}, []string{"step", "outcome"}),
		healed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "seed_secret_healed_total",
			Help: "Seed secrets that the guard had to create, recreate or complete, by reason.",
		}, []string{"reason"}),
		outages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "outages_tolerated_total",
			Help: "Reconciles that succeeded although ONTAP could not be asked, since nothing new was to be done, by reason.",
		}, []string{"reason"}),
		parked: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: namespace, Name: "parked_svms_total",
			Help: "SVMs of deleted shoots that were left on ONTAP because they hold volumes.",
		}),
		repairs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "repairs_total",
			Help: "Looks at shoots between Gardener's reconciles, by cause and what they came to.",
		}, []string{"cause", "result"}),
		swept: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "swept_shoots",
			Help: "Shoots by what the last sweep found of them; Pending waits for Gardener's next reconcile.",
		}, []string{"finding"}),
		insecure: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "insecure_clusters",
			Help: "1 for each configured ONTAP cluster whose certificate is not verified.",
		}, []string{"cluster"}),
		silent: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "silent_clusters",
			Help: "1 for each ONTAP cluster that does not answer, and is therefore asked by one request each 10 seconds only.",
		}, []string{"cluster"}),
		failing: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "shoots_failing_repeatedly",
			Help: "Shoots whose runs have ended with a failure of the same step at least five times in a row, by step.",
		}, []string{"step"}),
	}
	for _, collector := range []prometheus.Collector{
		c.requests, c.steps, c.healed, c.outages, c.parked, c.repairs, c.swept, c.insecure, c.silent, c.failing,
	} {
		if err := registerer.Register(collector); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ObserveRequest implements ontap.Observer.
func (c *Collectors) ObserveRequest(cluster, method, pathTemplate, code string, duration time.Duration) {
	c.requests.WithLabelValues(cluster, method, pathTemplate, code).Observe(duration.Seconds())
}

// ObserveSilence implements ontap.Observer.
func (c *Collectors) ObserveSilence(cluster string, silent bool) {
	c.silent.WithLabelValues(cluster).Set(map[bool]float64{true: 1}[silent])
}

// ObserveStep implements lifecycle.Metrics.
func (c *Collectors) ObserveStep(name, outcome string, duration time.Duration) {
	c.steps.WithLabelValues(name, outcome).Observe(duration.Seconds())
}

// CountHealed implements lifecycle.Metrics.
func (c *Collectors) CountHealed(reason string) { c.healed.WithLabelValues(reason).Inc() }

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
