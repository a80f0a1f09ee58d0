"""A message as the page shows it, grown chunk by chunk from the very stream that is sent.

So what a reload brings back is what was seen: the server folds its own stream, and no client's
idea of the history is ever read.
"""

from typing import Any

Message = dict[str, Any]
Chunk = dict[str, Any]


def user_message(identity: str, text: str) -> Message:
    return {"id": identity, "role": "user", "parts": [{"type": "text", "text": text}]}


def assistant_message(identity: str) -> Message:
    return {"id": identity, "role": "assistant", "parts": []}


def fold(message: Message, chunk: Chunk) -> None:
    """Let one chunk of the stream change the message, as the AI SDK's client does."""
    kind = chunk["type"]
    if kind == "start-step":
        message["parts"].append({"type": "step-start"})
    elif kind in ("text-start", "reasoning-start"):
        message["parts"].append({"type": kind.removesuffix("-start"), "text": "", "state": "streaming"})
    elif kind in ("text-delta", "reasoning-delta"):
        _open(message, kind.removesuffix("-delta"))["text"] += chunk["delta"]
    elif kind in ("text-end", "reasoning-end"):
        _open(message, kind.removesuffix("-end"))["state"] = "done"
    elif kind.startswith("tool-"):
        _fold_tool(message, chunk)
    elif kind.startswith("data-"):
        _fold_data(message, chunk)
    elif kind in ("message-metadata", "finish") and chunk.get("messageMetadata"):
        message["metadata"] = message.get("metadata", {}) | chunk["messageMetadata"]
    elif kind == "error":
        message["parts"].append({"type": "text", "text": chunk["errorText"], "state": "done"})


def _open(message: Message, kind: str) -> dict[str, Any]:
    """The part of this kind that is being written."""
    return next(part for part in reversed(message["parts"]) if part["type"] == kind)


def _fold_tool(message: Message, chunk: Chunk) -> None:
    part = tool_part(message, chunk["toolCallId"])
    if part is None:
        part = {"type": f"tool-{chunk.get('toolName', '')}", "toolCallId": chunk["toolCallId"]}
        message["parts"].append(part)
    match chunk["type"]:
        case "tool-input-start":
            part["state"] = "input-streaming"
        case "tool-input-available":
            part |= {"state": "input-available", "input": chunk["input"]}
        case "tool-input-error":
            part |= {"state": "output-error", "input": chunk["input"], "errorText": chunk["errorText"]}
        case "tool-approval-request":
            part |= {"state": "approval-requested", "approval": {"id": chunk["approvalId"]}}
        case "tool-output-available":
            part |= {"state": "output-available", "output": chunk["output"]}
        case "tool-output-error":
            part |= {"state": "output-error", "errorText": chunk["errorText"]}
        case "tool-output-denied":
            part["state"] = "output-denied"
        case _:
            pass


def tool_part(message: Message, tool_call_id: str) -> dict[str, Any] | None:
    return next((part for part in message["parts"] if part.get("toolCallId") == tool_call_id), None)


def _fold_data(message: Message, chunk: Chunk) -> None:
    """A data part with an id that is there already takes its place."""
    part = {"type": chunk["type"], "data": chunk["data"]}
    identity = chunk.get("id")
    if identity is not None:
        part["id"] = identity
        for n, old in enumerate(message["parts"]):
            if old["type"] == chunk["type"] and old.get("id") == identity:
                message["parts"][n] = part
                return
    message["parts"].append(part)


def decide(message: Message, quote_id: str, *, approved: bool, reason: str | None) -> None:
    """Note a person's answer on the tool part that asked for it, unless it has gone on since."""
    for part in message["parts"]:
        if part.get("approval", {}).get("id") == quote_id and part["state"] == "approval-requested":
            part["state"] = "approval-responded" if approved else "output-denied"
            part["approval"] = {"id": quote_id, "approved": approved} | ({"reason": reason} if reason else {})
