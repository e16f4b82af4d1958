"""Which model answers, where, and who may see which key."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from vocero.errors import SettingsError
from vocero.model import FakeModel, ModelSettings, Price, connect, cost, total_usage
from vocero.schema import Usage

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-0123456789abcdef"
URL = "http://models.example/v1"
OPENAI = "https://api.openai.com/v1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def resolve(
    folder: Path,
    model: str | None = None,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    environ: dict[str, str] | None = None,
) -> ModelSettings:
    """Resolve in an empty environment and an empty folder, but for what is given."""
    return ModelSettings.resolve(
        model, base_url=base_url, api_key=api_key, environ=environ or {}, directory=folder
    )


def test_without_a_named_model_the_embedded_one_answers_whatever_keys_lie_around(
    folder: Path,
) -> None:
    settings = resolve(
        folder, environ={"OPENAI_API_KEY": KEY, "VOCERO_API_KEY": KEY, "OPENAI_BASE_URL": URL}
    )

    assert settings.local
    assert settings.model == "local"
    assert settings.api_key is None
    assert settings.concurrency == 1
    assert settings.timeout == 600


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"concurrency": 8}, "concurrency is 8, and the embedded model has 1 only"),
        ({"mode": "tools"}, "mode is 'tools', and the embedded model has 'json_schema' only"),
    ],
)
def test_what_the_embedded_model_cannot_do_is_refused_and_not_passed_over(
    given: dict[str, Any], why: str
) -> None:
    with pytest.raises(SettingsError, match=f"{why}: leave it out, or name another model"):
        connect("local", **given)


def test_what_the_embedded_model_does_anyway_may_be_named() -> None:
    assert connect("local", concurrency=1, mode="json_schema").name == "local"


def test_local_named_as_argument_wins_over_an_endpoint_in_the_environment(folder: Path) -> None:
    environ = {"VOCERO_MODEL": "large", "VOCERO_BASE_URL": URL, "VOCERO_PRICE": "1/2"}

    settings = resolve(folder, "local", environ=environ)

    assert settings.local
    assert settings.price is None


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("model", ("argument", "variable", "file", "local")),
        ("base_url", ("http://a.example", "http://v.example", "http://f.example", OPENAI)),
        ("timeout", (1.0, "2", 3, 120.0)),
        ("concurrency", (1, "2", 3, 8)),
        ("mode", ("tools", "json_schema", "auto", "auto")),
        ("price", ("1/1", "2/2", "3/3", None)),
    ],
)
def test_an_argument_comes_before_a_variable_before_the_file_before_the_default(
    folder: Path, setting: str, values: tuple[object, str, object, object]
) -> None:
    argument, variable, in_file, default = values

    def found(environ: dict[str, str], given: object = None) -> object:
        arguments: dict[str, Any] = {"api_key": KEY, "environ": environ, "directory": folder}
        if setting != "model":
            arguments["model"] = "m"
        value: object = getattr(ModelSettings.resolve(**(arguments | {setting: given})), setting)
        return f"{value.input}/{value.output}" if isinstance(value, Price) else value

    assert found({}) == default
    (folder / "vocero.toml").write_text(f"{setting} = {in_file!r}", encoding="utf-8")
    assert found({}) == in_file
    environ = {f"VOCERO_{setting.upper()}": variable}
    assert str(found(environ)).removesuffix(".0") == variable
    assert found(environ, argument) == argument


def test_openai_base_url_comes_between_our_variables_and_the_file(folder: Path) -> None:
    (folder / "vocero.toml").write_text(f'base_url = "{URL}/file"', encoding="utf-8")

    def url(**environ: str) -> str | None:
        return resolve(folder, "m", environ=environ).base_url

    assert url() == f"{URL}/file"
    assert url(OPENAI_BASE_URL=f"{URL}/openai") == f"{URL}/openai"
    assert url(OPENAI_BASE_URL=f"{URL}/openai", VOCERO_BASE_URL=f"{URL}/ours") == f"{URL}/ours"


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({"OPENAI_API_KEY": "theirs"}, "theirs"),
        ({"OPENAI_API_KEY": "theirs", "OPENAI_BASE_URL": f"{URL}/"}, "theirs"),
        ({"OPENAI_API_KEY": "theirs", "VOCERO_BASE_URL": f"{OPENAI}/"}, "theirs"),
        ({"OPENAI_API_KEY": "theirs", "VOCERO_BASE_URL": URL}, None),
        (
            {
                "OPENAI_API_KEY": "theirs",
                "OPENAI_BASE_URL": "http://x.example",
                "VOCERO_BASE_URL": URL,
            },
            None,
        ),
        ({"OPENAI_API_KEY": "theirs", "VOCERO_API_KEY": "ours"}, "ours"),
        ({"VOCERO_API_KEY": "ours", "VOCERO_BASE_URL": URL}, "ours"),
        ({"VOCERO_API_KEY": " ours\n", "OPENAI_API_KEY": ""}, "ours"),
    ],
)
def test_the_openai_key_goes_only_to_openai_or_to_openai_base_url(
    folder: Path, environ: dict[str, str], key: str | None
) -> None:
    assert resolve(folder, "m", environ=environ).api_key == key


def test_the_openai_key_does_not_go_to_an_address_given_as_argument_or_in_a_file(
    folder: Path,
) -> None:
    environ = {"OPENAI_API_KEY": KEY}
    assert resolve(folder, "m", base_url=URL, environ=environ).api_key is None

    (folder / "vocero.toml").write_text(f'base_url = "{URL}"', encoding="utf-8")
    assert resolve(folder, "m", environ=environ).api_key is None


def test_only_the_file_of_the_working_directory_counts(folder: Path) -> None:
    # One that somebody put into a folder above, as /tmp is, must not decide where keys go.
    deep = folder / "a" / "b"
    deep.mkdir(parents=True)
    (folder / "vocero.toml").write_text(f'model = "far"\nbase_url = "{URL}"', encoding="utf-8")
    assert resolve(deep).model == "local"
    (deep / "vocero.toml").write_text(f'model = "near"\nbase_url = "{URL}"', encoding="utf-8")
    assert resolve(deep).model == "near"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"VOCERO_TIMEOUT": "soon"}, "VOCERO_TIMEOUT is 'soon': give seconds"),
        ({"VOCERO_TIMEOUT": "0"}, "VOCERO_TIMEOUT is '0'"),
        ({"VOCERO_TIMEOUT": "nan"}, "VOCERO_TIMEOUT is 'nan'"),
        ({"VOCERO_CONCURRENCY": "1.5"}, "VOCERO_CONCURRENCY is '1.5': give a whole number"),
        ({"VOCERO_CONCURRENCY": "0"}, "VOCERO_CONCURRENCY is '0'"),
        ({"VOCERO_MODE": "yaml"}, "VOCERO_MODE is 'yaml': give one of auto, json_schema, tools"),
        ({"VOCERO_PRICE": "cheap"}, "VOCERO_PRICE is 'cheap': give input/output"),
        ({"VOCERO_PRICE": "1/2/3/4"}, "VOCERO_PRICE is '1/2/3/4'"),
        ({"VOCERO_PRICE": "-1/2"}, "VOCERO_PRICE is '-1/2'"),
        ({"VOCERO_PRICE": "inf/2"}, "VOCERO_PRICE is 'inf/2'"),
        ({"VOCERO_BASE_URL": "localhost:8080"}, "VOCERO_BASE_URL is 'localhost:8080'"),
        ({"OPENAI_BASE_URL": "http://"}, "OPENAI_BASE_URL is"),
        ({"VOCERO_BASE_URL": "http://host:port/v1"}, "VOCERO_BASE_URL is 'http://host:port/v1'"),
    ],
)
def test_a_malformed_value_is_refused_by_the_name_of_its_variable(
    folder: Path, environ: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        resolve(folder, "m", environ={"VOCERO_API_KEY": KEY} | environ)

    assert str(caught.value).startswith(named)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("model = 3", "model is 3"),
        ("model = 'm'\ntimeout = true", "timeout in "),
        ("model = 'm'\nmodle = 'n'", "unknown setting 'modle'"),
        (f"model = 'm'\napi_key = '{KEY}'", "set VOCERO_API_KEY instead"),
        ("model = ", "cannot be read as TOML"),
    ],
)
def test_a_malformed_file_is_refused(folder: Path, content: str, named: str) -> None:
    (folder / "vocero.toml").write_text(content, encoding="utf-8")

    with pytest.raises(SettingsError, match=named) as caught:
        resolve(folder, base_url=URL)

    assert KEY not in str(caught.value)


def test_an_address_without_a_model_is_refused_and_not_taken_for_the_embedded_one(
    folder: Path,
) -> None:
    with pytest.raises(SettingsError, match="VOCERO_BASE_URL is set but no model"):
        resolve(folder, environ={"VOCERO_BASE_URL": URL})
    with pytest.raises(SettingsError, match="base_url is set but no model"):
        resolve(folder, "local", base_url=URL)


def test_openai_without_a_key_is_refused_before_anything_is_sent(folder: Path) -> None:
    with pytest.raises(SettingsError, match="set VOCERO_API_KEY"):
        resolve(folder, "m")


def test_keys_and_passwords_are_never_shown(folder: Path) -> None:
    assert KEY not in repr(resolve(folder, "m", api_key=KEY))

    with pytest.raises(SettingsError, match="VOCERO_API_KEY holds characters") as caught:
        resolve(folder, "m", environ={"VOCERO_API_KEY": f"{KEY}\n{KEY}"})
    assert KEY not in str(caught.value)

    with pytest.raises(SettingsError, match="VOCERO_BASE_URL holds a password") as caught:
        resolve(folder, "m", environ={"VOCERO_BASE_URL": f"http://me:{KEY}@models.example"})
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        (f"http://models.example/v1?token={KEY}", "base_url has a query or a fragment"),
        (f"http://models.example/v1#{KEY}", "base_url has a query or a fragment"),
        (f"models.example/v1?token={KEY}", "base_url has a query or a fragment"),
        (f"http://me:{KEY}@models.example:99999/v1", "base_url holds a password"),
        (f"me:{KEY}@models.example/v1", "base_url holds a password"),
    ],
)
def test_an_address_that_may_hold_a_secret_is_refused_and_not_shown(
    folder: Path, url: str, complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint) as caught:
        resolve(folder, "m", base_url=url)

    assert KEY not in str(caught.value)


def test_connect_says_who_answers_and_where(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VOCERO_MODEL", "VOCERO_BASE_URL", "VOCERO_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder)

    remote, embedded = connect("large", base_url=f"{URL}/", price="1/2"), connect()

    assert (remote.name, remote.where, remote.sentences_per_call) == ("large", URL, None)
    assert remote.price == Price(Decimal(1), Decimal(2))
    assert (embedded.name, embedded.where, embedded.sentences_per_call) == ("local", "embedded", 1)


def test_a_model_that_is_connected_already_is_returned_and_takes_no_settings() -> None:
    model = FakeModel([])

    assert connect(model) is model
    with pytest.raises(SettingsError, match="'fake', which is connected already"):
        connect(model, timeout=3)


def test_cost_is_exact_and_counts_cached_tokens_apart() -> None:
    usage = Usage(input_tokens=1_000_000, cached_tokens=400_000, output_tokens=100_000)

    assert cost(usage, Price.parse("0.15/0.60")) == Decimal("0.21")
    assert cost(usage, Price.parse("0.15/0.60/0.05")) == Decimal("0.17")


def test_cost_is_unknown_where_a_part_of_it_is() -> None:
    price, with_cache = Price.parse("0.15/0.60"), Price.parse("0.15/0.60/0.05")
    usage = Usage(input_tokens=10, output_tokens=10)

    assert cost(usage, None) is None
    assert cost(Usage(input_tokens=10), price) is None
    assert cost(usage, with_cache) is None
    assert cost(usage, price) == Decimal("0.0000075")


def test_a_sum_of_tokens_with_an_unknown_part_is_unknown() -> None:
    known = Usage(input_tokens=1, cached_tokens=0, output_tokens=2)

    assert total_usage([known, known]) == Usage(input_tokens=2, cached_tokens=0, output_tokens=4)
    assert total_usage([known, Usage(input_tokens=1)]) == Usage(input_tokens=2)
    assert total_usage([]) == Usage()
