// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Driver is one backend.
type Driver struct {
	rest             *rest
	svmUUID, svmName string
	addresses        []string
	aggregates       []string
}

// New does no I/O.
func New(config Config) *Driver { return &Driver{rest: newREST(config)} }

// SVM returns what Initialise has found: the name of the one SVM that the login sees.
func (d *Driver) SVM() string { return d.svmName }

// Addresses are those of the data LIFs that are up.
func (d *Driver) Addresses() []string { return d.addresses }

type identity struct{ UUID, Name string }

// Initialise makes the backend from what ONTAP says, in the driver's order.
func (d *Driver) Initialise(ctx context.Context) error {
	if err := d.ensureVersion(ctx); err != nil {
		return err
	}
	svms, err := page[identity](ctx, d.rest, "/svm/svms", with(fields(), "name", "*"))
	if err != nil {
		return err
	}
	if len(svms) != 1 || svms[0].UUID == "" || svms[0].Name == "" {
		return fmt.Errorf("cannot derive SVM to use: the login sees %d", len(svms))
	}
	d.svmUUID, d.svmName = svms[0].UUID, svms[0].Name
	if _, err := page[any](ctx, d.rest, "/cluster/nodes", with(fields("serial_number"), "name", "*")); !isDenied(err) && err != nil {
		return err // Trident only warns; here nothing but a missing right is expected
	}
	if d.addresses, err = d.dataLIFs(ctx); err != nil {
		return err
	}
	if len(d.addresses) == 0 {
		return fmt.Errorf("no NVMe data LIFs found on SVM %s", d.svmName)
	}
	if _, err := page[any](ctx, d.rest, "/svm/peers", with(fields("peer.svm.name"), "svm.uuid", d.svmUUID)); err != nil {
		return err
	}
	if d.aggregates, err = d.svmAggregates(ctx); err != nil {
		return err
	}
	return d.ensureMedia(ctx)
}

// ensureVersion wants a unified ONTAP with which Trident speaks REST without being told to.
func (d *Driver) ensureVersion(ctx context.Context) error {
	var cluster struct {
		Version      struct{ Generation, Major, Minor *int }
		SANOptimized *bool `json:"san_optimized"`
		// Disaggregated is set on ASA r2, which has a driver of its own.
		Disaggregated *bool
	}
	if err := d.rest.get(ctx, "/cluster", fields("**"), &cluster); err != nil {
		return err
	}
	v := cluster.Version
	if v.Generation == nil || v.Major == nil || v.Minor == nil {
		return errors.New("the cluster has no version")
	}
	if *v.Generation != 9 || *v.Major < 15 {
		return fmt.Errorf("with ONTAP %d.%d.%d Trident speaks ZAPI", *v.Generation, *v.Major, *v.Minor)
	}
	if *v.Major < 16 {
		return nil
	}
	query := with(fields("san_optimized", "disaggregated"), "ignore_unknown_fields", "true")
	if err := d.rest.get(ctx, "/cluster", query, &cluster); err != nil {
		return err
	}
	if cluster.Disaggregated != nil && *cluster.Disaggregated {
		return errors.New("the cluster is an ASA r2")
	}
	return nil
}

func isDenied(err error) bool {
	var failed *APIError
	return errors.As(err, &failed) && failed.Status == http.StatusForbidden
}

func (d *Driver) dataLIFs(ctx context.Context) ([]string, error) {
	type lif struct {
		State string
		IP    struct{ Address string }
	}
	query := with(fields("ip.address", "state"), "services", "data_nvme_tcp", "svm.uuid", d.svmUUID)
	lifs, err := page[lif](ctx, d.rest, "/network/ip/interfaces", query)
	var addresses []string
	for _, one := range lifs {
		if one.State == "up" && one.IP.Address != "" {
			addresses = append(addresses, one.IP.Address)
		}
	}
	return addresses, err
}

type svm struct {
	UUID, Name, State string
	Aggregates        []identity
}

func (d *Driver) svmAggregates(ctx context.Context) ([]string, error) {
	var found svm
	if err := d.rest.get(ctx, "/svm/svms/"+url.PathEscape(d.svmUUID), nil, &found); err != nil {
		return nil, err
	}
	if len(found.Aggregates) == 0 {
		return nil, fmt.Errorf("SVM %s has no assigned aggregates", d.svmName)
	}
	var names []string
	for _, one := range found.Aggregates {
		names = append(names, one.Name)
	}
	return names, nil
}

// ensureMedia looks for what the aggregates consist of, without which there is no offer of media.
func (d *Driver) ensureMedia(ctx context.Context) error {
	type aggregate struct {
		Name         string
		BlockStorage struct {
			Primary struct {
				DiskType string `json:"disk_type"`
			}
		} `json:"block_storage"`
	}
	found, err := page[aggregate](ctx, d.rest, "/storage/aggregates", with(fields("block_storage.primary.disk_type"), "name", "*"))
	if err != nil {
		return err
	}
	types := map[string]string{}
	for _, one := range found {
		types[one.Name] = one.BlockStorage.Primary.DiskType
	}
	for _, name := range d.aggregates {
		if types[name] == "" {
			return fmt.Errorf("aggregate %s has no disk type", name)
		}
	}
	return nil
}

// State is the poll of every five minutes: an error is the reason why the backend is offline.
func (d *Driver) State(ctx context.Context) error {
	for range 2 {
		var found svm
		if err := d.rest.get(ctx, "/svm/svms/"+url.PathEscape(d.svmUUID), nil, &found); err != nil {
			return err
		}
		if found.UUID == "" || found.State != "running" {
			return fmt.Errorf("the SVM is %q", found.State)
		}
	}
	if addresses, err := d.dataLIFs(ctx); err != nil || len(addresses) == 0 {
		return errors.Join(err, errors.New("no NVMe data LIF is up"))
	}
	return d.ensureVersion(ctx)
}

// Heartbeat is what Trident tells ONTAP about itself, ten seconds after the start and once a day.
func (d *Driver) Heartbeat(ctx context.Context) error {
	_, err := d.rest.send(ctx, http.MethodPost, "/support/ems/application-logs", url.Values{"return_records": {"true"}}, map[string]any{
		"app_version": "1", "autosupport_required": false, "category": "heartbeat", "computer_name": "trident-controller",
		"event_description": `{"version":"26.06.0"}`, "event_id": 1, "event_source": "trident", "severity": "notice",
	}, nil, http.StatusOK, http.StatusCreated)
	return err
}
