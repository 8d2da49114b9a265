// SPDX-License-Identifier: MIT

// handlers/hello.c on aws-lambda-go, without telemetry.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

type event struct {
	QueryStringParameters map[string]string `json:"queryStringParameters"`
}

type answer struct {
	Message string `json:"message"`
}

func hello(_ context.Context, e event) (answer, error) {
	name := e.QueryStringParameters["name"]
	if name == "" {
		name = "world"
	}
	return answer{"Hello, " + name + "!"}, nil
}

func main() {
	lambda.Start(hello)
}
