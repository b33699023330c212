"""What the OCTT's REST API sends, as frozen values (octt-interfaces section D).

Field names here are ours; the OCTT's are aliases beside them. Only what a reader needs is required.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from vdoc.errors import BenchError

Verdict: TypeAlias = Literal["pass", "fail", "inconc", "error"]
_LOST = ("SUT__DISCONNECTED", "SUT_DISCONNECTED")


class OcttAnswerError(BenchError):
    """An answer of the OCTT lacks what its API promises."""


class _Received(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


_M = TypeVar("_M", bound=_Received)


class OcppVersion(_Received):
    """One OCPP version of the instance."""

    id: str
    name: str
    activated: bool = False
    is_default: bool = Field(False, alias="isDefault")


class _ConfigurationData(_Received):
    config: dict[str, Any]


class Configuration(_Received):
    """A configuration; `values` keep their types, and unknown keys pass through."""

    file_name: str = Field("", alias="fileName")
    certification_mode: bool = Field(False, alias="octtCertificationMode")
    data: _ConfigurationData

    @property
    def values(self) -> dict[str, Any]:
        """The flat key/value object."""
        return self.data.config


class ConnectionStatus(_Received):
    """State of the session and of the station's connection."""

    connected: bool = Field(alias="isConnected")
    session_status: str = Field("", alias="sessionStatus")
    configuration: str | None = Field(None, alias="selectedConfigurationProfile")
    endpoint_url: str | None = Field(None, alias="sutEndpointUrl")


class TestCase(_Received):
    """One case as listed."""

    __test__ = False  # the name is the OCTT's; pytest must not collect it

    name: str = Field(alias="testcase_name")
    description: str = ""
    functional_block: str = Field(
        "", validation_alias=AliasChoices("functional_block", "functionalBlock")
    )
    certification_profiles: tuple[str, ...] = ()
    certification_only: bool = False
    certification_excluded: bool = False


class TestCaseGroup(_Received):
    """Cases under one heading."""

    __test__ = False

    header: str = ""
    cases: tuple[TestCase, ...] = Field((), alias="data")


class BuiltIn(_Received):
    """A built-in function, run through execute as a case is."""

    name: str = Field(alias="testcase_name")
    description: str = ""


class TestCases(_Received):
    """Everything that a configuration can run."""

    __test__ = False

    groups: tuple[TestCaseGroup, ...] = Field((), alias="testcasesData")
    built_in: tuple[BuiltIn, ...] = Field((), alias="builtinFunctionsData")
    profiles: tuple[str, ...] = Field((), alias="certificationProfileData")
    verdicts: dict[str, tuple[str, ...]] = Field({}, alias="testcasesVerdictData")

    @property
    def cases(self) -> tuple[TestCase, ...]:
        """All cases, in the order listed."""
        return tuple(case for group in self.groups for case in group.cases)


class Report(_Received):
    """The report on one execution; `duration_ms` in milliseconds."""

    case: str = Field(alias="testCaseName")
    verdict: Verdict
    category: str = ""
    configuration: str = ""
    ocpp_version: str = Field("", alias="ocppVersion")
    pics_mode: bool = False
    duration_ms: int | None = Field(None, alias="duration")
    time: str = Field("", alias="timeStr")
    logfile: str = ""
    message: str = ""

    @property
    def profile(self) -> str:
        """The category without the brackets it may come in."""
        return self.category.strip("[] ")

    @property
    def logfile_name(self) -> str:
        """The name that downloads and comments take: the log's name without its folders."""
        return PurePosixPath(self.logfile.replace("\\", "/")).name

    @property
    def station_lost(self) -> bool:
        """Whether the case ended because the station's connection was lost."""
        return any(mark in self.message for mark in _LOST)


class ReportFilter(BaseModel):
    """Which reports are wanted; None = all. The unit of the dates is not known."""

    model_config = ConfigDict(frozen=True)

    testcase_name: tuple[str, ...] | None = None
    configuration_name: tuple[str, ...] | None = None
    certification_profiles: tuple[str, ...] | None = None
    result: tuple[Verdict, ...] | None = None
    start_date: int | None = None
    end_date: int | None = None


def status_of(reply: Mapping[str, Any]) -> ConnectionStatus:
    """The connection status, flat or under `data`.

    Raises:
        OcttAnswerError: it is in neither place.
    """
    flat = "isConnected" in reply
    return received(ConnectionStatus, reply if flat else reply.get("data"))


def reports_of(reply: Mapping[str, Any]) -> tuple[Report, ...]:
    """The reports under `data`.

    Raises:
        OcttAnswerError: one of them cannot be read.
    """
    data = reply.get("data")
    return tuple(received(Report, item) for item in (data if isinstance(data, list) else ()))


def received(kind: type[_M], value: object) -> _M:
    """`value` read as `kind`.

    Raises:
        OcttAnswerError: it does not fit; names the fields, not their values.
    """
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, item["loc"])) or "(all)" for item in error.errors())
        raise OcttAnswerError(
            f"the OCTT's answer is no {kind.__name__}: {fields}. Remedy: compare its API version."
        ) from error
