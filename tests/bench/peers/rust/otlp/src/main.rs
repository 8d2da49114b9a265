// SPDX-License-Identifier: MIT

//! The traced function with lambda-otel-lite and OTLP/HTTP, by the blocking client that its README recommends outside of tokio's threads.

#[path = "../../function.rs"]
mod function;

use lambda_otel_lite::{create_traced_handler, init_telemetry, LambdaSpanProcessor, TelemetryConfig};
use lambda_runtime::{service_fn, Error, Runtime};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let exporter = std::thread::spawn(|| opentelemetry_otlp::SpanExporter::builder().with_http().build()).join().unwrap()?;
    let processor = LambdaSpanProcessor::builder().exporter(exporter).build();
    let (_, completion) = init_telemetry(TelemetryConfig::builder().with_span_processor(processor).build()).await?;
    if std::env::var("_HANDLER").as_deref() == Ok("workload") {
        Runtime::new(service_fn(create_traced_handler("workload", completion, function::workload))).run().await
    } else {
        Runtime::new(service_fn(create_traced_handler("hello", completion, function::hello))).run().await
    }
}
