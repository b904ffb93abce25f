// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The states of an SVM.
const (
	SVMInitializing = "initializing"
	SVMStarting     = "starting"
	SVMRunning      = "running"
	SVMStopping     = "stopping"
	SVMStopped      = "stopped"
	SVMDeleting     = "deleting"
)

const (
	svmsPath  = "/svm/svms"
	svmPath   = "/svm/svms/{uuid}"
	svmFields = "name,uuid,state,subtype,comment"
	// startJob asks for an answer as soon as the job exists, so that no write is cut off while ONTAP works.
	startJob = "return_timeout=0"
)

// SVMService reads and writes /svm/svms, which shows data SVMs only.
type SVMService struct{ client *Client }

// SVM is a storage virtual machine.
type SVM struct {
	UUID    string `json:"uuid"`
	Name    string `json:"name"`
	State   string `json:"state"`
	Subtype string `json:"subtype"`
	Comment string `json:"comment"`
}

// SVMCreate is a new SVM.
type SVMCreate struct {
	Name    string `json:"name"`
	Comment string `json:"comment,omitempty"`
}

// Find returns the SVM of exactly this name. None is an error of [KindNotFound], several are one of [KindConflict].
func (s *SVMService) Find(ctx context.Context, name string) (SVM, error) {
	r := request{method: http.MethodGet, path: svmsPath}
	if name == "" || strings.Contains(name, `"`) {
		return SVM{}, s.client.failure(r, KindInvalid, fmt.Errorf("no SVM can be named %q", name))
	}
	found, err := list[SVM](ctx, s.client, svmsPath, url.Values{"fields": {svmFields}, "name": {exact(name)}})
	if err != nil {
		return SVM{}, err
	}
	found = slices.DeleteFunc(found, func(svm SVM) bool { return svm.Name != name })
	switch len(found) {
	case 0:
		return SVM{}, s.client.failure(r, KindNotFound, fmt.Errorf("there is no SVM named %q", name))
	case 1:
		return found[0], nil
	}
	return SVM{}, s.client.failure(r, KindConflict, fmt.Errorf("there are %d SVMs named %q", len(found), name))
}

// Get returns the SVM with this UUID, or an error of [KindNotFound].
func (s *SVMService) Get(ctx context.Context, uuid string) (SVM, error) {
	r := request{method: http.MethodGet, path: svmPath, keys: []string{uuid}, query: "fields=" + svmFields}
	var svm SVM
	status, err := s.client.call(ctx, r, &svm)
	if err == nil && svm.UUID != uuid {
		err = s.client.unintelligible(r, status, errors.New("the answer is not about this SVM"))
	}
	if err != nil {
		return SVM{}, err
	}
	return svm, nil
}

// ListByComment returns the SVMs whose comment matches an ONTAP query pattern such as *o=<uid>*. What a match means is
// for the caller to read in the comment.
func (s *SVMService) ListByComment(ctx context.Context, pattern string) ([]SVM, error) {
	return list[SVM](ctx, s.client, svmsPath, url.Values{"fields": {svmFields}, "comment": {pattern}})
}

// Create begins to make an SVM. The job may fail for what ONTAP does not check at once. The SVM need not show before its
// job has started.
func (s *SVMService) Create(ctx context.Context, svm SVMCreate) (Job, error) {
	return s.client.write(ctx, request{method: http.MethodPost, path: svmsPath, query: startJob, body: svm})
}

// SetComment replaces the comment of an SVM.
func (s *SVMService) SetComment(ctx context.Context, uuid, comment string) (Job, error) {
	return s.client.write(ctx, request{
		method: http.MethodPatch, path: svmPath, keys: []string{uuid}, query: startJob,
		body: map[string]string{"comment": comment},
	})
}

// Delete begins to delete an SVM. ONTAP also empties the SVM's volume recovery queue, for good.
func (s *SVMService) Delete(ctx context.Context, uuid string) (Job, error) {
	return s.client.write(ctx, request{method: http.MethodDelete, path: svmPath, keys: []string{uuid}, query: startJob})
}
