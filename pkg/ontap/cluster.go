// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ClusterService reads /cluster.
type ClusterService struct{ client *Client }

// Cluster is the ONTAP cluster itself.
type Cluster struct {
	Name    string  `json:"name"`
	UUID    string  `json:"uuid"`
	Version Version `json:"version"`
}

// Version is a release of ONTAP: 9.16.1 is generation 9, major 16, minor 1.
type Version struct {
	Generation int `json:"generation"`
	Major      int `json:"major"`
	Minor      int `json:"minor"`
}

// String returns the version as NetApp writes it.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Generation, v.Major, v.Minor) }

// AtLeast reports whether v is the other release or a newer one.
func (v Version) AtLeast(other Version) bool {
	return cmp.Or(cmp.Compare(v.Generation, other.Generation), cmp.Compare(v.Major, other.Major), cmp.Compare(v.Minor, other.Minor)) >= 0
}

// Get returns the cluster. It needs no more than read access, so it also shows whether the credentials are good.
func (s *ClusterService) Get(ctx context.Context) (Cluster, error) {
	r := request{method: http.MethodGet, path: "/cluster", query: "fields=name,uuid,version"}
	var cluster Cluster
	status, err := s.client.call(ctx, r, &cluster)
	if err == nil && (cluster.UUID == "" || cluster.Version == Version{}) {
		err = s.client.unintelligible(r, status, errors.New("the answer has no UUID or no version"))
	}
	if err != nil {
		return Cluster{}, err
	}
	return cluster, nil
}
