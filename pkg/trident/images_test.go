// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gardener/gardener/pkg/utils/imagevector"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/gardener-community/gardener-extension-ontap/charts"
	"github.com/gardener-community/gardener-extension-ontap/pkg/trident"
)

var _ = Describe("Images", func() {
	It("should be those of the image vector in every container, Trident's with its version", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.settle(ctx)
		vector, err := charts.Images()
		Expect(err).NotTo(HaveOccurred())
		Expect(imagevector.ValidateImageVector(vector, nil)).To(BeEmpty())
		known := map[string]bool{}
		for _, source := range vector {
			image, err := vector.FindImage(source.Name)
			Expect(err).NotTo(HaveOccurred())
			known[image.String()] = false
		}
		main, err := vector.FindImage("trident")
		Expect(err).NotTo(HaveOccurred())
		Expect(*main.Tag).To(Equal(trident.Version))

		deployment, set := &appsv1.Deployment{}, &appsv1.DaemonSet{}
		w.get(ctx, deployment, "kube-system", "trident-controller")
		w.get(ctx, set, "kube-system", "trident-node-linux")
		var containers []corev1.Container
		for _, spec := range []corev1.PodSpec{deployment.Spec.Template.Spec, set.Spec.Template.Spec} {
			containers = append(append(containers, spec.Containers...), spec.InitContainers...)
		}
		for _, container := range containers {
			Expect(known).To(HaveKey(container.Image), container.Name)
			known[container.Image] = true
		}
		Expect(known).NotTo(ContainElement(false), "an image that nobody uses")
	})

	It("should be overwritten by the operator", func() {
		file := filepath.Join(GinkgoT().TempDir(), "images.yaml")
		Expect(os.WriteFile(file, []byte("images:\n- name: trident\n  repository: mirror.example.org/trident\n  tag: 26.06.0\n"), 0o600)).To(Succeed())
		GinkgoT().Setenv(imagevector.OverrideEnv, file)
		vector, err := charts.Images()
		Expect(err).NotTo(HaveOccurred())
		image, err := vector.FindImage("trident")
		Expect(err).NotTo(HaveOccurred())
		Expect(image.String()).To(Equal("mirror.example.org/trident:26.06.0"))
	})

	It("should be written down nowhere else", func() {
		reference := regexp.MustCompile(`(docker\.io|registry\.k8s\.io|quay\.io|pkg\.dev)/|netapp/trident[:"]|sig-storage/`)
		for _, root := range []string{"../../pkg", "../../cmd", "../../charts"} {
			Expect(filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "charts/images.yaml") {
					return err
				}
				content, err := os.ReadFile(path)
				Expect(reference.FindString(string(content))).To(BeEmpty(), path)
				return err
			})).To(Succeed())
		}
	})
})
