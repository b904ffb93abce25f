// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	storagev1 "k8s.io/api/storage/v1"

	"github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
)

const (
	noCleanup = "shoot.gardener.cloud/no-cleanup"
	critical  = "node.gardener.cloud/critical-component"
	taint     = "node.gardener.cloud/critical-components-not-ready"
)

var _ = Describe("Trident itself in the shoot", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	controller := func(ctx context.Context) *appsv1.Deployment {
		GinkgoHelper()
		found := &appsv1.Deployment{}
		w.get(ctx, found, "kube-system", "trident-controller")
		return found
	}
	node := func(ctx context.Context) *appsv1.DaemonSet {
		GinkgoHelper()
		found := &appsv1.DaemonSet{}
		w.get(ctx, found, "kube-system", "trident-node-linux")
		return found
	}
	byName := func(containers []corev1.Container) map[string]corev1.Container {
		all := map[string]corev1.Container{}
		for _, container := range containers {
			all[container.Name] = container
		}
		return all
	}
	env := func(container corev1.Container, name string) string {
		for _, variable := range container.Env {
			if variable.Name == name {
				return variable.Value
			}
		}
		return ""
	}

	It("should be a controller with all sidecars, which never asks ONTAP for its state by itself", func(ctx SpecContext) {
		w.settle(ctx)
		containers := byName(controller(ctx).Spec.Template.Spec.Containers)
		Expect(containers).To(HaveLen(5))
		Expect(containers).To(And(HaveKey("csi-provisioner"), HaveKey("csi-attacher"), HaveKey("csi-resizer"), HaveKey("csi-snapshotter")))
		Expect(containers["trident-main"].Args).To(ContainElements("--csi_role=controller", "--crd_persistence", "--backend_storage_poll_interval=0",
			"--enable_concurrency=false", "--address=127.0.0.1"))
		Expect(controller(ctx).Spec.Strategy.Type).To(Equal(appsv1.RecreateDeploymentStrategyType))
		Expect(controller(ctx).Spec.Replicas).To(gstruct.PointTo(Equal(int32(1))))
		for name, container := range containers {
			Expect(container.SecurityContext).To(gstruct.PointTo(gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{
				"AllowPrivilegeEscalation": gstruct.PointTo(BeFalse()), "ReadOnlyRootFilesystem": gstruct.PointTo(BeTrue()), "Privileged": gstruct.PointTo(BeFalse()),
				"Capabilities": gstruct.PointTo(HaveField("Drop", ConsistOf(corev1.Capability("ALL")))),
			})), name)
			Expect(container.Resources.Requests).To(And(HaveKey(corev1.ResourceCPU), HaveKey(corev1.ResourceMemory)), name)
		}
	})

	It("should not wait for nodes that wait for it", func(ctx SpecContext) {
		w.settle(ctx)
		template := controller(ctx).Spec.Template
		Expect(template.Spec.Tolerations).To(ContainElement(And(HaveField("Key", taint), HaveField("Operator", corev1.TolerationOpExists))))
		Expect(template.Spec.PriorityClassName).To(Equal("system-cluster-critical"))
		Expect(template.Labels).NotTo(HaveKey(critical))
		Expect(template.Labels).NotTo(HaveKey("high-availability-config.resources.gardener.cloud/type"))
		Expect(controller(ctx).Labels).NotTo(HaveKey("high-availability-config.resources.gardener.cloud/type"))
		Expect(template.Labels).To(And(
			HaveKeyWithValue("networking.gardener.cloud/to-apiserver", "allowed"), HaveKeyWithValue("networking.gardener.cloud/to-dns", "allowed"),
			HaveKeyWithValue("networking.gardener.cloud/from-seed", "allowed"), HaveKeyWithValue("apiserver-proxy.networking.gardener.cloud/inject", "disable"),
			HaveKeyWithValue("resources.gardener.cloud/managed-by", "gardener"),
		))
	})

	It("should be on every node before anything else is, and ask no DNS for anything", func(ctx SpecContext) {
		w.settle(ctx)
		set := node(ctx)
		Expect(set.Labels).To(HaveKeyWithValue(critical, "true"))
		Expect(set.Spec.Template.Labels).To(And(HaveKeyWithValue(critical, "true"), HaveKeyWithValue("apiserver-proxy.networking.gardener.cloud/inject", "disable")))
		Expect(set.Spec.Template.Annotations).To(HaveKeyWithValue("node.gardener.cloud/wait-for-csi-node-trident", "csi.trident.netapp.io"))
		spec := set.Spec.Template.Spec
		Expect(spec.Tolerations).To(ConsistOf(
			corev1.Toleration{Operator: "Exists", Effect: "NoExecute"}, corev1.Toleration{Operator: "Exists", Effect: "NoSchedule"}))
		Expect(spec.PriorityClassName).To(Equal("system-node-critical"))
		Expect(spec.DNSPolicy).To(Equal(corev1.DNSDefault))
		Expect(spec.HostNetwork).To(BeTrue())
		Expect(set.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable.String()).To(Equal("10%"))
		Expect(env(byName(spec.Containers)["trident-main"], "TRIDENT_CSI_SERVICE_HOST")).To(BeEmpty(), "Kubernetes puts the address there")
	})

	It("should find its controller over IPv6, where an address in a URL needs brackets", func(ctx SpecContext) {
		w.content.IPv6 = true
		w.settle(ctx)
		Expect(env(byName(node(ctx).Spec.Template.Spec.Containers)["trident-main"], "TRIDENT_CSI_SERVICE_HOST")).To(Equal("[$(TRIDENT_CSI_SERVICE_HOST)]"))
		main := byName(controller(ctx).Spec.Template.Spec.Containers)["trident-main"]
		Expect(main.Args).To(ContainElement("--address=[::1]"))
		Expect(env(main, "TRIDENT_SERVER")).To(Equal("[::1]:8000"))
		Expect(main.ReadinessProbe.Exec.Command).To(ContainElement("[::1]:8000"))
	})

	It("should be kept by Gardener when it cleans the shoot up, objects and pods", func(ctx SpecContext) {
		w.settle(ctx)
		service := &corev1.Service{}
		w.get(ctx, service, "kube-system", "trident-csi")
		Expect(service.Labels).To(HaveKeyWithValue(noCleanup, "true"))
		Expect(service.Spec.Ports[0]).To(And(HaveField("Port", int32(34571)), HaveField("TargetPort.IntVal", int32(8443))), "the first is the one whose port the nodes get")
		for _, labels := range []map[string]string{
			controller(ctx).Labels, controller(ctx).Spec.Template.Labels, node(ctx).Labels, node(ctx).Spec.Template.Labels,
		} {
			Expect(labels).To(HaveKeyWithValue(noCleanup, "true"))
		}
	})

	It("should be on the nodes of the worker pools that are wanted, and of all where none is named", func(ctx SpecContext) {
		pools := func() []corev1.NodeSelectorRequirement {
			required := node(ctx).Spec.Template.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
			return slices.DeleteFunc(required.NodeSelectorTerms[0].MatchExpressions, func(r corev1.NodeSelectorRequirement) bool { return r.Key != "worker.gardener.cloud/pool" })
		}
		w.settle(ctx)
		Expect(pools()).To(BeEmpty())
		w.content.Workers = []string{"storage", "gpu"}
		w.settle(ctx)
		Expect(pools()).To(ConsistOf(corev1.NodeSelectorRequirement{
			Key: "worker.gardener.cloud/pool", Operator: corev1.NodeSelectorOpIn, Values: []string{"storage", "gpu"},
		}))
	})

	It("should prepare nodes for NVMe alone", func(ctx SpecContext) {
		w.settle(ctx)
		Expect(node(ctx).Spec.Template.Spec.InitContainers).To(ConsistOf(HaveField("Name", "prepare-node")))
		w.content.Protocol, w.content.StorageClasses = v1alpha1.ProtocolNFS, w.content.StorageClasses[:1]
		w.settle(ctx)
		Expect(node(ctx).Spec.Template.Spec.InitContainers).To(BeEmpty())
	})

	It("should be a driver that has to attach volumes", func(ctx SpecContext) {
		w.settle(ctx)
		driver := &storagev1.CSIDriver{}
		w.get(ctx, driver, "", "csi.trident.netapp.io")
		Expect(driver.Spec.AttachRequired).To(gstruct.PointTo(BeTrue()))
		Expect(driver.Spec.FSGroupPolicy).To(gstruct.PointTo(Equal(storagev1.ReadWriteOnceWithFSTypeFSGroupPolicy)))
		Expect(driver.Annotations).To(HaveKeyWithValue("resources.gardener.cloud/delete-on-invalid-update", "true"))
	})

	DescribeTable("should reach ONTAP, and nothing else that is not Gardener's to allow", func(ctx SpecContext, address, cidr string) {
		w.content.ManagementLIF = netip.MustParseAddr(address)
		w.settle(ctx)
		policy := &networkingv1.NetworkPolicy{}
		w.get(ctx, policy, "kube-system", "trident-controller")
		Expect(policy.Spec.Egress).To(ConsistOf(And(
			HaveField("Ports", ConsistOf(HaveField("Port.IntVal", int32(443)))), HaveField("To", ConsistOf(HaveField("IPBlock.CIDR", cidr))))))
		Expect(policy.Spec.Ingress).To(ConsistOf(And(HaveField("Ports", ConsistOf(HaveField("Port.IntVal", int32(8443)))), HaveField("From", BeEmpty()))))
		Expect(controller(ctx).Spec.Template.Labels).To(HaveKeyWithValue("app", policy.Spec.PodSelector.MatchLabels["app"]))
	}, Entry("over IPv4", "10.10.0.1", "10.10.0.1/32"), Entry("over IPv6", "fd00::1", "fd00::1/128"))

	It("should have no PodDisruptionBudget, which would hinder or do nothing", func(ctx SpecContext) {
		w.settle(ctx)
		budgets := &policyv1.PodDisruptionBudgetList{}
		Expect(w.inside.List(ctx, budgets)).To(Succeed())
		Expect(budgets.Items).To(BeEmpty())
	})

	It("should have no right that is for NetApp's installer, and Secrets in its own namespace alone", func(ctx SpecContext) {
		w.settle(ctx)
		roles := &rbacv1.ClusterRoleList{}
		Expect(w.inside.List(ctx, roles)).To(Succeed())
		Expect(roles.Items).To(HaveLen(2))
		for _, role := range roles.Items {
			for _, rule := range role.Rules {
				Expect(rule.Resources).NotTo(ContainElements("secrets"))
				Expect(strings.Join(append(rule.APIGroups, rule.Resources...), " ")).NotTo(Or(
					ContainSubstring("*"), ContainSubstring("podsecuritypolicies"), ContainSubstring("openshift"), ContainSubstring("resourcequotas"), ContainSubstring("log")))
			}
		}
		role := &rbacv1.Role{}
		w.get(ctx, role, "kube-system", "trident-controller")
		Expect(role.Rules).To(ConsistOf(HaveField("Resources", ConsistOf("secrets"))))
		for _, name := range []string{"trident-controller", "trident-node-linux"} {
			w.get(ctx, &corev1.ServiceAccount{}, "kube-system", name)
			binding := &rbacv1.ClusterRoleBinding{}
			w.get(ctx, binding, "", name)
			Expect(binding.Subjects).To(ConsistOf(rbacv1.Subject{Kind: "ServiceAccount", Namespace: "kube-system", Name: name}))
		}
	})
})

