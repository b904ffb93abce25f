// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package admission_test

import (
	"net/netip"
	"strings"

	"github.com/gardener/gardener/pkg/apis/core"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/pkg/admission"
)

const (
	valid   = `"managementLIF":"10.10.0.7","dataLIFs":["10.11.0.7","10.12.0.7"]`
	path    = "spec.extensions[1].providerConfig"
	removal = `spec.extensions: Forbidden: ontap cannot be removed or disabled without the annotation ` +
		`ontap.extensions.gardener.cloud/confirm-removal: "true" on the Shoot, which loses its SVM then`
)

// shoot returns a Shoot whose SVMConfig has the fields, and one more extension.
func shoot(fields string, changes ...func(*core.Shoot)) *core.Shoot {
	raw := `{"apiVersion":"ontap.extensions.gardener.cloud/v1alpha1","kind":"SVMConfig",` + fields + `}`
	s := &core.Shoot{Spec: core.ShootSpec{
		Extensions: []core.Extension{
			{Type: "registry-cache"},
			{Type: "ontap", ProviderConfig: &runtime.RawExtension{Raw: []byte(raw)}},
		},
		Networking: &core.Networking{Pods: new("100.96.0.0/11"), Services: new("100.64.0.0/13"), Nodes: new("10.250.0.0/16")},
		Provider:   core.Provider{Workers: []core.Worker{{Name: "storage"}, {Name: "compute"}}},
	}}
	for _, change := range changes {
		change(s)
	}
	return s
}

func deleting(s *core.Shoot) { s.DeletionTimestamp = &metav1.Time{} }

func removed(s *core.Shoot) { s.Spec.Extensions = s.Spec.Extensions[:1] }

func disabled(s *core.Shoot) { s.Spec.Extensions[1].Disabled = new(true) }

func withoutConfig(s *core.Shoot) { s.Spec.Extensions[1].ProviderConfig = nil }

func moved(s *core.Shoot) { s.Spec.Extensions = s.Spec.Extensions[1:] }

func hibernated(s *core.Shoot) { s.Spec.Hibernation = &core.Hibernation{Enabled: new(true)} }

func nodes(cidr string) func(*core.Shoot) {
	return func(s *core.Shoot) { s.Spec.Networking.Nodes = &cidr }
}

func annotated(name string) func(*core.Shoot) {
	return func(s *core.Shoot) {
		metav1.SetMetaDataAnnotation(&s.ObjectMeta, "ontap.extensions.gardener.cloud/"+name, "true")
	}
}

func workers(names ...string) func(*core.Shoot) {
	return func(s *core.Shoot) {
		s.Spec.Provider.Workers = nil
		for _, name := range names {
			s.Spec.Provider.Workers = append(s.Spec.Provider.Workers, core.Worker{Name: name})
		}
	}
}

