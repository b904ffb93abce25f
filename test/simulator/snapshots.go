// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"slices"
	"time"
)

const (
	codeVolumeInvalid   = "918235"
	codeVolumeNotOnline = "524479"
	codeSnapshotTaken   = "525059"
	codeSnapshotBusy    = "1638555"
	codeSnapshotMissing = "1638600"
)

// volumeSnapshot is a volume as it was.
type volumeSnapshot struct {
	uuid, name string
	created    time.Time
	size       int64
	namespaces []namespace
}

func (q *request) snapshotRecords(v *volume) (resource, []record) {
	r := resource{
		fields:  []string{"uuid", "name", "create_time", "state", "volume.uuid", "volume.name", "svm.uuid", "svm.name"},
		keys:    []string{"uuid", "name"},
		filters: []string{"uuid", "name", "svm.uuid", "svm.name"},
		self: func(one record) string {
			return "/api/storage/volumes/" + text(one, "volume.uuid") + "/snapshots/" + text(one, "uuid")
		},
	}
	var records []record
	for _, one := range v.snapshots {
		records = append(records, record{
			"uuid": one.uuid, "name": one.name, "create_time": one.created.UTC().Format(time.RFC3339), "state": "valid",
			"volume.uuid": v.uuid, "volume.name": v.name, "svm.uuid": v.svmUUID, "svm.name": q.cluster.svms[v.svmUUID].name,
		})
	}
	return r, records
}

// snapshotVolume returns the volume whose snapshots the path names.
func (q *request) snapshotVolume() (*volume, *failure) {
	if v := q.volume("volume.uuid"); v != nil {
		return v, nil
	}
	return nil, fail(http.StatusBadRequest, codeVolumeInvalid, "there is no volume %s", q.params["volume.uuid"])
}

func (s *Simulator) listSnapshots(q *request) (*answer, *failure) {
	v, failed := q.snapshotVolume()
	if failed != nil {
		return nil, failed
	}
	return q.collection(q.snapshotRecords(v))
}

func (s *Simulator) getSnapshot(q *request) (*answer, *failure) {
	v, i, failed := q.snapshot()
	if failed != nil {
		return nil, failed
	}
	r, records := q.snapshotRecords(v)
	return q.instance(r, records[i])
}

// snapshot returns where the snapshot is that the path names.
func (q *request) snapshot() (*volume, int, *failure) {
	v, failed := q.snapshotVolume()
	if failed != nil {
		return nil, 0, failed
	}
	i := slices.IndexFunc(v.snapshots, func(one *volumeSnapshot) bool { return one.uuid == q.params["uuid"] })
	if i < 0 {
		return nil, 0, fail(http.StatusBadRequest, codeSnapshotMissing, "volume %q has no snapshot %s", v.name, q.params["uuid"])
	}
	return v, i, nil
}

func (s *Simulator) createSnapshot(q *request) (*answer, *failure) {
	v, failed := q.snapshotVolume()
	if failed != nil {
		return nil, failed
	}
	if failed := q.body.only("name", "svm.uuid", "svm.name"); failed != nil {
		return nil, failed
	}
	owner, failed := q.storageOwner()
	if failed != nil {
		return nil, failed
	}
	name, failed := q.body.required("name")
	switch {
	case failed != nil:
		return nil, failed
	case owner.uuid != v.svmUUID:
		return nil, badRequest(codeSVMNotAccessible, "svm", "volume %q is of another SVM", v.name)
	case v.root:
		return nil, unknown("a snapshot of a root volume")
	}
	c, uuid := q.cluster, s.newUUID()
	out := s.enqueueFor(q, v, func() ([]Effect, *failure) {
		switch {
		case v.state != volumeOnline:
			return nil, fail(http.StatusBadRequest, codeVolumeNotOnline, "volume %q is not online", v.name)
		case slices.ContainsFunc(v.snapshots, func(one *volumeSnapshot) bool { return one.name == name }):
			return nil, fail(http.StatusBadRequest, codeSnapshotTaken, "volume %q has a snapshot %q", v.name, name)
		}
		taken := &volumeSnapshot{uuid: uuid, name: name, created: s.now(), size: v.size}
		for _, n := range c.store.namespaces {
			if n.volume == v {
				taken.namespaces = append(taken.namespaces, *n)
			}
		}
		v.snapshots = append(v.snapshots, taken)
		return []Effect{c.inside(Created, SnapshotObject, v.svmUUID, uuid, name)}, nil
	})
	out.location = q.path + "/" + uuid
	return out, nil
}

// deleteSnapshot lets the job find out that a clone needs the snapshot; that is where Trident looks for the code.
func (s *Simulator) deleteSnapshot(q *request) (*answer, *failure) {
	v, i, failed := q.snapshot()
	if failed != nil {
		return nil, failed
	}
	if failed := q.cluster.ownerRunning(v.svmUUID); failed != nil {
		return nil, failed
	}
	c, gone := q.cluster, v.snapshots[i]
	return s.enqueueFor(q, v, func() ([]Effect, *failure) {
		i := slices.Index(v.snapshots, gone)
		switch {
		case i < 0:
			return nil, fail(http.StatusBadRequest, codeSnapshotMissing, "volume %q has no snapshot %q", v.name, gone.name)
		case slices.ContainsFunc(c.store.volumesOf(v.svmUUID), func(other *volume) bool { return other.parentSnapshot == gone }):
			return nil, fail(http.StatusBadRequest, codeSnapshotBusy, "snapshot %q is in use by a clone", gone.name)
		}
		v.snapshots = slices.Delete(v.snapshots, i, i+1)
		return []Effect{c.inside(Deleted, SnapshotObject, v.svmUUID, gone.uuid, gone.name)}, nil
	}), nil
}
