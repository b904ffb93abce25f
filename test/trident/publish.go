// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	maxSubsystemName = 64
	// fullSubsystem is how many namespaces one of Trident's own subsystems holds.
	fullSubsystem      = 1024
	codeSubsystemTaken = "72090025"
)

// Node is a node of the shoot, as Trident knows it; TridentUUID is the same for all.
type Node struct{ Name, NQN, TridentUUID string }

// subsystem is the name of a node's own subsystem, cut to what ONTAP takes.
func (n Node) subsystem() string {
	prefix := n.Name[:min(len(n.Name), maxSubsystemName-len(n.TridentUUID)-1)]
	return prefix + "_" + n.TridentUUID
}

type wireSubsystem struct {
	UUID, Name string
	TargetNQN  string `json:"target_nqn"`
}

// Publish makes a volume with a file system reachable from a node, and returns the NQN under which.
func (d *Driver) Publish(ctx context.Context, v *Volume, node Node) (string, error) {
	if err := d.inspect(ctx, v.Name); err != nil {
		return "", err
	}
	return d.publishThrough(ctx, v, node, node.subsystem())
}

// PublishRaw is Publish for a volume without one, which several nodes may use: all share Trident's own subsystems.
func (d *Driver) PublishRaw(ctx context.Context, v *Volume, node Node) (string, error) {
	if err := d.inspect(ctx, v.Name); err != nil {
		return "", err
	}
	old, err := d.subsystems(ctx, "s_"+v.Name, "uuid", "name", "target_nqn")
	if err != nil {
		return "", err
	}
	if len(old) == 1 {
		return d.publishThrough(ctx, v, node, old[0].Name)
	}
	maps, err := d.maps(ctx, fields("subsystem.name", "subsystem.uuid"), "namespace.uuid", v.NamespaceUUID)
	if err != nil {
		return "", err
	}
	prefix := "trident_subsystem_" + node.TridentUUID
	for _, one := range maps {
		if strings.HasPrefix(one.Subsystem.Name, prefix) {
			return d.publishThrough(ctx, v, node, one.Subsystem.Name)
		}
	}
	name, err := d.roomySubsystem(ctx, prefix)
	if err != nil {
		return "", err
	}
	return d.publishThrough(ctx, v, node, name)
}

// roomySubsystem is the first of Trident's own subsystems that is not full, or a new one's name.
func (d *Driver) roomySubsystem(ctx context.Context, prefix string) (string, error) {
	shared, err := d.subsystems(ctx, prefix+"*", "uuid", "name")
	if err != nil {
		return "", err
	}
	for _, one := range shared {
		maps, err := d.maps(ctx, url.Values{}, "subsystem.uuid", one.UUID)
		if err != nil {
			return "", err
		}
		if len(maps) < fullSubsystem {
			return one.Name, nil
		}
	}
	return fmt.Sprintf("%s_%d", prefix, len(shared)+1), nil
}

func (d *Driver) publishThrough(ctx context.Context, v *Volume, node Node, name string) (string, error) {
	s, err := d.ensureSubsystem(ctx, name)
	if err != nil {
		return "", err
	}
	hosts, err := d.hosts(ctx, s.UUID)
	if err != nil {
		return "", err
	}
	if !slices.Contains(hosts, node.NQN) {
		_, err := d.rest.send(ctx, http.MethodPost, hostsPath(s.UUID), nil, map[string]any{"nqn": node.NQN}, nil, http.StatusCreated)
		if err != nil {
			return "", err
		}
	}
	mapped, err := d.mappedTo(ctx, s.UUID)
	if err != nil {
		return "", err
	}
	if !slices.Contains(mapped, v.NamespaceUUID) {
		_, err := d.rest.send(ctx, http.MethodPost, "/protocols/nvme/subsystem-maps", nil, map[string]any{
			"svm": identityOf(d.svmUUID), "subsystem": identityOf(s.UUID), "namespace": identityOf(v.NamespaceUUID),
		}, nil, http.StatusCreated)
		if err != nil {
			return "", err
		}
	}
	v.Subsystem = s.UUID
	return s.TargetNQN, nil
}

func (d *Driver) subsystems(ctx context.Context, name string, names ...string) ([]wireSubsystem, error) {
	return page[wireSubsystem](ctx, d.rest, "/protocols/nvme/subsystems", with(fields(names...), "name", name, "svm.uuid", d.svmUUID))
}

