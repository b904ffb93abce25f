// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package charts holds what is installed: the chart of the extension, and the images that shoots pull.
package charts

import (
	_ "embed"
	"fmt"

	"github.com/gardener/gardener/pkg/utils/imagevector"
)

//go:embed images.yaml
var images []byte

// Images are those that shoots pull. The operator overwrites them, as in all of Gardener's components, by a file that the
// environment variable IMAGEVECTOR_OVERWRITE names.
func Images() (imagevector.ImageVector, error) {
	vector, _, err := imagevector.Read(images)
	if err == nil {
		vector, _, err = imagevector.WithEnvOverride(vector, nil, imagevector.OverrideEnv)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the image vector: %w", err)
	}
	return vector, nil
}
