// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package trident

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	v1beta1helper "github.com/gardener/gardener/pkg/api/core/v1beta1/helper"
	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	v1beta1constants "github.com/gardener/gardener/pkg/apis/core/v1beta1/constants"
	resourcesv1alpha1 "github.com/gardener/gardener/pkg/apis/resources/v1alpha1"
	"github.com/gardener/gardener/pkg/resourcemanager/controller/garbagecollector/references"
	kubernetesutils "github.com/gardener/gardener/pkg/utils/kubernetes"
	"github.com/gardener/gardener/pkg/utils/kubernetes/health"
	"github.com/gardener/gardener/pkg/utils/managedresources"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/gardener-community/gardener-extension-ontap/pkg/svm"
)

// Origin is the value of the label origin of our ManagedResources, and who we are to the secrets manager.
const Origin = "extension-ontap"

// The names of the ManagedResources in the namespace of a shoot.
const (
	// CRDs has Trident's API.
	CRDs = "extension-ontap-crds"
	// Credentials has the Secret that Trident logs in with.
	Credentials = "extension-ontap-credentials"
	// Driver has Trident itself.
	Driver = "extension-ontap-driver"
	// Classes has the backend and the storage classes.
	Classes = "extension-ontap-classes"
)

// bundle is what one ManagedResource has to hold.
type bundle struct {
	name string
	// encoded makes what is in it.
	encoded func(context.Context) (map[string][]byte, error)
	// lacks says what has to come before the next bundle; it is nil for one that is never waited for.
	lacks func(*resourcesv1alpha1.ManagedResource) error
	// secret is the content once it was made: to encode and to hash it is most of the work of a pass.
	secret *corev1.Secret
}

// ready tells whether the next bundle may be applied.
func (b *bundle) ready(resource *resourcesv1alpha1.ManagedResource) bool {
	return b.lacks == nil || b.lacks(resource) == nil
}

func fixed(objects ...client.Object) func(context.Context) (map[string][]byte, error) {
	return func(context.Context) (map[string][]byte, error) { return encode(objects) }
}

// encodedCRDs are the same for every shoot.
var encodedCRDs = sync.OnceValues(func() (map[string][]byte, error) { return encode(crds()) })

// encode encodes objects as they are: to compress them, as Gardener's library does, takes five megabytes of memory each time, a
// thousand times what they are.
func encode(objects []client.Object) (map[string][]byte, error) {
	data := map[string][]byte{}
	for _, object := range objects {
		encoded, err := json.Marshal(object)
		if err != nil {
			return nil, fmt.Errorf("encoding %s: %w", object.GetName(), err)
		}
		kind := object.GetObjectKind().GroupVersionKind().Kind
		data[strings.ToLower(kind)+"-"+object.GetName()+".json"] = encoded
	}
	return data, nil
}

// bundles returns what a shoot gets, in the order in which its parts need each other.
func (s *ShootResources) bundles(content svm.ShootContent) []*bundle {
	var classes []client.Object
	for _, class := range content.StorageClasses {
		classes = append(classes, storageClass(content, class))
	}
	all := []*bundle{
		{name: CRDs, encoded: func(context.Context) (map[string][]byte, error) { return encodedCRDs() }, lacks: health.CheckManagedResource},
		{name: Credentials, encoded: fixed(credentials(content)), lacks: health.CheckManagedResourceApplied},
		{name: Driver, encoded: s.driver(content), lacks: health.CheckManagedResourceApplied},
		{name: Classes, encoded: fixed(append(classes, backendConfig(content))...), lacks: health.CheckManagedResourceApplied},
	}
	for _, o := range optional {
		if o.wanted(content) {
			all = append(all, &bundle{name: o.name, encoded: fixed(o.objects(content)...)})
		}
	}
	return all
}

// list returns our ManagedResources in a shoot's namespace by name.
func (s *ShootResources) list(ctx context.Context, namespace string) (map[string]*resourcesv1alpha1.ManagedResource, error) {
	found := &resourcesv1alpha1.ManagedResourceList{}
	err := s.seed.List(ctx, found, client.InNamespace(namespace), client.MatchingLabels{managedresources.LabelKeyOrigin: Origin})
	if err != nil {
		return nil, &svm.SeedError{Doing: "listing ManagedResources", Cause: err}
	}
	all := map[string]*resourcesv1alpha1.ManagedResource{}
	for i := range found.Items {
		all[found.Items[i].Name] = &found.Items[i]
	}
	return all, nil
}

