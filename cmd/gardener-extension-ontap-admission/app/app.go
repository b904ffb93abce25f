// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

// Package app puts the admission component together: flags, and the one place where everything is wired.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	extensionscmd "github.com/gardener/gardener/extensions/pkg/controller/cmd"
	"github.com/gardener/gardener/extensions/pkg/util"
	extensionswebhook "github.com/gardener/gardener/extensions/pkg/webhook"
	webhookcmd "github.com/gardener/gardener/extensions/pkg/webhook/cmd"
	gardencoreinstall "github.com/gardener/gardener/pkg/apis/core/install"
	"github.com/spf13/cobra"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubernetesscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	componentbaseconfigv1alpha1 "k8s.io/component-base/config/v1alpha1"
	"k8s.io/component-base/version/verflag"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/cluster"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/gardener-community/gardener-extension-ontap/pkg/admission"
)

const (
	// Name is the name of the admission component.
	Name = "gardener-extension-ontap-admission"
	// component is what Gardener's library prefixes to the same name, and puts into that of the webhook without the prefix.
	component = "ontap-admission"
	// gardenKubeconfig is the variable in which gardener-operator names the kubeconfig of the virtual garden.
	gardenKubeconfig = "GARDEN_KUBECONFIG"
)

type options struct {
	managementCIDRs, dataCIDRs []string

	ranges admission.AllowedRanges
	// garden holds the Shoots, runtime is where the component runs: it keeps its certificates and its lease there.
	garden, runtime extensionscmd.RESTOptions
	manager         extensionscmd.ManagerOptions
	webhook         *webhookcmd.AddToManagerOptions
}

// NewCommand returns the command of the admission component.
func NewCommand() *cobra.Command {
	o := &options{manager: extensionscmd.ManagerOptions{
		LeaderElection: true, LeaderElectionID: extensionscmd.LeaderElectionNameID(Name), LeaderElectionNamespace: os.Getenv("LEADER_ELECTION_NAMESPACE"),
		WebhookServerPort: 10250,
	}}
	newWebhook := func(mgr manager.Manager) (*extensionswebhook.Webhook, error) {
		return admission.NewWebhook(mgr, o.ranges)
	}
	o.webhook = webhookcmd.NewAddToManagerOptions(component, "", nil, nil, &webhookcmd.ServerOptions{},
		webhookcmd.NewSwitchOptions(webhookcmd.Switch(admission.WebhookName, newWebhook)))
	aggregated := extensionscmd.NewOptionAggregator(&o.runtime, &o.manager, o.webhook)
	cmd := &cobra.Command{
		Use:   Name,
		Short: "Validates the Shoots of a garden that want a Storage Virtual Machine on NetApp ONTAP",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			verflag.PrintAndExitIfRequested()
			cmd.SilenceUsage = true
			if err := o.completeRanges(); err != nil {
				return err
			}
			if o.webhook.Server.Namespace == "" {
				return errors.New("--webhook-config-namespace is required: the namespace of the component, where its certificates are kept")
			}
			o.garden.Kubeconfig = cmp.Or(os.Getenv(gardenKubeconfig), o.runtime.Kubeconfig)
			if err := errors.Join(aggregated.Complete(), o.garden.Complete()); err != nil {
				return fmt.Errorf("completing the options: %w", err)
			}
			return o.run(cmd.Context())
		},
	}
	verflag.AddFlags(cmd.Flags())
	aggregated.AddFlags(cmd.Flags())
	cmd.Flags().StringSliceVar(&o.managementCIDRs, "allowed-management-cidrs", nil, "ranges that management LIFs of all shoots must be in; any where it is empty")
	cmd.Flags().StringSliceVar(&o.dataCIDRs, "allowed-data-cidrs", nil, "ranges that data LIFs of all shoots must be in; any where it is empty")
	return cmd
}

func (o *options) completeRanges() error {
	var managementErr, dataErr error
	if o.ranges.Management, managementErr = admission.ParseRanges(o.managementCIDRs); managementErr != nil {
		managementErr = fmt.Errorf("--allowed-management-cidrs: %w", managementErr)
	}
	if o.ranges.Data, dataErr = admission.ParseRanges(o.dataCIDRs); dataErr != nil {
		dataErr = fmt.Errorf("--allowed-data-cidrs: %w", dataErr)
	}
	return errors.Join(managementErr, dataErr)
}

// run starts the component.
func (o *options) run(ctx context.Context) error {
	log := o.manager.Completed().Logger
	logf.SetLogger(log)
	log.Info("Starting", "name", Name, "allowedManagementCIDRs", o.managementCIDRs, "allowedDataCIDRs", o.dataCIDRs)
	mgr, err := o.newManager()
	if err != nil {
		return err
	}
	source, err := newSource(o.runtime.Completed().Config)
	if err != nil {
		return err
	}
	if err := mgr.Add(source); err != nil {
		return err
	}
	if _, err := o.webhook.Completed().AddToManager(ctx, mgr, source); err != nil {
		return fmt.Errorf("adding the webhook: %w", err)
	}
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	if err := mgr.AddReadyzCheck("webhook-server", mgr.GetWebhookServer().StartedChecker()); err != nil {
		return err
	}
	return mgr.Start(ctx)
}

// newManager returns a manager of the garden whose leader is elected in the runtime cluster.
func (o *options) newManager() (manager.Manager, error) {
	garden := o.garden.Completed().Config
	util.ApplyClientConnectionConfigurationToRESTConfig(&componentbaseconfigv1alpha1.ClientConnectionConfiguration{QPS: 100, Burst: 130}, garden)
	options := o.manager.Completed().Options()
	// Events of the election would not say whose they are.
	options.LeaderElectionConfig = rest.AddUserAgent(o.runtime.Completed().Config, "leader-election")
	// Two objects are read now and then, which needs neither the memory of a cache nor the right to list all of their kind.
	options.Client.Cache = &client.CacheOptions{DisableFor: []client.Object{&corev1.Namespace{}, &admissionregistrationv1.ValidatingWebhookConfiguration{}}}
	options.Scheme = runtime.NewScheme()
	if err := kubernetesscheme.AddToScheme(options.Scheme); err != nil {
		return nil, fmt.Errorf("completing the scheme: %w", err)
	}
	gardencoreinstall.Install(options.Scheme)
	mgr, err := manager.New(garden, options)
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	return mgr, nil
}

// newSource returns the runtime cluster. The certificates are read from it every five minutes; a cache would hold all Secrets of
// the namespace, which is gardener-operator's.
func newSource(config *rest.Config) (cluster.Cluster, error) {
	source, err := cluster.New(config, func(options *cluster.Options) {
		options.Client.Cache = &client.CacheOptions{DisableFor: []client.Object{&corev1.Secret{}}}
	})
	if err != nil {
		return nil, fmt.Errorf("making the runtime cluster: %w", err)
	}
	return source, nil
}
