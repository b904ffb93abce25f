// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"net/http"
	"regexp"
	"slices"
	"time"
)

const (
	maxNamespaceSize    = 140737488355328
	minNamespaceSize    = 4096
	maxNamespaceComment = 254

	codeVolumeMissing        = "917927"
	codeNamespaceName        = "5376461"
	codeNamespaceTooSmall    = "72089723"
	codeNamespaceTooLarge    = "72089724"
	codeNamespaceTaken       = "72089725"
	codeNamespaceOnRoot      = "72089727"
	codeNamespaceCharacter   = "72089732"
	codeNamespaceMapped      = "72089796"
	codeNamespaceUUIDMissing = "72090006"
	codeNamespaceRequires    = "72090013"
	codeNamespaceOffline     = "72090017"
	codeNamespaceShrinks     = "72090038"
)

var (
	namespacePaths = regexp.MustCompile(`^/vol/([^/]+)/([^/]+)$`)
	namespaceNames = regexp.MustCompile(`^[A-Za-z0-9._{}-]+$`)
)

// namespace is a namespace of NVMe in a volume, or a LUN of iSCSI, which only acts make.
type namespace struct {
	uuid, leaf, osType, comment string
	volume                      *volume
	size, blockSize             int64
	created                     time.Time
	lun                         bool
}

// name follows its volume's.
func (n *namespace) name() string { return "/vol/" + n.volume.name + "/" + n.leaf }

var namespaceResource = resource{
	fields: []string{
		"uuid", "name", "svm.uuid", "svm.name", "os_type", "comment", "create_time", "enabled", "location.namespace", "location.volume.name",
		"location.volume.uuid", "space.size", "space.block_size", "status.state", "status.container_state", "status.mapped", "status.read_only",
	},
	keys:    []string{"uuid", "name"},
	filters: []string{"uuid", "name", "svm.uuid", "svm.name", "os_type", "location.volume.name", "location.volume.uuid", "status.mapped"},
	self:    func(r record) string { return "/api/storage/namespaces/" + text(r, "uuid") },
}

func (c *cluster) namespaceRecord(n *namespace) record {
	state, container := volumeOnline, volumeOnline
	if n.volume.state != volumeOnline {
		state, container = volumeOffline, "volume_offline"
	}
	r := record{
		"uuid": n.uuid, "name": n.name(), "svm.uuid": n.volume.svmUUID, "os_type": n.osType, "enabled": state == volumeOnline,
		"create_time": n.created.UTC().Format(time.RFC3339), "location.namespace": n.leaf, "location.volume.name": n.volume.name,
		"location.volume.uuid": n.volume.uuid, "space.size": n.size, "space.block_size": n.blockSize, "status.state": state,
		"status.container_state": container, "status.mapped": c.store.mapped(n), "status.read_only": false,
	}
	if owner := c.svms[n.volume.svmUUID]; owner != nil {
		r["svm.name"] = owner.name
	}
	if n.comment != "" {
		r["comment"] = n.comment
	}
	return r
}

// visibleNamespaces returns those that a login sees: no LUNs, and none in the recovery queue.
func (q *request) visibleNamespaces() []*namespace {
	var visible []*namespace
	for _, n := range q.cluster.store.namespaces {
		if q.login.sees(n.volume.svmUUID) && !n.volume.queued && !n.lun {
			visible = append(visible, n)
		}
	}
	return visible
}

func (s *Simulator) listNamespaces(q *request) (*answer, *failure) {
	var records []record
	for _, n := range q.visibleNamespaces() {
		records = append(records, q.cluster.namespaceRecord(n))
	}
	return q.collection(namespaceResource, records)
}

// namespace returns the one that the path names, nil where there is none for the login.
func (q *request) namespace() *namespace {
	visible := q.visibleNamespaces()
	if i := slices.IndexFunc(visible, func(n *namespace) bool { return n.uuid == q.params["uuid"] }); i >= 0 {
		return visible[i]
	}
	return nil
}

func (s *Simulator) getNamespace(q *request) (*answer, *failure) {
	n := q.namespace()
	if n == nil {
		return nil, fail(http.StatusBadRequest, codeNamespaceUUIDMissing, "there is no namespace %s", q.params["uuid"])
	}
	return q.instance(namespaceResource, q.cluster.namespaceRecord(n))
}

func (s *Simulator) createNamespace(q *request) (*answer, *failure) {
	if failed := q.body.only("svm.uuid", "svm.name", "name", "os_type", "space.size", "space.block_size", "comment"); failed != nil {
		return nil, failed
	}
	owner, failed := q.storageOwner()
	if failed != nil {
		return nil, failed
	}
	n := &namespace{created: s.now(), blockSize: minNamespaceSize}
	if n.volume, n.leaf, failed = q.namespacePlace(owner); failed != nil {
		return nil, failed
	}
	if _, given := q.body["space.size"]; !given {
		return nil, badRequest(codeNamespaceRequires, "space.size", "space.size is required")
	}
	if failed := q.describeNamespace(n); failed != nil {
		return nil, failed
	}
	n.uuid = s.newUUID()
	q.cluster.store.namespaces = append(q.cluster.store.namespaces, n)
	q.touch(Created, NamespaceObject, owner.uuid, n.uuid, n.name())
	return q.done(http.StatusCreated, namespaceResource, q.cluster.namespaceRecord(n)), nil
}

