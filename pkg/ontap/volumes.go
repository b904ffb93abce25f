// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"context"
	"net/http"
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
	const path = "/storage/volumes"
	if svmUUID == "" {
		return nil, s.client.failure(request{method: http.MethodGet, path: path}, KindInvalid, errNoSVM)
	}
	return list[Volume](ctx, s.client, path, url.Values{
		"fields": {"uuid,name,state"}, "svm.uuid": {exact(svmUUID)}, "is_svm_root": {"false"},
	})
}
