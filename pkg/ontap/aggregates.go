// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"slices"
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
	// Size and Available are the space that there is and what is free of it, in bytes.
	Size, Available int64
	// Mirrored is whether the other half of a MetroCluster has a copy that is up to date.
	Mirrored bool

	snapLock bool
}

// List returns all aggregates but those of SnapLock, which hold no ordinary volumes.
func (s *AggregateService) List(ctx context.Context) ([]Aggregate, error) {
	const fields = "uuid,name,state,home_node.name,snaplock_type,space.block_storage.size,space.block_storage.available,block_storage.mirror"
	aggregates, err := list[wireAggregate](ctx, s.client, "/storage/aggregates", fields, nil)
	return slices.DeleteFunc(aggregates, func(a Aggregate) bool { return a.snapLock }), err
}

type wireAggregate struct {
	UUID         string   `json:"uuid"`
	Name         string   `json:"name"`
	State        string   `json:"state"`
	HomeNode     wireName `json:"home_node"`
	SnaplockType string   `json:"snaplock_type"`
	Space        struct {
		BlockStorage struct {
			Size      int64 `json:"size"`
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

func (w wireAggregate) read() Aggregate {
	return Aggregate{
		UUID: w.UUID, Name: w.Name, State: w.State, HomeNode: w.HomeNode.Name,
		Size: w.Space.BlockStorage.Size, Available: w.Space.BlockStorage.Available,
		Mirrored: w.BlockStorage.Mirror.Enabled && w.BlockStorage.Mirror.State == mirrorNormal,
		snapLock: w.SnaplockType != "" && w.SnaplockType != "non_snaplock",
	}
}
