// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/yaml"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// Options say what a landscape is made of.
type Options struct {
	// Clusters are the names of the ONTAP clusters that are simulated and configured; at least one.
	Clusters []string
	// MetroCluster are two of these that make one; empty where there is none.
	MetroCluster [2]string
	// Arguments are added to those that the chart gives to the extension.
	Arguments []string
	// Values are given to the chart besides those of the landscape.
	Values map[string]any
	// Audited says whether the seed writes down what the extension asks for, see Seed.Rights.
	Audited bool
	// Out is told about progress; nobody where it is nil.
	Out io.Writer
}

// Landscape is a seed, simulated ONTAP clusters, and the extension that is installed in the one and configured with the
// others. Its methods are not for concurrent use; shoots may be worked on concurrently.
type Landscape struct {
	*Seed
	// ExtensionConfig authenticates as the extension's ServiceAccount, as the extension does.
	ExtensionConfig *rest.Config

	options    Options
	programs   string
	controlURL string
	control    simulator.Control
	kubeconfig string
	running    *runningExtension
}

// Start starts a landscape and returns when the extension is ready. It builds what it needs first if that was not done
// before. It fails if the extension's identity is not its ServiceAccount or may do what the chart does not grant. ctx
// bounds the start only; everything runs until Close.
func Start(ctx context.Context, options Options) (*Landscape, error) {
	return start(ctx, options, (*Landscape).bring)
}

// StartBare is Start without the extension, for somebody who installs the chart himself; see Serve.
func StartBare(ctx context.Context, options Options) (*Landscape, error) {
	return start(ctx, options, func(*Landscape, context.Context) error { return nil })
}

func start(ctx context.Context, options Options, finish func(*Landscape, context.Context) error) (_ *Landscape, err error) {
	if len(options.Clusters) == 0 {
		return nil, errors.New("starting the landscape: no ONTAP clusters are given")
	}
	start := clock.RealClock{}.Now()
	seed, err := (&Seed{audited: options.Audited}).begin(ctx, options.Out)
	if err != nil {
		return nil, err
	}
	l := &Landscape{Seed: seed, options: options}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("starting the landscape: %w", err), l.Close())
		}
	}()
	if l.programs, err = l.workspace.programs(ctx, extensionName, simulatorName); err != nil {
		return nil, err
	}
	if err := l.startSimulator(ctx); err != nil {
		return nil, err
	}
	if err := l.createNamespace(ctx, v1beta1constants.GardenNamespace); err != nil {
		return nil, err
	}
	if err := finish(l, ctx); err != nil {
		return nil, err
	}
	l.workspace.say("the landscape is ready after %s", clock.RealClock{}.Since(start).Round(100*time.Millisecond))
	return l, nil
}

// bring installs the extension, starts it, and waits until it is ready.
func (l *Landscape) bring(ctx context.Context) error {
	if err := l.install(ctx); err != nil {
		return err
	}
	if err := l.StartExtension(ctx); err != nil {
		return err
	}
	return l.WaitExtensionReady(ctx)
}

// Simulator returns the controls of the simulated ONTAP clusters.
func (l *Landscape) Simulator() simulator.Control { return l.control }

// SimulatorURL returns the URL of these controls, for another process.
func (l *Landscape) SimulatorURL() string { return l.controlURL }

// ClusterDirectory returns the directory with the files endpoint, ca.crt, username and password of an ONTAP cluster.
func (l *Landscape) ClusterDirectory(cluster string) string {
	return l.directory.join("ontap", cluster)
}

// SimulatorLog returns the path of the simulator's log.
func (l *Landscape) SimulatorLog() string { return l.directory.join(simulatorName + ".log") }

// checked are the variables by which the simulator holds its exchanges against NetApp's document, if the specs want it to: the
// checker asks Go for the document.
func checked(environment []string) []string {
	if os.Getenv(simulator.ContractVariable) == "" {
		return nil
	}
	return slices.DeleteFunc(environment, func(variable string) bool {
		return !strings.HasPrefix(variable, simulator.ContractVariable+"=") && !strings.HasPrefix(variable, "HOME=") && !strings.HasPrefix(variable, "GO")
	})
}

// storage writes what the simulator is started with.
func (l *Landscape) storage() (string, error) {
	clusters := make([]simulator.ClusterOptions, 0, len(l.options.Clusters))
	for _, name := range l.options.Clusters {
		cluster := simulator.ClusterOptions{Name: name}
		if i := slices.Index(l.options.MetroCluster[:], name); i >= 0 {
			cluster.MetroClusterPartner = l.options.MetroCluster[1-i]
		}
		clusters = append(clusters, cluster)
	}
	content, err := yaml.Marshal(map[string]any{
		"clusters": clusters, "queueDuration": "500ms", "jobDuration": "1s", "dir": l.directory.join("ontap"),
	})
	if err != nil {
		return "", err
	}
	return l.directory.write(content, "simulator.yaml")
}

// startSimulator starts the simulator and waits until all of its addresses and credentials are written.
func (l *Landscape) startSimulator(ctx context.Context) error {
	config, err := l.storage()
	if err != nil {
		return err
	}
	process, err := l.launch(program{
		name: simulatorName, path: filepath.Join(l.programs, simulatorName), args: []string{"--config=" + config}, env: checked(os.Environ()),
	})
	if err != nil {
		return err
	}
	// The file with the address of the controls is the last one that it writes, and appears as a whole.
	return process.await(ctx, func(context.Context) error {
		admin, err := os.ReadFile(l.directory.join("ontap", "admin"))
		if err != nil {
			return err
		}
		l.controlURL = string(admin)
		l.control = simulator.Dial(l.controlURL)
		return nil
	})
}
