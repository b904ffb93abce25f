// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"fmt"

	"github.com/gardener/gardener/pkg/utils/imagevector"
)

// Version is the version of Trident whose objects these are. Another one is this constant, the tags in charts/images.yaml, and
// whatever its own manifests say otherwise than before.
const Version = "26.06.0"

// imageNames are those of the image vector.
var imageNames = []string{
	"trident", "csi-provisioner", "csi-attacher", "csi-resizer", "csi-snapshotter", "csi-node-driver-registrar", "alpine",
}

// imageReferences returns the reference of each image.
func imageReferences(vector imagevector.ImageVector) (map[string]string, error) {
	found, err := imagevector.FindImages(vector, imageNames)
	if err != nil {
		return nil, fmt.Errorf("looking for the images of Trident: %w", err)
	}
	references := map[string]string{}
	for name, image := range found {
		references[name] = image.String()
	}
	return references, nil
}
