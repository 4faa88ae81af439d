import pytest

from measures import Quantity, parse
from measures.text import main


@pytest.mark.requirement("MS-1")
@pytest.mark.parametrize("text", ["3 km", "3km", " 3.0 km "])
def test_forms(text: str) -> None:
    assert parse(text) == Quantity(3, "km")


def test_a_length_may_be_negative() -> None:
    assert parse("-2 m") == Quantity(-2, "m")


@pytest.mark.requirement("MS-2")
def test_a_mass_may_not() -> None:
    with pytest.raises(ValueError, match="less than nothing"):
        parse("-2 kg")


@pytest.mark.parametrize("text", ["", "km", "3", "3 km 2", "three km"])
def test_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is no quantity"):
        parse(text)


def test_no_unit() -> None:
    with pytest.raises(ValueError, match="there is no unit"):
        parse("3 miles")


def test_the_command_prints_it_in_another_unit(capsys: pytest.CaptureFixture[str]) -> None:
    main(["3 km", "m"])
    assert capsys.readouterr().out == "3000 m\n"
