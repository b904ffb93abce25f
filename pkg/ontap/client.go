// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package ontap

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

const (
	// defaultMaxInFlight keeps one seed from taking all request slots of a cluster that other seeds share.
	defaultMaxInFlight = 20
	// defaultMaxJobs is below ONTAP's limit of five SVM create or delete jobs a cluster (code 13434894), for the same
	// reason.
	defaultMaxJobs = 3
)

// Config says how to reach one ONTAP cluster.
type Config struct {
	// Name is what errors and metrics call the cluster.
	Name string
	// Endpoint is the https URL of the cluster management LIF, without a path.
	Endpoint string
	// CredentialsDirectory holds the files username and password. They are read for each request.
	CredentialsDirectory string
	// CAFile is a PEM bundle that the cluster's certificate is verified against, read for each request. The system's
	// roots are used where it is empty.
	CAFile string
	// InsecureSkipVerify lets everybody pass for the cluster, who gets its credentials then.
	InsecureSkipVerify bool
}

// Options are the parts of a client that are not the cluster's own. The zero value is usable.
type Options struct {
	// Clock times retries, polling and the observed durations. The real clock where it is nil.
	Clock clock.WithTicker
	// Observer is told of each request. May be nil.
	Observer Observer
	// MaxInFlight is how many requests may be in flight at once, 20 where it is 0.
	MaxInFlight int
	// MaxJobs is how many callers may hold a job slot at once, 3 where it is 0.
	MaxJobs int
	// Transport carries the requests. Where it is nil, connections that are verified against the CA bundle do.
	Transport http.RoundTripper
}

// Observer is told of each request that went out, including each retry, and of what is not sent.
type Observer interface {
	// ObserveRequest gets the path as a template such as /svm/svms/{uuid}, never with the keys of an object, so that it
	// is fit to be a metric label. The code is the HTTP status as text, or "error" where there was no whole answer.
	ObserveRequest(cluster, method, pathTemplate, code string, duration time.Duration)
	// ObserveSilence is called when a cluster begins or ends to be silent. A request each 10 seconds is all that is sent
	// to one that is.
	ObserveSilence(cluster string, silent bool)
	// ObserveRefusal is called when a cluster has refused the credentials, and when it has let some pass again.
	ObserveRefusal(cluster string, refused bool)
	// ObserveGate is called when there are more, or by a negative number fewer, callers in a state (GateInside or GateWaiting) of a
	// gate of a cluster (GateRequests or GateJobs).
	ObserveGate(cluster, gate, state string, more int)
	// ObserveJob is called with the state in which a job that was waited for has ended, JobSuccess or JobFailure.
	ObserveJob(cluster, state string)
}

// nobody observes nothing.
type nobody struct{}

func (nobody) ObserveRequest(_, _, _, _ string, _ time.Duration) {}

func (nobody) ObserveSilence(string, bool) {}

func (nobody) ObserveRefusal(string, bool) {}

func (nobody) ObserveGate(_, _, _ string, _ int) {}

func (nobody) ObserveJob(string, string) {}

// Client talks to one ONTAP cluster. Its fields are named after ONTAP's nouns. It is safe for concurrent use.
type Client struct {
	Nodes         *NodeService
	MetroCluster  *MetroClusterService
	Aggregates    *AggregateService
	Licenses      *LicenseService
	SVMs          *SVMService
	Accounts      *AccountService
	Jobs          *JobService
	IPInterfaces  *IPInterfaceService
	Routes        *RouteService
	BGPPeerGroups *BGPPeerGroupService
	Subnets       *SubnetService
	Protocols     *ProtocolService
	// Subsystems are the host groups of NVMe, Igroups those of iSCSI.
	Subsystems, Igroups *HostGroupService
	Volumes             *VolumeService
	Approvals           *ApprovalService
	BroadcastDomains    *BroadcastDomainService
	Ports               *PortService
	Roles               *RoleService

	readOnly bool
	name     string
	base     string
	clock    clock.WithTicker
	observer Observer
	access   *access
	logins   *logins
	silence  *silence
	inFlight *gate
	jobSlots *gate
}

