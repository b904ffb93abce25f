// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"slices"
	"time"
)

const (
	volumeOnline  = "online"
	volumeOffline = "offline"
)

// volume is a FlexVol. A clone has a parent.
type volume struct {
	uuid, svmUUID, name, aggregate, state, comment string
	size                                           int64
	created                                        time.Time
	guarantee, snapshotPolicy, tiering             string
	exportPolicy, securityStyle                    string
	permissions, reserve                           int64
	snapshots                                      []*volumeSnapshot
	parent                                         *volume
	parentSnapshot                                 *volumeSnapshot
	root                                           bool
	// queued says that it was deleted and lies in the recovery queue, where no list shows it.
	queued bool
}

// newVolume has ONTAP's defaults.
func newVolume(uuid, svmUUID, name, aggregate string, created time.Time) *volume {
	return &volume{
		uuid: uuid, svmUUID: svmUUID, name: name, aggregate: aggregate, state: volumeOnline, size: minVolumeSize, created: created,
		guarantee: "volume", snapshotPolicy: "default", tiering: "none", exportPolicy: "default", securityStyle: "unix",
		permissions: 755, reserve: 5,
	}
}

// rootVolume is the volume that every SVM comes with. Its UUID is made of the SVM's.
func (c *cluster) rootVolume(v *svm) *volume {
	aggregate := firstOf(v.aggregates)
	if aggregate == "" && len(c.net.aggregates) > 0 {
		aggregate = c.net.aggregates[0].name
	}
	root := newVolume("00000000"+v.uuid[8:], v.uuid, v.name+"_root", aggregate, time.Time{})
	root.root = true
	return root
}

// visibleVolumes returns what lists of volumes show to a login.
func (q *request) visibleVolumes() []*volume {
	var visible []*volume
	for _, v := range q.cluster.svms {
		if q.login.sees(v.uuid) {
			visible = append(append(visible, q.cluster.rootVolume(v)), q.cluster.store.volumesOf(v.uuid)...)
		}
	}
	return visible
}

// volumesOf returns an SVM's volumes but its root volume and those in the recovery queue.
func (t *storage) volumesOf(svmUUID string) []*volume {
	var own []*volume
	for _, v := range t.volumes {
		if v.svmUUID == svmUUID && !v.queued {
			own = append(own, v)
		}
	}
	return own
}

func (t *storage) volumeNamed(svmUUID, name string) *volume {
	own := t.volumesOf(svmUUID)
	if i := slices.IndexFunc(own, func(v *volume) bool { return v.name == name }); i >= 0 {
		return own[i]
	}
	return nil
}

// dataVolumes returns the names of the volumes that volumesOf returns.
func (t *storage) dataVolumes(svmUUID string) []string {
	var names []string
	for _, v := range t.volumesOf(svmUUID) {
		names = append(names, v.name)
	}
	slices.Sort(names)
	return names
}

// usage is what the limits of an SVM are about. No document says that the recovery queue counts.
func (t *storage) usage(svmUUID string) (count int, bytes int64) {
	for _, v := range t.volumesOf(svmUUID) {
		count, bytes = count+1, bytes+v.size
	}
	return count, bytes
}

func (t *storage) recoveryQueue(svmUUID string) (count int, bytes int64) {
	for _, v := range t.volumes {
		if v.svmUUID == svmUUID && v.queued {
			count, bytes = count+1, bytes+v.size
		}
	}
	return count, bytes
}

// recoveryQueue looks on all clusters: the UUID of an SVM is the same wherever it is.
func (s *Simulator) recoveryQueue(svmUUID string) (count int, bytes int64) {
	return s.anywhere(func(t *storage) (int, int64) { return t.recoveryQueue(svmUUID) })
}

// usage looks on all clusters, too.
func (s *Simulator) usage(svmUUID string) (count int, bytes int64) {
	return s.anywhere(func(t *storage) (int, int64) { return t.usage(svmUUID) })
}

// anywhere is what the first cluster has that has any.
func (s *Simulator) anywhere(look func(*storage) (int, int64)) (count int, bytes int64) {
	for _, c := range s.states() {
		if count, bytes = look(&c.store); count > 0 {
			break
		}
	}
	return count, bytes
}

var volumeResource = resource{
	fields: []string{
		"uuid", "name", "svm.uuid", "svm.name", "aggregates", "size", "state", "type", "style", "comment", "create_time", "is_svm_root",
		"guarantee.type", "snapshot_policy.name", "snapshot_directory_access_enabled", "space.size", "space.snapshot.used",
		"space.snapshot.reserve_percent", "tiering.policy", "nas.export_policy.name", "nas.security_style", "nas.unix_permissions",
		"autosize.mode", "clone.is_flexclone", "clone.parent_volume.name", "clone.parent_volume.uuid", "clone.parent_snapshot.name",
		"clone.parent_snapshot.uuid",
	},
	keys: []string{"uuid", "name"},
	filters: []string{
		"uuid", "name", "state", "type", "style", "comment", "is_svm_root", "svm.uuid", "svm.name", "clone.parent_volume.name",
		"clone.parent_snapshot.name",
	},
	self: func(r record) string { return "/api/storage/volumes/" + text(r, "uuid") },
}

func (c *cluster) volumeRecord(v *volume) record {
	r := record{
		"uuid": v.uuid, "name": v.name, "svm.uuid": v.svmUUID, "size": v.size, "state": v.state, "type": "rw", "style": "flexvol",
		"is_svm_root": v.root, "guarantee.type": v.guarantee, "snapshot_policy.name": v.snapshotPolicy,
		"snapshot_directory_access_enabled": true, "space.size": v.size, "space.snapshot.used": 0,
		"space.snapshot.reserve_percent": v.reserve, "tiering.policy": v.tiering, "nas.export_policy.name": v.exportPolicy,
		"nas.security_style": v.securityStyle, "nas.unix_permissions": v.permissions, "autosize.mode": "off",
		"aggregates":         []any{map[string]any{"name": v.aggregate, "uuid": "aggregate-" + v.aggregate}},
		"clone.is_flexclone": v.parent != nil,
	}
	if owner := c.svms[v.svmUUID]; owner != nil {
		r["svm.name"] = owner.name
	}
	if v.comment != "" {
		r["comment"] = v.comment
	}
	if !v.created.IsZero() {
		r["create_time"] = v.created.UTC().Format(time.RFC3339)
	}
	if v.parent != nil {
		r["clone.parent_volume.name"], r["clone.parent_volume.uuid"] = v.parent.name, v.parent.uuid
		r["clone.parent_snapshot.name"], r["clone.parent_snapshot.uuid"] = v.parentSnapshot.name, v.parentSnapshot.uuid
	}
	return r
}

func (s *Simulator) listVolumes(q *request) (*answer, *failure) {
	var records []record
	for _, v := range q.visibleVolumes() {
		records = append(records, q.cluster.volumeRecord(v))
	}
	return q.collection(volumeResource, records)
}

// volume returns the volume that the path names under this key, nil where there is none for the login.
func (q *request) volume(key string) *volume {
	visible := q.visibleVolumes()
	if i := slices.IndexFunc(visible, func(v *volume) bool { return v.uuid == q.params[key] }); i >= 0 {
		return visible[i]
	}
	return nil
}

func (s *Simulator) getVolume(q *request) (*answer, *failure) {
	v := q.volume("uuid")
	if v == nil {
		return nil, notFound("volume " + q.params["uuid"])
	}
	return q.instance(volumeResource, q.cluster.volumeRecord(v))
}
