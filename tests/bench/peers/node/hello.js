// SPDX-License-Identifier: MIT
// handlers/hello.c on Node's interface client, without telemetry.
exports.handler = async (event) => ({ message: `Hello, ${event.queryStringParameters?.name || 'world'}!` });
