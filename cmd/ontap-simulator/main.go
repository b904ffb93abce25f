// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Program ontap-simulator runs the ONTAP simulator of test/simulator as a process of its own, for the landscape, the
// demo, and for trying requests by hand. It keeps its state in memory and makes new passwords each time it starts.
//
//	ontap-simulator --clusters a,b --dir /tmp/ontap
//
// It writes the directories a and b, each with the files endpoint, username, password and ca.crt, and the file admin
// with the URL of the controls (simulator.Dial). Then it prints one line of JSON with the addresses and runs until it
// gets SIGINT or SIGTERM.
package main

import (
	"context"
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

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "ontap-simulator:", err)
		os.Exit(1)
	}
}

// ready is the line that says that everything can be used.
type ready struct {
	Ready     bool              `json:"ready"`
	Admin     string            `json:"admin"`
	Endpoints map[string]string `json:"endpoints"`
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("ontap-simulator", flag.ContinueOnError)
	clusters := flags.String("clusters", "ontap", "names of the ONTAP clusters, separated by commas")
	directory := flags.String("dir", "", "directory for credentials and addresses (required)")
	queued := flags.Duration("queue-duration", 500*time.Millisecond, "how long a job stays queued, its SVM invisible")
	running := flags.Duration("job-duration", time.Second, "how long a job runs")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *directory == "" || flags.NArg() > 0 {
		return errors.New("usage: ontap-simulator --dir DIR [--clusters a,b] [--queue-duration D] [--job-duration D]")
	}
	options := simulator.Options{QueueDuration: *queued, JobDuration: *running}
	for name := range strings.SplitSeq(*clusters, ",") {
		options.Clusters = append(options.Clusters, simulator.ClusterOptions{Name: name})
	}
	sim, err := simulator.New(options)
	if err != nil {
		return err
	}
	defer sim.Close()
	line, err := publish(sim, options.Clusters, *directory)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(line); err != nil {
		return fmt.Errorf("reporting readiness: %w", err)
	}
	<-ctx.Done()
	return nil
}

// publish writes everything that a client needs into the directory.
func publish(sim *simulator.Simulator, clusters []simulator.ClusterOptions, directory string) (ready, error) {
	line := ready{Ready: true, Endpoints: map[string]string{}}
	for _, o := range clusters {
		cluster := sim.Cluster(o.Name)
		own := filepath.Join(directory, o.Name)
		if err := cluster.WriteCredentials(own); err != nil {
			return ready{}, err
		}
		if err := simulator.WriteFile(filepath.Join(own, "endpoint"), []byte(cluster.Endpoint())); err != nil {
			return ready{}, err
		}
		line.Endpoints[o.Name] = cluster.Endpoint()
	}
	var err error
	if line.Admin, err = sim.ServeAdmin(); err != nil {
		return ready{}, err
	}
	return line, simulator.WriteFile(filepath.Join(directory, "admin"), []byte(line.Admin))
}
