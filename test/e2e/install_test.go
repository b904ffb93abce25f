// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package e2e_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	gardencorev1beta1 "github.com/gardener/gardener/pkg/apis/core/v1beta1"
	extensionsv1alpha1 "github.com/gardener/gardener/pkg/apis/extensions/v1alpha1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gardener-community/gardener-extension-ontap/test/simulator"
)

const checkout = "../.."

// pasted is a block of commands of the README, and what it says that they print; nothing where it does not say it.
type pasted struct{ commands, printed string }

// pastedFrom are the blocks of a chapter of the README, up to its first section.
func pastedFrom(chapter string) []pasted {
	GinkgoHelper()
	readme, err := os.ReadFile(filepath.Join(checkout, "README.md"))
	Expect(err).NotTo(HaveOccurred())
	_, text, found := strings.Cut(string(readme), "\n## "+chapter+"\n")
	Expect(found).To(BeTrue(), chapter)
	text = regexp.MustCompile(`(?m)^##`).Split(text, 2)[0]
	var all []pasted
	for _, block := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		switch {
		case block[1] == "sh":
			all = append(all, pasted{commands: block[2]})
		case len(all) > 0 && all[len(all)-1].printed == "":
			all[len(all)-1].printed = block[2]
		default:
			Fail("nothing prints this:\n" + block[2])
		}
	}
	return all
}

// terminal is a shell that somebody pastes commands into.
type terminal struct {
	in  io.Writer
	out *bufio.Reader
}

func openTerminal(ctx context.Context) *terminal {
	GinkgoHelper()
	shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail")
	shell.Dir, shell.Stderr = checkout, GinkgoWriter
	in, err := shell.StdinPipe()
	Expect(err).NotTo(HaveOccurred())
	out, err := shell.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(shell.Start()).To(Succeed())
	DeferCleanup(func() {
		Expect(in.Close()).To(Succeed())
		_ = shell.Wait() // how each block has ended is known
	})
	return &terminal{in: in, out: bufio.NewReader(out)}
}

// paste returns what the commands print, and fails the spec if one of them does not succeed.
func (t *terminal) paste(commands string) string {
	GinkgoHelper()
	const end = "the block has ended\n"
	_, err := io.WriteString(t.in, commands+"\necho "+end)
	Expect(err).NotTo(HaveOccurred())
	var printed strings.Builder
	for {
		line, err := t.out.ReadString('\n')
		Expect(err).NotTo(HaveOccurred(), "a command has failed in:\n%s\nhaving printed:\n%s", commands, printed.String())
		if line == end {
			GinkgoWriter.Println(printed.String())
			return printed.String()
		}
		printed.WriteString(line)
	}
}

// alike takes out of what inspect prints what is another one in each life, the conditions that health checks add some time after
// a run, and the width that these give to the table.
func alike(printed string) string {
	for expression, by := range map[string]string{
		`(sample-[0-9a-f]{8}-)\w{6}`:                                      "${1}random",
		`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`:                                 "TIME",
		`, (ControlPlaneHealthy|SystemComponentsHealthy) \w+ \(\w+\)`:     "",
		`(\d)/[567] True`:                                                 "$1/N True",
		`(CONDITIONS|ShootResourcesReady False \(BackendNotBound\)) {2,}`: "$1  ",
	} {
		printed = regexp.MustCompile(expression).ReplaceAllString(printed, by)
	}
	return printed
}

// newcomer is what can be seen of the landscape that the chapter starts.
type newcomer struct {
	directory string
	seed      client.Client
	ontap     simulator.Control
}

func lookAround() *newcomer {
	GinkgoHelper()
	told, err := os.ReadFile(filepath.Join(checkout, ".cache/landscape.env"))
	Expect(err).NotTo(HaveOccurred())
	found := regexp.MustCompile(`LANDSCAPE=(\S+)`).FindSubmatch(told)
	Expect(found).To(HaveLen(2))
	n := &newcomer{directory: string(found[1])}
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(n.directory, "seed.kubeconfig"))
	Expect(err).NotTo(HaveOccurred())
	n.seed, err = client.New(config, client.Options{Scheme: admin.Scheme()})
	Expect(err).NotTo(HaveOccurred())
	controls, err := os.ReadFile(filepath.Join(n.directory, "ontap", "admin"))
	Expect(err).NotTo(HaveOccurred())
	n.ontap = simulator.Dial(string(controls))
	return n
}

func (n *newcomer) svms(ctx context.Context) []simulator.SVMState {
	GinkgoHelper()
	state, err := n.ontap.State(ctx)
	Expect(err).NotTo(HaveOccurred())
	Expect(state.Clusters).To(HaveLen(1))
	return state.Clusters[0].SVMs
}

func (n *newcomer) expectShoot(ctx context.Context) {
	GinkgoHelper()
	extension := &extensionsv1alpha1.Extension{}
	Expect(n.seed.Get(ctx, client.ObjectKey{Namespace: "shoot--sample--sample", Name: "ontap"}, extension)).To(Succeed())
	Expect(extension.Status.LastOperation.State).To(Equal(gardencorev1beta1.LastOperationStateSucceeded))
	Expect(n.svms(ctx)).To(ConsistOf(And(
		HaveField("Name", "s3f2504e04f8941d39a0c0305e82c3301"), HaveField("State", "running"), HaveField("LIFs", HaveLen(3)),
		HaveField("Comment", ContainSubstring("o=3f2504e0-4f89-41d3-9a0c-0305e82c3301")),
	)))
}

func (n *newcomer) expectNothing(ctx context.Context) {
	GinkgoHelper()
	Expect(n.svms(ctx)).To(BeEmpty())
	Expect(n.seed.Get(ctx, client.ObjectKey{Name: "shoot--sample--sample"}, &corev1.Namespace{})).To(MatchError(apierrors.IsNotFound, "not found"))
}

var _ = Describe("The README's chapter Install", func() {
	It("should take a newcomer from a clone to a shoot with an SVM, and back", func(ctx SpecContext) {
		blocks := pastedFrom("Install")
		command := exec.Command("bash", "-euo", "pipefail", "-c", blocks[0].commands)
		command.Dir, command.SysProcAttr = checkout, &syscall.SysProcAttr{Setpgid: true}
		first, err := gexec.Start(command, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		end := func() { // as Ctrl-C does, to all of them
			_ = syscall.Kill(-first.Command.Process.Pid, syscall.SIGINT)
			Eventually(first).WithTimeout(timeout).Should(gexec.Exit())
		}
		DeferCleanup(end)
		Eventually(first.Out).WithContext(ctx).WithTimeout(10 * time.Minute).Should(gbytes.Say("the landscape is ready(.|\n)*landscape.env"))
		seen, second, outcomes := lookAround(), openTerminal(ctx), 0
		for _, block := range blocks[1:] {
			By(fmt.Sprintf("pasting\n%s", block.commands))
			printed := second.paste(block.commands)
			if block.printed != "" {
				Expect(alike(printed)).To(Equal(alike(block.printed)))
			}
			switch {
			case strings.Contains(block.commands, "kubectl apply --filename config/samples/extension.yaml\n"):
				seen.expectShoot(ctx)
				outcomes++
			case strings.Contains(block.commands, "kubectl delete --filename config/samples/cluster.yaml "):
				seen.expectNothing(ctx)
				outcomes++
			}
		}
		Expect(outcomes).To(Equal(2))
		end()
		Expect(seen.directory).NotTo(BeADirectory())
		Expect(filepath.Join(checkout, ".cache/landscape.env")).NotTo(BeAnExistingFile())
	})
})
