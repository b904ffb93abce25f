// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident_test

import (
	"context"
	"net/http"
	"net/http/httptest"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
	"github.com/gardener-community/gardener-extension-ontap/test/trident"
)

const exists = "GET /storage/volumes?fields=&name=v&style=flexvol&svm.uuid=SVM"

var node = trident.Node{Name: "node-1", NQN: "nqn.2014-08.org.nvmexpress:uuid:3f1b1c2e-0000-4000-8000-000000000001", TridentUUID: "7f8c5a5e"}

var _ = Describe("The driver", func() {
	var r *rig

	BeforeEach(func(ctx SpecContext) {
		r = start(ctx, 0)
		Expect(r.driver.Initialise(ctx)).To(Succeed())
	})

	It("should make a backend by what Trident asks, in its order", func(ctx SpecContext) {
		Expect(r.requests(ctx)).To(Equal([]string{
			"GET /cluster?fields=**", "GET /cluster?fields=san_optimized,disaggregated&ignore_unknown_fields=true", "GET /svm/svms?fields=&name=*",
			"GET /cluster/nodes?fields=serial_number&name=*",
			"GET /network/ip/interfaces?fields=ip.address,state&services=data_nvme_tcp&svm.uuid=SVM",
			"GET /svm/peers?fields=peer.svm.name&svm.uuid=SVM", "GET /svm/svms/{uuid}",
			"GET /storage/aggregates?fields=block_storage.primary.disk_type&name=*",
		}))
		Expect(r.driver.Heartbeat(ctx)).To(Succeed())
		Expect(r.requests(ctx)).To(Equal([]string{"POST /support/ems/application-logs?return_records=true"}))
	})

	It("should take a volume through its life by what Trident asks, in its order", func(ctx SpecContext) {
		r.requests(ctx)
		v, err := r.driver.Create(ctx, "v", 1<<30)
		Expect(err).NotTo(HaveOccurred())
		Expect(r.requests(ctx)).To(Equal([]string{
			exists, "POST /storage/volumes", exists, "POST /storage/namespaces?return_records=true",
			"GET /storage/namespaces?fields=os_type,location.volume.name,space.size,space.block_size,status.state,comment&name=/vol/v/namespace0&svm.uuid=SVM",
		}))
		nqn, err := r.driver.Publish(ctx, v, node)
		Expect(err).NotTo(HaveOccurred())
		Expect(nqn).To(HaveSuffix(":subsystem.node-1_7f8c5a5e"))
		Expect(r.requests(ctx)[1:]).To(Equal([]string{
			"GET /protocols/nvme/subsystems?fields=target_nqn&name=node-1_7f8c5a5e&svm.uuid=SVM", "POST /protocols/nvme/subsystems?return_records=true",
			"GET /protocols/nvme/subsystems/{subsystem.uuid}/hosts", "POST /protocols/nvme/subsystems/{subsystem.uuid}/hosts",
			"GET /protocols/nvme/subsystem-maps?subsystem.uuid=" + v.Subsystem, "POST /protocols/nvme/subsystem-maps",
		}))
		subsystem := v.Subsystem
		Expect(r.driver.Publish(ctx, v, node)).To(Equal(nqn), "it is published already")
		r.requests(ctx)
		Expect(r.driver.Unpublish(ctx, v, node)).To(Succeed())
		Expect(r.requests(ctx)).To(Equal([]string{
			"GET /protocols/nvme/subsystems/{subsystem.uuid}/hosts", "GET /protocols/nvme/subsystem-maps?subsystem.uuid=" + subsystem,
			"DELETE /protocols/nvme/subsystems/{subsystem.uuid}/hosts/{nqn}", "GET /protocols/nvme/subsystem-maps?subsystem.uuid=" + subsystem,
			"GET /protocols/nvme/subsystems/{subsystem.uuid}/hosts", "DELETE /protocols/nvme/subsystem-maps/{subsystem.uuid}/{namespace.uuid}",
			"GET /protocols/nvme/subsystem-maps?subsystem.uuid=" + subsystem, "DELETE /protocols/nvme/subsystems/{uuid}?allow_delete_with_hosts=true",
		}))
		Expect(r.driver.Delete(ctx, v)).To(Succeed())
		mirrors := "GET /snapmirror/relationships?fields=source.path,destination.path&list_destinations_only=true"
		Expect(r.requests(ctx)).To(Equal([]string{
			exists, mirrors, mirrors, mirrors, "GET /snapmirror/relationships?fields=destination.path,source.path", exists,
			"DELETE /storage/volumes/{uuid}?force=false",
		}))
	})

	It("should read collections to their end", func(ctx SpecContext) {
		r = start(ctx, 1)
		Expect(r.driver.Initialise(ctx)).To(Succeed())
		Expect(r.driver.Addresses()).To(HaveLen(2))
		for _, name := range []string{"v", "w"} {
			v, err := r.driver.Create(ctx, name, 1<<30)
			Expect(err).NotTo(HaveOccurred())
			_, err = r.driver.Publish(ctx, v, node)
			Expect(err).NotTo(HaveOccurred())
		}
	})

	It("should let several nodes share a raw volume", func(ctx SpecContext) {
		v, err := r.driver.Create(ctx, "v", 1<<30)
		Expect(err).NotTo(HaveOccurred())
		r.requests(ctx)
		nqn, err := r.driver.PublishRaw(ctx, v, node)
		Expect(err).NotTo(HaveOccurred())
		Expect(nqn).To(HaveSuffix(":subsystem.trident_subsystem_7f8c5a5e_1"))
		Expect(r.requests(ctx)[1:4]).To(Equal([]string{
			"GET /protocols/nvme/subsystems?fields=uuid,name,target_nqn&name=s_v&svm.uuid=SVM",
			"GET /protocols/nvme/subsystem-maps?fields=subsystem.name,subsystem.uuid&namespace.uuid=" + v.NamespaceUUID,
			"GET /protocols/nvme/subsystems?fields=uuid,name&name=trident_subsystem_7f8c5a5e*&svm.uuid=SVM",
		}))
		other := node
		other.NQN += "0"
		Expect(r.driver.PublishRaw(ctx, v, other)).To(Equal(nqn))
		second, err := r.driver.Create(ctx, "w", 1<<30)
		Expect(err).NotTo(HaveOccurred())
		Expect(r.driver.PublishRaw(ctx, second, node)).To(Equal(nqn), "there is room in it")
	})

	It("should leave nothing where the namespace could not be made", func(ctx SpecContext) {
		Expect(r.sim.FailNext(ctx, simulator.Fault{Method: "POST", Path: "/storage/namespaces", Kind: simulator.ErrorBefore, Status: 400, Code: "5440509"})).To(Succeed())
		_, err := r.driver.Create(ctx, "v", 1<<30)
		Expect(err).To(MatchError(ContainSubstring("5440509")))
		state, err := r.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(state.Cluster("a").SVMs[1]).To(And(HaveField("Volumes", BeEmpty()), HaveField("RecoveryQueue", 0)))
	})

	DescribeTable("should not come up", func(ctx SpecContext, act simulator.Act, message string) {
		act.SVM = "sx"
		Expect(r.sim.Perform(ctx, "a", act)).To(Succeed())
		if act.Kind == simulator.DisableLIF {
			act.Name = "lif1"
			Expect(r.sim.Perform(ctx, "a", act)).To(Succeed())
		}
		Expect(r.driver.State(ctx)).To(MatchError(ContainSubstring(message)))
	},
		Entry("on an SVM that is stopped", simulator.Act{Kind: simulator.StopSVM}, `the SVM is "stopped"`),
		Entry("without a data LIF", simulator.Act{Kind: simulator.DisableLIF, Name: "lif0"}, "no NVMe data LIF is up"),
	)

	It("should resize volumes, and snapshot them, with the least role", func(ctx SpecContext) {
		v, err := r.driver.Create(ctx, "v", 1<<30)
		Expect(err).NotTo(HaveOccurred())
		Expect(r.driver.Resize(ctx, v, 2<<30)).To(Succeed())
		_, err = r.driver.Snapshot(ctx, v, "s")
		Expect(err).NotTo(HaveOccurred())
		Expect(r.driver.DeleteSnapshot(ctx, v, "s")).To(Succeed())
	})

	It("should say why a job failed", func(ctx SpecContext) {
		Expect(r.sim.FailNext(ctx, simulator.Fault{Method: "POST", Path: "/storage/volumes", Kind: simulator.FailJob, Code: "917526", Message: "taken"})).To(Succeed())
		_, err := r.driver.Create(ctx, "v", 1<<30)
		Expect(err).To(MatchError(ContainSubstring(`code "917526": taken`)))
	})
})

