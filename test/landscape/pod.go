// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// pod is what the kubelet would make of the extension's Deployment, put where an ordinary process can have it: the
// mounts below a directory instead of below /, the ports on the loopback instead of in a network of its own. What it
// does not know of a Pod is an error, never left out silently.
type pod struct {
	namespace string
	// root is the directory in place of /.
	root string
	// relocate replaces the paths of mounts by where they really are.
	relocate *strings.Replacer
	// ports are the loopback ports by the container ports in whose place they stand.
	ports map[int32]int
	// env are the variables of the container by name.
	env map[string]string
}

// deployment returns the extension's Deployment as the API server has it.
func (l *Landscape) deployment(ctx context.Context) (*appsv1.Deployment, error) {
	var deployment appsv1.Deployment
	err := l.Client.Get(ctx, client.ObjectKey{Namespace: ExtensionNamespace, Name: extensionName}, &deployment)
	return &deployment, err
}

// newPod makes the files and reserves the ports of a Deployment's pod.
func (l *Landscape) newPod(ctx context.Context, spec corev1.PodSpec) (*pod, *corev1.Container, error) {
	if len(spec.Containers) != 1 || len(spec.InitContainers) != 0 {
		return nil, nil, errors.New("only pods with one container are understood")
	}
	container := &spec.Containers[0]
	p := &pod{namespace: ExtensionNamespace, root: l.directory.join("pod"), ports: map[int32]int{}, env: map[string]string{}}
	if err := os.RemoveAll(p.root); err != nil {
		return nil, nil, err
	}
	var places []string
	for _, mount := range container.VolumeMounts {
		places = append(places, mount.MountPath, filepath.Join(p.root, mount.MountPath))
	}
	p.relocate = strings.NewReplacer(places...)
	for _, mount := range container.VolumeMounts {
		if err := p.mount(ctx, l.Client, mount, spec.Volumes); err != nil {
			return nil, nil, fmt.Errorf("mounting volume %q: %w", mount.Name, err)
		}
	}
	for _, port := range container.Ports {
		local, err := reservePort(ctx)
		if err != nil {
			return nil, nil, err
		}
		p.ports[port.ContainerPort] = local
	}
	for _, variable := range container.Env {
		value, err := p.value(variable)
		if err != nil {
			return nil, nil, fmt.Errorf("variable %q: %w", variable.Name, err)
		}
		p.env[variable.Name] = value
	}
	return p, container, nil
}

// mount writes the files of a volume.
func (p *pod) mount(ctx context.Context, c client.Client, mount corev1.VolumeMount, volumes []corev1.Volume) error {
	if mount.SubPath != "" || mount.SubPathExpr != "" {
		return errors.New("sub-paths are not understood")
	}
	for _, volume := range volumes {
		if volume.Name != mount.Name {
			continue
		}
		files, err := p.files(ctx, c, volume.VolumeSource)
		if err != nil {
			return err
		}
		directory := filepath.Join(p.root, mount.MountPath)
		if err := os.MkdirAll(directory, 0o700); err != nil {
			return err
		}
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(directory, name), content, 0o600); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("there is no such volume")
}

// files returns the content of a volume. Configuration names mounted paths, so these are relocated in it.
func (p *pod) files(ctx context.Context, c client.Client, source corev1.VolumeSource) (map[string][]byte, error) {
	files := map[string][]byte{}
	switch {
	case source.ConfigMap != nil && len(source.ConfigMap.Items) == 0:
		var object corev1.ConfigMap
		if err := c.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: source.ConfigMap.Name}, &object); err != nil {
			return nil, err
		}
		for name, content := range object.Data {
			files[name] = []byte(p.relocate.Replace(content))
		}
	case source.Secret != nil && len(source.Secret.Items) == 0:
		var object corev1.Secret
		if err := c.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: source.Secret.SecretName}, &object); err != nil {
			return nil, err
		}
		files = object.Data
	default:
		return nil, errors.New("only whole ConfigMaps and Secrets are understood")
	}
	return files, nil
}

// value returns the value of a variable.
func (p *pod) value(variable corev1.EnvVar) (string, error) {
	switch source := variable.ValueFrom; {
	case source == nil:
		return variable.Value, nil
	case source.FieldRef != nil && source.FieldRef.FieldPath == "metadata.namespace":
		return p.namespace, nil
	default:
		return "", errors.New("only values and metadata.namespace are understood")
	}
}

// args returns the arguments of a container with its variables, mounts and ports replaced.
func (p *pod) args(container *corev1.Container) ([]string, error) {
	var variables []string
	for name, value := range p.env {
		variables = append(variables, "$("+name+")", value)
	}
	expand := strings.NewReplacer(variables...)
	args := make([]string, 0, len(container.Args))
	for _, arg := range container.Args {
		bound, err := p.bind(p.relocate.Replace(expand.Replace(arg)))
		if err != nil {
			return nil, fmt.Errorf("argument %q: %w", arg, err)
		}
		args = append(args, bound)
	}
	return args, nil
}

// bind replaces the address in a flag that names one to listen on. It must be one of the container's ports.
func (p *pod) bind(arg string) (string, error) {
	flag, address, found := strings.Cut(arg, "=")
	if !found || !strings.HasSuffix(flag, "-bind-address") {
		return arg, nil
	}
	_, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	port, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return "", err
	}
	local, found := p.ports[int32(port)]
	if !found {
		return "", fmt.Errorf("port %d is not among the ports of the container", port)
	}
	return flag + "=" + net.JoinHostPort(loopback, strconv.Itoa(local)), nil
}

// readinessURL returns the URL that the container's readiness probe asks.
func (p *pod) readinessURL(container *corev1.Container) (string, error) {
	if container.ReadinessProbe == nil || container.ReadinessProbe.HTTPGet == nil {
		return "", errors.New("the container has no readiness probe over HTTP")
	}
	return p.url(container, container.ReadinessProbe.HTTPGet.Port.String(), container.ReadinessProbe.HTTPGet.Path)
}

// metricsURL returns the URL of the metrics.
func (p *pod) metricsURL(container *corev1.Container) (string, error) {
	return p.url(container, "metrics", "/metrics")
}

// url returns the URL of a path at a port of the container, which is given by name or number.
func (p *pod) url(container *corev1.Container, wanted, path string) (string, error) {
	for _, port := range container.Ports {
		if port.Name == wanted || strconv.Itoa(int(port.ContainerPort)) == wanted {
			return "http://" + net.JoinHostPort(loopback, strconv.Itoa(p.ports[port.ContainerPort])) + path, nil
		}
	}
	return "", fmt.Errorf("port %s is not among the ports of the container", wanted)
}
