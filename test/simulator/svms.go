// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"regexp"
	"slices"
)

const (
	// maxSVMJobs is how many SVMs ONTAP creates, and how many it deletes, at a time.
	maxSVMJobs = 5
	// maxSVMName is the longest name of an SVM outside a MetroCluster.
	maxSVMName    = 47
	maxSVMComment = 255
	// defaultIPspace is a name that no SVM may have.
	defaultIPspace = "Default"
)

// svmNames allows what is known to be safe; the documents state no more than the first character.
var svmNames = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

func (s *Simulator) svmRecord(v *svm) record {
	r := record{"uuid": v.uuid, "name": v.name, "state": v.state, "subtype": "default"}
	if v.comment != "" && (v.state != svmInitializing || !s.options.HideCommentUntilRunning) {
		r["comment"] = v.comment
	}
	return r
}

func (s *Simulator) listSVMs(q *request) (*answer, *failure) {
	var records []record
	for _, v := range q.cluster.svms {
		if q.login.sees(v.uuid) {
			records = append(records, s.svmRecord(v))
		}
	}
	return q.collection(svmResource, records)
}

// svm returns the SVM that the path names.
func (q *request) svm() (*svm, *failure) {
	v, ok := q.cluster.svms[q.params["uuid"]]
	if !ok || !q.login.sees(v.uuid) {
		return nil, notFound("SVM " + q.params["uuid"])
	}
	return v, nil
}

func (s *Simulator) getSVM(q *request) (*answer, *failure) {
	v, failed := q.svm()
	if failed != nil {
		return nil, failed
	}
	return q.instance(svmResource, s.svmRecord(v))
}

// createSVM accepts a new SVM. Whether its name is taken is looked at now and once more when the job starts, because
// an SVM that is still waiting for its job does not hold its name yet.
func (s *Simulator) createSVM(q *request) (*answer, *failure) {
	name, comment, failed := svmFields(q.body)
	if failed != nil {
		return nil, failed
	}
	c := q.cluster
	if failed := c.nameTaken(name); failed != nil {
		return nil, failed
	}
	if c.unfinishedJobs(http.MethodPost) >= maxSVMJobs {
		return nil, fail(http.StatusBadRequest, codeTooManySVMJobs, "at most %d SVMs can be created at a time", maxSVMJobs)
	}
	v := &svm{uuid: s.newUUID(), name: name, comment: comment, state: svmInitializing}
	appear := func() ([]Effect, *failure) {
		if failed := c.nameTaken(name); failed != nil {
			return nil, failed
		}
		c.addSVM(v)
		s.countCreated(comment)
		return []Effect{{Op: Created, Object: SVMObject, UUID: v.uuid, Name: name, After: comment}}, nil
	}
	j := &job{svmUUID: v.uuid, svmName: name, start: appear}
	j.finish = func() ([]Effect, *failure) {
		v.state = svmRunning
		return []Effect{{Op: Changed, Object: SVMObject, UUID: v.uuid, Name: name, Before: v.comment, After: v.comment}}, nil
	}
	if s.options.ShowSVMsAtOnce {
		effects, _ := appear() // the name is free, it has just been looked at
		q.effects = append(q.effects, effects...)
		j.start = nothing
	}
	out := s.enqueue(q, j, comment, Created)
	out.location = "/api/svm/svms/" + v.uuid
	if q.returnRecords {
		out.body["num_records"], out.body["records"] = 1, []any{svmResource.keysOf(s.svmRecord(v))}
	}
	return out, nil
}

func nothing() ([]Effect, *failure) { return nil, nil }

func svmFields(b body) (name, comment string, failed *failure) {
	if failed := b.only("name", "comment"); failed != nil {
		return "", "", failed
	}
	name, failed = b.required("name")
	if failed != nil {
		return "", "", failed
	}
	if !svmNames.MatchString(name) {
		return "", "", badRequest(codeSVMNameMalformed, "name", "the name of an SVM begins with a letter or an underscore")
	}
	if len(name) > maxSVMName {
		return "", "", badRequest(codeSVMNameTooLong, "name", "the name of an SVM has at most %d characters", maxSVMName)
	}
	comment, _, failed = b.comment(maxSVMComment)
	return name, comment, failed
}

// nameTaken looks at all that shares a namespace with SVMs: SVMs, IPspaces and the cluster itself.
func (c *cluster) nameTaken(name string) *failure {
	if c.findSVM(name) == nil && name != defaultIPspace && name != c.name {
		return nil
	}
	return badRequest(codeSVMNameTaken, "name", "the name %q is already used by an SVM, an IPspace or the cluster", name)
}

// busy refuses changes to an SVM that is being made or deleted. One whose job has failed half-way is neither.
func (c *cluster) busy(v *svm) *failure {
	if v.state == svmDeleting {
		return fail(http.StatusBadRequest, codeDeleteRunning, "SVM %q is being deleted", v.name)
	}
	creating := func(j *job) bool { return j.svmUUID == v.uuid && j.unfinished() }
	if v.state == svmInitializing && slices.ContainsFunc(c.jobs, creating) {
		return fail(http.StatusBadRequest, codeCreateRunning, "SVM %q is still being created", v.name)
	}
	return nil
}

func (s *Simulator) modifySVM(q *request) (*answer, *failure) {
	v, failed := q.svm()
	if failed != nil {
		return nil, failed
	}
	comment, failed := q.body.patchedComment(maxSVMComment)
	if failed != nil {
		return nil, failed
	}
	if failed := q.cluster.busy(v); failed != nil {
		return nil, failed
	}
	q.effects = append(q.effects, Effect{Op: Changed, Object: SVMObject, UUID: v.uuid, Name: v.name, Before: v.comment, After: comment})
	v.comment = comment
	return q.done(http.StatusOK, svmResource, s.svmRecord(v)), nil
}

func (s *Simulator) deleteSVM(q *request) (*answer, *failure) {
	v, failed := q.svm()
	if failed != nil {
		return nil, failed
	}
	c := q.cluster
	if failed := c.busy(v); failed != nil {
		return nil, failed
	}
	if c.unfinishedJobs(http.MethodDelete) >= maxSVMJobs {
		return nil, fail(http.StatusBadRequest, codeTooManySVMJobs, "at most %d SVMs can be deleted at a time", maxSVMJobs)
	}
	j := &job{svmUUID: v.uuid, svmName: v.name}
	j.start = func() ([]Effect, *failure) {
		if c.svms[v.uuid] == nil {
			return nil, notFound("SVM " + v.uuid)
		}
		if v.state == svmDeleting {
			return nil, c.busy(v)
		}
		v.state = svmDeleting
		return nil, nil
	}
	j.finish = func() ([]Effect, *failure) { return s.removeSVM(c, v), nil }
	return s.enqueue(q, j, v.comment, Deleted), nil
}

// removeSVM takes an SVM away together with its accounts; the one it came with always goes.
func (s *Simulator) removeSVM(c *cluster, v *svm) []Effect {
	delete(c.svms, v.uuid)
	effects := []Effect{{Op: Deleted, Object: SVMObject, UUID: v.uuid, Name: v.name, Before: v.comment}}
	for _, a := range c.accountsOf(v.uuid) {
		if a.name == builtInAccount || !s.options.KeepAccountsOnDelete {
			delete(c.accounts, a.key())
			effects = append(effects, a.effect(Deleted, a.comment, ""))
		}
	}
	return effects
}
