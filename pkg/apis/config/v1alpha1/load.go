// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	"fmt"
	"net/url"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
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

// Decode decodes a configuration strictly and validates it.
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
	return config, Validate(config).ToAggregate()
}

// Validate returns every error in the configuration.
func Validate(config *ControllerConfiguration) field.ErrorList {
	var errs field.ErrorList
	if config.GardenIdentity == "" {
		errs = append(errs, field.Required(field.NewPath("gardenIdentity"), "the identity of the garden cluster"))
	}
	clusters := field.NewPath("clusters")
	if len(config.Clusters) == 0 {
		errs = append(errs, field.Required(clusters, "at least one ONTAP cluster"))
	}
	names, endpoints := sets.New[string](), sets.New[string]()
	for i, cluster := range config.Clusters {
		path := clusters.Index(i)
		invalid := validateCluster(cluster, path)
		errs = append(errs, invalid...)
		if names.Has(cluster.Name) {
			errs = append(errs, field.Duplicate(path.Child("name"), cluster.Name))
		}
		if len(invalid) == 0 && endpoints.Has(cluster.Endpoint) {
			errs = append(errs, field.Duplicate(path.Child("endpoint"), cluster.Endpoint))
		}
		names.Insert(cluster.Name)
		endpoints.Insert(cluster.Endpoint)
	}
	return errs
}

func validateCluster(cluster ONTAPCluster, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, problem := range validation.IsDNS1123Label(cluster.Name) {
		errs = append(errs, field.Invalid(path.Child("name"), cluster.Name, problem))
	}
	endpoint, err := url.Parse(cluster.Endpoint)
	if err != nil || endpoint.Scheme != "https" || endpoint.Hostname() == "" || endpoint.User != nil ||
		endpoint.Path != "" || endpoint.RawQuery != "" || endpoint.ForceQuery || endpoint.Fragment != "" {
		// The value is left out of the message: whoever put a password into the URL did not mean to publish it.
		errs = append(errs, field.Invalid(path.Child("endpoint"), "", "must be https://<host>[:<port>] and nothing else"))
	}
	if cluster.CredentialsDirectory == "" {
		errs = append(errs, field.Required(path.Child("credentialsDirectory"), "a directory with the files username and password"))
	}
	return errs
}
