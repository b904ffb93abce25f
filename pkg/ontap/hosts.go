// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"net/http"
)

// HostGroupService reads and deletes what a protocol knows hosts by: the subsystems of NVMe, the igroups of iSCSI.
type HostGroupService struct {
	client *Client
	path   string
	// deletion is the query of a DELETE: one that takes hosts along, and never what is mapped.
	deletion string
}

// HostGroup is a group of hosts that may use the same volumes.
type HostGroup struct {
	UUID string `json:"uuid"`
	Name string `json:"name"`
}

func (g HostGroup) read() HostGroup { return g }

// List returns the groups of an SVM.
func (s *HostGroupService) List(ctx context.Context, svmUUID string) ([]HostGroup, error) {
	return listOfSVM[struct {
		ofSVM
		HostGroup
	}](ctx, s.client, s.path, "uuid,name,svm.uuid", svmUUID, nil)
}

// Delete deletes a group with its hosts. One that something is mapped to is an error of [KindInUse].
func (s *HostGroupService) Delete(ctx context.Context, uuid string) error {
	return s.client.settle(ctx, request{method: http.MethodDelete, path: s.path + "/{uuid}", keys: []string{uuid}, query: s.deletion})
}
