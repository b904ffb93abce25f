// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The states of an SVM that mean something here; starting and stopping are others.
const (
	SVMInitializing = "initializing"
	SVMRunning      = "running"
	SVMStopped      = "stopped"
	SVMDeleting     = "deleting"
)

// The subtypes of SVMs on a MetroCluster: that of the half that serves, and of the one that stands by.
const (
	SubtypeSyncSource      = "sync_source"
	SubtypeSyncDestination = "sync_destination"
)

// partnerSuffix is what ONTAP appends to the name of the half that stands by, before the first dot.
const partnerSuffix = "-mc"

const (
	svmsPath  = "/svm/svms"
	svmPath   = "/svm/svms/{uuid}"
	svmFields = "name,uuid,state,subtype,comment,aggregates.name,nvme,iscsi.enabled,iscsi.allowed,nfs.enabled,nfs.allowed," +
		"cifs.allowed,fcp.allowed,max_volumes,storage.limit,storage.allocated,qos_policy"
	// startJob asks for an answer as soon as the job exists, so that no write is cut off while ONTAP works.
	startJob = "return_timeout=0"
	// countedSVMs is far above what a cluster can have.
	countedSVMs = "10000"
	// otherSVM is the complaint about an answer to a question about one SVM.
	otherSVM = "the answer is not about this SVM"
)

// SVMService reads and writes /svm/svms, which shows data SVMs only.
type SVMService struct{ client *Client }

// SVM is a storage virtual machine.
type SVM struct {
	UUID, Name, State, Subtype, Comment string
	// Aggregates are the names of those on which volumes may lie, sorted.
	Aggregates []string
	// Protocols are known by ONTAP's names: nvme, iscsi, nfs, cifs, fcp. A stopped SVM does not show them.
	Protocols map[string]ProtocolState
	Limits    Limits
	// AllocatedBytes is the size of all volumes together, which a storage limit bounds; 0 where ONTAP does not show it.
	AllocatedBytes int64
}

// ProtocolState is what an SVM does with a protocol.
type ProtocolState struct {
	// Enabled is whether there is a service that runs; Allowed whether the SVM's administrator may manage it.
	Enabled, Allowed bool
}

// SVMCreate is a new SVM.
type SVMCreate struct {
	Name, Comment, IPspace string
	Aggregates             []string
	// Protocol is ONTAP's name of the one that is served and allowed; no other is.
	Protocol string
	Limits   Limits
}

// SVMChange is what is to be different of an SVM; the zero value of a field leaves it as it is.
type SVMChange struct {
	Comment    *string
	Aggregates []string
	Limits     *LimitsChange
	// Protocol is the only one that the SVM's administrator may manage.
	Protocol string
	// State is SVMRunning to start the SVM.
	State string
}