// stub is an ONTAP with one volume v, which answers to a request what the spec wants.
func stub(method, path string, status int, contentType, answer string) *trident.Driver {
	GinkgoHelper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		w.Header().Set("Content-Type", "application/hal+json")
		switch {
		case q.Method == method && q.URL.Path == "/api"+path:
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(answer))
		case q.URL.Path == "/api/storage/volumes":
			_, _ = w.Write([]byte(`{"num_records":1,"records":[{"uuid":"1","name":"v"}]}`))
		default:
			_, _ = w.Write([]byte(`{"num_records":0,"records":[]}`))
		}
	}))
	DeferCleanup(server.Close)
	return trident.New(trident.Config{Endpoint: server.URL, Clock: clock.RealClock{}})
}

var _ = Describe("The driver's strictness", func() {
	const json, hal = "application/json", "application/hal+json"

	DescribeTable("should refuse", func(ctx context.Context, method, path string, status int, contentType, answer, message string) {
		Expect(stub(method, path, status, contentType, answer).Delete(ctx, &trident.Volume{Name: "v"})).To(MatchError(ContainSubstring(message)))
	},
		Entry("a collection without its number", "GET", "/storage/volumes", 200, hal, `{"records":[]}`, "num_records"),
		Entry("two volumes of a name", "GET", "/storage/volumes", 200, json,
			`{"num_records":2,"records":[{"uuid":"1","name":"v"},{"uuid":"2","name":"v"}]}`, "unique"),
		Entry("a page of HTML", "GET", "/storage/volumes", 200, "text/html", "<html>", "text/html"),
		Entry("a deletion without a job", "DELETE", "/storage/volumes/1", 200, hal, `{}`, "status 200"),
		Entry("an error", "GET", "/snapmirror/relationships", 403, hal, `{"error":{"code":"6","message":"no"}}`, `code "6": no`),
	)
})
