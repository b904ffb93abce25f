// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package monitoring reads what the chart gives to the seed's Prometheus and Plutono. Its specs hold that against the runbook, and
// against a Prometheus that scrapes the extension of a landscape.
package monitoring

import (
	"encoding/json"
	"os"
	"path/filepath"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"sigs.k8s.io/yaml"
)

// Root is the checkout, seen from this package.
const Root = "../.."

// RulesFile is the file with the alerts, which is one of Prometheus' rule files as it is.
func RulesFile() string {
	return filepath.Join(Root, "charts", "gardener-extension-ontap", "monitoring", "rules.yaml")
}

// Alerts are those of the chart.
func Alerts() ([]monitoringv1.Rule, error) {
	content, err := os.ReadFile(RulesFile())
	if err != nil {
		return nil, err
	}
	spec := monitoringv1.PrometheusRuleSpec{}
	if err := yaml.UnmarshalStrict(content, &spec); err != nil {
		return nil, err
	}
	var alerts []monitoringv1.Rule
	for _, group := range spec.Groups {
		alerts = append(alerts, group.Rules...)
	}
	return alerts, nil
}

// Panel is a panel of the dashboard.
type Panel struct {
	Title, Description, Datasource string
	Targets                        []struct{ Expr string }
}

// Panels are those of the dashboard.
func Panels() ([]Panel, error) {
	content, err := os.ReadFile(filepath.Join(filepath.Dir(RulesFile()), "dashboard.json"))
	if err != nil {
		return nil, err
	}
	dashboard := struct{ Panels []Panel }{}
	err = json.Unmarshal(content, &dashboard)
	return dashboard.Panels, err
}
