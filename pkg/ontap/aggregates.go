// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"net/url"
)

// AggregateOnline is the state of an aggregate that can hold volumes.
const AggregateOnline = "online"

// mirrorNormal is the state of a mirror that is up to date.
const mirrorNormal = "normal"

// AggregateService reads /storage/aggregates, which shows data aggregates only.
type AggregateService struct{ client *Client }

// Aggregate is a data aggregate.
type Aggregate struct {
	UUID, Name, State string
	// HomeNode is the node that owns the aggregate when nothing is taken over.
	HomeNode string
	// Available is the free space in bytes.
	Available int64
	// Mirrored is whether the other half of a MetroCluster has a copy that is up to date.
	Mirrored bool
}

// List returns all aggregates but those of SnapLock, which hold no ordinary volumes.
func (s *AggregateService) List(ctx context.Context) ([]Aggregate, error) {
	records, err := list[wireAggregate](ctx, s.client, "/storage/aggregates", url.Values{
		"fields": {"uuid,name,state,home_node.name,snaplock_type,space.block_storage.available,block_storage.mirror"},
	})
	if err != nil {
		return nil, err
	}
	var aggregates []Aggregate
	for _, r := range records {
		if r.SnaplockType == "" || r.SnaplockType == "non_snaplock" {
			aggregates = append(aggregates, Aggregate{
				UUID: r.UUID, Name: r.Name, State: r.State, HomeNode: r.HomeNode.Name, Available: r.Space.BlockStorage.Available,
				Mirrored: r.BlockStorage.Mirror.Enabled && r.BlockStorage.Mirror.State == mirrorNormal,
			})
		}
	}
	return aggregates, nil
}

type wireAggregate struct {
	UUID         string   `json:"uuid"`
	Name         string   `json:"name"`
	State        string   `json:"state"`
	HomeNode     wireName `json:"home_node"`
	SnaplockType string   `json:"snaplock_type"`
	Space        struct {
		BlockStorage struct {
			Available int64 `json:"available"`
		} `json:"block_storage"`
	} `json:"space"`
	BlockStorage struct {
		Mirror struct {
			Enabled bool   `json:"enabled"`
			State   string `json:"state"`
		} `json:"mirror"`
	} `json:"block_storage"`
}
