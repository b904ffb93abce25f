// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package admission_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// apply creates what a file of config has in it, as `kubectl create --validate=strict` does.
func apply(ctx SpecContext, name, namespace string) {
	GinkgoHelper()
	file, err := os.Open(filepath.Join("..", "..", "config", name))
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(file.Close()).To(Succeed()) }()
	strict := client.WithFieldValidation(garden.Client, "Strict")
	for decoder := yaml.NewYAMLOrJSONDecoder(file, 4096); ; {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(object)
		if errors.Is(err, io.EOF) {
			return
		}
		Expect(err).NotTo(HaveOccurred())
		if namespace != "" {
			object.SetNamespace(namespace)
		}
		Expect(strict.Create(ctx, object)).To(Succeed(), "%s %s", object.GetKind(), object.GetName())
	}
}

var _ = Describe("The registration without gardener-operator", func() {
	It("should be taken by a garden, so that a Shoot with the extension can be made", func(ctx SpecContext) {
		apply(ctx, "registration/storage-credentials.yaml", "")
		apply(ctx, "registration/controller-registration.yaml", "")
		registration := &gardencorev1beta1.ControllerRegistration{}
		Expect(garden.Client.Get(ctx, client.ObjectKey{Name: "extension-ontap"}, registration)).To(Succeed())
		Expect(registration.Spec.Resources).To(ConsistOf(And(HaveField("Kind", "Extension"), HaveField("Type", "ontap"))))

		apply(ctx, "samples/shoot.yaml", namespace)
		Expect(stored(ctx, "sample").Labels).To(HaveKeyWithValue(label, "true"), "so that the component is asked about it")
	})
})
