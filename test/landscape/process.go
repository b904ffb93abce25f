// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package landscape

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	// pollInterval is the pause between two looks at something that a process is about to do.
	pollInterval = 50 * time.Millisecond
	// stopTimeout bounds the wait for a process that was told to end.
	stopTimeout = 30 * time.Second
	// logTail is how much of its log, in bytes, is told of a process that ended too early.
	logTail = 4096
)

var errClosed = errors.New("the landscape is closed")

// nursery starts all children of a landscape. The kernel sends a child its death signal when the *thread* that forked
// it ends, and the Go runtime ends threads as it likes; so all children come from one thread that is kept until close.
type nursery struct {
	starts chan func()
	closed chan struct{}
	close  func()
}

func newNursery() *nursery {
	n := &nursery{starts: make(chan func()), closed: make(chan struct{})}
	n.close = sync.OnceFunc(func() { close(n.closed) })
	go func() {
		// Never unlocked: the thread ends with this goroutine, and whatever child is left ends with the thread.
		runtime.LockOSThread()
		for {
			select {
			case start := <-n.starts:
				start()
			case <-n.closed:
				return
			}
		}
	}()
	return n
}

// start starts a command whose process gets the signal when this program ends.
func (n *nursery) start(cmd *exec.Cmd, deathSignal syscall.Signal) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = deathSignal
	result := make(chan error, 1)
	select {
	case n.starts <- func() { result <- cmd.Start() }:
		return <-result
	case <-n.closed:
		return errClosed
	}
}

// run runs a tool to its end. Unlike a process it is told to terminate, not killed, when ctx or this program ends, so
// that it can end its own children, and it shares our process group, so that Ctrl-C reaches it and its children.
func (n *nursery) run(ctx context.Context, cmd *exec.Cmd) error {
	if err := n.start(cmd, syscall.SIGTERM); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		// Fails only if the tool is gone already, which is what is wanted.
		_ = cmd.Process.Signal(syscall.SIGTERM)
	})
	defer stop()
	err := cmd.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// program says what to run as a process.
type program struct {
	name    string
	path    string
	args    []string
	env     []string
	logFile string
}

// process is a running program. Its output goes to its log file, behind what is there already.
type process struct {
	name    string
	logFile string
	cmd     *exec.Cmd
	ended   chan struct{}
	// err is the result of the process, to be read only after ended is closed.
	err error
}

// launch starts a program as a process that is killed when this program ends. It gets its own process group: Ctrl-C is
// for us to handle, in order.
func (n *nursery) launch(p program) (*process, error) {
	log, err := os.OpenFile(p.logFile, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", p.name, err)
	}
	// The child has its own copy of the descriptor.
	defer func() { _ = log.Close() }()
	cmd := exec.Command(p.path, p.args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, p.env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := n.start(cmd, syscall.SIGKILL); err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.name, err)
	}
	running := &process{name: p.name, logFile: p.logFile, cmd: cmd, ended: make(chan struct{})}
	go func() {
		defer close(running.ended)
		running.err = cmd.Wait()
	}()
	return running, nil
}

// end sends a signal and waits until the process is gone. A process that is gone already is no error; one that does
// not go is killed, and that is an error.
func (p *process) end(ctx context.Context, signal syscall.Signal) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("sending %s to %s: %w", signal, p.name, err)
	}
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		// Fails only if it has just ended.
		_ = p.cmd.Process.Kill()
		return fmt.Errorf("%s did not end after %s: %w", p.name, signal, context.Cause(ctx))
	}
}

// await polls until the condition is true. It fails, with the end of the log, as soon as the process has ended, and
// with the condition's last error when the time is over.
func (p *process) await(ctx context.Context, condition func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	var last error
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		select {
		case <-p.ended:
			return false, fmt.Errorf("%s has ended: %w", p.name, errors.Join(p.err, errors.New(p.tail())))
		default:
		}
		last = condition(ctx)
		return last == nil, nil
	})
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("waiting for %s: %w", p.name, errors.Join(err, last, errors.New(p.tail())))
	}
	return err
}

// tail returns the end of the log, or why it cannot be read.
func (p *process) tail() string {
	content, err := os.ReadFile(p.logFile)
	if err != nil {
		return err.Error()
	}
	start := max(0, len(content)-logTail)
	return "the end of " + p.logFile + ":\n" + strings.TrimSpace(string(content[start:]))
}
