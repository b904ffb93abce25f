// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"github.com/gardener/gardener/pkg/resourcemanager/controller/garbagecollector/references"
	volumesnapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v4/apis/volumesnapshot/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	tridentv1 "github.com/gardener-community/gardener-extension-ontap/pkg/apis/trident/v1"
	"github.com/gardener-community/gardener-extension-ontap/test/resourcemanager"
	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

// EndState is everything that there is at the end of a life, a line for each value, renamed.
func (l *life) endState(ctx context.Context) (string, error) {
	s := &statement{renaming: newRenaming()}
	if err := resourcemanager.CollectGarbage(ctx, interceptor.NewClient(l.shoot.Seed, withoutWorkloads), l.shoot.Clock); err != nil {
		return "", err
	}
	if err := l.describeONTAP(ctx, s); err != nil {
		return "", err
	}
	for _, list := range []client.ObjectList{&extensionsv1alpha1.ExtensionList{}, &corev1.SecretList{}, &resourcesv1alpha1.ManagedResourceList{}} {
		if err := l.shoot.Seed.List(ctx, list, client.InNamespace(l.shoot.Namespace())); err != nil {
			return "", err
		}
		if err := s.objects("seed", list); err != nil {
			return "", err
		}
	}
	for _, list := range []client.ObjectList{
		&corev1.SecretList{}, &corev1.ConfigMapList{}, &appsv1.DeploymentList{}, &appsv1.DaemonSetList{}, &storagev1.StorageClassList{}, &tridentv1.TridentBackendConfigList{},
		&volumesnapshotv1.VolumeSnapshotClassList{}, &apiextensionsv1.CustomResourceDefinitionList{}, &corev1.PersistentVolumeList{},
	} {
		if err := l.shoot.Inside().List(ctx, list); err != nil {
			return "", err
		}
		if err := s.objects("shoot", list); err != nil {
			return "", err
		}
	}
	return s.renaming.rename(s.lines), nil
}

// withoutWorkloads spares the garbage collector of a seed the requests for workloads, of which there is none.
var withoutWorkloads = interceptor.Funcs{
	List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
		switch list.GetObjectKind().GroupVersionKind().Group {
		case appsv1.GroupName, batchv1.GroupName:
			return nil
		}
		return c.List(ctx, list, options...)
	},
}

// describeONTAP describes what is on the cluster that has the SVM, and on the others, with passwords and without jobs.
func (l *life) describeONTAP(ctx context.Context, s *statement) error {
	state, err := l.shoot.Sim.State(ctx)
	if err != nil {
		return err
	}
	home, _, _ := svmOf(state, l.shoot)
	s.home = home
	// The one with the SVM first.
	slices.SortStableFunc(state.Clusters, func(a, b simulator.ClusterState) int {
		return strings.Compare(strconv.FormatBool(b.Name == home), strconv.FormatBool(a.Name == home))
	})
	for _, cluster := range state.Clusters {
		side := "ontap other"
		if cluster.Name == home {
			side = "ontap home"
		}
		content := map[string]any{"svms": cluster.SVMs, "accounts": cluster.Accounts, "held": cluster.Held}
		for _, c := range l.shoot.Sim.Credentials() {
			if c.Cluster == cluster.Name && c.Password != "" {
				content["password of "+c.Name] = map[string]any{"password": c.Password}
			}
		}
		if err := s.value(side, content); err != nil {
			return err
		}
	}
	return nil
}

// statement is made of lines "path: value".
type statement struct {
	renaming *renaming
	home     string
	lines    []string
}

// objects adds those of a list, in the order of their names without what is random.
func (s *statement) objects(side string, list client.ObjectList) error {
	items, err := meta.ExtractList(list)
	if err != nil {
		return err
	}
	byName := map[string]client.Object{}
	for i, item := range items {
		object := item.(client.Object)
		object.SetManagedFields(nil) // who wrote what is told by a kube-apiserver only
		byName[fmt.Sprintf("%s %s/%s %d", side, object.GetNamespace(), about(object), i)] = object
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if err := s.object(name[:strings.LastIndexByte(name, ' ')], byName[name]); err != nil {
			return err
		}
	}
	return nil
}

