"""Discord's REST API over HTTP: from a request to a handler and back, as Discord's edge does it.

In this order: a ban of the whole address, route, token, rate limits, ordered faults, handler. Every
answer is counted in the request log.
"""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from sandbox import edge
from sandbox.errors import ApiError, error, invalid_form, unauthorized
from sandbox.faults import Fault, Faults
from sandbox.ratelimits import Limiter, Verdict
from sandbox.record import Passing, recorder
from sandbox.requestlog import RequestLog
from sandbox.routes import all_routes
from sandbox.routing import Call, Route, Upload

if TYPE_CHECKING:
    from sandbox.ratelimits import Bucket
    from sandbox.world import World

Observer = Callable[[Call, int, object], None]
"""Looks on: what was asked, the status and the body that were answered (None for no content)."""

PREFIX = "/api/v10"
LARGEST_REQUEST = 25 * 1024 * 1024
"""Bytes of a request with all its files (Discord's docs, Uploading Files)."""
_LONGEST_REASON = 512
"""Characters of an audit log reason (Discord's docs, Audit Log Resource)."""
_OUTAGES = {"500": 500, "502": 502, "503": 503, "504": 504}
_SCOPES = {"429": "user", "429-global": "global", "429-shared": "shared"}
_PAGES = {
    "cloudflare": edge.UNREACHABLE,
    "cloudflare-ban": edge.BANNED,
    "cloudflare-403": edge.DENIED,
}


