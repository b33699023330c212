"""A run: provision, intake, cases in the plan's order with a restore before each, closing, seal.

Owns the rules of a run (design §4, Window): one process, no retry of a case, a crash fails the run,
a changed input, identity or clock voids it. Whatever happens, evidence stays readable and a result
says why; nothing here ever makes a declaration out of anything but a whole run.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from vdoc.bench import CaseFunction, CaseResult, CaseStart, DutState, Facts, RunContext, Verdict
from vdoc.bench.live import CaseRun
from vdoc.bench.start import starting_state
from vdoc.cases.intake import Intake, closing, farewell, intake
from vdoc.cases.restore import restore
from vdoc.catalogue import Catalogue
from vdoc.declaration.firmware import FIRMWARE_CASE, FirmwareServed
from vdoc.declaration.record import RunRecord, RunVerdict, Window
from vdoc.digest import digest
from vdoc.errors import BenchError, ExitCode, UnreachableError, VoidRunError
from vdoc.evidence import FORMAT_VERSION, EvidenceWriter, Kind, Line, SystemClock
from vdoc.pics import BenchSettings, Pics
from vdoc.plan import Entry, Plan
from vdoc.rejudge import Finding, Watch, breaches, passed, watch_for
from vdoc.rejudge.leftovers import Leftovers
from vdoc.run.assembly import Assembled, Wanted, assemble
from vdoc.run.provision import provision

Commission = Callable[[BenchSettings, Mapping[str, str]], Awaitable[bool]]
RUNNER_VERSION = "0.1.0"


class Progress(Protocol):
    """Who is told how a run goes on."""

    def said(self, text: str) -> None:
        """Take a sentence about the run."""

    def began(self, entry: Entry, number: int, count: int) -> None:
        """Take the beginning of a case."""

    def ended(self, entry: Entry, result: CaseResult, seconds: float) -> None:
        """Take the verdict of a case."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run is made with; read once.

    Attributes:
        salt: of the settings' commitments; at least 16 bytes, never in a bundle.
        unchanged: tells whether the files that the inputs came from are as they were.
        challenge: the envelope of a laboratory's challenge and every start against it, if any.
        plan_stamp: SHA-256 of the time stamp over the plan, when the settings name who stamps.
    """

    pics: Pics
    settings: BenchSettings
    catalogue: Catalogue
    plan: Plan
    functions: Mapping[str, CaseFunction]
    salt: bytes
    unchanged: Callable[[], str] = lambda: ""
    challenge: Mapping[str, Any] | None = None
    plan_stamp: str | None = None


@dataclass(slots=True)
class _Boot:
    """The suspend watch: CLOCK_BOOTTIME runs on while the machine sleeps, monotonic does not."""

    offset_s: float

    @staticmethod
    def now() -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)

    def suspended_s(self) -> float:
        return abs(self.now() - self.offset_s)


_SUSPEND_S = 0.5
_NAMED_FAILURES = 12  # of one case, in the reason of a void run
_WITH_CLIENT_CERTIFICATE = 3


class Run:
    """One run, from provision to seal.

    Args:
        inputs: what it is made with.
        out: directory for evidence and results; made if need be.
        progress: who is told.
        commission: returns the DUT to its starting state; the settings' command unless given.
    """

    def __init__(
        self,
        inputs: Inputs,
        out: Path,
        progress: Progress,
        *,
        commission: Commission | None = None,
    ) -> None:
        self._inputs = inputs
        self._commission = commission
        self._progress = progress
        self._clock = SystemClock()
        if (inputs.settings.timestamps is None) != (inputs.plan_stamp is None):
            raise ValueError("a plan is stamped before the run when the settings name who stamps")
        out.mkdir(parents=True, exist_ok=True)
        self._writer = EvidenceWriter(out / "evidence.jsonl", self._clock)
        self._watch: Watch = watch_for(inputs.pics, inputs.settings)
        self._boot = _Boot(_Boot.now())
        self._leftovers = Leftovers()
        self._findings: list[Finding] = []
        self._breaches: list[str] = []
        self._results: list[CaseResult] = []
        self._facts = Facts()
        self._facts_digest: str | None = None
        self._first_profile = min(entry.stage for entry in inputs.plan.entries)
        self._state = starting_state(inputs.pics, inputs.settings, self._first_profile)
        self._window: tuple[Line | None, Line | None] = (None, None)
        self._firmware = FirmwareServed()
        self._firmware_told = False
        self._bench: Assembled | None = None
        self._interrupted = ""
        self.exit_code = ExitCode.VOID

    # --- seen from outside ---

    def interrupt(self, why: str) -> None:
        """End the run as void (SIGINT, SIGTERM); evidence stays readable."""
        self._interrupted = why
        if self._bench is not None:
            self._bench.live.abort(why)

    async def make(self) -> RunRecord:
        """Make the run and return what it came to.

        Raises:
            BenchError: the bench cannot be put together, so that nothing could begin.
            InputError: its settings cannot be used.
        """
        void = ""
        try:
            async with AsyncExitStack() as stack:
                wanted = Wanted(
                    self._inputs.pics,
                    self._inputs.settings,
                    session=f"{self._inputs.plan.seed}",
                    first_profile=self._first_profile,
                )
                self._bench = await assemble(stack, wanted, self._writer, self._clock)
                self._bench.live.on_line = self._line
                void = await self._voidable()
                self._seal(void)
                if not void:
                    await self._say_farewell()
        finally:
            self._writer.close()
        return self._record(void)

    # --- the course of a run ---

    async def _voidable(self) -> str:
        """Run everything between provision and seal; return why the run is void."""
        try:
            await self._provision()
            self._begin()
            await self._take_in()
            await self._all_cases()
            await self._close()
        except VoidRunError as error:
            self.exit_code = error.exit_code
            self._writer.append(Kind.RUN, {"what": "void", "because": error.reason})
            return error.reason
        return ""

    async def _provision(self) -> None:
        bench = self._assembled()
        environment = {
            **self._client_files(),
            "VDOC_IDENTITY": self._inputs.settings.dut.identity,
            "VDOC_CSMS_URL": bench.workshop.csms_url(self._state.endpoint, self._state.profile),
            "VDOC_SECURITY_PROFILE": str(self._state.profile),
            "VDOC_ROOT_CERTIFICATE": str(bench.pki.certificate_file("root1")),
            "VDOC_MANUFACTURER_ROOT": str(bench.pki.certificate_file("manufacturer_root")),
        }
        self._progress.said(f"waiting for the DUT at {environment['VDOC_CSMS_URL']}")
        commission = self._commission or provision
        if await commission(self._inputs.settings, environment):
            bench.journal.set_aside()  # the DUT has forgotten what is in it
        elif bench.journal.passwords():
            words = "nothing provisions the DUT, and an earlier run has left it another password"
            self._progress.said(f"{words}, the last in {bench.journal.path}: set the initial one")

    def _client_files(self) -> dict[str, str]:
        """Name the client certificate that a DUT which starts in profile 3 must hold."""
        if self._state.profile != _WITH_CLIENT_CERTIFICATE:
            return {}
        identity = self._inputs.settings.dut.identity
        client = self._assembled().pki.client(identity, key_type="ECDSA")
        return {
            "VDOC_CLIENT_CHAIN": str(client.certificate_file),
            "VDOC_CLIENT_KEY": str(client.key_file),
        }

    def _begin(self) -> None:
        inputs = self._inputs
        self._writer.append(
            Kind.RUN,
            {
                "what": "start",
                "format": FORMAT_VERSION,
                "runner": RUNNER_VERSION,
                "pics": inputs.pics.to_json(),
                "pics_digest": inputs.pics.digest,
                "settings": inputs.settings.public(inputs.salt),
                "settings_digest": inputs.settings.digest(inputs.salt),
                "catalogue": {
                    "version": inputs.catalogue.version,
                    "digest": inputs.catalogue.digest,
                },
                "plan": inputs.plan.to_json(),
                "seed": inputs.plan.seed,
                **({} if inputs.challenge is None else {"challenge": dict(inputs.challenge)}),
                **({} if inputs.plan_stamp is None else {"plan_stamp": inputs.plan_stamp}),
            },
        )

    async def _take_in(self) -> None:
        self._progress.said("intake: identity, clock, inventory, password, tokens")
        extra = {"passwords": [self._state.password.name]}
        run = await self._case("intake", {}, intake, extra=extra)
        if not isinstance(run.value, Intake):
            raise self._not_reached("intake", run.result)
        self._demand("intake", run.result)
        self._facts, self._state = run.value.facts, run.value.state
        value = self._facts.model_dump(mode="json")
        self._facts_digest = digest(value)
        data = {"what": "facts", "value": value, "digest": self._facts_digest}
        self._writer.append(Kind.RUN, data)

    async def _all_cases(self) -> None:
        entries = self._inputs.plan.entries
        for number, entry in enumerate(entries, start=1):
            await self._stage(entry)
            await self._restore()
            self._tell_firmware()
            await self._one(entry, number, len(entries))

    async def _one(self, entry: Entry, number: int, count: int) -> None:
        self._progress.began(entry, number, count)
        begun = time.monotonic()
        function = self._inputs.functions[entry.case]
        past = {"past": list(self._leftovers.past)} if self._leftovers.past else {}
        run = await self._case(entry.case, dict(entry.variant), function, extra=past)
        self._results.append(run.result)
        if isinstance(run.value, DutState):
            self._state = run.value
        self._progress.ended(entry, run.result, time.monotonic() - begun)
        self._check_run()

    def _tell_firmware(self) -> None:
        """Say at once when no declaration can come of this DUT, whatever the other cases say."""
        results = self._results
        if self._firmware_told or not results or results[0].case != FIRMWARE_CASE:
            return
        self._firmware_told = True
        version = self._inputs.pics.product.firmware_version
        for problem in self._firmware.problems(version):
            self._progress.said(f"no declaration can come of this run: {problem}")

    async def _stage(self, entry: Entry) -> None:
        """Bring the DUT to the stage of an entry; only a partial run may do so by provision."""
        if self._state.profile == entry.stage:
            return
        if not self._inputs.plan.partial:
            raise VoidRunError(
                f"{entry.case} needs security profile {entry.stage}, the DUT is in "
                f"{self._state.profile}: the case that changes the stage did not bring it there"
            )
        self._state = starting_state(self._inputs.pics, self._inputs.settings, entry.stage)
        line = self._writer.append(Kind.RUN, {"what": "provision", "profile": entry.stage})
        self._line(line)
        await self._provision_again()

    async def _provision_again(self) -> None:
        await self._provision()
        extra = {"passwords": [self._state.password.name]}
        run = await self._case("intake", {}, intake, extra=extra)
        if not isinstance(run.value, Intake):
            raise self._not_reached("intake", run.result)
        self._demand("intake", run.result)
        self._state = run.value.state

    async def _restore(self) -> None:
        run = await self._case("restore", {}, restore, extra=self._leftovers.extra())
        self._demand("restore to basic state", run.result)
        if isinstance(run.value, DutState):
            self._state = run.value
        self._leftovers.cleared()

    async def _close(self) -> None:
        await self._restore()
        self._tell_firmware()
        run = await self._case("closing", {}, closing)
        self._demand("device model at the end", run.result)
        self._check_run()

    async def _say_farewell(self) -> None:
        """Set a password that stands in the journal alone; it changes no result if that fails."""
        bench = self._assembled()
        if self._state.profile == _WITH_CLIENT_CERTIFICATE:  # it has no password
            return
        bench.live.forget_evidence()
        start = self._start("farewell", {}, {})
        context = RunContext(self._inputs.pics, self._inputs.settings, self._facts)
        run = await bench.live.run_case(start, farewell, context)
        kept = f"its last password is in {bench.journal.path} and in no evidence"
        if not passed(run.result):
            kept = f"the DUT may keep a password of the run: {_why(run.result)}"
        self._progress.said(kept)

    def _demand(self, what: str, result: CaseResult) -> None:
        """Go on when the runner's own case came out well; a breach of the protocol fails the run.

        Raises:
            VoidRunError: it came out in another way.
        """
        if result.verdict is Verdict.ERROR:
            raise UnreachableError(f"{what}: {_why(result)}")
        found = breaches(result)
        if len(found) != len(result.failures) or not (found or passed(result)):
            raise VoidRunError(f"{what}: {_why(result)}")
        self._breaches += found

    def _not_reached(self, what: str, result: CaseResult) -> VoidRunError:
        """Tell a DUT that never came from one that came and is not right."""
        never_came = self._window[0] is None
        error = UnreachableError if never_came or result.verdict is Verdict.ERROR else VoidRunError
        return error(f"{what}: {_why(result)}")

    # --- one case ---

    def _start(self, case: str, variant: Mapping[str, str], extra: Mapping[str, Any]) -> CaseStart:
        return CaseStart(
            case=case,
            variant=variant,
            attempt=1,
            seed=self._inputs.plan.seed,
            state=self._state,
            facts=self._facts_digest,
            extra=extra,
        )

    async def _case(
        self,
        case: str,
        variant: Mapping[str, str],
        function: CaseFunction,
        *,
        extra: Mapping[str, Any] | None = None,
    ) -> CaseRun:
        self._check_run()
        context = RunContext(self._inputs.pics, self._inputs.settings, self._facts)
        self._assembled().workshop.files.root = self._state.root
        start = self._start(case, variant, extra or {})
        return await self._assembled().live.run_case(start, function, context)

    # --- watching ---

    def _line(self, line: Line) -> None:
        self._findings += self._watch.feed(line)
        self._leftovers.feed(line)
        first, last = self._window
        if line.kind is Kind.OPENED and first is None:
            self._window = (line, last)
        elif line.kind is Kind.VERDICT:
            self._window = (first, line)
            over = self._watch.over_window(line)
            self._findings += [] if over is None else [over]
        self._firmware.feed(line)

    def _check_run(self) -> None:
        """Raise when a rule of the run was broken.

        Raises:
            VoidRunError: the run was interrupted, its inputs changed, the machine slept, the DUT is
                another, a clock was set.
        """
        if self._interrupted:
            raise VoidRunError(self._interrupted)
        changed = self._inputs.unchanged()
        if changed:
            raise VoidRunError(f"an input changed during the run: {changed}")
        slept_s = self._boot.suspended_s()
        if slept_s > _SUSPEND_S:
            raise VoidRunError(f"the machine was suspended for {slept_s:.1f} s")
        for finding in self._findings:
            if finding.severity == "void":
                raise VoidRunError(str(finding))

    # --- the result ---

    def _seal(self, void: str) -> None:
        self._writer.seal({"void": bool(void)})

    def _record(self, void: str) -> RunRecord:
        inputs = self._inputs
        crashes = tuple(str(f) for f in self._findings if f.severity == "crash")
        failing = (*crashes, *self._breaches)
        all_passed = bool(self._results) and all(map(passed, self._results))
        whole = len(self._results) == len(inputs.plan.entries)
        verdict = RunVerdict.PASS if all_passed and whole and not failing else RunVerdict.FAIL
        first, last = self._window
        return RunRecord(
            pics=inputs.pics,
            settings_public=inputs.settings.public(inputs.salt),
            settings_digest=inputs.settings.digest(inputs.salt),
            catalogue=inputs.catalogue,
            plan=inputs.plan,
            facts=self._facts if self._facts_digest else None,
            verdict=RunVerdict.VOID if void else verdict,
            void_because=void,
            crashes=failing,
            results=tuple(self._results),
            window=Window(first.at, last.at) if first and last else None,
            grade_problems=inputs.settings.declaration_problems(inputs.catalogue.bounds),
            firmware_sha256=self._firmware.sha256,
            firmware_problems=self._firmware.problems(inputs.pics.product.firmware_version),
            evidence=self._writer.path,
            evidence_head=self._writer.head,
            evidence_lines=self._writer.count,
            runner_version=RUNNER_VERSION,
            challenge=inputs.challenge,
            plan_stamp=inputs.plan_stamp,
        )

    def _assembled(self) -> Assembled:
        if self._bench is None:
            raise BenchError("the bench has not been put together")
        return self._bench


def _why(result: CaseResult) -> str:
    failures = "; ".join(
        f"{f.what}: expected {f.expected}, got {f.actual}"
        for f in result.failures[:_NAMED_FAILURES]
    )
    more = len(result.failures) - _NAMED_FAILURES
    if more > 0:
        failures += f"; and {more} more, which the evidence lists"
    return failures or result.because or result.verdict.value