var _ = Describe("#Validate", func() {
	ranges := func(cidrs ...string) []netip.Prefix {
		GinkgoHelper()
		prefixes, err := admission.ParseRanges(cidrs)
		Expect(err).NotTo(HaveOccurred())
		return prefixes
	}
	// refuses expects these refusals, each at its field, and no other.
	refuses := func(err error, refusals ...string) {
		GinkgoHelper()
		if len(refusals) == 0 {
			Expect(err).NotTo(HaveOccurred())
			return
		}
		for _, refusal := range refusals {
			Expect(err).To(MatchError(ContainSubstring(refusal)))
		}
		Expect(strings.Count(err.Error(), "spec.extensions")).To(Equal(len(refusals)), err.Error())
	}
	validate := func(ctx SpecContext, shoot, old *core.Shoot) error {
		var before client.Object
		if old != nil {
			before = old
		}
		return admission.NewValidator(admission.AllowedRanges{}).Validate(ctx, shoot, before)
	}

	DescribeTable("should say by field what a new Shoot cannot have",
		func(ctx SpecContext, shoot *core.Shoot, refusals ...string) {
			refuses(validate(ctx, shoot, nil), refusals...)
		},
		Entry("nothing is wrong", shoot(valid)),
		Entry("everything is given", shoot(valid+`,"protocol":"iSCSI","workers":["storage"],"limits":{"capacity":"1Ti"},"storageClasses":[{"name":"a"}]`)),
		Entry("there is no such extension", shoot(`"managementLIF":"nonsense"`, removed)),
		Entry("the extension is disabled", shoot(`"managementLIF":"nonsense"`, disabled)),
		Entry("the shoot is being deleted", shoot(`"managementLIF":"nonsense"`, deleting)),
		Entry("no providerConfig", shoot(valid, withoutConfig), path+": Invalid value: it is required: an SVMConfig"),
		Entry("an unknown field", shoot(valid+`,"dataLifs":[]`), path+`: Invalid value: it is not an SVMConfig of ontap.extensions.gardener.cloud/v1alpha1: strict decoding error: unknown field "dataLifs"`),
		Entry("addresses that are none", shoot(`"managementLIF":"10.10.0.256","dataLIFs":["10.11.0.7","127.0.0.1"]`),
			path+`.managementLIF: Invalid value: "10.10.0.256"`, path+`.dataLIFs[1]: Invalid value: "127.0.0.1"`),
		Entry("one address for two LIFs", shoot(`"managementLIF":"10.11.0.7","dataLIFs":["10.11.0.7","10.11.0.8","10.11.0.8","10.11.0.9"]`),
			path+`.dataLIFs[0]: Invalid value: "10.11.0.7": is the address of the management LIF`, path+`.dataLIFs[2]: Duplicate value: "10.11.0.8"`),
		Entry("several fields", shoot(valid+`,"protocol":"FC","limits":{"volumes":-1},"storageClasses":[{"name":"A"}]`),
			path+`.protocol: Unsupported value: "FC"`, path+".limits.volumes", path+".storageClasses[0].name"),
		Entry("a worker pool that is not there", shoot(valid+`,"workers":["storage","other"]`), path+`.workers[1]: Unsupported value: "other": supported values: "compute", "storage"`),
	)

	DescribeTable("should keep LIFs out of the shoot's own ranges",
		func(ctx SpecContext, fields string, change func(*core.Shoot), refusals ...string) {
			refuses(validate(ctx, shoot(fields, change), nil), refusals...)
		},
		Entry("pods", `"managementLIF":"100.96.0.1","dataLIFs":["10.11.0.7","100.127.255.255"]`, nodes("10.250.0.0/16"),
			path+`.managementLIF: Invalid value: "100.96.0.1": must be an address outside of the shoot's own ranges: spec.networking.pods is 100.96.0.0/11`,
			path+`.dataLIFs[1]: Invalid value: "100.127.255.255": must be`),
		Entry("services", `"managementLIF":"100.71.255.255","dataLIFs":["10.11.0.7","10.12.0.7"]`, nodes("10.250.0.0/16"), "spec.networking.services is 100.64.0.0/13"),
		Entry("nodes", valid, nodes("10.12.0.0/24"), path+`.dataLIFs[1]: Invalid value: "10.12.0.7": must be an address outside of the shoot's own ranges: spec.networking.nodes is 10.12.0.0/24`),
		Entry("no networking, as without workers", valid, func(s *core.Shoot) { s.Spec.Networking = nil }),
		Entry("what the shoot has got, of both families", `"managementLIF":"fd00:10::7","dataLIFs":["10.11.0.7","10.12.0.7"]`,
			func(s *core.Shoot) {
				s.Status.Networking = &core.NetworkingStatus{Pods: []string{"100.96.0.0/11", "fd00:10::/64"}, Nodes: []string{"10.11.0.0/24"}, Services: []string{"10.12.0.7/32"}}
			},
			path+`.managementLIF: Invalid value: "fd00:10::7": must be an address outside of the shoot's own ranges: status.networking.pods is fd00:10::/64`,
			"status.networking.nodes is 10.11.0.0/24", "status.networking.services is 10.12.0.7/32"),
	)

	DescribeTable("should keep LIFs in the ranges that are allowed",
		func(ctx SpecContext, management, data []netip.Prefix, refusals ...string) {
			validator := admission.NewValidator(admission.AllowedRanges{Management: management, Data: data})
			refuses(validator.Validate(ctx, shoot(valid), nil), refusals...)
		},
		Entry("they are", ranges("10.10.0.0/24"), ranges("10.11.0.0/24", "10.12.0.0/24")),
		Entry("the management LIF is not", ranges("10.11.0.0/24", "fd00::/64"), nil,
			path+`.managementLIF: Invalid value: "10.10.0.7": must be an address in ["10.11.0.0/24" "fd00::/64"]`),
		Entry("data LIFs are not", nil, ranges("10.12.0.0/24"), path+`.dataLIFs[0]: Invalid value: "10.11.0.7": must be an address in ["10.12.0.0/24"]`),
	)

	DescribeTable("should look at an update of what the SVM depends on",
		func(ctx SpecContext, old, now *core.Shoot, refusals ...string) {
			refuses(validate(ctx, now, old), refusals...)
		},
		Entry("nothing of that changes in one that is not valid", shoot(`"managementLIF":"nonsense"`), shoot(`"managementLIF":"nonsense"`, hibernated)),
		Entry("its place in the list changes in one that is not valid", shoot(`"managementLIF":"nonsense"`), shoot(`"managementLIF":"nonsense"`, moved)),
		Entry("it is not valid and stays so", shoot(`"managementLIF":"nonsense"`), shoot(`"managementLIF":"10.10.0.7"`), path+".dataLIFs: Required value"),
		Entry("it is mended", shoot(`"managementLIF":"nonsense"`), shoot(valid)),
		Entry("it could not be decoded and is mended", shoot(`"workerz":1`), shoot(valid)),
		Entry("the extension is added", shoot(valid, removed), shoot(valid+`,"workers":["other"]`), path+".workers[0]"),
		Entry("the extension is enabled, with another protocol", shoot(valid, disabled), shoot(valid+`,"protocol":"NFS"`)),
		Entry("the node network comes to hold a LIF", shoot(valid), shoot(valid, nodes("10.11.0.0/24")), path+".dataLIFs[0]"),
		Entry("a worker pool goes that is named", shoot(valid+`,"workers":["storage"]`), shoot(valid+`,"workers":["storage"]`, workers("compute")), path+".workers[0]"),
		Entry("a worker pool goes that is not named", shoot(valid+`,"workers":["storage"]`), shoot(valid+`,"workers":["storage"]`, workers("storage"))),
		Entry("the protocol changes", shoot(valid), shoot(valid+`,"protocol":"NFS"`), path+`.protocol: Invalid value: "NFS": cannot be changed: the SVM serves NVMe`),
		Entry("the default protocol is written down", shoot(valid), shoot(valid+`,"protocol":"NVMe"`)),
		Entry("the shoot is being deleted", shoot(valid), shoot(`"managementLIF":"nonsense"`, deleting)),
	)

	const two, other = `"managementLIF":"10.10.0.7","dataLIFs":["10.12.0.7","10.11.0.7"]`, `"managementLIF":"10.10.0.8","dataLIFs":["10.11.0.7","10.12.0.8"]`
	DescribeTable("should want a confirmation for what takes storage away",
		func(ctx SpecContext, old, now *core.Shoot, refusals ...string) {
			refuses(validate(ctx, now, old), refusals...)
		},
		Entry("the extension is removed", shoot(valid), shoot(valid, removed), removal),
		Entry("the extension is disabled", shoot(valid), shoot(valid, disabled), removal),
		Entry("the extension, not valid, is removed", shoot(`"managementLIF":"nonsense"`), shoot(valid, removed), removal),
		Entry("the removal is confirmed", shoot(valid), shoot(valid, removed, annotated("confirm-removal"))),
		Entry("something else is confirmed", shoot(valid), shoot(valid, removed, annotated("confirm-data-lif-removal")), removal),
		Entry("the shoot is being deleted", shoot(valid), shoot(valid, removed, deleting)),
		Entry("a disabled extension is removed", shoot(valid, disabled), shoot(valid, removed)),
		Entry("a data LIF is taken away", shoot(valid), shoot(other), path+`.dataLIFs: Forbidden: 10.12.0.7 cannot be taken away without the annotation `+
			`ontap.extensions.gardener.cloud/confirm-data-lif-removal: "true" on the Shoot, since nodes may be connected through it`),
		Entry("that is confirmed", shoot(valid), shoot(other, annotated("confirm-data-lif-removal"))),
		Entry("the removal of the extension is confirmed", shoot(valid), shoot(other, annotated("confirm-removal")), path+".dataLIFs: Forbidden"),
		Entry("data LIFs change places", shoot(valid), shoot(two)),
		Entry("data LIFs are added", shoot(valid), shoot(`"managementLIF":"10.10.0.7","dataLIFs":["10.11.0.7","10.12.0.7","10.11.0.8","10.12.0.8"]`)),
		Entry("an address is written otherwise", shoot(`"managementLIF":"fd00::7","dataLIFs":["fd00::8"]`), shoot(`"managementLIF":"fd00::7","dataLIFs":["fd00:0::8"]`)),
	)

	It("should refuse what is not a Shoot", func(ctx SpecContext) {
		validator := admission.NewValidator(admission.AllowedRanges{})
		Expect(validator.Validate(ctx, &core.Seed{}, nil)).To(MatchError("expected a Shoot, not a *core.Seed"))
		Expect(validator.Validate(ctx, shoot(valid), &core.Seed{})).To(MatchError("expected an old Shoot, not a *core.Seed"))
	})
})

var _ = DescribeTable("#ParseRanges should name what is not a range", func(cidr string) {
	_, err := admission.ParseRanges([]string{"10.0.0.0/8", cidr})
	Expect(err).To(MatchError(`"` + cidr + `" must be an IPv4 or IPv6 CIDR without host bits`))
},
	Entry("an address", "10.0.0.1"), Entry("host bits", "10.0.0.1/8"), Entry("mapped", "::ffff:10.0.0.0/104"), Entry("nothing", ""),
)
