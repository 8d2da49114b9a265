// SPDX-License-Identifier: MIT

//! The least that an external extension is: it hears of every invocation and does nothing.

use lambda_extension::{service_fn, Error, LambdaEvent};

async fn nothing(_: LambdaEvent) -> Result<(), Error> {
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_extension::run(service_fn(nothing)).await
}
