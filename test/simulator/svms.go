// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
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
	r := record{
		"uuid": v.uuid, "name": v.name, "state": v.state, "subtype": v.subtype, "max_volumes": v.maxVolumes,
		"ipspace.name": cmp.Or(v.ipspace, defaultIPspace),
	}
	if v.comment != "" && (v.state != svmInitializing || !s.options.HideCommentUntilRunning) {
		r["comment"] = v.comment
	}
	if len(v.aggregates) > 0 {
		var aggregates []any
		for _, name := range v.aggregates {
			aggregates = append(aggregates, map[string]any{"name": name, "uuid": uuidOf("aggregate", name)})
		}
		r["aggregates"] = aggregates
	}
	for path, limit := range map[string]int64{
		"storage.limit": v.storageLimit, "qos_policy.max_throughput_iops": v.qosIOPS, "qos_policy.max_throughput_mbps": v.qosMBps,
	} {
		if limit > 0 {
			r[path] = limit
		}
	}
	if v.qosPolicy != "" {
		r["qos_policy.name"] = v.qosPolicy
	}
	_, r["storage.allocated"] = s.usage(v.uuid)
	r["number_of_volumes_in_recovery_queue"], r["total_volume_size_in_recovery_queue"] = s.recoveryQueue(v.uuid)
	if v.state == svmRunning { // a stopped SVM omits its protocols
		for key, p := range v.protocols {
			r[key+".allowed"], r[key+".enabled"] = p.allowed, p.enabled
		}
	}
	return r
}

// listSVMs looks at a filter by name first: the records of a thousand SVMs take milliseconds, and most ask for one.
func (s *Simulator) listSVMs(q *request) (*answer, *failure) {
	wanted := func(string) bool { return true }
	if name, given := q.query["name"]; given {
		if pattern, failed := parsePattern(name[0]); failed == nil {
			wanted = func(name string) bool { return pattern.matchesAny(name) }
		}
	}
	var records []record
	for _, v := range q.cluster.svms {
		if q.login.sees(v.uuid) && wanted(v.name) {
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
	c := q.cluster
	v, unlicensed, failed := s.newSVM(q)
	if failed != nil {
		return nil, failed
	}
	if failed := c.nameTaken(v.name); failed != nil {
		return nil, failed
	}
	if c.unfinishedJobs(http.MethodPost) >= maxSVMJobs {
		return nil, fail(http.StatusBadRequest, codeTooManySVMJobs, "at most %d SVMs can be created at a time", maxSVMJobs)
	}
	appear := func() ([]Effect, *failure) {
		if failed := c.nameTaken(v.name); failed != nil {
			return nil, failed
		}
		c.addSVM(v)
		s.countCreated(v.comment)
		return []Effect{{Op: Created, Object: SVMObject, UUID: v.uuid, Name: v.name, After: v.comment}}, nil
	}
	j := &job{svmUUID: v.uuid, svmName: v.name, made: "/api/svm/svms/" + v.uuid, start: appear}
	j.finish = func() ([]Effect, *failure) {
		if unlicensed != nil {
			return nil, unlicensed
		}
		v.state = svmRunning
		return []Effect{{Op: Changed, Object: SVMObject, UUID: v.uuid, Name: v.name, Before: v.comment, After: v.comment}}, nil
	}
	if q.fault != nil && q.fault.Kind == StickInitializing {
		j.finish = nothing
	}
	if s.options.ShowSVMsAtOnce {
		effects, _ := appear() // the name is free, it has just been looked at
		q.effects = append(q.effects, effects...)
		j.start = nothing
	}
	out := s.enqueue(q, j, v.comment, Created)
	out.location = "/api/svm/svms/" + v.uuid
	if q.returnRecords {
		out.body["num_records"], out.body["records"] = 1, []any{svmResource.keysOf(s.svmRecord(v))}
	}
	return out, nil
}

func nothing() ([]Effect, *failure) { return nil, nil }

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
		return fail(http.StatusBadRequest, codeSVMJobRunning, "SVM %q is being deleted", v.name)
	}
	creating := func(j *job) bool { return j.svmUUID == v.uuid && j.unfinished() }
	if v.state == svmInitializing && slices.ContainsFunc(c.jobs, creating) {
		return fail(http.StatusBadRequest, codeCreateRunning, "SVM %q is still being created", v.name)
	}
	return nil
}

func (s *Simulator) deleteSVM(q *request) (*answer, *failure) {
	v, failed := q.svm()
	if failed != nil {
		return nil, failed
	}
	c := q.cluster
	if failed := v.standby(codeDestination); failed != nil {
		return nil, failed
	}
	if failed := c.busy(v); failed != nil {
		return nil, failed
	}
	if failed := s.inhabited(c, v); failed != nil {
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
	c.store.forget(v.uuid)
	c.net.lifs = slices.DeleteFunc(c.net.lifs, func(l *lif) bool { return l.svmUUID == v.uuid })
	c.net.routes = slices.DeleteFunc(c.net.routes, func(r *route) bool { return r.svmUUID == v.uuid })
	c.roles = slices.DeleteFunc(c.roles, func(r role) bool { return r.ownerUUID == v.uuid })
	effects := []Effect{{Op: Deleted, Object: SVMObject, UUID: v.uuid, Name: v.name, Before: v.comment}}
	for _, a := range c.accountsOf(v.uuid) {
		if a.name == builtInAccount || !s.options.KeepAccountsOnDelete {
			delete(c.accounts, a.key())
			effects = append(effects, a.effect(Deleted, a.comment, ""))
		}
	}
	return effects
}
