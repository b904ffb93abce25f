// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	blockSize = 4096
	// leaf is what Trident calls the one namespace of a volume.
	leaf = "namespace0"
)

// Volume is what Trident remembers of one that it has made.
type Volume struct {
	Name, Path, NamespaceUUID string
	// Subsystem is the UUID of the subsystem that it is published through.
	Subsystem string
}

type wireVolume struct {
	UUID, Name, Type, Comment string
	Size                      *int64
	Aggregates                []identity
	SnapshotPolicy            *identity `json:"snapshot_policy"`
	Guarantee                 *struct{ Type string }
	NAS                       *struct {
		ExportPolicy *identity `json:"export_policy"`
	}
	Autosize *struct{ Mode string }
	Space    *struct {
		Snapshot *struct {
			Used           *int64
			ReservePercent *int `json:"reserve_percent"`
		}
	}
}

// volume returns the volume with this name, nil where there is none.
func (d *Driver) volume(ctx context.Context, name string, names ...string) (*wireVolume, error) {
	query := with(fields(names...), "name", name, "style", "flexvol", "svm.uuid", d.svmUUID)
	found, err := page[wireVolume](ctx, d.rest, "/storage/volumes", query)
	switch {
	case err != nil || len(found) == 0:
		return nil, err
	case len(found) > 1 || found[0].UUID == "" || found[0].Name != name:
		return nil, fmt.Errorf("could not find unique volume %s", name)
	}
	return &found[0], nil
}

// existing is volume for one that has to be there.
func (d *Driver) existing(ctx context.Context, name string, names ...string) (*wireVolume, error) {
	v, err := d.volume(ctx, name, names...)
	if err == nil && v == nil {
		err = fmt.Errorf("could not find volume %s", name)
	}
	return v, err
}

// inspect wants of a volume all that Trident reads of it.
func (d *Driver) inspect(ctx context.Context, name string) error {
	v, err := d.existing(ctx, name, "type", "size", "comment", "aggregates", "nas", "guarantee", "snapshot_policy",
		"snapshot_directory_access_enabled", "space.snapshot.used", "space.snapshot.reserve_percent", "nas.export_policy.name", "autosize.mode")
	switch {
	case err != nil:
		return err
	case v.Type != "rw":
		return fmt.Errorf("volume %s has the type %q", name, v.Type)
	case v.Size == nil || len(v.Aggregates) != 1 || v.Guarantee == nil || v.SnapshotPolicy == nil || v.Autosize == nil,
		v.NAS == nil || v.NAS.ExportPolicy == nil, v.Space == nil || v.Space.Snapshot == nil || v.Space.Snapshot.ReservePercent == nil:
		return fmt.Errorf("volume %s lacks attributes", name)
	}
	return nil
}

type wireNamespace struct {
	UUID, Name string
	OSType     string `json:"os_type"`
	Comment    string
	Location   struct{ Volume identity }
	Status     struct{ State string }
	Space      struct {
		Size      *int64
		BlockSize *int `json:"block_size"`
	}
}

// namespace returns the one at a path, which may have wildcards.
func (d *Driver) namespace(ctx context.Context, path string, names ...string) (*wireNamespace, error) {
	found, err := page[wireNamespace](ctx, d.rest, "/storage/namespaces", with(fields(names...), "name", path, "svm.uuid", d.svmUUID))
	if err != nil {
		return nil, err
	}
	if len(found) != 1 || found[0].UUID == "" || found[0].Name == "" || found[0].Space.Size == nil {
		return nil, fmt.Errorf("could not find namespace %s", path)
	}
	return &found[0], nil
}

func (d *Driver) describedNamespace(ctx context.Context, path string) (*wireNamespace, error) {
	n, err := d.namespace(ctx, path, "os_type", "location.volume.name", "space.size", "space.block_size", "status.state", "comment")
	if err == nil && (n.OSType == "" || n.Location.Volume.Name == "" || n.Space.BlockSize == nil || n.Status.State != "online") {
		err = fmt.Errorf("namespace %s lacks attributes or is not online", path)
	}
	return n, err
}

