// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package dryrun_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gardener/gardener/pkg/utils/validation/kubernetesversion"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"helm.sh/helm/v4/pkg/chart/common"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/gardener-community/gardener-extension-ontap/test/landscape"
)

// oldest is the variable with the path of the kube-apiserver of the oldest Kubernetes; the newest is that of the landscape.
const oldest = "OLDEST_KUBE_APISERVER"

var supported = kubernetesversion.SupportedVersions

var _ = Describe("What shoots and seeds get", func() {
	DescribeTable("should be taken without a warning", func(ctx SpecContext, variable, minor string) {
		if os.Getenv(oldest) == "" {
			Skip("building another kube-apiserver takes minutes: make dry-run")
		}
		s := start(ctx, os.Getenv(variable))
		Expect(s.version).To(HavePrefix("v"+minor+"."), "Gardener supports %v", supported)
		s.sendFlawed(ctx)
		s.sendShoots(ctx)
		s.sendCharts(ctx)
		fmt.Printf("Kubernetes %s: %d objects, %d warnings and refusals\n", s.version, s.sent.Len(), s.complaints.Len())
		Expect(sets.List(s.complaints)).To(BeEmpty())
	},
		Entry("by the oldest Kubernetes that Gardener supports", oldest, supported[0]),
		Entry("by the newest", "", supported[len(supported)-1]),
	)
})

// server is a kube-apiserver that says what it thinks of objects.
type server struct {
	*landscape.Seed
	version string
	// client is one whose warnings come back here.
	client   client.Client
	warnings []string
	// sent are the objects as they were sent, complaints what the server has said to them.
	sent, complaints sets.Set[string]
}

func start(ctx context.Context, apiserver string) *server {
	GinkgoHelper()
	seed, err := landscape.StartSeedOn(ctx, apiserver, GinkgoWriter)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(seed.Close)
	s := &server{Seed: seed, sent: sets.New[string](), complaints: sets.New[string]()}
	config := rest.CopyConfig(seed.RESTConfig)
	config.WarningHandler = s
	s.client, err = client.New(config, client.Options{Scheme: seed.Client.Scheme(), FieldValidation: metav1.FieldValidationStrict})
	Expect(err).NotTo(HaveOccurred())
	asking, err := discovery.NewDiscoveryClientForConfig(config)
	Expect(err).NotTo(HaveOccurred())
	version, err := asking.ServerVersion()
	Expect(err).NotTo(HaveOccurred())
	s.version = version.GitVersion
	return s
}

// HandleWarningHeader implements rest.WarningHandler.
func (s *server) HandleWarningHeader(_ int, _ string, text string) {
	s.warnings = append(s.warnings, text)
}

// sendFlawed makes sure that a warning and a refusal are seen.
func (s *server) sendFlawed(ctx context.Context) {
	GinkgoHelper()
	for _, flaw := range []string{
		`"allowedTopologies":[{"matchLabelExpressions":[{"key":"failure-domain.beta.kubernetes.io/zone","values":["a"]}]}]`, `"flaw":true`,
	} {
		object := &unstructured.Unstructured{}
		Expect(object.UnmarshalJSON([]byte(
			`{"apiVersion":"storage.k8s.io/v1","kind":"StorageClass","metadata":{"name":"flawed"},"provisioner":"flawed",` + flaw + `}`))).To(Succeed())
		s.send(ctx, object)
	}
	Expect(sets.List(s.complaints)).To(ConsistOf(
		HavePrefix("StorageClass /flawed, Kubernetes "+s.version+": allowedTopologies[0].matchLabelExpressions[0].key: deprecated"),
		HaveSuffix(`unknown field "flaw"`)))
	s.sent, s.complaints = sets.New[string](), sets.New[string]()
}

// sendShoots sends what all shoots get. The API of snapshots is not Kubernetes' own, so it has to be there first; that of
// autoscalers is served by every seed.
func (s *server) sendShoots(ctx context.Context) {
	GinkgoHelper()
	s.serve(ctx, crdOf(ctx, "github.com/kubernetes-csi/external-snapshotter/client/v4", "config", "crd", "snapshot.storage.k8s.io_volumesnapshotclasses.yaml"))
	for _, content := range shoots() {
		for _, object := range delivered(ctx, content) {
			s.send(ctx, object)
		}
	}
}

