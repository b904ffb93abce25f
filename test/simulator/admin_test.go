// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

var _ = Describe("Administration", func() {
	It("should show over HTTP exactly what it shows in the process", func(ctx context.Context) {
		r := start()
		remote := dial(r)
		Expect(remote.Journal(ctx, 0)).To(BeEmpty())
		Expect(remote.AddSVMs(ctx, "b", 3)).To(Succeed())
		uuid := r.a.createSVM("sx", markX)
		r.a.createAccount(uuid, "x1-abc", password, markX)
		r.a.get("/api/unknown")

		here, err := r.sim.State(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(remote.State(ctx)).To(Equal(here))
		Expect(here.Cluster("b").SVMs).To(HaveLen(3))
		Expect(here.Cluster("b").SVMs).To(HaveEach(HaveField("Comment", MatchRegexp("^.{95,105}$"))))
		Expect(remote.Journal(ctx, 2)).To(Equal(r.journal(ctx, 2)))
		violations, err := r.sim.Violations(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(violations).To(HaveLen(1))
		Expect(remote.Violations(ctx)).To(Equal(violations))
		Expect(r.kinds()).To(HaveLen(1))
		Expect(remote.Violations(ctx)).To(BeEmpty())
	})

	It("should control over HTTP", func(ctx context.Context) {
		r := start()
		remote := dial(r)
		Expect(remote.HoldJobs(ctx, "a", simulator.Queued)).To(Succeed())
		r.a.post("/api/svm/svms", svmBody("sx", markX))
		Expect(r.state(ctx).SVMs).To(BeEmpty())
		Expect(remote.ReleaseJobs(ctx, "a")).To(Succeed())
		Expect(r.state(ctx).SVMs).To(HaveLen(1))
		Expect(remote.FailNext(ctx, simulator.Fault{
			Method: "GET", Path: "/cluster", Kind: simulator.ErrorBefore, Status: 503, Code: "8", Message: "in use",
		})).To(Succeed())
		Expect(r.a.get("/api/cluster").status).To(Equal(503))
		Expect(remote.SetDown(ctx, "a")).To(Succeed())
		_, err := r.a.try("GET", "/api/cluster", "")
		Expect(err).To(HaveOccurred())
		Expect(remote.SetUp(ctx, "a")).To(Succeed())
		Expect(r.a.get("/api/cluster").status).To(Equal(200))
	})

	It("should give the reason of a refusal on both sides", func(ctx context.Context) {
		r := start()
		for _, control := range []simulator.Control{r.sim, dial(r)} {
			Expect(control.HoldJobs(ctx, "c", simulator.Queued)).To(MatchError(`there is no cluster "c", but a, b`))
			Expect(control.HoldJobs(ctx, "a", "paused")).To(MatchError(ContainSubstring("unknown stage")))
			Expect(control.FailNext(ctx, simulator.Fault{})).To(MatchError(ContainSubstring("no route")))
		}
	})

	It("should refuse what it does not know", func(ctx context.Context) {
		admin, err := start().sim.ServeAdmin()
		Expect(err).NotTo(HaveOccurred())
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, admin+"/svms", strings.NewReader(`{"cluster":"a","number":3}`))
		Expect(err).NotTo(HaveOccurred())
		transport := &http.Transport{DisableKeepAlives: true}
		response, err := transport.RoundTrip(request)
		Expect(err).NotTo(HaveOccurred())
		Expect(response.Body.Close()).To(Succeed())
		Expect(response.StatusCode).To(Equal(400))
	})
})

func dial(r rig) simulator.Control {
	GinkgoHelper()
	admin, err := r.sim.ServeAdmin()
	Expect(err).NotTo(HaveOccurred())
	return simulator.Dial(admin)
}

var _ = Describe("#New", func() {
	DescribeTable("should refuse", func(options simulator.Options) {
		_, err := simulator.New(options)
		Expect(err).To(MatchError(HavePrefix("starting simulator: ")))
	},
		Entry("no cluster", simulator.Options{}),
		Entry("a cluster twice", simulator.Options{Clusters: []simulator.ClusterOptions{{Name: "a"}, {Name: "a"}}}),
		Entry("a malformed name", simulator.Options{Clusters: []simulator.ClusterOptions{{Name: "../a"}}}),
		Entry("a malformed version", simulator.Options{Clusters: []simulator.ClusterOptions{{Name: "a", Version: "9.16"}}}),
	)

	It("should show the version and the credentials that it is given, and a certificate that verifies", func() {
		r := start(func(o *simulator.Options) {
			o.Clusters[0] = simulator.ClusterOptions{Name: "a", Version: "9.17.2", Username: "gardener1", Password: "Given-12345"}
		})
		Expect(r.a.username).To(Equal("gardener1"))
		Expect(r.a.password).To(Equal("Given-12345"))
		Expect(at(r.a.get("/api/cluster").body, "version.major")).To(Equal(17.0))
		named := *r.a
		named.endpoint = strings.Replace(r.a.endpoint, "127.0.0.1", "localhost", 1)
		Expect(named.get("/api/cluster").status).To(Equal(200))
	})

	It("should make passwords of its own, at least 24 characters long and different", func() {
		r := start()
		Expect(len(r.a.password)).To(BeNumerically(">=", 24))
		Expect(r.sim.Cluster("b").Password()).NotTo(Equal(r.a.password))
		Expect(r.sim.Cluster("c")).To(BeNil())
	})

	It("should write credentials that only the owner can read", func() {
		cluster := start().sim.Cluster("a")
		directory := filepath.Join(GinkgoT().TempDir(), "a")
		Expect(cluster.WriteCredentials(directory)).To(Succeed())
		Expect(cluster.WriteCredentials(directory)).To(Succeed())
		files, err := os.ReadDir(directory)
		Expect(err).NotTo(HaveOccurred())
		content := map[string]string{}
		for _, file := range files {
			info, err := file.Info()
			Expect(err).NotTo(HaveOccurred())
			Expect(info.Mode().Perm()).To(Equal(os.FileMode(0o600)))
			raw, err := os.ReadFile(filepath.Join(directory, file.Name()))
			Expect(err).NotTo(HaveOccurred())
			content[file.Name()] = string(raw)
		}
		Expect(content).To(Equal(map[string]string{
			"username": cluster.Username(), "password": cluster.Password(), "ca.crt": string(cluster.CAPEM()),
		}))
	})
})
