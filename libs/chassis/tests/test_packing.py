"""Records lie in an outbox document as one run of bytes, and come back as they were."""

from hypothesis import given
from hypothesis import strategies as st

from kpo_chassis.broker import Outgoing
from kpo_chassis.packing import pack, unpack

texts = st.text(max_size=20)
headers = st.lists(st.tuples(texts, st.binary(max_size=50)), max_size=4).map(tuple)
records = st.builds(Outgoing, texts, texts, headers, st.binary(max_size=100))


@given(st.lists(records, max_size=5))
def test_what_was_packed_comes_back_as_it_was(sent: list[Outgoing]) -> None:
    assert list(unpack(pack(sent))) == sent