// ensureSubsystem makes a subsystem unless there is one of the name.
func (d *Driver) ensureSubsystem(ctx context.Context, name string) (*wireSubsystem, error) {
	for range 2 {
		found, err := d.subsystems(ctx, name, "target_nqn")
		switch {
		case err != nil:
			return nil, err
		case len(found) == 1:
			return complete(found[0])
		}
		var made list[wireSubsystem]
		_, err = d.rest.send(ctx, http.MethodPost, "/protocols/nvme/subsystems", url.Values{"return_records": {"true"}}, map[string]any{
			"name": name, "os_type": "linux", "svm": identityOf(d.svmUUID), "comment": name,
		}, &made, http.StatusCreated)
		var failed *APIError
		if errors.As(err, &failed) && failed.Code == codeSubsystemTaken {
			continue // somebody else has been faster
		}
		if err != nil {
			return nil, err
		}
		one, err := made.one()
		if err != nil || one.Name != name {
			return nil, errors.Join(err, fmt.Errorf("subsystem %s was made as %q", name, one.Name))
		}
		return complete(one)
	}
	return nil, fmt.Errorf("subsystem %s is there and is not", name)
}

// complete refuses what Trident would dereference although it is not there.
func complete(s wireSubsystem) (*wireSubsystem, error) {
	if s.UUID == "" || s.Name == "" || s.TargetNQN == "" {
		return nil, fmt.Errorf("subsystem %q lacks its UUID or NQN", s.Name)
	}
	return &s, nil
}

func hostsPath(subsystem string) string { return "/protocols/nvme/subsystems/" + subsystem + "/hosts" }

func (d *Driver) hosts(ctx context.Context, subsystem string) ([]string, error) {
	found, err := page[struct{ NQN string }](ctx, d.rest, hostsPath(subsystem), nil)
	var nqns []string
	for _, one := range found {
		nqns = append(nqns, one.NQN)
	}
	return nqns, err
}

type wireMap struct{ Subsystem, Namespace identity }

func (d *Driver) maps(ctx context.Context, query url.Values, filter, value string) ([]wireMap, error) {
	return page[wireMap](ctx, d.rest, "/protocols/nvme/subsystem-maps", with(query, filter, value))
}

// mappedTo returns the UUIDs of the namespaces that are mapped to a subsystem.
func (d *Driver) mappedTo(ctx context.Context, subsystem string) ([]string, error) {
	maps, err := d.maps(ctx, url.Values{}, "subsystem.uuid", subsystem)
	var uuids []string
	for _, one := range maps {
		uuids = append(uuids, one.Namespace.UUID)
	}
	return uuids, err
}

// Unpublish takes a volume from the only node that uses it. With the last volume the node goes from the subsystem, and the
// subsystem with it.
func (d *Driver) Unpublish(ctx context.Context, v *Volume, node Node) error {
	hosts, err := d.hosts(ctx, v.Subsystem)
	if err != nil {
		return err
	}
	mapped, err := d.mappedTo(ctx, v.Subsystem)
	if err != nil {
		return err
	}
	if slices.Contains(hosts, node.NQN) && len(mapped) == 1 && mapped[0] == v.NamespaceUUID {
		path := hostsPath(v.Subsystem) + "/" + url.PathEscape(node.NQN)
		if _, err := d.rest.send(ctx, http.MethodDelete, path, nil, nil, nil, http.StatusOK); err != nil {
			return err
		}
	}
	if mapped, err = d.mappedTo(ctx, v.Subsystem); err != nil {
		return err
	}
	if slices.Contains(mapped, v.NamespaceUUID) {
		if _, err := d.hosts(ctx, v.Subsystem); err != nil {
			return err
		}
		path := "/protocols/nvme/subsystem-maps/" + v.Subsystem + "/" + v.NamespaceUUID
		if _, err := d.rest.send(ctx, http.MethodDelete, path, nil, nil, nil, http.StatusOK); err != nil {
			return err
		}
	}
	if mapped, err = d.mappedTo(ctx, v.Subsystem); err != nil || len(mapped) > 0 {
		return err
	}
	_, err = d.rest.send(ctx, http.MethodDelete, "/protocols/nvme/subsystems/"+v.Subsystem, url.Values{"allow_delete_with_hosts": {"true"}}, nil, nil, http.StatusOK)
	v.Subsystem = ""
	return err
}
