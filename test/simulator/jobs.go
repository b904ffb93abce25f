// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// jobRetention is how long a finished job can be read (reference/ontap.md §1).
const jobRetention = 300 * time.Second

// progressCode is what a running job shows as its code: not zero, although nothing has failed.
const progressCode = 2432844

// jobTime is how ONTAP writes times: with an offset, also where it is none.
const jobTime = "2006-01-02T15:04:05-07:00"

// Job states, as far as they are simulated.
const (
	jobQueued  = string(Queued)
	jobRunning = string(Running)
	jobSuccess = "success"
	jobFailure = "failure"
)

// job is an asynchronous operation on an SVM or on something in it.
type job struct {
	uuid, description, user string
	// made is the path of what the job makes, where that stands in its description.
	made                    string
	svmUUID, svmName        string
	state                   string
	created, started, ended time.Time
	failure                 *failure
	// start and finish have the job's effects. A failure ends the job.
	start, finish func() ([]Effect, *failure)
}

func (j *job) unfinished() bool { return j.state == jobQueued || j.state == jobRunning }

// enqueue adds a job for the request and answers it. The SVM's comment tells whose the job is.
func (s *Simulator) enqueue(q *request, j *job, comment string, op Op) *answer {
	j.uuid, j.state, j.user, j.created = s.newUUID(), jobQueued, q.login.user, s.options.Clock.Now()
	j.description = q.method + " " + cmp.Or(j.made, q.path)
	if q.fault != nil && q.fault.Kind == FailJob {
		broken := fail(http.StatusInternalServerError, q.fault.Code, "%s", q.fault.Message)
		j.start = func() ([]Effect, *failure) { return nil, broken }
	}
	q.cluster.jobs = append(q.cluster.jobs, j)
	effect := Effect{Op: Created, Object: JobObject, UUID: j.uuid, Name: j.svmName}
	if op == Created {
		effect.After = comment
	} else {
		effect.Before = comment
	}
	q.effects = append(q.effects, effect)
	link := map[string]any{"uuid": j.uuid, "_links": selfLink("/api/cluster/jobs/" + j.uuid)}
	return &answer{status: http.StatusAccepted, body: map[string]any{"job": link}, job: j, patience: q.patience}
}

// unfinishedJobs counts the jobs that make or delete SVMs, by their method; ONTAP limits them.
func (c *cluster) unfinishedJobs(method string) int {
	count := 0
	for _, j := range c.jobs {
		if j.unfinished() && strings.HasPrefix(j.description, method+" /api/svm/svms") {
			count++
		}
	}
	return count
}

// advance brings all jobs to where they are at this time. There is no goroutine behind it: whoever looks calls it.
func (s *Simulator) advance() {
	now := s.options.Clock.Now()
	for _, c := range s.states() {
		kept := c.jobs[:0]
		for _, j := range c.jobs {
			s.progress(c, j, now)
			if j.unfinished() || now.Sub(j.ended) < jobRetention {
				kept = append(kept, j)
			}
		}
		clear(c.jobs[len(kept):])
		c.jobs = kept
	}
	s.replicate()
}

func (s *Simulator) progress(c *cluster, j *job, now time.Time) {
	if due := later(j.created.Add(s.options.QueueDuration), c.released); j.state == jobQueued && c.hold != Queued && !now.Before(due) {
		j.state, j.started = jobRunning, due
		s.run(c, j, j.start, due)
	}
	if due := later(j.started.Add(s.options.JobDuration), c.released); j.state == jobRunning && c.hold != Running && !now.Before(due) {
		s.run(c, j, j.finish, due)
		if j.state == jobRunning {
			j.state, j.ended = jobSuccess, due
		}
	}
}

// run lets one half of a job happen and writes it into the journal.
func (s *Simulator) run(c *cluster, j *job, half func() ([]Effect, *failure), at time.Time) {
	effects, failed := half()
	if failed != nil {
		j.state, j.ended, j.failure = jobFailure, at, failed
	}
	if len(effects) == 0 {
		return
	}
	s.record(Entry{
		Time: at, Class: Progress, Cluster: c.name, User: j.user, Path: "/api/cluster/jobs/" + j.uuid,
		Template: "/cluster/jobs/{uuid}", Effects: effects,
	})
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// record returns the job as ONTAP describes it: while it runs its code is a progress, not an error.
func (j *job) record() record {
	r := record{
		"uuid": j.uuid, "description": j.description, "state": j.state, "svm.uuid": j.svmUUID, "svm.name": j.svmName,
	}
	if !j.started.IsZero() {
		r["start_time"] = j.started.UTC().Format(jobTime)
	}
	if !j.ended.IsZero() {
		r["end_time"] = j.ended.UTC().Format(jobTime)
	}
	switch j.state {
	case jobRunning:
		r["message"], r["code"] = "in progress", progressCode
	case jobSuccess:
		r["message"], r["code"] = "success", 0
	case jobFailure:
		r["message"], r["error.message"] = j.failure.message, j.failure.message
		r["error.code"] = j.failure.code
		if code, err := strconv.Atoi(j.failure.code); err == nil {
			r["code"] = code
		}
	}
	return r
}

func (s *Simulator) listJobs(q *request) (*answer, *failure) {
	var records []record
	for _, j := range q.cluster.jobs {
		if q.login.sees(j.svmUUID) {
			records = append(records, j.record())
		}
	}
	return q.collection(jobResource, records)
}

func (s *Simulator) getJob(q *request) (*answer, *failure) {
	for _, j := range q.cluster.jobs {
		if j.uuid == q.params["uuid"] && q.login.sees(j.svmUUID) {
			return q.instance(jobResource, j.record())
		}
	}
	return nil, notFound("job " + q.params["uuid"])
}