// Create makes a volume and the namespace in it, which has the size that is asked for. What went wrong half-way is removed.
func (d *Driver) Create(ctx context.Context, name string, size int64) (*Volume, error) {
	if v, err := d.volume(ctx, name); err != nil || v != nil {
		return nil, errors.Join(err, fmt.Errorf("volume %s exists", name))
	}
	err := d.rest.accepted(ctx, http.MethodPost, "/storage/volumes", nil, map[string]any{
		"name": name, "size": withMetadata(size), "svm": identityOf(d.svmUUID), "aggregates": []any{map[string]any{"name": d.aggregates[0]}},
		"style": "flexvol", "state": "online", "guarantee": map[string]any{"type": "none"}, "snapshot_policy": map[string]any{"name": "none"},
		"space":   map[string]any{"snapshot": map[string]any{"reserve_percent": 0}},
		"tiering": map[string]any{"policy": "none"}, "comment": `{"provisioning":{}}`,
		"nas": map[string]any{"export_policy": map[string]any{"name": "default"}, "security_style": "unix", "unix_permissions": 777},
	})
	if err != nil {
		return nil, err
	}
	if _, err := d.existing(ctx, name); err != nil {
		return nil, err
	}
	made := &Volume{Name: name, Path: "/vol/" + name + "/" + leaf}
	if err := d.createNamespace(ctx, made.Path, size); err != nil {
		return nil, errors.Join(err, d.destroy(ctx, name, true))
	}
	return made, d.remember(ctx, made)
}

// withMetadata is the size of a volume whose namespace has a size.
func withMetadata(size int64) int64 { return size / 10 * 11 }

func identityOf(uuid string) map[string]any { return map[string]any{"uuid": uuid} }

func (d *Driver) createNamespace(ctx context.Context, path string, size int64) error {
	var made list[wireNamespace]
	_, err := d.rest.send(ctx, http.MethodPost, "/storage/namespaces", url.Values{"return_records": {"true"}}, map[string]any{
		"name": path, "os_type": "linux", "space": map[string]any{"size": size, "block_size": blockSize}, "svm": identityOf(d.svmUUID),
		"comment": `{"nsAttribute":{"LUKS":"","com.netapp.ndvp.fstype":"ext4","driverContext":"csi"}}`,
	}, &made, http.StatusCreated)
	if err != nil {
		return err
	}
	if n, err := made.one(); err != nil || n.Name != path {
		return errors.Join(err, fmt.Errorf("namespace %s was made as %q", path, n.Name))
	}
	return nil
}

func (d *Driver) remember(ctx context.Context, v *Volume) error {
	n, err := d.describedNamespace(ctx, v.Path)
	if err == nil {
		v.NamespaceUUID = n.UUID
	}
	return err
}

// Resize makes volume and namespace larger.
func (d *Driver) Resize(ctx context.Context, v *Volume, size int64) error {
	if _, err := d.existing(ctx, v.Name); err != nil {
		return err
	}
	current, err := d.existing(ctx, v.Name, "size")
	if err != nil {
		return err
	}
	n, err := d.describedNamespace(ctx, v.Path)
	if err != nil {
		return err
	}
	if current.Size == nil || size < *n.Space.Size {
		return fmt.Errorf("volume %s does not shrink", v.Name)
	}
	for range 2 { // once for the snapshot reserve, once for the limits of the aggregate
		if err := d.inspect(ctx, v.Name); err != nil {
			return err
		}
	}
	again, err := d.existing(ctx, v.Name)
	if err != nil {
		return err
	}
	if err := d.rest.accepted(ctx, http.MethodPatch, "/storage/volumes/"+again.UUID, nil, map[string]any{"size": withMetadata(size)}); err != nil {
		return err
	}
	var link jobLink
	status, err := d.rest.send(ctx, http.MethodPatch, "/storage/namespaces/"+n.UUID, nil, map[string]any{"space": map[string]any{"size": size}},
		&link, http.StatusOK, http.StatusAccepted)
	if err != nil || status == http.StatusOK {
		return err
	}
	return d.rest.await(ctx, link)
}