// write brings the ManagedResource of a bundle up to date, and returns it. The content lies in an immutable Secret that is
// named after it, as Gardener's library has it; but the library also reads and changes Secrets of any name, which we have no
// right to: here they are only created, and Gardener collects those that nobody refers to. That a ManagedResource refers to a
// Secret does not mean that there is one, so it is created also when gardener-resource-manager has failed.
func (s *ShootResources) write(ctx context.Context, namespace string, b *bundle, found *resourcesv1alpha1.ManagedResource) (*resourcesv1alpha1.ManagedResource, error) {
	if err := b.make(ctx, namespace); err != nil {
		return nil, err
	}
	wanted := resourcesv1alpha1.ManagedResourceSpec{
		SecretRefs:   []corev1.LocalObjectReference{{Name: b.secret.Name}},
		InjectLabels: map[string]string{v1beta1constants.ShootNoCleanup: "true"},
		KeepObjects:  new(false),
	}
	if found != nil && equality.Semantic.DeepEqual(found.Spec, wanted) && !failed(found) {
		return found, nil
	}
	if err := s.seed.Create(ctx, b.secret.DeepCopy()); err != nil && !apierrors.IsAlreadyExists(err) {
		return nil, &svm.SeedError{Doing: "writing the content of ManagedResource " + b.name, Cause: err}
	}
	resource := &resourcesv1alpha1.ManagedResource{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: b.name}}
	if _, err := controllerutil.CreateOrUpdate(ctx, s.seed, resource, func() error {
		metav1.SetMetaDataLabel(&resource.ObjectMeta, managedresources.LabelKeyOrigin, Origin)
		resource.Spec = wanted
		return references.InjectAnnotations(resource)
	}); err != nil {
		return nil, &svm.SeedError{Doing: "writing ManagedResource " + b.name, Cause: err}
	}
	return resource, nil
}

// failed tells whether gardener-resource-manager could not apply a ManagedResource.
func failed(resource *resourcesv1alpha1.ManagedResource) bool {
	condition := v1beta1helper.GetCondition(resource.Status.Conditions, resourcesv1alpha1.ResourcesApplied)
	return condition != nil && condition.Status == gardencorev1beta1.ConditionFalse
}

// make makes the Secret with the content of a bundle.
func (b *bundle) make(ctx context.Context, namespace string) error {
	if b.secret != nil {
		return nil
	}
	data, err := b.encoded(ctx)
	if err != nil {
		return err
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: managedresources.SecretPrefix + b.name},
		Type:       corev1.SecretTypeOpaque, Data: data,
	}
	if err := kubernetesutils.MakeUnique(secret); err != nil {
		return err
	}
	b.secret = secret
	return nil
}

// sync has gardener-resource-manager apply a ManagedResource again, which it does only twice a day by itself.
func (s *ShootResources) sync(ctx context.Context, resource *resourcesv1alpha1.ManagedResource) error {
	if resource.Annotations[v1beta1constants.GardenerOperation] != "" {
		return nil
	}
	before := client.MergeFrom(resource.DeepCopy())
	metav1.SetMetaDataAnnotation(&resource.ObjectMeta, v1beta1constants.GardenerOperation, v1beta1constants.GardenerOperationReconcile)
	if err := s.seed.Patch(ctx, resource, before); err != nil {
		return &svm.SeedError{Doing: "having ManagedResource " + resource.Name + " applied again", Cause: err}
	}
	return nil
}

// delete deletes a ManagedResource, which stays until gardener-resource-manager has deleted its objects.
func (s *ShootResources) delete(ctx context.Context, resource *resourcesv1alpha1.ManagedResource) error {
	if resource.DeletionTimestamp != nil {
		return nil
	}
	if err := client.IgnoreNotFound(s.seed.Delete(ctx, resource)); err != nil {
		return &svm.SeedError{Doing: "deleting ManagedResource " + resource.Name, Cause: err}
	}
	return nil
}

// state says what gardener-resource-manager has come to. Its messages may quote objects, so those of what has secrets are left out.
func state(resource *resourcesv1alpha1.ManagedResource) string {
	text := "ManagedResource " + resource.Name
	condition := v1beta1helper.GetCondition(resource.Status.Conditions, resourcesv1alpha1.ResourcesApplied)
	switch {
	case condition == nil || condition.Status == gardencorev1beta1.ConditionTrue:
		return text + " is not seen to yet"
	case resource.Name == Credentials || resource.Name == Driver:
		return text + ": " + condition.Reason
	}
	return text + ": " + condition.Reason + ": " + condition.Message
}
