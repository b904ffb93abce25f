// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"

	gardencorev1 "github.com/gardener/gardener/pkg/apis/core/v1"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	operatorv1alpha1 "github.com/gardener/gardener/pkg/apis/operator/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	sigsyaml "sigs.k8s.io/yaml"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// documents are those of a file of config, strictly decoded into one object each.
func documents(name string, into ...any) {
	GinkgoHelper()
	file, err := os.Open(filepath.Join("..", "..", "config", name))
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(file.Close()).To(Succeed()) }()
	decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
	for _, object := range into {
		raw := json.RawMessage{}
		Expect(decoder.Decode(&raw)).To(Succeed())
		Expect(sigsyaml.UnmarshalStrict(raw, object)).To(Succeed())
	}
	Expect(decoder.Decode(&json.RawMessage{})).To(MatchError("EOF"))
}

var _ = Describe("The registration", func() {
	var (
		extension    = &operatorv1alpha1.Extension{}
		deployment   = &gardencorev1.ControllerDeployment{}
		registration = &gardencorev1beta1.ControllerRegistration{}
		credentials  = &corev1.Secret{}
	)

	BeforeEach(func() {
		documents("registration/extension.yaml", extension)
		documents("registration/controller-registration.yaml", deployment, registration)
		documents("registration/storage-credentials.yaml", credentials)
	})

	It("should be what gardener-operator takes", func(ctx SpecContext) {
		Expect(seed.ApplyCRD(ctx, "operator", "10-crd-operator.gardener.cloud_extensions.yaml")).To(Succeed())
		content := &unstructured.Unstructured{}
		documents("registration/extension.yaml", &content.Object)
		Expect(client.WithFieldValidation(admin, "Strict").Create(ctx, content, client.DryRunAll)).To(Succeed())
	})

	It("should have all that Gardener's generator writes", func(ctx SpecContext) {
		destination := filepath.Join(GinkgoT().TempDir(), "extension.yaml")
		command := exec.CommandContext(ctx, "go", "run", "github.com/gardener/gardener/hack/generators/extension-generator",
			"--name="+extension.Name, "--component-category=extension", "--provider-type="+ontapv1alpha1.ExtensionType, "--destination="+destination,
			"--extension-oci-repository="+*extension.Spec.Deployment.ExtensionDeployment.Helm.OCIRepository.Ref,
			"--admission-runtime-oci-repository="+*extension.Spec.Deployment.AdmissionDeployment.RuntimeCluster.Helm.OCIRepository.Ref,
			"--admission-application-oci-repository="+*extension.Spec.Deployment.AdmissionDeployment.VirtualCluster.Helm.OCIRepository.Ref)
		output, err := command.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(output))
		content, err := os.ReadFile(destination)
		Expect(err).NotTo(HaveOccurred())
		generated, written := map[string]any{}, map[string]any{}
		Expect(sigsyaml.Unmarshal(content, &generated)).To(Succeed())
		documents("registration/extension.yaml", &written)
		Expect(missing("", generated, written)).To(BeEmpty())
	})

	It("should be the same with and without gardener-operator", func() {
		Expect(registration.Name).To(Equal(extension.Name))
		Expect(registration.Annotations).To(Equal(extension.Annotations))
		Expect(registration.Spec.Resources).To(Equal(extension.Spec.Resources))
		Expect(registration.Spec.Deployment.DeploymentRefs).To(ConsistOf(gardencorev1beta1.DeploymentRef{Name: deployment.Name}))
		wanted := extension.Spec.Deployment.ExtensionDeployment
		Expect(registration.Spec.Deployment.Policy).To(Equal(wanted.Policy))
		Expect(deployment.Helm.OCIRepository).To(Equal(wanted.Helm.OCIRepository))
		Expect(deployment.Helm.Values.Raw).To(MatchJSON(wanted.Values.Raw))
		Expect(deployment.Resources).To(Equal(extension.Spec.Deployment.Resources))
	})

	It("should give the chart values that it takes, and refer to credentials that it brings", func() {
		values := map[string]any{}
		Expect(json.Unmarshal(deployment.Helm.Values.Raw, &values)).To(Succeed())
		values["gardener"] = map[string]any{"garden": map[string]any{"clusterIdentity": landscape.GardenIdentity}}
		objects, err := seed.RenderChart(values)
		Expect(err).NotTo(HaveOccurred())
		Expect(objects).NotTo(BeEmpty())
		Expect(deployment.Resources).To(HaveLen(1))
		Expect(deployment.Resources[0].ResourceRef.Name).To(Equal(credentials.Name))
		Expect(credentials.Labels).To(HaveKeyWithValue("gardener.cloud/role", "resource-reference"))
		for key := range credentials.StringData {
			Expect(string(deployment.Helm.Values.Raw)).To(ContainSubstring("{{ .resources." + deployment.Resources[0].Name + ".data." + key + " }}"))
		}
	})

	It("should come with a sample of a shoot whose SVMConfig is valid", func() {
		shoot := &gardencorev1beta1.Shoot{}
		documents("samples/shoot.yaml", shoot)
		Expect(shoot.Spec.Extensions).To(HaveLen(1))
		Expect(shoot.Spec.Extensions[0].Type).To(Equal(ontapv1alpha1.ExtensionType))
		config, err := ontapv1alpha1.DecodeSVMConfig(shoot.Spec.Extensions[0].ProviderConfig.Raw)
		Expect(err).NotTo(HaveOccurred())
		Expect(ontapv1alpha1.ValidateSVMConfig(config, nil)).To(BeEmpty())

		By("seeing that the sample of an Extension is what gardenlet makes of it")
		inSeed := &extensionsv1alpha1.Extension{}
		documents("samples/extension.yaml", inSeed)
		Expect(inSeed.Spec.Type).To(Equal(shoot.Spec.Extensions[0].Type))
		Expect(inSeed.Spec.ProviderConfig.Raw).To(MatchJSON(shoot.Spec.Extensions[0].ProviderConfig.Raw))
	})
})

// missing are the places at which a document lacks what another one has.
func missing(at string, wanted, found any) (places []string) {
	inside, ok := wanted.(map[string]any)
	if !ok {
		if list, ok := wanted.([]any); ok && len(list) == 1 {
			if other, ok := found.([]any); ok && len(other) == 1 {
				return missing(at+"[0]", list[0], other[0])
			}
		}
		if same, err := Equal(wanted).Match(found); !same || err != nil {
			places = append(places, at)
		}
		return places
	}
	other, _ := found.(map[string]any)
	for key, value := range inside {
		places = append(places, missing(at+"."+key, value, other[key])...)
	}
	return places
}
