// SPDX-FileCopyrightText: The gardener-extension-ontap contributors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
)

// ContractVariable names the program that compares exchanges with NetApp's document, test/contract/cmd/ontap-contract. It
// is a program because what it needs stays out of this module.
const ContractVariable = "ONTAP_CONTRACT"

// sharedContract is one program for all simulators of this process. It ends with the process, when its input does.
var sharedContract = sync.OnceValues(startContract)

// contract is a running program. The exchanges that go through its pipe have passwords in them; they go nowhere else.
type contract struct {
	mu        sync.Mutex // guards everything below
	exchanges *json.Encoder
	verdicts  *json.Decoder
	failure   error
}

// inspector returns the check that the environment asks for, nil where it asks for none.
func inspector() (func(Exchange) []string, error) {
	if os.Getenv(ContractVariable) == "" {
		return nil, nil
	}
	shared, err := sharedContract()
	if err != nil {
		return nil, err
	}
	return shared.inspect, nil
}

// startContract returns as soon as the program has read the document and says so.
func startContract() (*contract, error) {
	command := exec.Command(os.Getenv(ContractVariable))
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the program in %s: %w", ContractVariable, err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the program in %s: %w", ContractVariable, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the program in %s: %w", ContractVariable, err)
	}
	c := &contract{exchanges: json.NewEncoder(in), verdicts: json.NewDecoder(out)}
	if _, err := c.verdict(); err != nil {
		return nil, fmt.Errorf("starting the program in %s: %w", ContractVariable, err)
	}
	return c, nil
}

// inspect objects to every exchange once the program does not answer any more.
func (c *contract) inspect(e Exchange) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var objections []string
	if c.failure == nil {
		c.failure = c.exchanges.Encode(e)
	}
	if c.failure == nil {
		objections, c.failure = c.verdict()
	}
	if c.failure != nil {
		return []string{fmt.Sprintf("the program in %s does not answer: %v", ContractVariable, c.failure)}
	}
	return objections
}

func (c *contract) verdict() ([]string, error) {
	var verdict struct{ Objections []string }
	err := c.verdicts.Decode(&verdict)
	return verdict.Objections, err
}