// New returns a client without doing any I/O: neither ONTAP nor the files have to be there yet. It fails only if the
// configuration can never work.
func New(config Config, options Options) (*Client, error) {
	if config.Name == "" {
		return nil, errors.New("an ONTAP cluster needs a name")
	}
	base, err := baseURL(config.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("endpoint of ONTAP cluster %q: %w", config.Name, err)
	}
	if config.CredentialsDirectory == "" {
		return nil, fmt.Errorf("ONTAP cluster %q needs a credentials directory", config.Name)
	}
	if options.MaxInFlight < 0 || options.MaxJobs < 0 {
		return nil, fmt.Errorf("limits of ONTAP cluster %q are negative", config.Name)
	}
	if options.Clock == nil {
		options.Clock = clock.RealClock{}
	}
	if options.Observer == nil {
		options.Observer = nobody{}
	}
	maxInFlight := cmp.Or(options.MaxInFlight, defaultMaxInFlight)
	c := &Client{
		name:     config.Name,
		base:     base,
		clock:    options.Clock,
		observer: options.Observer,
		access:   &access{config: config, maxIdle: maxInFlight, given: options.Transport},
		logins:   &logins{observe: func(refused bool) { options.Observer.ObserveRefusal(config.Name, refused) }},
		silence:  &silence{observe: func(silent bool) { options.Observer.ObserveSilence(config.Name, silent) }},
	}
	c.inFlight = c.newGate(GateRequests, maxInFlight)
	c.jobSlots = c.newGate(GateJobs, cmp.Or(options.MaxJobs, defaultMaxJobs))
	c.wire()
	return c, nil
}

// wire gives the client its services.
func (c *Client) wire() {
	c.Nodes, c.MetroCluster = &NodeService{c}, &MetroClusterService{c}
	c.Aggregates, c.Licenses = &AggregateService{c}, &LicenseService{c}
	c.SVMs, c.Accounts, c.Jobs = &SVMService{c}, &AccountService{c}, &JobService{c}
	c.IPInterfaces, c.Routes, c.BGPPeerGroups, c.Subnets = &IPInterfaceService{c}, &RouteService{c}, &BGPPeerGroupService{c}, &SubnetService{c}
	c.Protocols, c.Volumes, c.Approvals = &ProtocolService{c}, &VolumeService{c}, &ApprovalService{c}
	c.BroadcastDomains, c.Ports, c.Roles = &BroadcastDomainService{c}, &PortService{c}, &RoleService{c}
	c.Subsystems = &HostGroupService{c, "/protocols/nvme/subsystems", "allow_delete_with_hosts=true"}
	c.Igroups = &HostGroupService{c, "/protocols/san/igroups", ""}
}

// ReadOnly returns a client that shares everything with this one, but whose writes are errors of [KindHeld] and are not
// sent.
func (c *Client) ReadOnly() *Client {
	other := *c
	other.readOnly = true
	other.wire()
	return &other
}

// baseURL does not quote the endpoint in its errors, since somebody may have written a password into it.
func baseURL(endpoint string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", errors.New("not a URL")
	}
	if u.Scheme != "https" || u.Hostname() == "" {
		return "", errors.New("must be an https URL with a host")
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("must have a scheme, a host and a port only")
	}
	return "https://" + u.Host + "/api", nil
}

// Name returns the configured name of the cluster.
func (c *Client) Name() string { return c.name }

// AcquireJobSlot waits for the right to have one SVM create or delete job on the cluster; release gives it back and may
// be called more than once. When ctx ends first the error is of [KindBusy].
func (c *Client) AcquireJobSlot(ctx context.Context) (release func(), err error) {
	if err := c.jobSlots.enter(ctx); err != nil {
		return nil, &Error{Kind: KindBusy, Cluster: c.name, Op: "acquiring a job slot", cause: err}
	}
	return sync.OnceFunc(c.jobSlots.leave), nil
}

// sleep returns an error if ctx ended first.
func (c *Client) sleep(ctx context.Context, d time.Duration) error {
	timer := c.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

// ended says why ctx ended. A cause of its own does not hide whether it was canceled or ran out of time.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	return ctx.Err()
}
