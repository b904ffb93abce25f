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

// Collectors are the extension's collectors. They implement ontap.Observer and lifecycle.Metrics.
type Collectors struct {
	requests *prometheus.HistogramVec
	steps    *prometheus.HistogramVec
	healed   *prometheus.CounterVec
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
	}
	for _, collector := range []prometheus.Collector{c.requests, c.steps, c.healed} {
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

// ObserveStep implements lifecycle.Metrics.
func (c *Collectors) ObserveStep(name, outcome string, duration time.Duration) {
	c.steps.WithLabelValues(name, outcome).Observe(duration.Seconds())
}

// CountHealed implements lifecycle.Metrics.
func (c *Collectors) CountHealed(reason string) { c.healed.WithLabelValues(reason).Inc() }
