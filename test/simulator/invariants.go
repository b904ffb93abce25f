// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// markVersion is the first word of a comment that is ours.
const markVersion = "gxo/v1"

func marked(comment string) bool {
	words := strings.Fields(comment)
	return len(words) > 0 && words[0] == markVersion
}

// word returns the value of a word such as o=… in one of our marks, empty where there is none.
func word(comment, key string) string {
	if !marked(comment) {
		return ""
	}
	for one := range strings.FieldsSeq(comment) {
		if value, ok := strings.CutPrefix(one, key+"="); ok {
			return value
		}
	}
	return ""
}

// ownerKey is garden and owner of a marked comment.
func ownerKey(comment string) string {
	garden, owner := word(comment, "g"), word(comment, "o")
	if garden == "" || owner == "" {
		return ""
	}
	return garden + "/" + owner
}

func (s *Simulator) countCreated(comment string) {
	if key := ownerKey(comment); key != "" {
		s.everCreated[key]++
	}
}

func (s *Simulator) violate(kind ViolationKind, cluster, text string) {
	s.remember(Violation{Seq: s.nextSeq(), Kind: kind, Cluster: cluster, Text: text})
}

// remember keeps a violation, unless its kind is tolerated. No violation changes an answer.
func (s *Simulator) remember(v Violation) {
	if !slices.Contains(s.options.Tolerated, v.Kind) {
		s.violations = append(s.violations, v)
	}
}

// violateOnce is for a broken state, which lasts: the entry that brought it about is the one to know.
func (s *Simulator) violateOnce(kind ViolationKind, cluster, text string) {
	if key := string(kind) + " " + text; !s.broken[key] {
		s.broken[key] = true
		s.violate(kind, cluster, text)
	}
}

// checkEffects finds requests that touch what is not ours. What a job does has been judged by the request that made the
// job: to delete an SVM counts as touching it, to create one touches nothing. What the login of an SVM writes is its tenant's
// doing, who may do in it what he likes; that he does it nowhere else is looked after by login.sees.
func (s *Simulator) checkEffects(e Entry) {
	if e.Class == Progress || e.Tenant {
		return
	}
	if c := s.find(e.Cluster); len(e.Effects) > 0 && c != nil && c.state.metro != nil && !c.state.metro.normal() {
		s.violate(ChangedInSwitchover, e.Cluster, fmt.Sprintf("%s %s in mode %s", e.Method, e.Path, c.state.mode))
	}
	for _, effect := range e.Effects {
		if effect.Op == Created && makesOwn(effect.Object, e) {
			continue
		}
		if !marked(effect.Before) {
			s.violate(Unmarked, e.Cluster, fmt.Sprintf("%s %s: SVM %s %s", e.Method, e.Path, effect.UUID, effect.Name))
		}
	}
}

// makesOwn tells whether what was made is its maker's whatever it lies in: all but what becomes part of an SVM.
func makesOwn(object Object, e Entry) bool {
	switch object {
	case SVMObject, AccountObject:
		return true
	case JobObject:
		return e.Method == http.MethodPost && e.Template == "/svm/svms"
	default:
		return false
	}
}

// checkState finds states of SVMs and accounts that must not be.
func (s *Simulator) checkState(e Entry) {
	if !slices.ContainsFunc(e.Effects, func(one Effect) bool { return one.Object == SVMObject || one.Object == AccountObject }) {
		return
	}
	svms, fingerprints := map[string][]string{}, map[string][]string{}
	for _, c := range s.states() {
		for _, v := range c.svms {
			if key := ownerKey(v.comment); key != "" && v.source == "" {
				svms[key] = append(svms[key], c.name+"/"+v.uuid)
			}
		}
		for _, a := range c.accounts {
			if v := c.svms[a.ownerUUID]; v != nil && v.source != "" {
				continue // it mirrors an account of its source
			}
			if fingerprint := word(a.comment, "fp"); fingerprint != "" {
				fingerprints[fingerprint] = append(fingerprints[fingerprint], c.name+"/"+a.ownerUUID+"/"+a.name)
			}
			if !a.cluster && c.svms[a.ownerUUID] == nil {
				s.violateOnce(OrphanAccount, c.name, "account "+a.name+" of SVM "+c.name+"/"+a.ownerUUID)
			}
		}
	}
	s.checkTwins(TwinSVMs, e.Cluster, svms)
	s.checkTwins(TwinAccounts, e.Cluster, fingerprints)
}

func (s *Simulator) checkTwins(kind ViolationKind, cluster string, found map[string][]string) {
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if objects := found[key]; len(objects) > 1 {
			slices.Sort(objects)
			s.violateOnce(kind, cluster, key+": "+strings.Join(objects, ", "))
		}
	}
}

// Violations returns what has been broken so far.
func (s *Simulator) Violations(context.Context) ([]Violation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return append([]Violation{}, s.violations...), nil
}

// TakeViolations returns what has been broken so far and forgets it. It is for specs that break a rule on purpose.
func (s *Simulator) TakeViolations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	taken := s.violations
	s.violations = nil
	return taken
}
