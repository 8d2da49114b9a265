// SPDX-License-Identifier: MIT

//! The traced function with lambda-otel-lite as it comes: spans as a line on standard output.

#[path = "../../function.rs"]
mod function;

use lambda_otel_lite::{create_traced_handler, init_telemetry, TelemetryConfig};
use lambda_runtime::{service_fn, Error, Runtime};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let (_, completion) = init_telemetry(TelemetryConfig::default()).await?;
    if std::env::var("_HANDLER").as_deref() == Ok("workload") {
        Runtime::new(service_fn(create_traced_handler("workload", completion, function::workload))).run().await
    } else {
        Runtime::new(service_fn(create_traced_handler("hello", completion, function::hello))).run().await
    }
}
