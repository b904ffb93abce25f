// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

const (
	minVolumeSize    = 20 << 20
	maxVolumeName    = 203
	maxVolumeComment = 1023

	codeAggregateMissing    = "917508"
	codeVolumeNameTaken     = "917526"
	codeVolumeTooSmall      = "917534"
	codeVolumeNameTooLong   = "917886"
	codeVolumeNameStart     = "917887"
	codeVolumeNameCharacter = "917888"
	codeOneAggregate        = "918242"
	codeVolumeHasClones     = "524615"
)

var (
	volumeNameStart = regexp.MustCompile(`^[A-Za-z_]`)
	volumeNames     = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
)

// createVolume accepts a new volume or clone, which appears when its job is done. As with SVMs, whether its name is taken is
// looked at once more then. ONTAP answers with a job whatever return_timeout says; Trident takes nothing else.
func (s *Simulator) createVolume(q *request) (*answer, *failure) {
	owner, failed := q.storageOwner()
	if failed != nil {
		return nil, failed
	}
	name, failed := q.volumeName(owner)
	if failed != nil {
		return nil, failed
	}
	describe := q.describeVolume
	if q.body.describesClone() {
		describe = q.describeClone
	}
	v := newVolume(s.newUUID(), owner.uuid, name, "", s.now())
	if failed := describe(owner, v); failed != nil {
		return nil, failed
	}
	if failed := q.cluster.store.within(owner, 1, v.size); failed != nil {
		return nil, failed
	}
	c := q.cluster
	finish := func() ([]Effect, *failure) {
		if failed := c.ownerRunning(owner.uuid); failed != nil {
			return nil, failed
		}
		if failed := c.volumeNameTaken(owner, name); failed != nil {
			return nil, failed
		}
		c.store.volumes = append(c.store.volumes, v)
		s.fillClone(c, v)
		return []Effect{c.inside(Created, VolumeObject, owner.uuid, v.uuid, v.name)}, nil
	}
	out := s.enqueueFor(q, v, finish)
	out.location = "/api/storage/volumes/" + v.uuid
	return out, nil
}

// enqueueFor adds a job that works on a volume.
func (s *Simulator) enqueueFor(q *request, v *volume, finish func() ([]Effect, *failure)) *answer {
	owner := q.cluster.svms[v.svmUUID]
	return s.enqueue(q, &job{svmUUID: owner.uuid, svmName: owner.name, start: nothing, finish: finish}, owner.comment, Changed)
}

func (q *request) volumeName(owner *svm) (string, *failure) {
	name, failed := q.body.required("name")
	switch {
	case failed != nil:
		return "", failed
	case !volumeNameStart.MatchString(name):
		return "", badRequest(codeVolumeNameStart, "name", "the name of a volume begins with a letter or an underscore")
	case !volumeNames.MatchString(name):
		return "", badRequest(codeVolumeNameCharacter, "name", "the name of a volume consists of letters, digits and underscores")
	case len(name) > maxVolumeName:
		return "", badRequest(codeVolumeNameTooLong, "name", "the name of a volume has at most %d characters", maxVolumeName)
	}
	return name, q.cluster.volumeNameTaken(owner, name)
}

// volumeNameTaken looks at the volumes of an SVM. One in the recovery queue has freed its name.
func (c *cluster) volumeNameTaken(owner *svm, name string) *failure {
	if c.store.volumeNamed(owner.uuid, name) == nil && c.rootVolume(owner).name != name {
		return nil
	}
	return badRequest(codeVolumeNameTaken, "name", "SVM %q has a volume %q", owner.name, name)
}

// within refuses what would not be within the limits of an SVM. The documents have no code for that; 7 is the general one.
func (t *storage) within(owner *svm, more int, bytes int64) *failure {
	count, allocated := t.usage(owner.uuid)
	if most, err := strconv.Atoi(owner.maxVolumes); err == nil && count+more > most {
		return refuse(codeTooMany, "SVM %q may have %s volumes", owner.name, owner.maxVolumes)
	}
	if owner.storageLimit > 0 && allocated+bytes > owner.storageLimit {
		return refuse(codeTooMany, "SVM %q may have %d bytes", owner.name, owner.storageLimit)
	}
	return nil
}

// describeVolume writes the fields of a body into a new volume.
func (q *request) describeVolume(owner *svm, v *volume) *failure {
	if failed := q.body.only("svm.uuid", "svm.name", "name", "aggregates", "size", "style", "state", "comment", "guarantee.type",
		"snapshot_policy.name", "space.snapshot.reserve_percent", "tiering.policy", "nas.export_policy.name", "nas.security_style",
		"nas.unix_permissions"); failed != nil {
		return failed
	}
	aggregate, failed := q.volumeAggregate(owner)
	if failed != nil {
		return failed
	}
	v.aggregate = aggregate
	for path, one := range map[string]struct {
		into    *string
		allowed []string
	}{
		"style": {new(string), []string{"flexvol"}}, "state": {&v.state, []string{volumeOnline}},
		"guarantee.type": {&v.guarantee, []string{"volume", "none"}}, "snapshot_policy.name": {&v.snapshotPolicy, []string{"default", "none"}},
		"tiering.policy": {&v.tiering, []string{"none"}}, "nas.export_policy.name": {&v.exportPolicy, []string{"default"}},
		"nas.security_style": {&v.securityStyle, []string{"unix", "mixed", "ntfs", "unified"}},
	} {
		value, given, failed := q.body.text(path)
		if failed != nil {
			return failed
		}
		if given && !slices.Contains(one.allowed, value) {
			return unknown("the value %q of %s", value, path)
		}
		if given {
			*one.into = value
		}
	}
	for path, into := range map[string]*int64{"nas.unix_permissions": &v.permissions, "space.snapshot.reserve_percent": &v.reserve} {
		value, given, failed := q.body.number(path)
		if failed != nil {
			return failed
		}
		if given {
			*into = value
		}
	}
	return q.resizeVolume(v)
}

