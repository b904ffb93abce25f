// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package app puts the extension together: flags, and the one place where everything is wired.
package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	extensionscmd "github.com/gardener/gardener/extensions/pkg/controller/cmd"
	heartbeatcmd "github.com/gardener/gardener/extensions/pkg/controller/heartbeat/cmd"
	gardenerhealthz "github.com/gardener/gardener/pkg/healthz"
	"github.com/spf13/cobra"
	"k8s.io/component-base/version/verflag"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	configv1alpha1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/config/v1alpha1"
)

// Name is the name of the extension.
const Name = "gardener-extension-ontap"

type options struct {
	configFile  string
	rest        extensionscmd.RESTOptions
	manager     extensionscmd.ManagerOptions
	controller  extensionscmd.ControllerOptions
	healthCheck extensionscmd.ControllerOptions
	heartbeat   heartbeatcmd.Options
	general     extensionscmd.GeneralOptions
}

// NewCommand returns the command of the extension.
func NewCommand() *cobra.Command {
	namespace := os.Getenv("LEADER_ELECTION_NAMESPACE")
	o := &options{
		manager: extensionscmd.ManagerOptions{
			LeaderElection: true, LeaderElectionID: extensionscmd.LeaderElectionNameID(Name), LeaderElectionNamespace: namespace,
		},
		controller:  extensionscmd.ControllerOptions{MaxConcurrentReconciles: 20},
		healthCheck: extensionscmd.ControllerOptions{MaxConcurrentReconciles: 5},
		heartbeat:   heartbeatcmd.Options{ExtensionName: Name, Namespace: namespace, RenewIntervalSeconds: 30},
	}
	aggregated := extensionscmd.NewOptionAggregator(&o.rest, &o.manager, &o.controller,
		extensionscmd.PrefixOption("healthcheck-", &o.healthCheck), extensionscmd.PrefixOption("heartbeat-", &o.heartbeat), &o.general)
	cmd := &cobra.Command{
		Use:   Name,
		Short: "Keeps the Storage Virtual Machines on NetApp ONTAP of a seed's shoots",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			verflag.PrintAndExitIfRequested()
			cmd.SilenceUsage = true
			config, err := loadConfig(o.configFile)
			if err != nil {
				return err
			}
			if err := aggregated.Complete(); err != nil {
				return fmt.Errorf("completing the options: %w", err)
			}
			if err := o.heartbeat.Validate(); err != nil {
				return err
			}
			return o.run(cmd.Context(), config)
		},
	}
	verflag.AddFlags(cmd.Flags())
	aggregated.AddFlags(cmd.Flags())
	addConfigFlag(cmd, &o.configFile)
	cmd.AddCommand(newInspectCommand(), newPreflightCommand(), newRolesCommand())
	return cmd
}

func addConfigFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVar(file, "config", "", "file with the ControllerConfiguration")
}

func loadConfig(file string) (*configv1alpha1.ControllerConfiguration, error) {
	if file == "" {
		return nil, errors.New("--config is required: a file with a ControllerConfiguration")
	}
	return configv1alpha1.Load(file)
}

// run starts the extension. Nothing here waits for ONTAP: it becomes and stays ready whatever ONTAP does.
func (o *options) run(ctx context.Context, config *configv1alpha1.ControllerConfiguration) error {
	log := o.manager.Completed().Logger
	logf.SetLogger(log)
	log.Info("Starting", "name", Name, "clusters", len(config.Clusters))
	for _, cluster := range config.Clusters {
		if cluster.InsecureSkipVerify {
			log.Info("The certificate of this ONTAP cluster is not verified, whoever answers gets its credentials", "cluster", cluster.Name)
		}
	}
	mgr, err := newManager(o.rest.Completed().Config, o.manager.Completed().Options())
	if err != nil {
		return err
	}
	options := Controllers{Extension: o.controller.Completed().Options(), HealthCheck: o.healthCheck.Completed().Options()}
	if err := AddToManager(ctx, mgr, config, options); err != nil {
		return err
	}
	if err := addHeartbeat(mgr, o.heartbeat.Completed()); err != nil {
		return fmt.Errorf("adding the heartbeat: %w", err)
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	if err := mgr.AddReadyzCheck("informer-sync", gardenerhealthz.NewCacheSyncHealthz(mgr.GetCache())); err != nil {
		return err
	}
	return mgr.Start(ctx)
}
