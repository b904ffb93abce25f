// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const password = "Abc-4567890"

func lif(svm, name, address, policy string) content {
	return content{
		"name": name, "svm": of(svm), "ip": content{"address": address, "netmask": "16"},
		"service_policy": content{"name": policy}, "location": content{
			"home_node": content{"name": "a-01"}, "broadcast_domain": content{"name": "Default"},
		},
	}
}

func account(svm, name, role string) content {
	return content{
		"owner": of(svm), "name": name, "role": content{"name": role}, "password": password, "comment": mark(name),
		"applications": []content{{"application": "http", "authentication_methods": []string{"password"}}},
	}
}

func gateway(svm, address string) content {
	return content{"svm": of(svm), "gateway": address, "destination": content{"address": "0.0.0.0", "netmask": "0"}}
}

func act(sim *simulator.Simulator, svm string, kind simulator.ActKind, name, value string) {
	GinkgoHelper()
	Expect(sim.Perform(context.Background(), "a", simulator.Act{Kind: kind, SVM: svm, Name: name, Value: value})).To(Succeed())
}

// populate makes at least one of everything that can be listed.
func populate(sim *simulator.Simulator, c *client) {
	GinkgoHelper()
	for i, part := range []struct{ protocol, policy string }{
		{"nvme", "default-data-nvme-tcp"}, {"iscsi", "default-data-iscsi"}, {"nfs", "default-data-files"},
	} {
		svm := c.createSVM("s-"+part.protocol, part.protocol)
		c.patch("/svm/svms/"+svm, content{
			"aggregates": []content{{"name": "a_01_aggr1"}}, "max_volumes": "10", "storage": content{"limit": 1 << 40},
			"qos_policy": content{"max_throughput_iops": 100, "max_throughput_mbps": 10},
		})
		c.post("/network/ip/interfaces?return_records=true", lif(svm, "l1", fmt.Sprintf("10.1.0.%d", i+1), part.policy))
		c.post("/network/ip/routes?return_records=true", gateway(svm, "10.1.255.1"))
		c.post("/security/accounts?return_records=true", account(svm, "x1-abc", "vsadmin"))
		c.post("/security/roles?return_records=true", content{
			"owner": of(svm), "name": "volumes", "privileges": []content{{"path": "/api/storage/volumes", "access": "all"}},
		})
		act(sim, "s-"+part.protocol, simulator.AddVolume, "v1", "")
		if part.protocol != "nfs" {
			act(sim, "s-"+part.protocol, simulator.AddHostGroup, "g1", "mapped")
		}
		act(sim, "s-"+part.protocol, simulator.Connect, "host-1", "l1")
	}
	act(sim, "s-nfs", simulator.SetQoSPolicy, "", "slow")
}

