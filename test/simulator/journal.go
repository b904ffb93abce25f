// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"regexp"
	"strings"
	"time"
)

// owners finds the owner UID in a comment and in a query for one.
var owners = regexp.MustCompile(`(?:^|[\s*"])o=([^\s*"]+)`)

func ownerIn(text string) string {
	if found := owners.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// now is the time of the journal, in a form that survives JSON.
func (s *Simulator) now() time.Time { return s.options.Clock.Now().UTC().Round(0) }

// nextSeq is the number that the next entry gets. It belongs to the caller as long as it holds the lock.
func (s *Simulator) nextSeq() uint64 { return uint64(len(s.journal)) + 1 }

// record appends an entry and checks the invariants after its effects.
func (s *Simulator) record(e Entry) {
	e.Seq, e.Time = s.nextSeq(), e.Time.UTC().Round(0)
	for _, effect := range e.Effects {
		if e.Owner == "" {
			e.Owner = ownerIn(effect.After + " " + effect.Before)
		}
	}
	s.checkEffects(e)
	s.checkState(e)
	s.journal = append(s.journal, e)
}

// ownerOf tells whose object a request is about: by a mark in it, or by the SVM or job that it names.
func (s *Simulator) ownerOf(q *request) string {
	comment, _ := q.body["comment"].(string) // whatever else it is holds no mark
	if owner := ownerIn(comment + " " + q.query.Get("comment")); owner != "" {
		return owner
	}
	uuids := []string{q.params["owner.uuid"], q.query.Get("owner.uuid"), q.query.Get("uuid")}
	bodyOwner, _ := q.body["owner.uuid"].(string) // as above
	uuids = append(uuids, bodyOwner)
	switch {
	case strings.HasPrefix(q.template, "/svm/"):
		uuids = append(uuids, q.params["uuid"])
	case strings.HasPrefix(q.template, "/cluster/jobs/"):
		for _, j := range q.cluster.jobs {
			if j.uuid == q.params["uuid"] {
				uuids = append(uuids, j.svmUUID)
			}
		}
	}
	for _, uuid := range uuids {
		if v := q.cluster.svms[uuid]; v != nil {
			return ownerIn(v.comment)
		}
	}
	if v := q.cluster.findSVM(q.query.Get("name")); v != nil && q.template == "/svm/svms" {
		return ownerIn(v.comment)
	}
	return ""
}
