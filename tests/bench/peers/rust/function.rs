// SPDX-License-Identifier: MIT

//! What a traced function does: handlers/hello.c, or with _HANDLER=workload tests/integration/handlers/workload.c.

use lambda_runtime::{Error, LambdaEvent};
use serde_json::{json, Value};
use tracing::info_span;

const DEPTH: u32 = 2;
const ITERATIONS: u32 = 4;

fn operate(depth: u32, payload: &str) {
    for i in 0..if depth == 0 { 0 } else { ITERATIONS } {
        let name = format!("operation_depth_{depth}_iter_{i}");
        let _entered = info_span!("operation", otel.name = name, depth, iteration = i, payload).entered();
        operate(depth - 1, payload);
    }
}

pub async fn workload(_: LambdaEvent<Value>) -> Result<Value, Error> {
    operate(DEPTH, &"x".repeat(256));
    Ok(json!({ "message": "Benchmark complete" }))
}

pub async fn hello(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let name = event.payload["queryStringParameters"]["name"].as_str().unwrap_or("world");
    let _entered = info_span!("compose greeting", greeting.name = name, greeting.name.size = name.len()).entered();
    Ok(json!({ "message": format!("Hello, {name}!") }))
}