// Find returns the SVM of exactly this name. None is an error of [KindNotFound], several are one of [KindConflict].
func (s *SVMService) Find(ctx context.Context, name string) (SVM, error) {
	if err := s.refuseName(name); err != nil {
		return SVM{}, err
	}
	r := request{method: http.MethodGet, path: svmsPath}
	found, err := s.list(ctx, filter{"name": exact(name)})
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

// refuseName is an error for a name that cannot be asked for.
func (s *SVMService) refuseName(name string) error {
	if name == "" || strings.Contains(name, `"`) {
		return s.client.failure(request{method: http.MethodGet, path: svmsPath}, KindInvalid, fmt.Errorf("no SVM can be named %q", name))
	}
	return nil
}

// FindHalves returns the SVM of exactly this name and, on a MetroCluster, the one that stands by for such an SVM on the
// other half; nothing if the cluster has neither.
func (s *SVMService) FindHalves(ctx context.Context, name string) ([]SVM, error) {
	if err := s.refuseName(name); err != nil {
		return nil, err
	}
	first, rest, dotted := strings.Cut(name, ".")
	standby := first + partnerSuffix
	if dotted {
		standby += "." + rest
	}
	found, err := s.list(ctx, filter{"name": exact(name) + "|" + exact(standby)})
	return slices.DeleteFunc(found, func(svm SVM) bool {
		return svm.Name != name && (svm.Name != standby || svm.Subtype != SubtypeSyncDestination)
	}), err
}

// Get returns the SVM with this UUID, or an error of [KindNotFound].
func (s *SVMService) Get(ctx context.Context, uuid string) (SVM, error) {
	r := request{path: svmPath, keys: []string{uuid}, query: "fields=" + svmFields}
	return get[wireSVM](ctx, s.client, r, func(svm SVM) bool { return svm.UUID == uuid }, otherSVM)
}

// ListByComment returns the SVMs whose comment matches an ONTAP query pattern such as *o=<uid>*. What a match means is
// for the caller to read in the comment.
func (s *SVMService) ListByComment(ctx context.Context, pattern string) ([]SVM, error) {
	return s.list(ctx, filter{"comment": pattern})
}

// ListByName returns the SVMs whose name matches an ONTAP query pattern such as prefix-*.
func (s *SVMService) ListByName(ctx context.Context, pattern string) ([]SVM, error) {
	return s.list(ctx, filter{"name": pattern})
}

func (s *SVMService) list(ctx context.Context, wanted filter) ([]SVM, error) {
	return list[wireSVM](ctx, s.client, svmsPath, svmFields, wanted)
}

// Count returns the number of data SVMs that are at home on the cluster. The answer does not grow with it.
func (s *SVMService) Count(ctx context.Context) (int, error) {
	r := request{path: svmsPath, query: "max_records=" + countedSVMs + "&return_records=false&subtype=!" + SubtypeSyncDestination}
	counted, err := get[svmCount](ctx, s.client, r, func(c svmCount) bool { return c.SVMs != nil }, "the answer has no number of records")
	if err != nil {
		return 0, err
	}
	return *counted.SVMs, nil
}

// CountRecoverable returns the number of volumes that were deleted in an SVM and that ONTAP can still recover. It takes a
// count that is missing for none, since ONTAP leaves out what is not set.
func (s *SVMService) CountRecoverable(ctx context.Context, uuid string) (int, error) {
	r := request{path: svmPath, keys: []string{uuid}, query: "fields=number_of_volumes_in_recovery_queue"}
	queue, err := get[recoveryQueue](ctx, s.client, r, func(q recoveryQueue) bool { return q.UUID == uuid }, otherSVM)
	return queue.Volumes, err
}

// Create begins to make an SVM. The job may fail for what ONTAP does not check at once. The SVM need not show before its
// job has started. Its throughput is not limited: ONTAP takes a QoS policy for an SVM that there is (x-ntap-readModify).
func (s *SVMService) Create(ctx context.Context, svm SVMCreate) (Job, error) {
	body := map[string]any{"name": svm.Name, "comment": svm.Comment}
	maps.Copy(body, allowOnly(svm.Protocol))
	if svm.Protocol != "" {
		body[svm.Protocol] = map[string]bool{"enabled": true, "allowed": true}
	}
	if svm.IPspace != "" {
		body["ipspace"] = wireName{svm.IPspace}
	}
	if len(svm.Aggregates) > 0 {
		body["aggregates"] = references(svm.Aggregates)
	}
	LimitsChange{To: Limits{StorageBytes: svm.Limits.StorageBytes, Volumes: svm.Limits.Volumes}}.into(body)
	return s.client.write(ctx, request{method: http.MethodPost, path: svmsPath, query: startJob, body: body})
}

// Modify begins to change an SVM.
func (s *SVMService) Modify(ctx context.Context, uuid string, change SVMChange) (Job, error) {
	body := map[string]any{}
	if change.Comment != nil {
		body["comment"] = *change.Comment
	}
	if change.Aggregates != nil {
		body["aggregates"] = references(change.Aggregates)
	}
	if change.Protocol != "" {
		maps.Copy(body, allowOnly(change.Protocol))
	}
	if change.Limits != nil {
		change.Limits.into(body)
	}
	if change.State != "" {
		body["state"] = change.State
	}
	return s.client.write(ctx, request{method: http.MethodPatch, path: svmPath, keys: []string{uuid}, query: startJob, body: body})
}

// Delete begins to delete an SVM. ONTAP also empties the SVM's volume recovery queue, for good.
func (s *SVMService) Delete(ctx context.Context, uuid string) (Job, error) {
	return s.client.write(ctx, request{method: http.MethodDelete, path: svmPath, keys: []string{uuid}, query: startJob})
}

// allowOnly are the fields by which an SVM's administrator may manage one protocol and no other. S3 is not among them: it
// cannot be disallowed before ONTAP 9.16.
func allowOnly(protocol string) map[string]any {
	if protocol == "" {
		return nil
	}
	fields := map[string]any{}
	for _, one := range []string{"nvme", "iscsi", "nfs", "cifs", "fcp"} {
		fields[one] = map[string]bool{"allowed": one == protocol}
	}
	return fields
}

func references(names []string) []wireName {
	all := make([]wireName, 0, len(names))
	for _, name := range names {
		all = append(all, wireName{name})
	}
	return all
}

type wireSVM struct {
	UUID       string        `json:"uuid"`
	Name       string        `json:"name"`
	State      string        `json:"state"`
	Subtype    string        `json:"subtype"`
	Comment    string        `json:"comment"`
	Aggregates []wireName    `json:"aggregates"`
	NVMe       *wireProtocol `json:"nvme"`
	ISCSI      *wireProtocol `json:"iscsi"`
	NFS        *wireProtocol `json:"nfs"`
	CIFS       *wireProtocol `json:"cifs"`
	FCP        *wireProtocol `json:"fcp"`
	wireLimits
}

type wireProtocol struct {
	Enabled bool `json:"enabled"`
	Allowed bool `json:"allowed"`
}

func (w wireSVM) read() SVM {
	svm := SVM{
		UUID: w.UUID, Name: w.Name, State: w.State, Subtype: w.Subtype, Comment: w.Comment,
		Aggregates: names(w.Aggregates), Protocols: map[string]ProtocolState{}, Limits: w.wireLimits.read(),
		AllocatedBytes: w.Storage.Allocated,
	}
	slices.Sort(svm.Aggregates)
	for key, protocol := range map[string]*wireProtocol{"nvme": w.NVMe, "iscsi": w.ISCSI, "nfs": w.NFS, "cifs": w.CIFS, "fcp": w.FCP} {
		if protocol != nil {
			svm.Protocols[key] = ProtocolState{Enabled: protocol.Enabled, Allowed: protocol.Allowed}
		}
	}
	return svm
}

type svmCount struct {
	SVMs *int `json:"num_records"`
}

func (c svmCount) read() svmCount { return c }

type recoveryQueue struct {
	UUID    string `json:"uuid"`
	Volumes int    `json:"number_of_volumes_in_recovery_queue"`
}

func (q recoveryQueue) read() recoveryQueue { return q }
