"""A message as the page shows it, grown chunk by chunk from the very stream that is sent.

So what a reload brings back is what was seen: the server folds its own stream, and no client's
idea of the history is ever read.
"""

from collections.abc import Sequence
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


def unfold(parts: Sequence[dict[str, Any]]) -> list[Chunk]:
    """The chunks that make these parts: what a client needs that did not see them come."""
    return [chunk for n, part in enumerate(parts) for chunk in _chunks(n, part)]


def opening(message: Message) -> list[Chunk]:
    """A message from its beginning, up to an answer that it waits for."""
    metadata = message.get("metadata")
    told = [{"type": "message-metadata", "messageMetadata": metadata}] if metadata else []
    return told + unfold(message["parts"])


def sequel(message: Message, quote_id: str) -> list[Chunk]:
    """What came after an offer of a message was answered."""
    for n, part in enumerate(message["parts"]):
        if part.get("approval", {}).get("id") == quote_id:
            return outcome(part) + unfold(message["parts"][n + 1 :])
    return []


def _chunks(n: int, part: dict[str, Any]) -> list[Chunk]:
    match part["type"]:
        case "step-start":
            return [{"type": "start-step"}]
        case "text" | "reasoning" as kind:
            begun = {"type": f"{kind}-start", "id": f"told-{n}"}
            said = {"type": f"{kind}-delta", "id": f"told-{n}", "delta": part["text"]}
            return [begun, said, {"type": f"{kind}-end", "id": f"told-{n}"}]
        case kind if kind.startswith("data-"):
            return [{name: part[name] for name in ("type", "id", "data") if name in part}]
        case _:
            return [*_call(part), *outcome(part)]


def _call(part: dict[str, Any]) -> list[Chunk]:
    """A tool that was called; of one whose input never came, nothing can be told."""
    if "input" not in part:
        return []
    name = part["type"].removeprefix("tool-")
    called = {"toolCallId": part["toolCallId"], "toolName": name, "input": part["input"]}
    return [{"type": "tool-input-available", **called}]


def outcome(part: dict[str, Any]) -> list[Chunk]:
    """What came of a tool's call, as far as anything has."""
    call = {"toolCallId": part["toolCallId"]}
    match part["state"]:
        case "approval-requested":
            return [{"type": "tool-approval-request", **call, "approvalId": part["approval"]["id"]}]
        case "output-available":
            return [{"type": "tool-output-available", **call, "output": part["output"]}]
        case "output-error" if "input" in part:
            return [{"type": "tool-output-error", **call, "errorText": part["errorText"]}]
        case "output-denied":
            return [{"type": "tool-output-denied", **call}]
        case _:
            return []


def decide(message: Message, quote_id: str, *, approved: bool, reason: str | None) -> None:
    """Note a person's answer on the tool part that asked for it, unless it has gone on since."""
    for part in message["parts"]:
        if part.get("approval", {}).get("id") == quote_id and part["state"] == "approval-requested":
            part["state"] = "approval-responded" if approved else "output-denied"
            part["approval"] = {"id": quote_id, "approved": approved} | ({"reason": reason} if reason else {})