class RestApi:
    """The API of one sandbox; other parts add their routes to `table`."""

    def __init__(
        self,
        world: World,
        *,
        limiter: Limiter | None = None,
        faults: Faults | None = None,
        requests: RequestLog | None = None,
    ) -> None:
        self.world = world
        self.limiter = limiter or Limiter()
        self.faults = faults if faults is not None else Faults()
        self.requests = requests or RequestLog()
        self.table = all_routes()
        self.observer: Observer | None = None
        """Called after every request that was carried out, to look on; None for nobody."""
        self.recorder = recorder()
        """Writes down what passes; None for nobody."""
        self._closed = False

    @property
    def _authorization(self) -> str:
        return f"Bot {self.world.state.application.token}"

    def attach(self, app: web.Application) -> None:
        """Serve the API under /api/v10 of an application."""
        self._closed = False
        app.router.add_route("*", PREFIX + "/{path:.*}", self.handle)
        app.on_shutdown.append(self._close)

    async def _close(self, app: web.Application) -> None:
        del app
        self._closed = True
        if self.recorder is not None:
            self.recorder.save()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if self.limiter.banned:
            return self._turn_away(request, self.limiter.banned)
        self.requests.in_flight += 1
        try:
            passing = Passing()
            answer = await self._answer(request, passing)
            if self.recorder is not None:
                self.recorder.note(request, passing, answer)
            return answer
        finally:
            self.requests.in_flight -= 1

    def _turn_away(self, request: web.Request, seconds: float) -> web.Response:
        """Answer for Cloudflare to an address that made too many invalid requests."""
        path = request.rel_url.raw_path.removeprefix(PREFIX)
        found = self.table.match(request.method, path)
        name = found[0].name if found else f"{request.method} {path}"
        self.requests.count(name, edge.BANNED, 0, shared=False)
        return edge.page(edge.BANNED, retry_after=seconds)

    async def _answer(self, request: web.Request, passing: Passing) -> web.StreamResponse:
        method = request.method
        path = request.rel_url.raw_path.removeprefix(PREFIX)
        found = self.table.match(method, path)
        if found is None:
            refusal = ApiError(404, 0, "404: Not Found")
            return self._refuse(f"{method} {path}", refusal, {})
        route, params = found
        passing.route = route
        if route.bot_only and request.headers.get("Authorization") != self._authorization:
            return self._refuse(route.name, unauthorized(), {})
        try:
            call = await self._read(request, route, params)
        except ApiError as refusal:
            return self._refuse(route.name, refusal, {})
        passing.call = call
        verdict = self._limit(call)
        if verdict.retry_after is not None:
            return self._too_many(route.name, verdict)
        fault = self.faults.strike(method, route.template) if self.faults else None
        fault = fault or self.world.outage(call.params)
        if fault is None:
            return await self._carry_out(call, verdict.headers)
        passing.fault = fault
        if fault.kind == "slow":
            return await self._be_slow(call, fault, verdict.headers)
        if fault.effect:
            await self._carry_out(call, verdict.headers, counted=False)
        return await self._strike(request, route.name, fault, verdict.headers)

    async def _read(self, request: web.Request, route: Route, params: dict[str, str]) -> Call:
        """Read body, files and audit reason."""
        call = Call(self.world, route, params, request.query, host=request.host)
        reason = request.headers.get("X-Audit-Log-Reason")
        if reason is not None:
            call.reason = unquote(reason)
            if not 1 <= len(call.reason) <= _LONGEST_REASON:
                message = f"Must be between 1 and {_LONGEST_REASON} in length."
                raise invalid_form("reason", "BASE_TYPE_BAD_LENGTH", message)
        if not request.body_exists:
            return call
        try:
            if request.content_type == "multipart/form-data":
                await _read_parts(request, call)
            else:
                raw = await request.read()
                call.body = json.loads(raw) if raw else None
        except ValueError:
            raise error(50109) from None
        return call

    def _limit(self, call: Call) -> Verdict:
        """Count a request against the global limit, its bucket and its second bucket."""
        route = call.route
        if route.counted:
            refused = self.limiter.take_global()
            if refused is not None:
                return refused
        bucket = route.bucket
        if bucket is None:
            return Verdict({})
        verdict = self.limiter.take(bucket, _major(bucket, call.params))
        inner = route.sub_limit
        if verdict.retry_after is None and inner is not None and inner.applies(call):
            major = _major(inner.bucket, call.params)
            verdict = self.limiter.take_silently(inner.bucket, major, verdict, code=inner.code)
        return verdict

    async def _carry_out(
        self, call: Call, headers: dict[str, str], *, counted: bool = True
    ) -> web.Response:
        route = call.route
        try:
            result = route.handler(call)
            if inspect.isawaitable(result):
                result = await result
        except ApiError as refusal:
            return self._refuse(route.name, refusal, headers, counted=counted)
        if counted:
            self._count(route.name, route.status)
        if self.observer is not None:
            self.observer(call, 204 if result is None else route.status, result)
        if result is None:
            return web.Response(status=204, headers={**edge.VIA, **headers})
        return _json(route.status, result, headers)

    def _refuse(
        self, name: str, refusal: ApiError, headers: dict[str, str], *, counted: bool = True
    ) -> web.Response:
        if counted:
            self._count(name, refusal.status, refusal.code)
        return _json(refusal.status, refusal.body(), headers)

    def _too_many(self, name: str, verdict: Verdict, scope: str = "user") -> web.Response:
        self._count(name, 429, shared=scope == "shared")
        code = verdict.code
        body = {
            "message": error(code).message if code else "You are being rate limited.",
            "code": code,
            "retry_after": verdict.retry_after,
            "global": verdict.is_global,
        }
        return _json(429, body, verdict.headers)

    async def _strike(
        self, request: web.Request, name: str, fault: Fault, headers: dict[str, str]
    ) -> web.StreamResponse:
        """Let a client meet an ordered fault."""
        kind = fault.kind
        if kind in _OUTAGES:
            self._count(name, _OUTAGES[kind])
            return edge.outage(_OUTAGES[kind])
        if kind in _PAGES:
            status = _PAGES[kind]
            self._count(name, status)
            banned = status == edge.BANNED
            return edge.page(status, retry_after=fault.retry_after if banned else None)
        if kind in _SCOPES:
            scope = _SCOPES[kind]
            headers = {
                **headers,
                "X-RateLimit-Scope": scope,
                "Retry-After": str(int(fault.retry_after) + 1),
            }
            if scope == "global":
                headers["X-RateLimit-Global"] = "true"
            refused = Verdict(headers, fault.retry_after, is_global=scope == "global")
            return self._too_many(name, refused, scope)
        self._count(name, 0)
        transport = request.transport
        if kind == "silence":
            while transport is not None and not transport.is_closing() and not self._closed:  # noqa: ASYNC110 - aiohttp sets no event on a hang-up
                await asyncio.sleep(0.02)
        if transport is not None and not transport.is_closing():
            edge.reset(transport)
        return web.Response()

    async def _be_slow(self, call: Call, fault: Fault, headers: dict[str, str]) -> web.Response:
        """Carry a request out and answer rightly, but late."""
        if fault.effect:
            answer = await self._carry_out(call, headers)
            await asyncio.sleep(fault.delay)
            return answer
        await asyncio.sleep(fault.delay)
        return await self._carry_out(call, headers)

    def _count(self, name: str, status: int, code: int = 0, *, shared: bool = False) -> None:
        """Count one answer, also towards the ban where it is an invalid one."""
        if self.requests.count(name, status, code, shared=shared):
            worst = self.limiter.note_invalid()
            self.requests.invalid_worst = max(self.requests.invalid_worst, worst)


_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _json(status: int, body: object, headers: dict[str, str]) -> web.Response:
    # No charset: clients compare the content type with the bare "application/json".
    return web.Response(
        body=_encode(body).encode(),
        status=status,
        headers={"Content-Type": "application/json", **edge.VIA, **headers},
    )


def _major(bucket: Bucket, params: dict[str, str]) -> str:
    """Return which of a bucket's budgets a request draws on."""
    major = params.get(bucket.scope, "")
    if bucket.scope == "webhook_id":
        major += "/" + params.get("webhook_token", "")
    return major


async def _read_parts(request: web.Request, call: Call) -> None:
    """Read a message that came with files: JSON in `payload_json`, files as `files[N]`."""
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        content = bytes(await part.read())
        if part.name == "payload_json":
            call.body = json.loads(content)
        elif part.name.startswith("files["):
            number = int(part.name.removeprefix("files[").removesuffix("]"))
            kind = part.headers.get("Content-Type", "application/octet-stream")
            call.uploads[number] = Upload(part.filename or "unknown", kind, content)
