// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import "context"

// VolumeService reads /storage/volumes.
type VolumeService struct{ client *Client }

// Volume is a volume that holds somebody's data.
type Volume struct {
	UUID  string `json:"uuid"`
	Name  string `json:"name"`
	State string `json:"state"`
}

func (v Volume) read() Volume { return v }

// List returns the volumes of an SVM, its root volume among them.
func (s *VolumeService) List(ctx context.Context, svmUUID string) ([]Volume, error) {
	return s.list(ctx, svmUUID, nil)
}

// ListData returns the volumes of an SVM but its root volume.
func (s *VolumeService) ListData(ctx context.Context, svmUUID string) ([]Volume, error) {
	return s.list(ctx, svmUUID, filter{"is_svm_root": "false"})
}

func (s *VolumeService) list(ctx context.Context, svmUUID string, wanted filter) ([]Volume, error) {
	return listOfSVM[struct {
		ofSVM
		Volume
	}](ctx, s.client, "/storage/volumes", "uuid,name,state,svm.uuid", svmUUID, wanted)
}