// volumeAggregate returns the one aggregate of a new volume: one of those that the SVM may use, which are all of the cluster's
// for its administrator unless the SVM names some.
func (q *request) volumeAggregate(owner *svm) (string, *failure) {
	names, _, failed := q.body.names("aggregates")
	if failed != nil {
		return "", failed
	}
	if len(names) != 1 {
		return "", badRequest(codeOneAggregate, "aggregates", "a volume has exactly one aggregate")
	}
	restricted := len(owner.aggregates) > 0 || q.login.svm != ""
	if q.cluster.net.aggregate(names[0]) == nil || restricted && !slices.Contains(owner.aggregates, names[0]) {
		return "", badRequest(codeAggregateMissing, "aggregates", "SVM %q has no aggregate %q", owner.name, names[0])
	}
	return names[0], nil
}

// resizeVolume writes the size and the comment of a body into a volume.
func (q *request) resizeVolume(v *volume) *failure {
	size, sized, failed := q.body.number("size")
	if failed != nil {
		return failed
	}
	comment, commented, failed := q.body.comment(maxVolumeComment)
	if failed != nil {
		return failed
	}
	if sized && size < minVolumeSize {
		return badRequest(codeVolumeTooSmall, "size", "the size is at least %d", minVolumeSize)
	}
	if sized {
		v.size = size
	}
	if commented {
		v.comment = comment
	}
	return nil
}

// modifyVolume changes size, comment and state of a volume by a job.
func (s *Simulator) modifyVolume(q *request) (*answer, *failure) {
	v := q.volume("uuid")
	if v == nil {
		return nil, notFound("volume " + q.params["uuid"])
	}
	if v.root {
		return nil, unknown("a root volume that is changed")
	}
	changed := *v
	if failed := q.describeChange(&changed); failed != nil {
		return nil, failed
	}
	if failed := q.cluster.ownerRunning(v.svmUUID); failed != nil {
		return nil, failed
	}
	c := q.cluster
	if failed := c.store.within(c.svms[v.svmUUID], 0, max(changed.size-v.size, 0)); failed != nil {
		return nil, failed
	}
	return s.enqueueFor(q, v, func() ([]Effect, *failure) {
		if !slices.Contains(c.store.volumes, v) || v.queued {
			return nil, notFound("volume " + v.uuid)
		}
		v.size, v.comment, v.state = changed.size, changed.comment, changed.state
		return []Effect{c.inside(Changed, VolumeObject, v.svmUUID, v.uuid, v.name)}, nil
	}), nil
}

func (q *request) describeChange(v *volume) *failure {
	if failed := q.body.only("size", "comment", "state"); failed != nil {
		return failed
	}
	if len(q.body) == 0 {
		return fail(http.StatusBadRequest, codeEmptyPatch, "the PATCH changes nothing")
	}
	state, given, failed := q.body.text("state")
	if failed != nil {
		return failed
	}
	if given && state != volumeOnline && state != volumeOffline {
		return unknown("the volume state %q", state)
	}
	if given {
		v.state = state
	}
	return q.resizeVolume(v)
}

// deleteVolume takes a volume with its namespaces away by a job. Unless it is forced, they stay in the recovery queue, and what
// is mapped stays mapped: no document says that it does not.
func (s *Simulator) deleteVolume(q *request) (*answer, *failure) {
	v := q.volume("uuid")
	if v == nil {
		return nil, notFound("volume " + q.params["uuid"])
	}
	force, failed := q.flag("force")
	if failed != nil {
		return nil, failed
	}
	if failed := q.cluster.ownerRunning(v.svmUUID); failed != nil {
		return nil, failed
	}
	c := q.cluster
	switch {
	case v.root:
		return nil, fail(http.StatusBadRequest, codeSVMHasVolumes, "%q is the root volume of its SVM", v.name)
	case slices.ContainsFunc(c.store.volumesOf(v.svmUUID), func(other *volume) bool { return other.parent == v }):
		return nil, fail(http.StatusBadRequest, codeVolumeHasClones, "volume %q has clones", v.name)
	}
	return s.enqueueFor(q, v, func() ([]Effect, *failure) {
		if !slices.Contains(c.store.volumes, v) || v.queued {
			return nil, notFound("volume " + v.uuid)
		}
		effect := c.inside(Deleted, VolumeObject, v.svmUUID, v.uuid, v.name)
		if force {
			c.store.destroy(v)
		} else {
			c.store.queue(v)
		}
		return []Effect{effect}, nil
	}), nil
}

// queue moves a volume to the recovery queue, under a name that nobody else wants. NetApp's support says that it stays there
// for at least twelve hours; here it stays as long as its SVM.
func (t *storage) queue(v *volume) {
	t.lastID++
	v.name, v.state, v.queued = fmt.Sprintf("%s_%d", v.name, 1024+t.lastID), volumeOffline, true
}

func (t *storage) unmap(v *volume) {
	t.maps = slices.DeleteFunc(t.maps, func(m *mapping) bool { return m.namespace.volume == v })
}

// destroy removes a volume with everything in it.
func (t *storage) destroy(v *volume) {
	t.unmap(v)
	t.namespaces = slices.DeleteFunc(t.namespaces, func(n *namespace) bool { return n.volume == v })
	t.volumes = slices.DeleteFunc(t.volumes, func(one *volume) bool { return one == v })
}
