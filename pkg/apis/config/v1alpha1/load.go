// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

// Load reads, decodes and validates a configuration file. The error names the field and what is allowed.
func Load(file string) (*ControllerConfiguration, error) {
	raw, err := os.ReadFile(file) //nolint:gosec // the operator says which file
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	config, err := Decode(raw)
	if err != nil {
		return nil, fmt.Errorf("configuration %s: %w", file, err)
	}
	return config, nil
}

// Decode decodes a configuration strictly, sets its defaults and validates it.
func Decode(raw []byte) (*ControllerConfiguration, error) {
	scheme := runtime.NewScheme()
	if err := AddToScheme(scheme); err != nil {
		return nil, err
	}
	config := &ControllerConfiguration{}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDecoder(SchemeGroupVersion)
	if err := runtime.DecodeInto(decoder, raw, config); err != nil {
		return nil, err
	}
	SetDefaults(config)
	return config, Validate(config).ToAggregate()
}