// Delete removes a volume with its namespace. ONTAP keeps them in its recovery queue.
func (d *Driver) Delete(ctx context.Context, v *Volume) error {
	if found, err := d.volume(ctx, v.Name); err != nil || found == nil {
		return err
	}
	for range 3 {
		query := with(fields("source.path", "destination.path"), "list_destinations_only", "true")
		if _, err := page[any](ctx, d.rest, "/snapmirror/relationships", query); err != nil {
			return err
		}
	}
	if _, err := page[any](ctx, d.rest, "/snapmirror/relationships", fields("destination.path", "source.path")); err != nil {
		return err
	}
	return d.destroy(ctx, v.Name, false)
}

func (d *Driver) destroy(ctx context.Context, name string, force bool) error {
	v, err := d.existing(ctx, name)
	if err != nil {
		return err
	}
	return d.rest.accepted(ctx, http.MethodDelete, "/storage/volumes/"+v.UUID, url.Values{"force": {fmt.Sprint(force)}}, nil)
}

type wireSnapshot struct {
	UUID, Name string
	CreateTime string `json:"create_time"`
}

// Snapshot takes one of a volume and returns when it was taken.
func (d *Driver) Snapshot(ctx context.Context, v *Volume, name string) (time.Time, error) {
	if _, err := d.existing(ctx, v.Name); err != nil {
		return time.Time{}, err
	}
	if _, err := d.namespace(ctx, "/vol/"+v.Name+"/*", "space.size"); err != nil {
		return time.Time{}, err
	}
	found, err := d.existing(ctx, v.Name)
	if err != nil {
		return time.Time{}, err
	}
	body := map[string]any{"name": name, "svm": identityOf(d.svmUUID)}
	if err := d.rest.accepted(ctx, http.MethodPost, "/storage/volumes/"+found.UUID+"/snapshots", nil, body); err != nil {
		return time.Time{}, err
	}
	taken, _, err := d.snapshot(ctx, v, name)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, taken.CreateTime)
}

// snapshot returns a snapshot and the UUID of its volume.
func (d *Driver) snapshot(ctx context.Context, v *Volume, name string) (*wireSnapshot, string, error) {
	found, err := d.existing(ctx, v.Name)
	if err != nil {
		return nil, "", err
	}
	query := with(fields("name", "create_time"), "name", name, "svm.uuid", d.svmUUID)
	taken, err := page[wireSnapshot](ctx, d.rest, "/storage/volumes/"+found.UUID+"/snapshots", query)
	if err != nil {
		return nil, "", err
	}
	if len(taken) != 1 || taken[0].UUID == "" || taken[0].Name != name {
		return nil, "", fmt.Errorf("volume %s has no snapshot %s", v.Name, name)
	}
	return &taken[0], found.UUID, nil
}

// DeleteSnapshot deletes one. That of a clone is refused with the code 1638555.
func (d *Driver) DeleteSnapshot(ctx context.Context, v *Volume, name string) error {
	taken, uuid, err := d.snapshot(ctx, v, name)
	if err != nil {
		return err
	}
	return d.rest.accepted(ctx, http.MethodDelete, "/storage/volumes/"+uuid+"/snapshots/"+taken.UUID, nil, nil)
}

// Clone makes a volume from a snapshot of another one.
func (d *Driver) Clone(ctx context.Context, source *Volume, snapshot, name string) (*Volume, error) {
	if err := d.inspect(ctx, source.Name); err != nil {
		return nil, err
	}
	if v, err := d.volume(ctx, name); err != nil || v != nil {
		return nil, errors.Join(err, fmt.Errorf("volume %s exists", name))
	}
	err := d.rest.accepted(ctx, http.MethodPost, "/storage/volumes", url.Values{"return_records": {"true"}}, map[string]any{
		"name": name, "svm": identityOf(d.svmUUID), "clone": map[string]any{
			"parent_volume": map[string]any{"name": source.Name}, "parent_snapshot": map[string]any{"name": snapshot}, "is_flexclone": true,
		},
	})
	if err != nil {
		return nil, err
	}
	if _, err := d.existing(ctx, name); err != nil {
		return nil, err
	}
	made := &Volume{Name: name, Path: "/vol/" + name + "/" + leaf}
	return made, d.remember(ctx, made)
}
