// SPDX-License-Identifier: MIT

//! What tests/bench/span.c measures, by the OpenTelemetry SDK for Rust: a span with four attributes, from its start to the bytes of its OTLP message. The
//! best of many rounds, in nanoseconds.

use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span as Message;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use prost::Message as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[derive(Debug)]
struct Encoder(Mutex<Vec<u8>>);

impl SpanProcessor for Encoder {
    fn on_start(&self, _: &mut Span, _: &Context) {}
    fn on_end(&self, span: SpanData) {
        let mut bytes = self.0.lock().unwrap();
        bytes.clear();
        Message::from(span).encode(&mut *bytes).unwrap();
        std::hint::black_box(&*bytes);
    }
    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }
    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn main() {
    let provider = SdkTracerProvider::builder().with_span_processor(Encoder(Mutex::new(Vec::with_capacity(4096)))).build();
    let tracer = provider.tracer("bench");
    let mut best = u128::MAX;
    for _ in 0..400 {
        let start = Instant::now();
        for _ in 0..500 {
            let mut span = tracer.start("compose greeting");
            span.set_attribute(KeyValue::new("http.request.method", "GET"));
            span.set_attribute(KeyValue::new("url.path", "/hello/world/this/is/it"));
            span.set_attribute(KeyValue::new("http.response.status_code", 200));
            span.set_attribute(KeyValue::new("faas.coldstart", true));
            span.end();
        }
        best = best.min(start.elapsed().as_nanos());
    }
    println!("{}", best / 500);
}
