// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// fieldOwner is the field manager of everything that the landscape applies.
const fieldOwner = client.FieldOwner("landscape")

// crdFiles are the CRDs that the extension and its chart meet, from the example directory of the Gardener module.
func crdFiles() []string {
	return []string{
		"10-crd-autoscaling.k8s.io_verticalpodautoscalers.yaml",
		"10-crd-extensions.gardener.cloud_clusters.yaml",
		"10-crd-extensions.gardener.cloud_extensions.yaml",
		"10-crd-resources.gardener.cloud_managedresources.yaml",
		"10-crd-monitoring.coreos.com_prometheusrules.yaml",
	}
}

// applyCRDs applies Gardener's CRDs and waits until they are served.
func (s *Seed) applyCRDs(ctx context.Context) error {
	var crds []*unstructured.Unstructured
	for _, name := range crdFiles() {
		crd, err := s.gardenersCRD("seed-crds", name)
		if err != nil {
			return err
		}
		crds = append(crds, crd...)
	}
	return s.serveCRDs(ctx, crds)
}

// ApplyCRD applies a CRD of Gardener's, a file in a directory of its examples, and waits until it is served.
func (s *Seed) ApplyCRD(ctx context.Context, directory, file string) error {
	crd, err := s.gardenersCRD(directory, file)
	if err != nil {
		return err
	}
	return s.serveCRDs(ctx, crd)
}

func (s *Seed) gardenersCRD(directory, file string) ([]*unstructured.Unstructured, error) {
	content, err := os.ReadFile(filepath.Join(s.workspace.gardener, "example", directory, file))
	if err != nil {
		return nil, err
	}
	crd, err := decode(content)
	if err != nil {
		return nil, fmt.Errorf("decoding %s: %w", file, err)
	}
	return crd, nil
}

// serveCRDs applies CRDs and waits until they are served.
func (s *Seed) serveCRDs(ctx context.Context, crds []*unstructured.Unstructured) error {
	for _, crd := range crds {
		if err := s.apply(ctx, crd, ""); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	for _, crd := range crds {
		if err := s.awaitCRD(ctx, crd.GetName()); err != nil {
			return fmt.Errorf("waiting for CRD %q: %w", crd.GetName(), err)
		}
	}
	return nil
}

// awaitCRD waits until a CRD is established.
func (s *Seed) awaitCRD(ctx context.Context, name string) error {
	return wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		var crd apiextensionsv1.CustomResourceDefinition
		if err := s.Client.Get(ctx, client.ObjectKey{Name: name}, &crd); err != nil {
			return false, err
		}
		for _, condition := range crd.Status.Conditions {
			if condition.Type == apiextensionsv1.Established {
				return condition.Status == apiextensionsv1.ConditionTrue, nil
			}
		}
		return false, nil
	})
}

// apply applies an object from the server's side. The server refuses fields it does not know. As Helm does, it takes
// the given namespace for a namespaced object that names none.
func (s *Seed) apply(ctx context.Context, object *unstructured.Unstructured, namespace string) error {
	described := fmt.Sprintf("applying %s %q", object.GetKind(), object.GetName())
	namespaced, err := s.Client.IsObjectNamespaced(object)
	if err != nil {
		return fmt.Errorf("%s: %w", described, err)
	}
	if namespaced && object.GetNamespace() == "" {
		object.SetNamespace(namespace)
	}
	if err := s.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), fieldOwner, client.ForceOwnership); err != nil {
		return fmt.Errorf("%s: %w", described, err)
	}
	return nil
}

// decode returns the objects of a stream of YAML documents.
func decode(content []byte) ([]*unstructured.Unstructured, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	var objects []*unstructured.Unstructured
	for {
		object := &unstructured.Unstructured{}
		switch err := decoder.Decode(&object.Object); {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, err
		case len(object.Object) > 0:
			objects = append(objects, object)
		}
	}
}
