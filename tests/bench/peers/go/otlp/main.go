// SPDX-License-Identifier: MIT

// handlers/hello.c, or with _HANDLER=workload tests/integration/handlers/workload.c, on aws-lambda-go with otellambda and OTLP/HTTP.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	detector "go.opentelemetry.io/contrib/detectors/aws/lambda"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-lambda-go/otellambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/trace"
)

type event struct {
	QueryStringParameters map[string]string `json:"queryStringParameters"`
}

type answer struct {
	Message string `json:"message"`
}

var provider *trace.TracerProvider
var payload = strings.Repeat("x", 256)

func hello(ctx context.Context, e event) (answer, error) {
	name := e.QueryStringParameters["name"]
	if name == "" {
		name = "world"
	}
	_, span := provider.Tracer("bench").Start(ctx, "compose greeting")
	span.SetAttributes(attribute.String("greeting.name", name), attribute.Int("greeting.name.size", len(name)))
	defer span.End()
	return answer{"Hello, " + name + "!"}, nil
}

func operate(ctx context.Context, depth int) {
	for i := 0; depth > 0 && i < 4; i++ {
		below, span := provider.Tracer("bench").Start(ctx, fmt.Sprintf("operation_depth_%d_iter_%d", depth, i))
		span.SetAttributes(attribute.Int("depth", depth), attribute.Int("iteration", i), attribute.String("payload", payload))
		operate(below, depth-1)
		span.End()
	}
}

func workload(ctx context.Context, _ event) (answer, error) {
	operate(ctx, 2)
	return answer{"Benchmark complete"}, nil
}

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		panic(err)
	}
	resource, err := detector.NewResourceDetector().Detect(ctx)
	if err != nil {
		panic(err)
	}
	provider = trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(resource))
	handler := hello
	if os.Getenv("_HANDLER") == "workload" {
		handler = workload
	}
	lambda.Start(otellambda.InstrumentHandler(handler, otellambda.WithTracerProvider(provider), otellambda.WithFlusher(provider)))
}
