"""Old versions: a chain of pure steps turns what was written then into what is read now."""

import json
from typing import ClassVar
from uuid import UUID

import pytest

from kpo_events.catalogue import MalformedEventError, UnknownMajorError
from kpo_events.payload import Payload
from kpo_events.registry import Registry
from kpo_events.schemas import JsonObject

from .factories import an_envelope, an_event
from .story import CLIENT_ID


class ShelfFilledV1(Payload):
    """The first version counted in dozens."""

    event_type: ClassVar = "test.shelf.filled.v1"

    shelf_id: UUID
    dozens: int


class ShelfFilledV2(Payload):
    """The second counts pieces."""

    event_type: ClassVar = "test.shelf.filled.v2"

    shelf_id: UUID
    pieces: int

    @staticmethod
    def upcast_v1_v2(data: JsonObject) -> JsonObject:
        dozens = data["dozens"]
        assert isinstance(dozens, int)
        return {"shelf_id": data["shelf_id"], "pieces": dozens * 12}


class ShelfFilledV3(Payload):
    """The third names the unit."""

    event_type: ClassVar = "test.shelf.filled.v3"

    shelf_id: UUID
    pieces: int
    unit: str

    @staticmethod
    def upcast_v1_v2(data: JsonObject) -> JsonObject:
        return ShelfFilledV2.upcast_v1_v2(data)

    @staticmethod
    def upcast_v2_v3(data: JsonObject) -> JsonObject:
        return {**data, "unit": "piece"}


SHELF = {"test.shelf": ("test",)}
DOZENS = json.dumps({"shelf_id": CLIENT_ID, "dozens": 3}).encode()


def test_an_old_record_is_read_as_the_newest_model() -> None:
    registry = Registry([ShelfFilledV3], SHELF)

    event = registry.decode(an_envelope("test.shelf.filled.v1").headers(), DOZENS)

    assert event.data == ShelfFilledV3(shelf_id=UUID(CLIENT_ID), pieces=36, unit="piece")
    assert event.type == "test.shelf.filled.v1"


def test_upcasting_begins_at_the_version_of_the_record() -> None:
    registry = Registry([ShelfFilledV3], SHELF)
    pieces = json.dumps({"shelf_id": CLIENT_ID, "pieces": 5}).encode()

    event = registry.decode(an_envelope("test.shelf.filled.v2").headers(), pieces)

    assert event.data == ShelfFilledV3(shelf_id=UUID(CLIENT_ID), pieces=5, unit="piece")


def test_an_old_model_is_still_written_while_the_newer_one_is_read() -> None:
    registry = Registry([ShelfFilledV2, ShelfFilledV1], SHELF)
    payload = ShelfFilledV1(shelf_id=UUID(CLIENT_ID), dozens=3)

    written = registry.record(an_event(payload))

    assert dict(written.headers)["ce_type"] == b"test.shelf.filled.v1"
    assert registry.decode(written.headers, written.value).data == ShelfFilledV2(
        shelf_id=UUID(CLIENT_ID), pieces=36
    )
    assert registry.model_of("test.shelf.filled.v1") is ShelfFilledV2


def test_without_a_step_each_version_is_read_as_itself() -> None:
    class ShelfFilledV2Apart(Payload):
        """A second version that does not replace the first."""

        event_type: ClassVar = "test.shelf.filled.v2"

    registry = Registry([ShelfFilledV1, ShelfFilledV2Apart], SHELF)

    assert registry.model_of("test.shelf.filled.v1") is ShelfFilledV1
    assert registry.model_of("test.shelf.filled.v2") is ShelfFilledV2Apart


def test_a_chain_with_a_missing_step_ends_there() -> None:
    class ShelfFilledV3Short(Payload):
        """A third version that can only follow the second."""

        event_type: ClassVar = "test.shelf.filled.v3"

        @staticmethod
        def upcast_v2_v3(data: JsonObject) -> JsonObject:
            return data

    registry = Registry([ShelfFilledV3Short], SHELF)

    assert registry.model_of("test.shelf.filled.v2") is ShelfFilledV3Short
    with pytest.raises(UnknownMajorError, match="version 1"):
        registry.model_of("test.shelf.filled.v1")


def test_steps_before_a_missing_one_are_of_no_use() -> None:
    class ShelfFilledV3Gap(Payload):
        """A third version that forgot how to follow the second."""

        event_type: ClassVar = "test.shelf.filled.v3"

        @staticmethod
        def upcast_v1_v2(data: JsonObject) -> JsonObject:
            return data

    registry = Registry([ShelfFilledV3Gap], SHELF)

    with pytest.raises(UnknownMajorError, match="version 2"):
        registry.model_of("test.shelf.filled.v2")


@pytest.mark.parametrize("value", [b"[]", b"3", b"{"])
def test_an_old_body_that_is_no_object_is_malformed(value: bytes) -> None:
    registry = Registry([ShelfFilledV2], SHELF)

    with pytest.raises(MalformedEventError, match=r"test\.shelf\.filled\.v1"):
        registry.decode(an_envelope("test.shelf.filled.v1").headers(), value)


def test_an_upcast_body_is_validated() -> None:
    registry = Registry([ShelfFilledV2], SHELF)
    body = json.dumps({"shelf_id": "7", "dozens": 3}).encode()

    with pytest.raises(MalformedEventError, match="shelf_id"):
        registry.decode(an_envelope("test.shelf.filled.v1").headers(), body)


def test_a_type_cannot_be_listed_twice() -> None:
    with pytest.raises(AssertionError, match="listed twice"):
        Registry([ShelfFilledV1, ShelfFilledV1], SHELF)