var _ = Describe("The preparation of a node", func() {
	var host, message string
	BeforeEach(func() {
		host = GinkgoT().TempDir()
		message = filepath.Join(GinkgoT().TempDir(), "message")
		Expect(os.MkdirAll(filepath.Join(host, "etc"), 0o755)).To(Succeed())
	})
	prepare := func(ctx context.Context) string {
		GinkgoHelper()
		script, err := os.ReadFile("prepare_node.sh")
		Expect(err).NotTo(HaveOccurred())
		command := exec.CommandContext(ctx, "/bin/sh", "-c", string(script))
		command.Env = append(os.Environ(), "HOST="+host, "MESSAGE="+message)
		Expect(command.Run()).To(Succeed(), "whatever the node lacks")
		lacks, err := os.ReadFile(message)
		Expect(err == nil || os.IsNotExist(err)).To(BeTrue())
		Expect(os.RemoveAll(message)).To(Succeed())
		return string(lacks)
	}
	write := func(path, content string, mode os.FileMode) {
		GinkgoHelper()
		Expect(os.MkdirAll(filepath.Dir(filepath.Join(host, path)), 0o755)).To(Succeed())
		Expect(os.WriteFile(filepath.Join(host, path), []byte(content), mode)).To(Succeed())
	}
	name := func() string {
		GinkgoHelper()
		content, err := os.ReadFile(filepath.Join(host, "etc", "nvme", "hostnqn"))
		Expect(err).NotTo(HaveOccurred())
		return string(content)
	}

	It("should say all that a node lacks, and not fail", func(ctx SpecContext) {
		Expect(prepare(ctx)).To(Equal("the kernel module nvme_tcp\nthe program nvme\nthe file /etc/nvme/hostnqn\n"))
	})

	It("should name a node by what tells it from others, and never rename it", func(ctx SpecContext) {
		write("etc/machine-id", "0123456789abcdef0123456789abcdef\n", 0o444)
		write("usr/sbin/nvme", "", 0o755)
		Expect(os.MkdirAll(filepath.Join(host, "sys", "module", "nvme_tcp"), 0o755)).To(Succeed())
		Expect(prepare(ctx)).To(BeEmpty())
		first := name()
		Expect(first).To(MatchRegexp(`^nqn\.2014-08\.org\.nvmexpress:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$`))
		Expect(first).NotTo(ContainSubstring("01234567"), "the machine's id is nobody else's business")
		write("etc/machine-id", "fedcba9876543210fedcba9876543210\n", 0o444)
		Expect(prepare(ctx)).To(BeEmpty())
		Expect(name()).To(Equal(first))
		Expect(os.Remove(filepath.Join(host, "etc", "nvme", "hostnqn"))).To(Succeed())
		prepare(ctx)
		Expect(name()).NotTo(Equal(first))
	})

	It("should leave the name that the operating system gave", func(ctx SpecContext) {
		write("etc/nvme/hostnqn", "nqn.2014-08.org.nvmexpress:uuid:given\n", 0o644)
		prepare(ctx)
		Expect(name()).To(HaveSuffix("given\n"))
	})
})
