// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package admission_test

import (
	"os"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	path  = "spec.extensions[0].providerConfig"
	label = "extensions.extensions.gardener.cloud/ontap"
)

// stored returns what the API server has.
func stored(ctx SpecContext, name string) *gardencorev1beta1.Shoot {
	GinkgoHelper()
	object := &gardencorev1beta1.Shoot{}
	Expect(garden.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object)).To(Succeed())
	return object
}

// update changes the Shoot as it is stored.
func update(ctx SpecContext, name string, change func(*gardencorev1beta1.Shoot)) error {
	GinkgoHelper()
	object := stored(ctx, name)
	change(object)
	return garden.Client.Update(ctx, object)
}

// create creates a Shoot with these fields.
func create(ctx SpecContext, name, fields string) {
	GinkgoHelper()
	Expect(garden.Client.Create(ctx, shoot(name, fields))).To(Succeed())
}

func annotate(s *gardencorev1beta1.Shoot, name string) {
	metav1.SetMetaDataAnnotation(&s.ObjectMeta, "ontap.extensions.gardener.cloud/"+name, "true")
}

var _ = Describe("The admission component", func() {
	It("should have itself asked about Shoots with the extension alone, and be waited for", func(ctx SpecContext) {
		registered := &admissionregistrationv1.ValidatingWebhookConfiguration{}
		Expect(garden.Client.Get(ctx, client.ObjectKey{Name: "gardener-extension-ontap-admission"}, registered)).To(Succeed())
		Expect(registered.OwnerReferences).To(ConsistOf(HaveField("Name", "extension-ontap")))
		webhook := registered.Webhooks[0]
		Expect(webhook.ObjectSelector.MatchLabels).To(Equal(map[string]string{label: "true"}))
		Expect(*webhook.FailurePolicy).To(Equal(admissionregistrationv1.Fail))
		Expect(webhook.Rules).To(HaveLen(1))
		Expect(webhook.Rules[0].Rule).To(Equal(admissionregistrationv1.Rule{
			APIGroups: []string{"core.gardener.cloud"}, APIVersions: []string{"*"}, Resources: []string{"shoots"}, Scope: webhook.Rules[0].Scope,
		}))
	})

	It("should admit a Shoot with a valid providerConfig", func(ctx SpecContext) {
		create(ctx, "good", valid)
		Expect(stored(ctx, "good").Labels).To(HaveKeyWithValue(label, "true"))
	})

	DescribeTable("should refuse by field what an SVM cannot be made of", func(ctx SpecContext, fields, refusal string) {
		object := shoot("bad", fields)
		Expect(garden.Client.Create(ctx, object)).To(MatchError(And(ContainSubstring(denied), ContainSubstring(refusal))))
		Expect(garden.Client.Get(ctx, client.ObjectKeyFromObject(object), object)).To(MatchError(apierrors.IsNotFound, "is not found"))
	},
		Entry("an address that is none", `"managementLIF":"10.10.0","dataLIFs":["10.11.0.7","10.12.0.7"]`, path+`.managementLIF: Invalid value: "10.10.0"`),
		Entry("an unknown field", valid+`,"dataLifs":[]`, path+`: Invalid value: it is not an SVMConfig`),
		Entry("a LIF among the nodes", `"managementLIF":"10.10.0.7","dataLIFs":["10.250.0.7","10.12.0.7"]`, path+`.dataLIFs[0]: Invalid value: "10.250.0.7"`),
		Entry("a LIF outside of what the chart allows", `"managementLIF":"10.11.0.8","dataLIFs":["10.11.0.7","10.12.0.7"]`,
			path+`.managementLIF: Invalid value: "10.11.0.8": must be an address in ["10.10.0.0/16" "fd00:10::/64"]`),
		Entry("a worker pool that is not there", valid+`,"workers":["other"]`, path+`.workers[0]: Unsupported value: "other"`),
	)

	It("should leave Shoots alone that do not want an SVM", func(ctx SpecContext) {
		for name, change := range map[string]func(*gardencorev1beta1.Shoot){
			"unrelated": func(s *gardencorev1beta1.Shoot) { s.Spec.Extensions[0].Type = "other" },
			"disabled":  func(s *gardencorev1beta1.Shoot) { s.Spec.Extensions[0].Disabled = new(true) },
		} {
			object := shoot(name, nonsense)
			change(object)
			Expect(garden.Client.Create(ctx, object)).To(Succeed(), name)
			Expect(stored(ctx, name).Labels).NotTo(HaveKey(label))
		}
	})

	It("should leave a Shoot that was there before alone, as long as nothing is changed that its SVM depends on", func(ctx SpecContext) {
		Expect(update(ctx, older.Name, func(s *gardencorev1beta1.Shoot) {
			s.Spec.Hibernation = &gardencorev1beta1.Hibernation{Enabled: new(true)}
		})).To(Succeed())
		Expect(stored(ctx, older.Name).Spec.Hibernation.Enabled).To(HaveValue(BeTrue()))
		Expect(update(ctx, older.Name, func(s *gardencorev1beta1.Shoot) {
			s.Spec.Extensions = shoot("", nonsense+`,"dataLIFs":[]`).Spec.Extensions
		})).
			To(MatchError(ContainSubstring(path + ".managementLIF")))
	})

	It("should not let the protocol be changed", func(ctx SpecContext) {
		create(ctx, "protocol", valid)
		Expect(update(ctx, "protocol", func(s *gardencorev1beta1.Shoot) {
			s.Spec.Extensions = shoot("", valid+`,"protocol":"NFS"`).Spec.Extensions
		})).
			To(MatchError(ContainSubstring(denied + path + `.protocol: Invalid value: "NFS": cannot be changed`)))
		Expect(string(stored(ctx, "protocol").Spec.Extensions[0].ProviderConfig.Raw)).NotTo(ContainSubstring("NFS"))
	})

	DescribeTable("should want a confirmation on the Shoot", func(ctx SpecContext, name, annotation, refusal string, change func(*gardencorev1beta1.Shoot)) {
		create(ctx, name, valid)
		Expect(update(ctx, name, change)).To(MatchError(And(ContainSubstring(denied+refusal), ContainSubstring(annotation))))
		before := shoot(name, valid).Spec.Extensions
		Expect(stored(ctx, name).Spec.Extensions).To(HaveLen(1))
		Expect(stored(ctx, name).Spec.Extensions[0].ProviderConfig.Raw).To(MatchJSON(before[0].ProviderConfig.Raw))

		Expect(update(ctx, name, func(s *gardencorev1beta1.Shoot) {
			change(s)
			annotate(s, annotation)
		})).To(Succeed())
		expected := shoot(name, valid)
		change(expected)
		Expect(stored(ctx, name).Spec.Extensions).To(HaveLen(len(expected.Spec.Extensions)))
		Expect(metav1.HasLabel(stored(ctx, name).ObjectMeta, label)).To(Equal(annotation == "confirm-data-lif-removal"), "whether the API server would ask by the new object")
		for i, extension := range expected.Spec.Extensions {
			Expect(stored(ctx, name).Spec.Extensions[i].Disabled).To(Equal(extension.Disabled))
			Expect(stored(ctx, name).Spec.Extensions[i].ProviderConfig.Raw).To(MatchJSON(extension.ProviderConfig.Raw))
		}
	},
		Entry("to remove the extension, with which its label goes", "removed", "confirm-removal", "spec.extensions: Forbidden",
			func(s *gardencorev1beta1.Shoot) { s.Spec.Extensions = nil }),
		Entry("to disable the extension", "disabled-later", "confirm-removal", "spec.extensions: Forbidden",
			func(s *gardencorev1beta1.Shoot) { s.Spec.Extensions[0].Disabled = new(true) }),
		Entry("to take a data LIF away", "lifs", "confirm-data-lif-removal", path+".dataLIFs: Forbidden: 10.12.0.7",
			func(s *gardencorev1beta1.Shoot) {
				s.Spec.Extensions = shoot("", `"managementLIF":"10.10.0.7","dataLIFs":["10.11.0.7","10.12.0.8"]`).Spec.Extensions
			}),
	)

	// Its spec cannot be changed any more: Gardener sees to that by itself.
	It("should let a Shoot go that is being deleted, whatever is in it", func(ctx SpecContext) {
		Expect(update(ctx, dying.Name, func(s *gardencorev1beta1.Shoot) { s.Finalizers = []string{"gardener"} })).To(Succeed(), "as Gardener does")
		Expect(garden.Client.Delete(ctx, stored(ctx, dying.Name))).To(Succeed())
		Expect(stored(ctx, dying.Name).DeletionTimestamp).NotTo(BeNil())
		Expect(update(ctx, dying.Name, func(s *gardencorev1beta1.Shoot) { s.Finalizers = nil })).To(Succeed())
		Expect(garden.Client.Get(ctx, client.ObjectKeyFromObject(dying), dying)).To(MatchError(apierrors.IsNotFound, "is not found"))
	})

	It("should need no rights but those of its charts", func() {
		log, err := os.ReadFile(garden.AdmissionLog())
		Expect(err).NotTo(HaveOccurred())
		Expect(string(log)).To(And(Not(ContainSubstring("is forbidden: User")), ContainSubstring("Updated source webhook config with new CA bundle")))
	})
})
