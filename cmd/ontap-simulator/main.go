// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Program ontap-simulator runs the ONTAP simulator of test/simulator as a process of its own, for the landscape, the
// demo, and for everybody who wants to test automation of ONTAP. It keeps its state in memory.
//
//	ontap-simulator --config FILE
//	ontap-simulator --clusters a,b --dir /tmp/ontap
//
// With a directory it writes there the directories a and b, each with the files endpoint, username, password and ca.crt,
// and the file admin with the URL of the controls (simulator.Dial). Then it prints one line of JSON with the addresses and
// its CA, and runs until it gets SIGINT or SIGTERM. README.md has a chapter on it.
package main

import (
	"context"
	_ "embed" // for the example
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

//go:embed example.yaml
var example string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "ontap-simulator:", err)
		os.Exit(1)
	}
}

// ready is the line that says that everything can be used.
type ready struct {
	Ready     bool              `json:"ready"`
	Admin     string            `json:"admin"`
	Endpoints map[string]string `json:"endpoints"`
	// CA is the certificate, in PEM, that the clusters' certificates are signed with.
	CA string `json:"ca"`
}

func run(ctx context.Context, args []string, out io.Writer) error {
	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, err := io.WriteString(out, help())
		return err
	}
	if err != nil {
		return err
	}
	sim, err := simulator.New(c.Options)
	if err != nil {
		return err
	}
	defer sim.Close()
	line, err := publish(sim, c)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(line); err != nil {
		return fmt.Errorf("reporting readiness: %w", err)
	}
	<-ctx.Done()
	return nil
}

// parse takes everything from a file, or a little from the command line.
func parse(args []string) (config, error) {
	flags := flag.NewFlagSet("ontap-simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	file := flags.String("config", "", "")
	clusters := flags.String("clusters", "ontap", "")
	directory := flags.String("dir", "", "")
	queued := flags.Duration("queue-duration", 500*time.Millisecond, "")
	running := flags.Duration("job-duration", time.Second, "")
	if err := flags.Parse(args); err != nil {
		return config{}, fmt.Errorf("%w; --help says what there is", err)
	}
	switch {
	case flags.NArg() > 0:
		return config{}, fmt.Errorf("there is no argument %q, only flags; --help says which", flags.Arg(0))
	case *file != "" && flags.NFlag() > 1:
		return config{}, errors.New("--config excludes all other flags: the file says it all (dir, clusters, queueDuration, jobDuration)")
	case *file != "":
		return readConfig(*file)
	case *directory == "":
		return config{}, errors.New("usage: ontap-simulator --config FILE, or --dir DIR for the passwords that are made; --help says more")
	}
	c := config{Options: simulator.Options{QueueDuration: *queued, JobDuration: *running}, Directory: *directory}
	for name := range strings.SplitSeq(*clusters, ",") {
		c.Clusters = append(c.Clusters, simulator.ClusterOptions{Name: name})
	}
	return c, nil
}

func help() string {
	return `A simulated NetApp ONTAP: its REST API as far as it is simulated, with state, jobs, faults and a journal.

  ontap-simulator --config FILE
        starts what the file describes, in YAML or JSON
  ontap-simulator --dir DIR [--clusters a,b] [--queue-duration 500ms] [--job-duration 1s]
        starts these clusters on free ports of 127.0.0.1, with passwords that it makes; excludes --config

It prints one line of JSON when it is ready: endpoints of the clusters, URL of the controls (admin), and the certificate
of the CA that signs those of the clusters. GET / of the controls says what they can do and which requests are simulated.
With a directory it writes DIR/<cluster>/{endpoint,username,password,ca.crt} and DIR/admin; passwords that it makes are
nowhere else. It ends with SIGINT or SIGTERM, and its state with it.

A file:

` + indented(example) + `
All fields: ` + fieldsAt("") + `
of clusters: ` + fieldsAt("clusters") + `
of their subnets: ` + fieldsAt("clusters.subnets") + `
What they mean: README.md and test/simulator/options.go
`
}

func indented(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
}

// publish serves the controls, and writes everything that a client needs into the directory, if there is one.
func publish(sim *simulator.Simulator, c config) (ready, error) {
	line := ready{Ready: true, Endpoints: map[string]string{}}
	for _, o := range c.Clusters {
		cluster := sim.Cluster(o.Name)
		line.Endpoints[o.Name], line.CA = cluster.Endpoint(), string(cluster.CAPEM())
		if c.Directory == "" {
			continue
		}
		own := filepath.Join(c.Directory, o.Name)
		if err := cluster.WriteCredentials(own); err != nil {
			return ready{}, err
		}
		if err := simulator.WriteFile(filepath.Join(own, "endpoint"), []byte(cluster.Endpoint())); err != nil {
			return ready{}, err
		}
	}
	var err error
	if line.Admin, err = sim.ServeAdmin(); err != nil || c.Directory == "" {
		return line, err
	}
	return line, simulator.WriteFile(filepath.Join(c.Directory, "admin"), []byte(line.Admin))
}
