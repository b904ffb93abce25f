// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1_test

import (
	"encoding/json"
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

// withClasses decodes a providerConfig with these fields and storage classes.
func withClasses(fields, classes string) (*ontapv1alpha1.SVMConfig, error) {
	return ontapv1alpha1.DecodeSVMConfig([]byte(`{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMConfig",` +
		`"managementLIF":"10.10.0.1","dataLIFs":["10.11.0.1","10.11.0.2"],` + fields + `"storageClasses":` + classes + `}`))
}

var _ = Describe("Storage classes", func() {
	It("should have what their owner says of them, and nothing else", func() {
		config, err := withClasses("", `[{"name":"a"},{"name":"b","default":true,"encrypted":true,"fileSystem":"xfs","qosPolicy":"gold",`+
			`"reclaimPolicy":"Retain","volumeBindingMode":"WaitForFirstConsumer","allowVolumeExpansion":false,"mountOptions":["noatime","discard"]}]`)
		Expect(err).NotTo(HaveOccurred())
		Expect(config.StorageClasses).To(Equal([]ontapv1alpha1.StorageClass{
			{Name: "a"},
			{
				Name: "b", Default: true, Encrypted: true, FileSystem: ontapv1alpha1.FileSystemXFS, QoSPolicy: "gold",
				ReclaimPolicy: corev1.PersistentVolumeReclaimRetain, VolumeBindingMode: storagev1.VolumeBindingWaitForFirstConsumer,
				AllowVolumeExpansion: new(false), MountOptions: []string{"noatime", "discard"},
			},
		}))
		Expect(ontapv1alpha1.ValidateSVMConfig(config, nil)).To(BeEmpty())
	})

	It("should be written as short as before by whoever says nothing new, since a hash of that is kept", func() {
		Expect(json.Marshal(ontapv1alpha1.StorageClass{Name: "a", Encrypted: true})).To(BeEquivalentTo(`{"name":"a","encrypted":true}`))
	})

	DescribeTable("should be refused by field, with what is allowed", func(fields, classes, at, allowed string) {
		config, err := withClasses(fields, classes)
		Expect(err).NotTo(HaveOccurred())
		errs := ontapv1alpha1.ValidateSVMConfig(config, field.NewPath("spec"))
		Expect(errs).To(ConsistOf(HaveField("Field", "spec.storageClasses"+at)))
		Expect(errs.ToAggregate()).To(MatchError(ContainSubstring(allowed)))
	},
		Entry("no name", "", `[{}]`, "[0].name", "lower case"),
		Entry("a name that is none", "", `[{"name":"Gold"}]`, "[0].name", "lower case"),
		Entry("a name that is too long", "", `[{"name":"`+strings.Repeat("a", 201)+`"}]`, "[0].name", "200"),
		Entry("a name twice", "", `[{"name":"a"},{"name":"a"}]`, "[1].name", "Duplicate"),
		Entry("two defaults", "", `[{"name":"a","default":true},{"name":"b","default":true}]`, "[1].default", "only one"),
		Entry("a file system that is not offered", "", `[{"name":"a","fileSystem":"btrfs"}]`, "[0].fileSystem", `supported values: "ext4", "xfs"`),
		Entry("a reclaim policy of old", "", `[{"name":"a","reclaimPolicy":"Recycle"}]`, "[0].reclaimPolicy", `supported values: "Delete", "Retain"`),
		Entry("a binding mode that there is not", "", `[{"name":"a","volumeBindingMode":"Later"}]`, "[0].volumeBindingMode",
			`supported values: "Immediate", "WaitForFirstConsumer"`),
		Entry("several mount options in one", "", `[{"name":"a","mountOptions":["discard","noatime,nodev"]}]`, "[0].mountOptions[1]", "one mount option"),
		Entry("a mount option with a space", "", `[{"name":"a","mountOptions":["-o noatime"]}]`, "[0].mountOptions[0]", "without spaces"),
		Entry("an empty mount option", "", `[{"name":"a","mountOptions":[""]}]`, "[0].mountOptions[0]", "one mount option"),
		Entry("a mount option twice", "", `[{"name":"a","mountOptions":["noatime","noatime"]}]`, "[0].mountOptions[1]", "Duplicate"),
		Entry("LUKS with NFS", `"protocol":"NFS",`, `[{"name":"a"},{"name":"b","encrypted":true}]`, "[1].encrypted", "the protocol is NFS"),
		Entry("a file system with NFS", `"protocol":"NFS",`, `[{"name":"a","fileSystem":"ext4"}]`, "[0].fileSystem", "the protocol is NFS"),
	)

	DescribeTable("should be refused as a whole with what nobody knows", func(classes, problem string) {
		_, err := withClasses("", classes)
		Expect(err).To(MatchError(ContainSubstring(problem)))
	},
		Entry("a parameter of Trident's", `[{"name":"a"},{"name":"b","selector":"luks=false"}]`, `unknown field "storageClasses[1].selector"`),
		Entry("parameters", `[{"name":"a","parameters":{"media":"ssd"}}]`, `unknown field "storageClasses[0].parameters"`),
		Entry("a field in other letters", `[{"name":"a","qospolicy":"gold"}]`, `unknown field "storageClasses[0].qospolicy"`),
		Entry("a field twice", `[{"name":"a","name":"b"}]`, `duplicate field "storageClasses[0].name"`),
		Entry("a value of another type", `[{"name":"a","allowVolumeExpansion":"no"}]`, "allowVolumeExpansion"),
	)
})

var _ = Describe("README", func() {
	It("should have examples that are valid, and name every field of a storage class", func() {
		content, err := os.ReadFile("../../../../README.md")
		Expect(err).NotTo(HaveOccurred())
		_, chapter, found := strings.Cut(string(content), "\n## What the owner of a shoot writes\n")
		Expect(found).To(BeTrue())
		chapter, _, _ = strings.Cut(chapter, "\n## ")
		examples := strings.Split(chapter, "```yaml\n")[1:]
		Expect(examples).NotTo(BeEmpty())
		for _, example := range examples {
			example, _, _ = strings.Cut(example, "```")
			shoot := struct {
				Extensions []struct{ ProviderConfig json.RawMessage }
			}{}
			Expect(yaml.Unmarshal([]byte(example), &shoot)).To(Succeed())
			Expect(shoot.Extensions).NotTo(BeEmpty(), example)
			for _, extension := range shoot.Extensions {
				config, err := ontapv1alpha1.DecodeSVMConfig(extension.ProviderConfig)
				Expect(err).NotTo(HaveOccurred())
				Expect(ontapv1alpha1.ValidateSVMConfig(config, nil)).To(BeEmpty())
			}
		}
		for _, name := range []string{
			"name", "default", "encrypted", "fileSystem", "qosPolicy", "reclaimPolicy", "volumeBindingMode", "allowVolumeExpansion", "mountOptions",
		} {
			Expect(chapter).To(ContainSubstring("\n| `storageClasses[]." + name + "` |"))
		}
	})
})
