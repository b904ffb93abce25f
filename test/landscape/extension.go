// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"syscall"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

var (
	errRunning    = errors.New("the extension is running already")
	errNotRunning = errors.New("the extension is not running")
)

// runningExtension is the extension's process and how to ask it.
type runningExtension struct {
	*process
	readinessURL string
	metricsURL   string
}

// StartExtension starts the extension as the Deployment in the seed says, also again after KillExtension or
// StopExtension, and does not wait for it. It fails if it is running. After a kill its predecessor's leadership is
// still valid for a while: it is ready at once, and works only when that is over.
func (l *Landscape) StartExtension(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("starting the extension: %w", err)
		}
	}()
	if l.running != nil {
		return errRunning
	}
	deployment, err := l.deployment(ctx)
	if err != nil {
		return err
	}
	pod, container, err := l.newPod(ctx, deployment.Spec.Template.Spec)
	if err != nil {
		return err
	}
	args, err := pod.args(container)
	if err != nil {
		return err
	}
	readinessURL, err := pod.readinessURL(container)
	if err != nil {
		return err
	}
	metricsURL, err := pod.metricsURL(container)
	if err != nil {
		return err
	}
	// In a cluster the ServiceAccount's token is found in the pod; this is the only other thing it is told.
	env := []string{"KUBECONFIG=" + l.kubeconfig}
	for name, value := range pod.env {
		env = append(env, name+"="+value)
	}
	process, err := l.launch(program{name: extensionName, path: filepath.Join(l.programs, extensionName), args: append(args, l.options.Arguments...), env: env})
	if err != nil {
		return err
	}
	l.running = &runningExtension{process: process, readinessURL: readinessURL, metricsURL: metricsURL}
	return nil
}

// WaitExtensionReady waits until the readiness probe of the Deployment succeeds. It fails, with the end of the log, if
// the extension ends or a minute is over.
func (l *Landscape) WaitExtensionReady(ctx context.Context) error {
	if l.running == nil {
		return errNotRunning
	}
	probe := newProbe()
	return l.running.await(ctx, func(ctx context.Context) error { return ask(ctx, probe, l.running.readinessURL) })
}

// KillExtension ends the extension with SIGKILL, which it cannot notice, and returns when it is gone.
func (l *Landscape) KillExtension(ctx context.Context) error {
	return l.endExtension(ctx, syscall.SIGKILL)
}

// StopExtension ends the extension with SIGTERM, as the kubelet does, and returns when it is gone. One that takes more
// than 30 seconds is killed, and that is an error.
func (l *Landscape) StopExtension(ctx context.Context) error {
	return l.endExtension(ctx, syscall.SIGTERM)
}

// ExtensionMetricsURL returns where the running extension is scraped.
func (l *Landscape) ExtensionMetricsURL() (string, error) {
	if l.running == nil {
		return "", errNotRunning
	}
	return l.running.metricsURL, nil
}

// ExtensionMetrics returns the metrics that the extension has at this moment, by name.
func (l *Landscape) ExtensionMetrics(ctx context.Context) (map[string]*dto.MetricFamily, error) {
	if l.running == nil {
		return nil, errNotRunning
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, l.running.metricsURL, nil)
	if err != nil {
		return nil, err
	}
	response, err := newProbe().Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }() // nothing is left to be read
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(response.Body)
}

// ExtensionLog returns the path of the extension's log at the most verbose level, from its first start on. Close
// removes it.
func (l *Landscape) ExtensionLog() string { return l.directory.join(extensionName + ".log") }

func (l *Landscape) endExtension(ctx context.Context, signal syscall.Signal) error {
	if l.running == nil {
		return errNotRunning
	}
	ended := l.running.process
	l.running = nil
	return l.end(ctx, ended, signal)
}

// newProbe returns a client that leaves no connection behind.
func newProbe() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
}

// ask asks a probe's URL as the kubelet does: everything from 200 to 399 is a success.
func ask(ctx context.Context, probe *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := probe.Do(request)
	if err != nil {
		return err
	}
	// Only the status counts.
	_ = response.Body.Close()
	if response.StatusCode < http.StatusOK || response.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