func (s *statement) value(path string, content any) error {
	encoded, err := json.Marshal(content)
	if err != nil {
		return err
	}
	var tree any
	if err := json.Unmarshal(encoded, &tree); err != nil {
		return err
	}
	s.add(path, tree)
	return nil
}

func (s *statement) object(path string, object client.Object) error {
	if crd, ok := object.(*apiextensionsv1.CustomResourceDefinition); ok {
		spec, err := json.Marshal(crd.Spec)
		s.lines = append(s.lines, fmt.Sprintf("%s: %x %v %v", path, sha256.Sum256(spec), crd.Labels, crd.Annotations))
		return err
	}
	tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return err
	}
	if _, ok := object.(*corev1.Secret); ok {
		decodeData(tree)
	}
	s.add(path, tree)
	return nil
}

func (s *statement) add(path string, tree any) {
	switch content := tree.(type) {
	case map[string]any:
		if content["kind"] == "Secret" {
			decodeData(content)
		}
		keys := slices.Collect(maps.Keys(content))
		slices.SortFunc(keys, func(a, b string) int { return strings.Compare(place(a, content[a]), place(b, content[b])) })
		for _, key := range keys {
			s.add(path+"."+key, content[key])
		}
	case []any:
		if strings.HasSuffix(path, ".conditions") {
			// They are a set by type, in the order in which they were met first.
			slices.SortFunc(content, func(a, b any) int { return strings.Compare(typeOf(a), typeOf(b)) })
		}
		for i, one := range content {
			s.add(path+"."+strconv.Itoa(i), one)
		}
	case string:
		s.leaf(path, content)
	default:
		s.leaf(path, fmt.Sprint(content))
	}
}

// place orders the keys of an object. Those by which Gardener notes what a workload refers to are hashes of their values, which
// order them instead.
func place(key string, value any) string {
	prefix, _, hashed := strings.Cut(key, references.AnnotationKeyPrefix)
	if text, ok := value.(string); ok && hashed {
		return prefix + random.ReplaceAllString(text, "")
	}
	return key
}

func typeOf(condition any) string {
	content, _ := condition.(map[string]any)
	text, _ := content["type"].(string)
	return text
}

func (s *statement) leaf(path, content string) {
	if masked(path) {
		content = "<masked>"
	}
	if content == s.home && (strings.HasSuffix(path, ".cluster") || strings.HasSuffix(path, ".Cluster")) {
		content = "<home>"
	}
	if strings.HasSuffix(path, ".password") || strings.HasSuffix(path, ".salt") || strings.HasPrefix(content, "-----BEGIN ") {
		s.renaming.secret(content)
	}
	if strings.Contains(path, ".data.customresourcedefinition-") { // of which there is much, and nothing in it is anybody's own
		content = fmt.Sprintf("%x", sha256.Sum256([]byte(content)))
	}
	var object map[string]any
	if strings.HasPrefix(content, "{") && json.Unmarshal([]byte(content), &object) == nil {
		s.add(path, object)
		return
	}
	s.lines = append(s.lines, path+": "+content)
}

// decodeData shows what is in a Secret.
func decodeData(secret map[string]any) {
	data, _ := secret["data"].(map[string]any)
	shown := map[string]any{}
	for key, value := range data {
		content, err := base64.StdEncoding.DecodeString(value.(string))
		if err != nil {
			shown[key] = value
			continue
		}
		shown[key] = string(content)
		if !utf8.Valid(content) {
			shown[key] = fmt.Sprintf("%x", content)
		}
	}
	if len(shown) > 0 {
		secret["data"] = shown
		delete(secret, "kind")
	}
}
