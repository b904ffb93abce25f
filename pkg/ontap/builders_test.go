// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap_test

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"

	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
)

const (
	username = "operator"
	password = "hunter2-hunter2"
)

// eagerClock is a fake clock whose timers fire at once, as if somebody had stepped it that far, and are remembered.
type eagerClock struct {
	*testclock.FakeClock
	mu    sync.Mutex
	waits []time.Duration
}

func (c *eagerClock) NewTimer(d time.Duration) clock.Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waits = append(c.waits, d)
	timer := c.FakeClock.NewTimer(d)
	c.Step(d)
	return timer
}

// answer is one scripted answer.
type answer struct {
	status int
	body   string
	header map[string]string
	drop   bool // close the connection instead of answering
}

func ok(body string) answer { return answer{status: http.StatusOK, body: body} }

func accepted(job string) answer {
	return answer{status: http.StatusAccepted, body: `{"job":{"uuid":"` + job + `"}}`}
}

func refused(status int, code string) answer {
	return answer{status: status, body: `{"error":{"code":"` + code + `","message":"no way","target":"name"}}`}
}

type received struct {
	Method, Path, Body string
	Query              map[string][]string
	Header             http.Header
}

// fakeCluster answers with its script, in order, and fails the spec on a request too many or too few.
type fakeCluster struct {
	*httptest.Server
	config ontap.Config

	mu                  sync.Mutex
	script              []answer
	requests            []received
	connections, closed atomic.Int32
}

func newCluster(script ...answer) *fakeCluster {
	GinkgoHelper()
	f := &fakeCluster{script: script}
	f.Server = httptest.NewUnstartedServer(f)
	f.Server.Config.ErrorLog = log.New(GinkgoWriter, "", 0)
	f.Server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			f.connections.Add(1)
		case http.StateClosed:
			f.closed.Add(1)
		case http.StateActive, http.StateIdle, http.StateHijacked:
		}
	}
	f.StartTLS()
	dir := GinkgoT().TempDir()
	f.config = ontap.Config{Name: "eu1", Endpoint: f.URL, CredentialsDirectory: dir, CAFile: filepath.Join(dir, "ca.crt")}
	f.write("username", username+"\n")
	f.write("password", password+"\n")
	f.write("ca.crt", f.caPEM())
	DeferCleanup(func() {
		f.CloseClientConnections()
		f.Close()
		Expect(f.script).To(BeEmpty(), "answers nobody asked for")
	})
	return f
}

func (f *fakeCluster) caPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw}))
}

func (f *fakeCluster) write(name, content string) {
	GinkgoHelper()
	Expect(os.WriteFile(filepath.Join(f.config.CredentialsDirectory, name), []byte(content), 0o600)).To(Succeed())
}

func (f *fakeCluster) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, received{r.Method, r.URL.EscapedPath(), string(body), r.URL.Query(), r.Header})
	if len(f.script) == 0 {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	next := f.script[0]
	f.script = f.script[1:]
	if next.drop {
		panic(http.ErrAbortHandler)
	}
	for key, value := range next.header {
		w.Header().Set(key, value)
	}
	w.Header().Set("Content-Type", "application/hal+json")
	w.WriteHeader(next.status)
	_, _ = io.WriteString(w, next.body)
}

func (f *fakeCluster) client(options ontap.Options) *ontap.Client {
	GinkgoHelper()
	client, err := ontap.New(f.config, options)
	Expect(err).NotTo(HaveOccurred())
	return client
}

func newClock() *eagerClock {
	return &eagerClock{FakeClock: testclock.NewFakeClock(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))}
}

// setup is a cluster with that script, a client of it, and the client's clock.
func setup(script ...answer) (*fakeCluster, *ontap.Client, *eagerClock) {
	GinkgoHelper()
	f, c := newCluster(script...), newClock()
	return f, f.client(ontap.Options{Clock: c}), c
}