// namespacePlace returns the volume that a new namespace is to be in, and what it is called there.
func (q *request) namespacePlace(owner *svm) (*volume, string, *failure) {
	name, failed := q.body.required("name")
	if failed != nil {
		return nil, "", failed
	}
	parts := namespacePaths.FindStringSubmatch(name)
	if parts == nil {
		return nil, "", badRequest(codeNamespaceName, "name", "the name of a namespace is /vol/<volume>/<namespace>")
	}
	v := q.cluster.store.volumeNamed(owner.uuid, parts[1])
	taken := func(n *namespace) bool { return n.volume == v && n.leaf == parts[2] }
	switch {
	case parts[1] == q.cluster.rootVolume(owner).name:
		return nil, "", badRequest(codeNamespaceOnRoot, "name", "%q is the root volume of its SVM", parts[1])
	case v == nil:
		return nil, "", badRequest(codeVolumeMissing, "name", "there is no volume %q", parts[1])
	case !namespaceNames.MatchString(parts[2]):
		return nil, "", badRequest(codeNamespaceCharacter, "name", "the name of the namespace has a character that is not allowed")
	case slices.ContainsFunc(q.cluster.store.namespaces, taken):
		return nil, "", badRequest(codeNamespaceTaken, "name", "there is a namespace %q", name)
	case v.state != volumeOnline:
		return nil, "", unknown("a namespace in a volume that is not online")
	}
	return v, parts[2], nil
}

// describeNamespace writes the fields of a body, as far as they are given, into a namespace.
func (q *request) describeNamespace(n *namespace) *failure {
	size, sized, failed := q.body.number("space.size")
	if failed != nil {
		return failed
	}
	block, blocked, failed := q.body.number("space.block_size")
	if failed != nil {
		return failed
	}
	system, named, failed := q.body.text("os_type")
	if failed != nil {
		return failed
	}
	comment, commented, failed := q.body.comment(maxNamespaceComment)
	switch {
	case failed != nil:
		return failed
	case sized && size < minNamespaceSize:
		return badRequest(codeNamespaceTooSmall, "space.size", "the size is at least %d", minNamespaceSize)
	case sized && size > maxNamespaceSize:
		return badRequest(codeNamespaceTooLarge, "space.size", "the size is at most %d", int64(maxNamespaceSize))
	case sized && size < n.size:
		return badRequest(codeNamespaceShrinks, "space.size", "a namespace does not shrink")
	case blocked && block != 512 && block != 4096:
		return badRequest(codeInvalidValue, "space.block_size", "the block size is 512 or 4096")
	case named && !slices.Contains(systems(), system) || !named && n.osType == "":
		return badRequest(codeInvalidValue, "os_type", "os_type is one of %v", systems())
	}
	if sized {
		n.size = size
	}
	if blocked {
		n.blockSize = block
	}
	if named {
		n.osType = system
	}
	if commented {
		n.comment = comment
	}
	return nil
}

// systems are those that hosts can run.
func systems() []string { return []string{"aix", "linux", "vmware", "windows"} }

// modifyNamespace is done when it answers, as on every platform but ASA r2.
func (s *Simulator) modifyNamespace(q *request) (*answer, *failure) {
	n := q.namespace()
	if n == nil {
		return nil, fail(http.StatusBadRequest, codeNamespaceUUIDMissing, "there is no namespace %s", q.params["uuid"])
	}
	if failed := q.body.only("space.size", "comment"); failed != nil {
		return nil, failed
	}
	if len(q.body) == 0 {
		return nil, fail(http.StatusBadRequest, codeEmptyPatch, "the PATCH changes nothing")
	}
	if failed := q.namespaceOnline(n); failed != nil {
		return nil, failed
	}
	if failed := q.describeNamespace(n); failed != nil {
		return nil, failed
	}
	q.touch(Changed, NamespaceObject, n.volume.svmUUID, n.uuid, n.name())
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}

func (q *request) namespaceOnline(n *namespace) *failure {
	if n.volume.state != volumeOnline {
		return fail(http.StatusBadRequest, codeNamespaceOffline, "volume %q is not online", n.volume.name)
	}
	return q.cluster.ownerRunning(n.volume.svmUUID)
}

func (s *Simulator) deleteNamespace(q *request) (*answer, *failure) {
	n := q.namespace()
	if n == nil {
		return nil, notFound("namespace " + q.params["uuid"])
	}
	mapped, failed := q.flag(allowMapped)
	if failed != nil {
		return nil, failed
	}
	if failed := q.namespaceOnline(n); failed != nil {
		return nil, failed
	}
	store := &q.cluster.store
	if store.mapped(n) && !mapped {
		return nil, fail(http.StatusBadRequest, codeNamespaceMapped, "namespace %q is mapped", n.name())
	}
	store.maps = slices.DeleteFunc(store.maps, func(m *mapping) bool { return m.namespace == n })
	store.namespaces = slices.DeleteFunc(store.namespaces, func(one *namespace) bool { return one == n })
	q.touch(Deleted, NamespaceObject, n.volume.svmUUID, n.uuid, n.name())
	return &answer{status: http.StatusOK, body: map[string]any{}}, nil
}