// These show the answers that an operation has of its own. Whoever adds an operation or a status adds them here.
var _ = Describe("Answers", func() {
	var (
		sim *simulator.Simulator
		c   *client
	)
	BeforeEach(func() {
		sim = startSimulator(simulator.ClusterOptions{Name: "a"})
		c = newClient(sim.Cluster("a"))
	})

	It("should be as documented for SVMs and jobs", func() {
		created := c.expect(202, "POST", "/svm/svms?return_records=true&return_timeout=0", content{"name": "s1", "comment": mark("s1")})
		c.get(fmt.Sprintf("/cluster/jobs/%v", created["job"].(content)["uuid"]))
		svm := c.only("/svm/svms?name=s1", "uuid")
		c.get("/svm/svms/" + svm)
		c.get("/svm/svms/" + svm + "?fields=name,nvme.enabled,qos_policy")
		c.patch("/svm/svms/"+svm, content{"comment": mark("s1") + " more"})
		act(sim, "s1", simulator.AddVolume, "v1", "a_01_aggr1")
		c.expect(409, "DELETE", "/svm/svms/"+svm, nil)
		act(sim, "s1", simulator.RemoveVolume, "v1", "")
		c.patch("/svm/svms/"+svm, content{"state": "stopped"})
		c.get("/svm/svms/" + svm)
		c.expect(202, "DELETE", "/svm/svms/"+svm+"?return_timeout=0", nil)
	})

	It("should be as documented for SVMs whose job is waited for", func() {
		c.expect(201, "POST", "/svm/svms?return_records=true&return_timeout=15", content{"name": "s1", "comment": mark("s1")})
		c.delete("/svm/svms/" + c.only("/svm/svms?name=s1", "uuid") + "?return_timeout=15")
	})

	It("should be as documented for both halves of a MetroCluster", func() {
		sim = startSimulator(simulator.ClusterOptions{Name: "a", MetroClusterPartner: "b"}, simulator.ClusterOptions{Name: "b", MetroClusterPartner: "a"})
		newClient(sim.Cluster("a")).createSVM("s1", "nvme")
		for _, name := range []string{"a", "b"} {
			half := newClient(sim.Cluster(name))
			for _, path := range []string{"/cluster/metrocluster", "/cluster/nodes", "/storage/aggregates", "/svm/svms", "/security/accounts"} {
				half.get(path + "?fields=*")
			}
		}
	})

	It("should be as documented for LIFs and routes", func() {
		svm := c.createSVM("s1", "nvme")
		for i := range 2 {
			c.post("/network/ip/interfaces", lif(svm, fmt.Sprint("l", i), fmt.Sprint("10.1.0.", i+1), "default-data-nvme-tcp"))
		}
		c.expect(409, "POST", "/network/ip/interfaces", lif(svm, "l0", "10.1.0.9", "default-management"))
		c.expect(503, "POST", "/network/ip/interfaces", lif(svm, "l2", "10.1.0.3", "default-data-nvme-tcp"))
		path := "/network/ip/interfaces/" + c.only("/network/ip/interfaces?name=l0", "uuid")
		c.get(path)
		c.expect(409, "DELETE", path, nil)
		c.patch(path, content{"enabled": false})
		c.delete(path)
		c.post("/network/ip/routes", gateway(svm, "10.1.255.1"))
		c.expect(409, "POST", "/network/ip/routes", gateway(svm, "10.1.255.1"))
	})

	It("should be as documented for accounts and roles", func() {
		svm := c.createSVM("s1")
		c.post("/security/accounts", account(svm, "x1-abc", "vsadmin"))
		c.expect(409, "POST", "/security/accounts", account(svm, "x1-abc", "vsadmin"))
		path := "/security/accounts/" + svm + "/x1-abc"
		c.get(path)
		c.patch(path, content{"comment": mark("s1") + " more", "locked": true})
		c.delete(path)
		c.post("/security/roles", content{
			"owner": of(svm), "name": "volumes", "privileges": []content{{"path": "/api/storage/volumes", "access": "all"}},
		})
		c.get("/security/roles/" + svm + "/volumes")
		c.get("/security/roles/" + svm + "/volumes/privileges?fields=path,access")
		c.delete("/security/roles/" + svm + "/volumes")
	})

	It("should be as documented for the services of protocols", func() {
		for _, key := range []string{"nvme", "san/iscsi", "nfs"} {
			services := "/protocols/" + key + "/services"
			name := "s-" + key[len(key)-3:]
			svm := c.createSVM(name)
			c.post(services+"?return_records=true", content{"svm": of(svm)})
			if key == "nfs" {
				c.expect(409, "POST", services, content{"svm": of(svm)})
				c.expect(409, "DELETE", services+"/"+svm, nil)
			}
			c.patch(services+"/"+svm, content{"enabled": false})
			if key == "san/iscsi" {
				act(sim, name, simulator.AddHostGroup, "g1", "")
				c.expect(409, "DELETE", services+"/"+svm, nil)
				c.delete("/protocols/san/igroups/" + c.only("/protocols/san/igroups?name=g1", "uuid"))
			}
			c.delete(services + "/" + svm)
		}
	})

	It("should be as documented for subsystems", func() {
		svm := c.createSVM("s1", "nvme")
		act(sim, "s1", simulator.AddHostGroup, "g1", "")
		act(sim, "s1", simulator.AddHostGroup, "g2", "")
		act(sim, "s1", simulator.AddVolume, "v1", "a_01_aggr1")
		for i, node := range []string{"a-01", "a-02"} {
			body := lif(svm, fmt.Sprint("l", i), fmt.Sprint("10.1.0.", i+1), "default-data-nvme-tcp")
			body["location"].(content)["home_node"] = content{"name": node}
			c.post("/network/ip/interfaces", body)
		}
		c.post("/protocols/nvme/subsystem-maps", content{
			"svm": of(svm), "subsystem": content{"name": "g1"}, "namespace": content{"name": "/vol/v1/namespace0"},
		})
		c.delete("/protocols/nvme/subsystems/" + c.only("/protocols/nvme/subsystems?name=g2", "uuid") + "?allow_delete_with_hosts=true")
	})
})
