// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"fmt"
	"net/url"

	. "github.com/onsi/ginkgo/v2"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const (
	nqn  = "nqn.2014-08.org.nvmexpress:uuid:3f1b1c2e-0000-4000-8000-000000000001"
	gibi = 1 << 30
)

func volume(svm, name string, size int) content {
	return content{
		"svm": of(svm), "name": name, "size": size, "aggregates": []content{{"name": "a_01_aggr1"}}, "style": "flexvol", "state": "online",
		"guarantee": content{"type": "none"}, "snapshot_policy": content{"name": "none"}, "comment": "{}",
		"space": content{"snapshot": content{"reserve_percent": 0}}, "tiering": content{"policy": "none"},
		"nas": content{"export_policy": content{"name": "default"}, "security_style": "unix", "unix_permissions": 777},
	}
}

// These are what Trident does inside an SVM.
var _ = Describe("Answers about storage", func() {
	var (
		c   *client
		svm string
	)
	BeforeEach(func() {
		c = newClient(startSimulator(simulator.ClusterOptions{Name: "a"}).Cluster("a"))
		svm = c.createSVM("s1", "nvme")
	})
	create := func(name string) (uuid string) {
		c.expect(202, "POST", "/storage/volumes?return_records=true", volume(svm, name, gibi))
		return c.only("/storage/volumes?name="+name, "uuid")
	}

	It("should be as documented for volumes, snapshots and clones", func() {
		uuid := create("v1")
		path := "/storage/volumes/" + uuid
		c.get(path)
		c.get("/storage/volumes?fields=*&is_svm_root=false")
		c.expect(202, "PATCH", path, content{"size": 2 * gibi})
		c.patch("/svm/svms/"+svm, content{"storage": content{"limit": 4 * gibi}})
		c.expect(503, "POST", "/storage/volumes", volume(svm, "v2", 3*gibi))
		c.expect(503, "PATCH", path, content{"size": 5 * gibi})
		c.expect(202, "POST", path+"/snapshots", content{"name": "one", "svm": of(svm)})
		snapshot := path + "/snapshots/" + c.only(path+"/snapshots?fields=name,create_time&name=one", "uuid")
		c.get(path + "/snapshots?fields=*")
		c.get(snapshot)
		c.expect(202, "POST", "/storage/volumes?return_records=true", content{"svm": of(svm), "name": "copy", "clone": content{
			"parent_volume": content{"name": "v1"}, "parent_snapshot": content{"name": "one"}, "is_flexclone": true,
		}})
		c.expect(202, "DELETE", "/storage/volumes/"+c.only("/storage/volumes?name=copy", "uuid")+"?force=true", nil)
		c.expect(202, "DELETE", snapshot, nil)
		c.expect(202, "DELETE", path+"?force=false", nil)
	})

	It("should be as documented for namespaces, subsystems, hosts and maps", func() {
		create("v1")
		for i, node := range []string{"a-01", "a-02"} {
			body := lif(svm, fmt.Sprint("l", i), fmt.Sprint("10.1.0.", i+1), "default-data-nvme-tcp")
			body["location"].(content)["home_node"] = content{"name": node}
			c.post("/network/ip/interfaces", body)
		}
		c.post("/storage/namespaces?return_records=true", content{
			"svm": of(svm), "name": "/vol/v1/namespace0", "os_type": "linux", "space": content{"size": 1 << 20, "block_size": 4096}, "comment": "{}",
		})
		namespace := c.only("/storage/namespaces?fields=*", "uuid")
		c.get("/storage/namespaces/" + namespace)
		c.patch("/storage/namespaces/"+namespace, content{"space": content{"size": 2 << 20}})

		c.post("/protocols/nvme/subsystems?return_records=true", content{"svm": of(svm), "name": "g1", "os_type": "linux", "comment": "{}"})
		subsystem := c.only("/protocols/nvme/subsystems?fields=*&name=g1", "uuid")
		path := "/protocols/nvme/subsystems/" + subsystem
		c.get(path)
		c.post(path+"/hosts?return_records=true", content{"nqn": nqn})
		host := path + "/hosts/" + url.PathEscape(nqn)
		c.get(path + "/hosts?fields=*")
		c.get(host)

		c.post("/protocols/nvme/subsystem-maps?return_records=true", content{
			"svm": of(svm), "subsystem": of(subsystem), "namespace": of(namespace),
		})
		mapping := "/protocols/nvme/subsystem-maps/" + subsystem + "/" + namespace
		c.get("/protocols/nvme/subsystem-maps?fields=*")
		c.get(mapping)
		c.delete(mapping)
		c.delete(host)
		c.delete(path)
		c.delete("/storage/namespaces/" + namespace)
	})

	It("should be as documented for the events of applications", func() {
		for _, asked := range []string{"", "?return_records=true"} {
			c.post("/support/ems/application-logs"+asked, content{
				"app_version": "1", "autosupport_required": false, "category": "heartbeat", "computer_name": "host-1", "event_description": "{}",
				"event_id": 1, "event_source": "trident", "severity": "notice",
			})
		}
	})
})
