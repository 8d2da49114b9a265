// SPDX-License-Identifier: MIT

// What `export batch` measures, by the OpenTelemetry SDK for Go, its own OTLP transformation, net/http and AWS's signer: main SPANS N ENDPOINT [CA].
// gzip is at its fastest level, and for bodies that mote compresses too. A line of JSON, in microseconds of CPU time and of wall time.
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const worthCompressing = 1500

type client struct {
	endpoint string
	http     *http.Client
	signer   *v4.Signer
	keys     aws.Credentials
	packed   bytes.Buffer
	gzip     *gzip.Writer
	bytes    int
}

func (c *client) Start(context.Context) error { return nil }
func (c *client) Stop(context.Context) error  { return nil }

func (c *client) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans}) // on the wire the same as the request
	if err != nil {
		return err
	}
	packed := len(body) >= worthCompressing
	if packed {
		c.packed.Reset()
		c.gzip.Reset(&c.packed)
		c.gzip.Write(body)
		c.gzip.Close()
		body = c.packed.Bytes()
	}
	c.bytes = len(body)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	if packed {
		request.Header.Set("Content-Encoding", "gzip")
	}
	hash := sha256.Sum256(body)
	if err := c.signer.SignHTTP(ctx, c.keys, request, hex.EncodeToString(hash[:]), "xray", "us-east-1", time.Now()); err != nil {
		return err
	}
	reply, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if _, err := io.Copy(io.Discard, reply.Body); err != nil {
		return err
	}
	if reply.StatusCode != 200 {
		return fmt.Errorf("status %d", reply.StatusCode)
	}
	return nil
}

func spans(n int) []trace.ReadOnlySpan {
	memory := tracetest.NewInMemoryExporter()
	tracer := trace.NewTracerProvider(trace.WithSyncer(memory)).Tracer("bench")
	ctx, root := tracer.Start(context.Background(), "bench")
	for i := 0; i < n; i++ {
		_, span := tracer.Start(ctx, "compose greeting")
		span.SetAttributes(attribute.String("http.request.method", "GET"), attribute.String("url.path", "/hello/world/this/is/it"),
			attribute.Int("http.response.status_code", 200), attribute.Bool("faas.coldstart", true))
		span.End()
	}
	made := memory.GetSpans().Snapshots()
	root.End()
	return made
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func main() {
	n, err := strconv.Atoi(os.Args[1])
	must(err)
	rounds, err := strconv.Atoi(os.Args[2])
	must(err)
	transport := &http.Transport{DisableCompression: true}
	if len(os.Args) > 4 {
		pem, err := os.ReadFile(os.Args[4])
		must(err)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS12}
	}
	fastest, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	must(err)
	c := &client{endpoint: os.Args[3], http: &http.Client{Transport: transport}, signer: v4.NewSigner(), gzip: fastest,
		keys: aws.Credentials{AccessKeyID: os.Getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
			SessionToken: os.Getenv("AWS_SESSION_TOKEN")}}
	ctx := context.Background()
	exporter, err := otlptrace.New(ctx, c)
	must(err)
	batch := spans(n)
	for i := 0; i < 20; i++ { // connects, and fills what is kept
		must(exporter.ExportSpans(ctx, batch))
	}
	start, began := cpu(), time.Now()
	for i := 0; i < rounds; i++ {
		must(exporter.ExportSpans(ctx, batch))
	}
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 / float64(rounds) }
	fmt.Printf("{\"body_bytes\": %d, \"all\": %.3f, \"wall\": %.3f}\n", c.bytes, us(cpu()-start), us(time.Since(began)))
}
