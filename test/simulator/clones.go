// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"slices"
	"strings"
)

const (
	codeParentMissing   = "524601"
	codeParentMismatch  = "918236"
	codeSnapshotUnknown = "1638400"
)

func (b body) describesClone() bool {
	for path := range b {
		if path == "clone" || strings.HasPrefix(path, "clone.") {
			return true
		}
	}
	return false
}

// describeClone makes a new volume a clone of another one of its SVM at one of its snapshots, on the same aggregate.
func (q *request) describeClone(owner *svm, v *volume) *failure {
	if failed := q.body.only("svm.uuid", "svm.name", "name", "clone.parent_volume.name", "clone.parent_volume.uuid",
		"clone.parent_snapshot.name", "clone.is_flexclone"); failed != nil {
		return failed
	}
	if flexclone, _, failed := q.body.flag("clone.is_flexclone"); failed != nil {
		return failed
	} else if !flexclone {
		return unknown("a clone that is no FlexClone")
	}
	parent, failed := q.cloneParent(owner)
	if failed != nil {
		return failed
	}
	name, given, failed := q.body.text("clone.parent_snapshot.name")
	if failed != nil {
		return failed
	}
	if !given {
		return unknown("a clone of no snapshot")
	}
	i := slices.IndexFunc(parent.snapshots, func(one *volumeSnapshot) bool { return one.name == name })
	if i < 0 {
		return badRequest(codeSnapshotUnknown, "clone.parent_snapshot.name", "volume %q has no snapshot %q", parent.name, name)
	}
	uuid, created := v.uuid, v.created
	*v = *parent
	v.uuid, v.created, v.state, v.snapshots, v.comment = uuid, created, volumeOnline, nil, ""
	v.name, _, failed = q.body.text("name")
	v.parent, v.parentSnapshot, v.size = parent, parent.snapshots[i], parent.snapshots[i].size
	return failed
}

func (q *request) cloneParent(owner *svm) (*volume, *failure) {
	uuid, byUUID, failed := q.body.text("clone.parent_volume.uuid")
	if failed != nil {
		return nil, failed
	}
	name, byName, failed := q.body.text("clone.parent_volume.name")
	if failed != nil {
		return nil, failed
	}
	for _, v := range q.cluster.store.volumesOf(owner.uuid) {
		if (!byUUID || v.uuid == uuid) && (!byName || v.name == name) && (byUUID || byName) {
			return v, nil
		}
	}
	if byUUID && byName {
		return nil, badRequest(codeParentMismatch, "clone.parent_volume", "clone.parent_volume.uuid and .name are of different volumes")
	}
	return nil, badRequest(codeParentMissing, "clone.parent_volume", "there is no volume %q", name+uuid)
}

// fillClone gives a clone the namespaces that its parent had when the snapshot was taken.
func (s *Simulator) fillClone(c *cluster, v *volume) {
	if v.parentSnapshot == nil {
		return
	}
	for _, then := range v.parentSnapshot.namespaces {
		one := then
		one.uuid, one.volume, one.created = s.newUUID(), v, s.now()
		c.store.namespaces = append(c.store.namespaces, &one)
	}
}
