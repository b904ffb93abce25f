// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package monitoring_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"github.com/gardener-community/gardener-extension-ontap/test/monitoring"
)

// prometheus is a running Prometheus.
type prometheus struct{ address string }

const prometheusConfig = `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
- job_name: gardener-extension-ontap
  static_configs: [{targets: [%q]}]
`

// startPrometheus starts Debian's Prometheus with the chart's rules; it scrapes a URL each second until the spec has ended.
func startPrometheus(ctx context.Context, target string) *prometheus {
	GinkgoHelper()
	output := must(exec.CommandContext(ctx, filepath.Join(monitoring.Root, "hack", "prometheus.sh")).Output())
	free := must((&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0"))
	p := &prometheus{free.Addr().String()}
	Expect(free.Close()).To(Succeed())
	directory := GinkgoT().TempDir()
	config := fmt.Sprintf(prometheusConfig, must(filepath.Abs(monitoring.RulesFile())), must(url.Parse(target)).Host)
	Expect(os.WriteFile(filepath.Join(directory, "prometheus.yml"), []byte(config), 0o600)).To(Succeed())
	command := exec.Command(filepath.Join(strings.TrimSpace(string(output)), "prometheus"),
		"--config.file="+filepath.Join(directory, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(directory, "data"), "--web.listen-address="+p.address)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	session := must(gexec.Start(command, GinkgoWriter, GinkgoWriter))
	DeferCleanup(func() { session.Kill().Wait("10s") })
	Eventually(ctx, func() error { return p.get(ctx, "/-/ready", nil, nil) }).WithTimeout(timeout).Should(Succeed())
	return p
}

// get asks the HTTP API, and decodes the answer if there is something to decode it into.
func (p *prometheus) get(ctx context.Context, path string, query url.Values, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+path+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // all that was wanted of it has been read
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, response.Status)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// query returns the labels of each series that an expression gives at this moment.
func (p *prometheus) query(ctx context.Context, expression string) ([]map[string]string, error) {
	answer := struct {
		Data struct {
			Result []struct{ Metric map[string]string }
		}
	}{}
	if err := p.get(ctx, "/api/v1/query", url.Values{"query": {expression}}, &answer); err != nil {
		return nil, err
	}
	series := make([]map[string]string, 0, len(answer.Data.Result))
	for _, result := range answer.Data.Result {
		series = append(series, result.Metric)
	}
	return series, nil
}

// rules are the alerts that Prometheus has loaded and evaluates, with their health.
func (p *prometheus) rules(ctx context.Context) (map[string]string, error) {
	answer := struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Name, Health string }
			}
		}
	}{}
	health := map[string]string{}
	err := p.get(ctx, "/api/v1/rules", nil, &answer)
	for _, group := range answer.Data.Groups {
		for _, rule := range group.Rules {
			health[rule.Name] = rule.Health
		}
	}
	return health, err
}
