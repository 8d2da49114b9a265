# SPDX-License-Identifier: MIT
"""handlers/hello.c on awslambdaric, without telemetry."""


def handler(event, context):
    name = (event.get("queryStringParameters") or {}).get("name") or "world"
    return {"message": f"Hello, {name}!"}