// sendCharts sends what the charts make of all values, that of the extension and those of the admission component.
func (s *server) sendCharts(ctx context.Context) {
	GinkgoHelper()
	values, err := common.ReadValuesFile(filepath.Join("..", "..", "charts", "gardener-extension-ontap", "ci", "clusters-values.yaml"))
	Expect(err).NotTo(HaveOccurred())
	values["imageVectorOverwrite"] = "images: []"
	objects, err := s.RenderChart(values)
	Expect(err).NotTo(HaveOccurred())
	charts, err := s.RenderAdmission(map[string]any{"allowedCIDRs": map[string]any{"management": []any{"10.10.0.0/16"}, "data": []any{"fd00:11::/64"}}})
	Expect(err).NotTo(HaveOccurred())
	Expect(charts).To(And(HaveKey(landscape.ExtensionNamespace), HaveKey("garden"), HaveLen(2)))
	charts[landscape.ExtensionNamespace] = append(charts[landscape.ExtensionNamespace], objects...)
	for namespace := range charts {
		Expect(s.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}})).To(Succeed())
	}
	for namespace, objects := range charts {
		s.sendInto(ctx, namespace, objects)
	}
}

func (s *server) sendInto(ctx context.Context, namespace string, objects []*unstructured.Unstructured) {
	GinkgoHelper()
	for _, object := range objects {
		namespaced, err := s.client.IsObjectNamespaced(object)
		Expect(err).NotTo(HaveOccurred())
		if namespaced && object.GetNamespace() == "" {
			object.SetNamespace(namespace)
		}
		s.send(ctx, object)
	}
}

// send sends an object, unless the same was sent before, and keeps what the server says to it. What comes after a CRD may need it,
// so that is made.
func (s *server) send(ctx context.Context, object *unstructured.Unstructured) {
	GinkgoHelper()
	content, err := json.Marshal(object)
	Expect(err).NotTo(HaveOccurred())
	if s.sent.Has(string(content)) {
		return
	}
	s.sent.Insert(string(content))
	s.warnings = nil
	err = s.client.Create(ctx, object.DeepCopy(), client.DryRunAll)
	switch {
	case err != nil:
		s.warnings = append(s.warnings, err.Error())
	case object.GetKind() == "CustomResourceDefinition":
		s.serve(ctx, object)
	}
	for _, warning := range s.warnings {
		s.complaints.Insert(fmt.Sprintf("%s %s, Kubernetes %s: %s", object.GetKind(),
			client.ObjectKeyFromObject(object), s.version, warning))
	}
}

// serve makes a CRD and waits until its objects are taken.
func (s *server) serve(ctx context.Context, object *unstructured.Unstructured) {
	GinkgoHelper()
	Expect(s.client.Create(ctx, object.DeepCopy())).To(Succeed())
	Eventually(func(g Gomega) {
		crd := &apiextensionsv1.CustomResourceDefinition{}
		g.Expect(s.client.Get(ctx, client.ObjectKeyFromObject(object), crd)).To(Succeed())
		g.Expect(crd.Status.Conditions).To(ContainElement(And(
			HaveField("Type", apiextensionsv1.Established), HaveField("Status", apiextensionsv1.ConditionTrue))))
		_, err := s.client.RESTMapper().RESTMapping(schema.GroupKind{Group: crd.Spec.Group, Kind: crd.Spec.Names.Kind}, crd.Spec.Versions[0].Name)
		g.Expect(err).NotTo(HaveOccurred())
	}).WithContext(ctx).WithTimeout(time.Minute).Should(Succeed())
}

// crdOf is a CRD from a file of a module.
func crdOf(ctx context.Context, module string, file ...string) *unstructured.Unstructured {
	GinkgoHelper()
	directory, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	Expect(err).NotTo(HaveOccurred())
	content, err := os.ReadFile(filepath.Join(append([]string{strings.TrimSpace(string(directory))}, file...)...))
	Expect(err).NotTo(HaveOccurred())
	crd := &unstructured.Unstructured{}
	Expect(yaml.Unmarshal(content, &crd.Object)).To(Succeed())
	return crd
}
