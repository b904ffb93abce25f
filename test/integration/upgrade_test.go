// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"github.com/gardener/gardener/pkg/utils/managedresources"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/charts"
	"github.com/gardener-community/gardener-extension-ontap/pkg/controller/repair"
)

var _ = Describe("An upgrade of the extension, and the way back", func() {
	var (
		w   *world
		s   *shoot
		seq uint64
	)
	BeforeEach(func(ctx SpecContext) {
		w = newWorld("a", "b")
		s = w.newShoot(ctx, 1)
		Expect(s.reconcile(ctx)).To(Succeed())
		_, seq = w.since(ctx, 0)
	})
	// begin is the start of a version, of which two sweeps go over the shoots, and a look at the one by itself.
	begin := func(ctx context.Context) {
		GinkgoHelper()
		w.restart()
		repairs := w.newRepairs(ctx)
		for range 2 {
			Expect(repairs.look(ctx, sweep)).To(Succeed())
			repairs.settle(ctx)
		}
		Expect(repairs.look(ctx, repair.Request{Namespace: s.namespace(), Cause: repair.CauseRetry})).To(Succeed())
		repairs.settle(ctx)
	}
	// tag is that of Trident's image in the shoot.
	tag := func(ctx context.Context) string {
		GinkgoHelper()
		deployment := &appsv1.Deployment{}
		Expect(s.inside().Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: "trident-controller"}, deployment)).To(Succeed())
		image := deployment.Spec.Template.Spec.Containers[0].Image
		return image[strings.LastIndex(image, ":")+1:]
	}

	It("should change a shoot in Gardener's reconcile and not before, and nothing on ONTAP", func(ctx SpecContext) {
		old, installed := tag(ctx), s.managedResource(ctx, "extension-ontap-driver").Spec
		vector, err := charts.Images()
		Expect(err).NotTo(HaveOccurred())
		for _, source := range vector {
			other := *source
			other.Tag = new("another")
			w.Images = append(w.Images, &other)
		}
		versions := s.versions(ctx)
		begin(ctx)
		Expect(s.versions(ctx)).To(Equal(versions), "a version that starts and sweeps writes nothing for the shoot")
		Expect(tag(ctx)).To(Equal(old))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(tag(ctx)).To(Equal("another"))

		By("going back")
		w.Images = nil
		versions = s.versions(ctx)
		begin(ctx)
		Expect(s.versions(ctx)).To(Equal(versions))
		Expect(tag(ctx)).To(Equal("another"))
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(tag(ctx)).To(Equal(old))
		Expect(s.managedResource(ctx, "extension-ontap-driver").Spec).To(Equal(installed), "to the letter what it was")
		Expect(w.effects(ctx, seq)).To(BeEmpty())
		s.expectConditions(ctx, "True Ready")
	})

	It("should be kept from a seed whose ManagedResource of the extension is ignored, as the README holds seeds back", func(ctx SpecContext) {
		const name = "extension-ontap-x7k2p"
		roll := func(version string) { // as gardenlet does with a ControllerInstallation
			GinkgoHelper()
			chart := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: chart, namespace: kube-system}\ndata: {version: %q}\n", version)
			Expect(managedresources.Create(ctx, w.seed, s.namespace(), name, nil, false, "", map[string][]byte{"chart.yaml": []byte(chart)}, nil, nil, nil)).To(Succeed())
			w.othersWork()
		}
		annotate := func(annotations map[string]string) {
			GinkgoHelper()
			resource := s.managedResource(ctx, name)
			before := client.MergeFrom(resource.DeepCopy())
			resource.Annotations = annotations
			Expect(w.seed.Patch(ctx, resource, before)).To(Succeed())
			w.othersWork()
		}
		version := func() string {
			GinkgoHelper()
			chart := &corev1.ConfigMap{}
			Expect(s.inside().Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: "chart"}, chart)).To(Succeed())
			return chart.Data["version"]
		}
		roll("v1")
		Expect(version()).To(Equal("v1"))
		annotate(map[string]string{resourcesv1alpha1.Ignore: "true"})
		roll("v2")
		Expect(version()).To(Equal("v1"))
		annotate(map[string]string{"gardener.cloud/operation": "reconcile"})
		Expect(version()).To(Equal("v2"))
	})

	It("should take the records of a newer version, of which it does not know every field", func(ctx SpecContext) {
		account := string(s.secret(ctx).Data["username"])
		withMore := func(record *runtime.RawExtension) *runtime.RawExtension {
			GinkgoHelper()
			fields := map[string]any{}
			Expect(json.Unmarshal(record.Raw, &fields)).To(Succeed())
			fields["ofNextYear"] = map[string]any{"what": "nobody knows yet"}
			return raw(fields)
		}
		newer := s.extension(ctx)
		newer.Status.State, newer.Status.ProviderStatus = withMore(newer.Status.State), withMore(newer.Status.ProviderStatus)
		Expect(w.seed.Status().Update(ctx, newer)).To(Succeed())
		begin(ctx)
		Expect(w.gauge("ontap_extension_swept_shoots", "InStep")).To(BeEquivalentTo(1), "what was applied is still known")
		Expect(s.reconcile(ctx)).To(Succeed())
		Expect(w.effects(ctx, seq)).To(BeEmpty())
		Expect(string(s.secret(ctx).Data["username"])).To(Equal(account))
		s.expectConditions(ctx, "True Ready")
	})
})
