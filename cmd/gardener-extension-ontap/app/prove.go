// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/utils/clock"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
	ontapv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/ontap/v1alpha1"
	"github.com/gardener-community/gardener-extension-ontap/pkg/ontap"
	"github.com/gardener-community/gardener-extension-ontap/pkg/preflight"
	"github.com/gardener-community/gardener-extension-ontap/pkg/prove"
	"github.com/gardener-community/gardener-extension-ontap/pkg/prove/scratch"
	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// ProveOptions say what is asked, and of whom.
type ProveOptions struct {
	// Clusters are names from the configuration; all that it has where empty.
	Clusters []string
	// Protocols are those that a preflight has to find nothing missing for.
	Protocols []ontapv1alpha1.Protocol
	// Address may be given to a LIF of the one cluster that is asked.
	Address netip.Addr
	Clock   clock.WithTickerAndDelayedExecution
	// Transport carries the requests to ONTAP; connections of their own do where it is nil.
	Transport http.RoundTripper
}

// proveFlags are those of preflight that are about scratch SVMs.
type proveFlags struct {
	wanted   bool
	clusters []string
	address  string
}

func (f *proveFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.wanted, "prove", false, "make a scratch SVM on each cluster, ask what no document says, and remove it again")
	flags.StringSliceVar(&f.clusters, "cluster", nil, "with --prove, the clusters that are asked; all where nothing is said")
	flags.StringVar(&f.address, "address", "", "with --prove, a free address of the management network, for a LIF that is deleted at once; one cluster only")
}

// options validates the flags.
func (f *proveFlags) options(config *configv1alpha1.ControllerConfiguration, protocols []ontapv1alpha1.Protocol) (ProveOptions, error) {
	o := ProveOptions{Clusters: f.clusters, Protocols: protocols, Clock: clock.RealClock{}}
	for _, name := range f.clusters {
		if !slices.ContainsFunc(config.Clusters, func(c configv1alpha1.ONTAPCluster) bool { return c.Name == name }) {
			return o, fmt.Errorf("--cluster has %q, which is not in the configuration", name)
		}
	}
	if f.address == "" {
		return o, nil
	}
	var err error
	if o.Address, err = netip.ParseAddr(f.address); err != nil {
		return o, fmt.Errorf("--address: %w", err)
	}
	if len(f.clusters) != 1 && len(config.Clusters) != 1 {
		return o, errors.New("--address is for one LIF, so it needs one --cluster")
	}
	return o, nil
}

// validate refuses flags that say nothing without --prove.
func (f *proveFlags) validate() error {
	if !f.wanted && (len(f.clusters) > 0 || f.address != "") {
		return errors.New("--cluster and --address are for --prove")
	}
	return nil
}

func (f *proveFlags) run(cmd *cobra.Command, form output, config *configv1alpha1.ControllerConfiguration, protocols []ontapv1alpha1.Protocol) error {
	options, err := f.options(config, protocols)
	if err != nil {
		return err
	}
	shown, err := Prove(cmd.Context(), config, options)
	if err != nil {
		return err
	}
	return finish(cmd.OutOrStdout(), form, shown, shown.Good(), prove.ErrFailed)
}

// Prove makes a scratch SVM on each cluster on which a preflight finds nothing missing and nothing unknown, asks what no document says,
// and removes it again. The end of ctx ends the questions, not the removal.
func Prove(ctx context.Context, config *configv1alpha1.ControllerConfiguration, o ProveOptions) (prove.Report, error) {
	tape := &prove.Tape{}
	clusters, err := newClusters(config, ontap.Options{Clock: o.Clock, Observer: tape, Transport: o.Transport})
	if err != nil {
		return prove.Report{}, err
	}
	report := prove.Report{Clusters: []prove.Result{}}
	for _, cluster := range clusters {
		if len(o.Clusters) > 0 && !slices.Contains(o.Clusters, cluster.Name()) {
			continue
		}
		found := preflight.Report{Clusters: svm.NewInventory([]svm.Cluster{cluster}).Preflight(ctx, o.Protocols)}
		if !found.Good() {
			report.Clusters = append(report.Clusters, prove.Result{
				Cluster: cluster.Name(), Error: "nothing was asked: a preflight without --prove finds something missing or unknown",
			})
			continue
		}
		report.Clusters = append(report.Clusters, prove.Run(ctx, prove.Target{
			Maker: scratch.NewMaker(cluster.Client, cluster.Settings.IPspace, o.Clock), Settings: cluster.Settings, Tape: tape, Clock: o.Clock, Address: o.Address,
		}))
	}
	return report, nil
}
