// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"net/url"
)

// VolumeService reads /storage/volumes.
type VolumeService struct{ client *Client }

// Volume is a volume that holds somebody's data.
type Volume struct {
	UUID  string `json:"uuid"`
	Name  string `json:"name"`
	State string `json:"state"`
}

// ListData returns the volumes of an SVM but its root volume.
func (s *VolumeService) ListData(ctx context.Context, svmUUID string) ([]Volume, error) {
	records, err := listOfSVM[struct {
		ofSVM
		Volume
	}](ctx, s.client, "/storage/volumes", svmUUID, url.Values{"fields": {"uuid,name,state,svm.uuid"}, "is_svm_root": {"false"}})
	var volumes []Volume
	for _, r := range records {
		volumes = append(volumes, r.Volume)
	}
	return volumes, err
}
