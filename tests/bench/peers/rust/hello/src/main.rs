// SPDX-License-Identifier: MIT

//! handlers/hello.c on lambda_runtime, without telemetry. THREADS=many: on tokio's default scheduler instead of one thread.

use lambda_runtime::{service_fn, Error, LambdaEvent};
use serde_json::{json, Value};

async fn hello(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let name = event.payload["queryStringParameters"]["name"].as_str().unwrap_or("world");
    Ok(json!({ "message": format!("Hello, {name}!") }))
}

fn main() -> Result<(), Error> {
    let mut builder = match std::env::var("THREADS").as_deref() {
        Ok("many") => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    builder.enable_all().build()?.block_on(lambda_runtime::run(service_fn(hello)))
}
