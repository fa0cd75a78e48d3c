"""Each operation is asked the same six questions, and answers as the document says."""

import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from tests.machine_desk_questions import DESK_QUESTIONS
from tests.machine_questions import QUESTIONS as OTHER_QUESTIONS
from tests.machine_world import ALL, Callers, told

from fairwitness.api.machines import document
from fairwitness.api.machines.answers import Reply
from fairwitness.api.machines.operation import Operation
from fairwitness.api.machines.table import OPERATIONS
from fairwitness.custody import ledger
from fairwitness.formats.acts import Act

QUESTIONS = OTHER_QUESTIONS | DESK_QUESTIONS
each = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
pytestmark = pytest.mark.django_db


def ask(
    callers: Callers,
    operation: Operation,
    *,
    who: str = "",
    method: str = "",
    **more: Any,  # noqa: ANN401 - as Callers.call
) -> Reply:
    question = QUESTIONS[operation.name]
    return callers.call(
        method or operation.method,
        more.pop("path", None) or question.path(callers),
        who=who or question.who,
        body=question.body(callers),
        **more,
    )


def check(operation: Operation, reply: Reply) -> None:
    """The answer is one that the document tells of, and is as it tells."""
    whole = document.openapi()
    path = whole["paths"]["/api/v1" + operation.path][operation.method.lower()]
    assert str(reply.status) in path["responses"], reply
    (content,) = path["responses"][str(reply.status)]["content"].values()
    schema = {**content["schema"], "components": whole["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    validator.validate(told(reply))


def written(callers: Callers) -> list[tuple[str, dict[str, object]]]:
    return [
        (row.entry.act.value, dict(row.body.detail))
        for officer in callers.people.values()
        for row in ledger.search(actor=f"officer:{officer.pk}", limit=200)
        if row.body is not None
    ]


def test_the_table_is_whole_and_its_document_valid() -> None:
    assert {one.name for one in OPERATIONS} == QUESTIONS.keys()
    assert len({(one.method, one.path) for one in OPERATIONS}) == len(OPERATIONS)
    validate(dict(document.openapi()))


@each
def test_it_works_and_is_written_down(callers: Callers, operation: Operation) -> None:
    reply = ask(callers, operation)
    assert reply.status == operation.status, reply.body
    check(operation, reply)
    if operation.writes is not None:
        acts = {operation.writes.value}
        if operation.writes is Act.RECORDING_LISTED:
            acts.add(Act.RECORDING_SEARCHED.value)
        found = [detail for act, detail in written(callers) if act in acts]
        assert "a records system" in {str(detail.get("by_token")) for detail in found}


@each
def test_no_other_method_is_answered(callers: Callers, operation: Operation) -> None:
    path = QUESTIONS[operation.name].path(callers)
    known = {one.method for one in OPERATIONS if one.path == operation.path}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known:
        reply = ask(callers, operation, method=method, path=path)
        assert reply.status == HTTPStatus.METHOD_NOT_ALLOWED
        check(operation, reply)


@each
def test_nobody_without_a_token_is_answered(callers: Callers, operation: Operation) -> None:
    path = QUESTIONS[operation.name].path(callers)
    for said in ("", "Bearer ", "Bearer fwt_nobody", "Basic eDp5", "Bearer dock"):
        sent = {"authorization": said, "cookie": "sessionid=x"}
        reply = ask(callers, operation, headers=sent, path=path)
        assert reply.status == HTTPStatus.UNAUTHORIZED
        check(operation, reply)


@each
def test_the_wrong_scope_is_refused_and_written_down(
    callers: Callers, operation: Operation
) -> None:
    officer = callers.people[QUESTIONS[operation.name].who]
    text = callers.token(officer, ALL - {operation.scope}, "narrow")
    reply = ask(callers, operation, text=text)
    assert reply.status == HTTPStatus.FORBIDDEN
    assert told(reply)["code"] == "token.scope"
    check(operation, reply)
    assert ("access.refused", "narrow", "token.scope") in set(_refusals(callers))


def _refusals(callers: Callers) -> Iterator[tuple[str, str, str]]:
    for act, detail in written(callers):
        if act in {"access.refused", "recording.view_refused"}:
            yield act, str(detail.get("by_token")), str(detail.get("code"))


@each
def test_the_wrong_role_and_another_unit_are_refused(
    callers: Callers, operation: Operation
) -> None:
    question = QUESTIONS[operation.name]
    wrong = dict([question.refused] if question.refused else [])
    if question.elsewhere is not None:
        wrong[question.other] = question.elsewhere
    path = question.path(callers)
    for who, status in wrong.items():
        before = len(list(_refusals(callers)))
        reply = ask(callers, operation, who=who, path=path)
        assert reply.status == status, (who, reply.body)
        check(operation, reply)
        assert len(list(_refusals(callers))) > before, who


@each
def test_what_is_not_there_is_not_found(callers: Callers, operation: Operation) -> None:
    if "{" not in operation.path:
        return
    path = operation.path.replace("{id}", str(uuid.uuid4())).replace("{number}", "987654321")
    reply = ask(callers, operation, path=path)
    assert reply.status == HTTPStatus.NOT_FOUND
    check(operation, reply)


@each
def test_a_repeat_gets_the_same_answer_and_nothing_is_done_twice(
    callers: Callers, operation: Operation
) -> None:
    if operation.method != "POST":
        return
    path = QUESTIONS[operation.name].path(callers)
    key = {"idempotency-key": "one-act"}
    first = ask(callers, operation, path=path, headers=key)
    assert first.status == operation.status
    entries = len(written(callers))
    again = ask(callers, operation, path=path, headers=key)
    assert (again.status, again.body, again.replayed) == (first.status, first.body, True)
    assert len(written(callers)) == entries
    body = {**(QUESTIONS[operation.name].body(callers)), "more": "x"}
    other = callers.call("POST", path, who=QUESTIONS[operation.name].who, body=body, headers=key)
    assert other.status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    none = ask(callers, operation, path=path, headers={"idempotency-key": ""})
    assert told(none)["code"] == "request.key"
