// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The states of a job.
const (
	JobQueued  = "queued"
	JobRunning = "running"
	JobPaused  = "paused"
	JobSuccess = "success"
	JobFailure = "failure"
)

const (
	jobsPath  = "/cluster/jobs"
	jobPath   = "/cluster/jobs/{uuid}"
	jobFields = "uuid,description,state,message,code,error"

	firstPoll = 200 * time.Millisecond
	lastPoll  = 5 * time.Second
)

// JobService reads /cluster/jobs. ONTAP forgets a job about five minutes after it has ended.
type JobService struct{ client *Client }

// Job is something that ONTAP does after it has answered. The zero Job stands for what it did before it answered.
type Job struct {
	UUID        string
	Description string
	// State is empty until the job is read.
	State string
	// Code and Message say why a job failed. Until then they hold its progress, also the code, which is not 0.
	Code, Message string

	cluster string
}

// Finished reports whether the job has ended, well or not.
func (j Job) Finished() bool {
	return j.UUID == "" || j.State == JobSuccess || j.State == JobFailure
}

// Failure returns why the job failed as an [Error] of the same kind as if ONTAP had answered the write with it, or one
// of [KindInternal] if it has no code or is in an unknown state. It is nil for all other states.
func (j Job) Failure() error {
	switch j.State {
	case "", JobQueued, JobRunning, JobPaused, JobSuccess:
		return nil
	}
	e := &Error{Kind: KindInternal, Cluster: j.cluster, Op: cmp.Or(j.Description, "job"), Code: j.Code, JobUUID: j.UUID}
	switch {
	case j.State != JobFailure:
		e.Message = fmt.Sprintf("unknown job state %q", j.State)
		return e
	case j.Code != "":
		e.Kind = cmp.Or(kindOfCode(j.Code), KindInvalid)
	}
	e.Message = cmp.Or(j.Message, "the job failed")
	return e
}

// Get returns a job, or an error of [KindNotFound] if ONTAP does not know it, or no longer.
func (s *JobService) Get(ctx context.Context, uuid string) (Job, error) {
	r := request{path: jobPath, keys: []string{uuid}, query: "fields=" + jobFields}
	about := func(job Job) bool { return job.UUID == uuid && job.State != "" }
	job, err := get[wireJob](ctx, s.client, r, about, "the answer is not about this job, or has no state")
	if e, ok := errors.AsType[*Error](err); ok {
		e.JobUUID = uuid
	}
	if err == nil {
		job.cluster = s.client.name
	}
	if job.UUID != "" && job.Finished() {
		s.client.observer.ObserveJob(s.client.name, job.State)
	}
	return job, err
}

// Wait reads the job until it has ended and returns its [Job.Failure]. If ONTAP has forgotten the job, the error is of
// [KindNotFound] and says nothing about the object; if ctx ends first, it is of [KindBusy].
func (s *JobService) Wait(ctx context.Context, job Job) error {
	if job.UUID == "" {
		return nil
	}
	for pause := firstPoll; ; pause = min(2*pause, lastPoll) {
		seen, err := s.Get(ctx, job.UUID)
		if err == nil {
			err = seen.Failure()
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		if err == nil && seen.Finished() {
			return nil
		}
		if err := s.client.sleep(ctx, pause); err != nil {
			return &Error{Kind: KindBusy, Cluster: s.client.name, Op: job.Description, JobUUID: job.UUID,
				cause: fmt.Errorf("the job has not ended: %w", err)}
		}
	}
}

// Unfinished returns the jobs that have not ended and whose description matches an ONTAP query pattern.
func (s *JobService) Unfinished(ctx context.Context, description string) ([]Job, error) {
	jobs, err := list[wireJob](ctx, s.client, jobsPath, jobFields, filter{
		"state": strings.Join([]string{JobQueued, JobRunning, JobPaused}, "|"), "description": description,
	})
	return slices.DeleteFunc(jobs, Job.Finished), err
}

// wireJob has its error twice: in error, and, as older releases do, in code and message.
type wireJob struct {
	UUID        string    `json:"uuid"`
	Description string    `json:"description"`
	State       string    `json:"state"`
	Code        wireCode  `json:"code"`
	Message     string    `json:"message"`
	Error       wireError `json:"error"`
}

func (w wireJob) read() Job {
	return Job{
		UUID: w.UUID, Description: w.Description, State: w.State,
		Code: string(cmp.Or(w.Error.Code, w.Code)), Message: truncate(cmp.Or(w.Error.Message, w.Message)),
	}
}
