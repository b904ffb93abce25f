// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import "context"

// modeNormal is the mode of a half of a MetroCluster that serves its own SVMs and no others.
const modeNormal = "normal"

// MetroClusterService reads /cluster/metrocluster.
type MetroClusterService struct{ client *Client }

// MetroCluster is what a half of a MetroCluster knows of itself and of its partner.
type MetroCluster struct {
	// Mode and PartnerMode are those of ONTAP: normal, switchover, waiting_for_switchback, not_reachable and others.
	Mode, PartnerMode string
	// Partner is ONTAP's name of the partner cluster.
	Partner string
}

// Normal reports whether both halves serve their own SVMs and reach each other. In any other mode NetApp advises against
// changes.
func (m MetroCluster) Normal() bool { return m.Mode == modeNormal && m.PartnerMode == modeNormal }

// Get returns the state of the MetroCluster that the cluster is half of.
func (s *MetroClusterService) Get(ctx context.Context) (MetroCluster, error) {
	r := request{path: "/cluster/metrocluster", query: "fields=local.mode,local.partner_cluster_reachable,remote.mode,remote.cluster.name"}
	return get[wireMetroCluster](ctx, s.client, r, func(m MetroCluster) bool { return m.Mode != "" }, "the answer has no mode")
}

type wireMetroCluster struct {
	Local struct {
		Mode             string `json:"mode"`
		PartnerReachable *bool  `json:"partner_cluster_reachable"`
	} `json:"local"`
	Remote struct {
		Mode    string   `json:"mode"`
		Cluster wireName `json:"cluster"`
	} `json:"remote"`
}

func (w wireMetroCluster) read() MetroCluster {
	found := MetroCluster{Mode: w.Local.Mode, PartnerMode: w.Remote.Mode, Partner: w.Remote.Cluster.Name}
	if reachable := w.Local.PartnerReachable; reachable != nil && !*reachable && found.PartnerMode == modeNormal {
		found.PartnerMode = "not_reachable" // what it says of the partner is what it last knew
	}
	return found
}
