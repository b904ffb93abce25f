// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"slices"
)

// otherRoutes are what Trident asks beside, of an SVM that is not mirrored.
func otherRoutes() api {
	return api{
		"/svm/peers":                    {http.MethodGet: on((*Simulator).listPeers, 200)},
		"/snapmirror/relationships":     {http.MethodGet: on((*Simulator).listRelationships, 200)},
		"/support/ems/application-logs": {http.MethodPost: on((*Simulator).logApplication, 201)},
	}
}

// listPeers lists none: no SVM is peered.
func (s *Simulator) listPeers(q *request) (*answer, *failure) {
	return q.collection(resource{
		fields: []string{"uuid", "name", "svm.uuid", "svm.name", "peer.svm.uuid", "peer.svm.name", "peer.cluster.name", "state", "applications"},
		keys:   []string{"uuid"}, filters: []string{"svm.uuid", "svm.name", "peer.svm.name", "name", "state"},
		self: func(r record) string { return "/api/svm/peers/" + text(r, "uuid") },
	}, nil)
}

// listRelationships lists none: nothing is mirrored.
func (s *Simulator) listRelationships(q *request) (*answer, *failure) {
	if _, failed := q.flag("list_destinations_only"); failed != nil {
		return nil, failed
	}
	return q.collection(resource{
		fields: []string{"uuid", "source.path", "source.svm.name", "destination.path", "destination.svm.name", "state"},
		keys:   []string{"uuid"},
		filters: []string{
			"list_destinations_only", "source.path", "source.svm.name", "destination.path", "destination.svm.name", "state",
		},
		self: func(r record) string { return "/api/snapmirror/relationships/" + text(r, "uuid") },
	}, nil)
}

// logApplication takes an event of an application. Nobody can read it but in the journal.
func (s *Simulator) logApplication(q *request) (*answer, *failure) {
	texts := []string{"computer_name", "event_source", "app_version", "category", "event_description", "severity"}
	if failed := q.body.only(append(texts, "event_id", "autosupport_required")...); failed != nil {
		return nil, failed
	}
	for _, path := range texts {
		if _, failed := q.body.required(path); failed != nil {
			return nil, failed
		}
	}
	if _, given, failed := q.body.number("event_id"); failed != nil || !given {
		return nil, badRequest(codeRequiredMissing, "event_id", "event_id is required, and a number")
	}
	if _, given, failed := q.body.flag("autosupport_required"); failed != nil || !given {
		return nil, badRequest(codeRequiredMissing, "autosupport_required", "autosupport_required is required, and a boolean")
	}
	if !slices.Contains([]string{"emergency", "alert", "error", "notice"}, q.body["severity"].(string)) {
		return nil, badRequest(codeInvalidValue, "severity", "there is no such severity")
	}
	return &answer{status: http.StatusCreated, body: map[string]any{}}, nil
}
